//! An approval against whatever else may happen at the same moment, for every kind of approval: one outcome
//! counts, and the deed is done as often as it was approved.
//!
//! Three rounds a pair, or as many as `TAWI_RACE_ROUNDS` says; `make races` runs 1,000 and shows what came of
//! each pair.

use crate::support::{Fallible, Story};
use futures::future::try_join_all;
use std::collections::BTreeMap;
use std::time::Duration;
use tawi_bank::approval;
use tawi_bank::shared::staff;
use tawi_bank::{Bank, Caller};
use tawi_domain::shared::approval::{Receipt, RequestState, Verdict};
use tawi_domain::shared::error::AppError;
use tawi_domain::shared::ids::RequestId;
use tawi_domain::shared::permissions::Limit;
use tawi_testing::sample::{Deed, MOST_OF_A_KIND};
use tawi_testing::samples::kinds;
use tawi_testing::{TestBank, as_before, decide, decision, given, key};

const HERE: &str = "NBO-HQ";
/// Somebody who gets the checker's role besides their own.
const COLLEAGUE: &str = "CO-001";
/// So high that no sum of approvals reaches it.
const BOUNDLESS: Option<i64> = Some(1_000_000_000_000);

/// What happens at the same moment as an approval.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rival {
    Approval,
    SamePress,
    Rejection,
    SendingBack,
    Withdrawal,
    CheckersRightEnds,
    MakersRightEnds,
    LimitFalls,
}

const RIVALS: [Rival; 8] = [
    Rival::Approval,
    Rival::SamePress,
    Rival::Rejection,
    Rival::SendingBack,
    Rival::Withdrawal,
    Rival::CheckersRightEnds,
    Rival::MakersRightEnds,
    Rival::LimitFalls,
];

impl Rival {
    fn words(self) -> &'static str {
        match self {
            Self::Approval => "approval by a colleague",
            Self::SamePress => "the same press again",
            Self::Rejection => "rejection by a colleague",
            Self::SendingBack => "sending back by a colleague",
            Self::Withdrawal => "withdrawal by the maker",
            Self::CheckersRightEnds => "the checker's right ending",
            Self::MakersRightEnds => "the maker's right ending",
            Self::LimitFalls => "the checker's limit falling",
        }
    }

    fn meets(self, deed: &Deed) -> bool {
        self != Self::LimitFalls || deed.operation.spec().limit == Limit::CheckerAmount
    }
}

/// A kind of approval in a bank of its own, and two who may decide.
struct Course {
    bank: Bank,
    deed: Deed,
    checker: Caller,
    colleague: Caller,
}

impl Course {
    async fn new(bank: &Bank, deed: Deed) -> Fallible<Self> {
        let role = deed.checker()?.role;
        Ok(Self {
            checker: given(bank, deed.checker()?.staff_id.as_str(), HERE, role, BOUNDLESS).await?,
            colleague: given(bank, COLLEAGUE, HERE, role, BOUNDLESS).await?,
            bank: bank.clone(),
            deed,
        })
    }

    /// How often it was done, and under keys of approvals.
    async fn done(&self) -> Fallible<(i64, i64)> {
        let keys = "select count(*) from idempotency_key where key like 'approval:%' and operation = $1";
        let keys =
            sqlx::query_scalar(keys).bind(self.deed.operation.code()).fetch_one(self.bank.owner()).await?;
        Ok((self.deed.effects(&self.bank).await?, keys))
    }

    async fn state(&self, request: RequestId) -> Fallible<RequestState> {
        Ok(approval::detail(&self.bank, &self.colleague, request).await?.row.state)
    }

    /// One race; how it ended, in words.
    async fn run(&self, rival: Rival, nth: u32) -> Fallible<&'static str> {
        let request = self.deed.ask(&self.bank, nth).await?;
        let before = self.done().await?;
        let (pressed, other) = self.both(rival, request, nth).await?;
        let state = self.state(request).await?;
        let approved = i64::from(state == RequestState::Approved);
        let after = self.done().await?;
        let told = || format!("{} {rival:?} {nth}: {pressed:?}, {other:?}", self.deed.operation.code());
        assert_eq!(after, (before.0 + approved, before.1 + approved), "{}", told());
        assert!(fits(rival, &pressed, &other, state), "{}", told());
        self.restore(request, state).await?;
        Ok(state.title())
    }

    /// The approval and its rival. Whoever begins is a step or a few milliseconds ahead, each in turn.
    async fn both(&self, rival: Rival, request: RequestId, nth: u32) -> Fallible<(Outcome, Outcome)> {
        let (maker, checker) = (self.deed.maker()?, &self.checker);
        let (ahead, by) = (nth.is_multiple_of(2), Duration::from_millis(u64::from(nth / 2 % 4)));
        let pressed = key(&format!("yes-{nth}"))?;
        let yes = decision(&self.bank, checker, request, Verdict::Approve).await?;
        let press = async {
            if !ahead {
                tokio::time::sleep(by).await;
            }
            approval::decide(&self.bank, checker, &yes, pressed.clone()).await.map(Some)
        };
        let decides = match rival {
            Rival::Approval => Some((&self.colleague, Verdict::Approve)),
            Rival::SamePress => Some((checker, Verdict::Approve)),
            Rival::Rejection => Some((&self.colleague, Verdict::Reject)),
            Rival::SendingBack => Some((&self.colleague, Verdict::SendBack)),
            Rival::Withdrawal => Some((&maker, Verdict::Withdraw)),
            Rival::CheckersRightEnds | Rival::MakersRightEnds | Rival::LimitFalls => None,
        };
        let decides = match decides {
            Some((who, verdict)) => Some((who, decision(&self.bank, who, request, verdict).await?)),
            None => None,
        };
        let under = if rival == Rival::SamePress { pressed.clone() } else { key(&format!("other-{nth}"))? };
        let other = async {
            if ahead {
                tokio::time::sleep(by).await;
            }
            match &decides {
                Some((who, other)) => {
                    Ok(approval::decide(&self.bank, who, other, under.clone()).await.map(Some))
                }
                None => self.takes_a_right(rival, &maker).await.map(|()| Ok(None)),
            }
        };
        let (pressed, other) = if ahead {
            tokio::join!(press, other)
        } else {
            let (other, pressed) = tokio::join!(other, press);
            (pressed, other)
        };
        Ok((pressed, other?))
    }

    async fn takes_a_right(&self, rival: Rival, maker: &Caller) -> Story {
        let checker = &self.checker;
        match rival {
            Rival::CheckersRightEnds => {
                staff::end_role(&self.bank, &checker.staff_id, HERE, checker.role).await?;
            }
            Rival::MakersRightEnds => {
                staff::end_role(&self.bank, &maker.staff_id, HERE, maker.role).await?;
            }
            Rival::LimitFalls => {
                given(&self.bank, checker.staff_id.as_str(), HERE, checker.role, Some(0)).await?;
            }
            Rival::Approval
            | Rival::SamePress
            | Rival::Rejection
            | Rival::SendingBack
            | Rival::Withdrawal => return Err("it decides, and takes no right".into()),
        }
        Ok(())
    }

    /// Rights as they were before the race, and nothing left waiting.
    async fn restore(&self, request: RequestId, state: RequestState) -> Story {
        let (checker, maker) = (&self.checker, self.deed.maker);
        given(&self.bank, checker.staff_id.as_str(), HERE, checker.role, BOUNDLESS).await?;
        as_before(&self.bank, maker).await?;
        if state == RequestState::Waiting {
            let name = format!("clear-{request}");
            decide(&self.bank, &self.colleague, request, Verdict::Reject, &name).await?;
        }
        Ok(())
    }
}

/// What somebody was answered; nothing where a right was taken.
type Outcome = Result<Option<Receipt>, AppError>;

/// Whether both were answered as one of two who come in either order.
fn fits(rival: Rival, pressed: &Outcome, other: &Outcome, state: RequestState) -> bool {
    let late = |outcome: &Outcome| matches!(outcome, Err(AppError::Conflict(_)));
    match rival {
        Rival::Approval | Rival::Rejection | Rival::SendingBack | Rival::Withdrawal => {
            let came_first = [pressed, other].into_iter().filter(|outcome| outcome.is_ok()).count();
            let told_so = late(pressed) || late(other);
            came_first == 1 && told_so && state != RequestState::Waiting
        }
        Rival::SamePress => {
            // One receipt for both; or, where the first took its time, the advice to look again.
            let advised = [pressed, other].into_iter().any(|outcome| {
                matches!(outcome, Err(AppError::Conflict(words)) if words.contains("at this moment"))
            });
            let came_first = pressed.is_ok() || other.is_ok();
            state == RequestState::Approved && came_first && (pressed == other || advised)
        }
        Rival::CheckersRightEnds | Rival::LimitFalls => match pressed {
            Ok(_) => state == RequestState::Approved,
            Err(refused) => matches!(refused, AppError::NotAllowed(_)) && state == RequestState::Waiting,
        },
        Rival::MakersRightEnds => match pressed {
            Ok(_) => state == RequestState::Approved,
            Err(_) => late(pressed) && state == RequestState::Waiting,
        },
    }
}

/// How races ended: by rival, how often in which state.
type Tally = BTreeMap<&'static str, BTreeMap<&'static str, u32>>;

async fn raced(deed: Deed, rounds: u32) -> Fallible<(Deed, Tally)> {
    let rivals: Vec<Rival> = RIVALS.into_iter().filter(|rival| rival.meets(&deed)).collect();
    let in_one_bank = MOST_OF_A_KIND / u32::try_from(rivals.len())?;
    let mut tally = Tally::new();
    let mut left = rounds;
    while left > 0 {
        let test = TestBank::new().await?;
        let course = Course::new(&test.bank, deed).await?;
        let now = left.min(in_one_bank);
        let mut nth = 0;
        for rival in &rivals {
            for _ in 0..now {
                let ended = course.run(*rival, nth).await?;
                *tally.entry(rival.words()).or_default().entry(ended).or_default() += 1;
                nth += 1;
            }
        }
        test.finish().await?;
        left -= now;
    }
    Ok((deed, tally))
}

#[tokio::test]
async fn an_approval_races_every_rival_and_one_outcome_counts() -> Story {
    let rounds = match std::env::var("TAWI_RACE_ROUNDS") {
        Ok(rounds) => rounds.parse()?,
        Err(_) => 3,
    };
    for (deed, tally) in try_join_all(kinds().map(|deed| raced(deed, rounds))).await? {
        for (rival, ends) in tally {
            let ends: Vec<String> = ends.iter().map(|(state, often)| format!("{often} {state}")).collect();
            let code = deed.operation.code();
            println!("{code}: approval against {rival}, {rounds} rounds: {}", ends.join(", "));
        }
    }
    Ok(())
}
