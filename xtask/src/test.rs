//! Goes through a task's stages: the steps of a lane one after the other, the lanes of a stage beside each
//! other. What fails is counted, and only what takes it up is left out.

use crate::need::Need;
use crate::postgres::Cluster;
use crate::run::{Stop, stop_at_signals};
use crate::shell::Outcome;
use crate::step::{Show, Step, Surroundings, Tally};
use crate::table::{Lane, Stage, Task};
use std::collections::BTreeSet;
use std::process::ExitCode;
use std::sync::{Mutex, PoisonError};

/// Names of the steps that failed or were not tried.
type Failed = Mutex<BTreeSet<&'static str>>;

/// Everything, or the steps that are named, on a database of its own; the last line counts.
pub fn test(task: &'static Task, arguments: Vec<String>) -> Outcome<ExitCode> {
    if let Some(part) = arguments.iter().find(|part| !names_a_step(task, part)) {
        let steps: Vec<_> = task.steps().map(|step| step.what).collect();
        return Err(format!("no step is called \"{part}\". The steps are:\n  {}", steps.join("\n  ")).into());
    }
    let stop = stop_at_signals()?;
    let mut around = Surroundings { only: arguments, ..Surroundings::new(Vec::new()) };
    let tally = stages(task, &mut around, &stop)?;
    println!("{} passed, {} failed", tally.passed, tally.failed);
    Ok(if tally.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Whether what was typed is part of the name of a step; otherwise nothing would be tried, and pass.
fn names_a_step(task: &Task, part: &str) -> bool {
    !part.is_empty() && task.steps().any(|step| step.what.contains(part))
}

/// Every step of a task, when there is nothing more to it.
pub fn all(task: &'static Task, arguments: Vec<String>) -> Outcome<ExitCode> {
    let stop = stop_at_signals()?;
    let tally = stages(task, &mut Surroundings::new(arguments), &stop)?;
    Ok(if tally.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Goes through the stages; the private Postgres is started before the first stage that needs it.
pub fn stages(task: &'static Task, around: &mut Surroundings, stop: &Stop) -> Outcome<Tally> {
    let failed = Failed::default();
    let mut tally = Tally::default();
    for stage in task.stages {
        let needs_postgres = stage.iter().copied().flatten().any(|step| step.needs.contains(&Need::Postgres));
        if needs_postgres && around.cluster.is_none() {
            around.cluster = Cluster::of(task.purpose)?;
        }
        tally.add(beside_each_other(stage, around, &failed, stop));
        if stop.asked() {
            return Err("stopped".into());
        }
    }
    Ok(tally)
}

fn beside_each_other(stage: Stage, around: &Surroundings, failed: &Failed, stop: &Stop) -> Tally {
    let show = if stage.len() == 1 { Show::Live } else { Show::AtTheEnd };
    let mut tally = Tally::default();
    std::thread::scope(|scope| {
        let walk = |lane: Lane| scope.spawn(move || one_after_the_other(lane, around, show, failed, stop));
        let lanes: Vec<_> = stage.iter().map(|lane| walk(lane)).collect();
        for lane in lanes {
            tally.add(lane.join().unwrap_or(Tally { passed: 0, failed: 1 }));
        }
    });
    tally
}

fn one_after_the_other(lane: Lane, around: &Surroundings, show: Show, failed: &Failed, stop: &Stop) -> Tally {
    let mut tally = Tally::default();
    for step in lane.iter().filter(|step| around.wants(step)) {
        if stop.asked() {
            break;
        }
        let done = match missing(step, failed) {
            None => step.perform(around, show),
            Some(missing) => {
                eprintln!("· {}: not tried, because \"{missing}\" failed", step.what);
                Tally { passed: 0, failed: 1 }
            }
        };
        if done.failed > 0 {
            failed.lock().unwrap_or_else(PoisonError::into_inner).insert(step.what);
        }
        tally.add(done);
    }
    tally
}

/// The step that failed among those this one takes up.
fn missing(step: &Step, failed: &Failed) -> Option<&'static str> {
    let failed = failed.lock().unwrap_or_else(PoisonError::into_inner);
    step.takes_up.iter().map(|before| before.what).find(|what| failed.contains(what))
}
