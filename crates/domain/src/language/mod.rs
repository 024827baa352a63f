//! Words, one file a language: what a fact is called, how its value reads, why a second person must look.
//! Screens speak English; papers for customers speak the language that is asked for. Everything is a match
//! over all there is, so that a missing word does not compile.

pub mod before;
pub mod english;
pub mod swahili;

use crate::credit_ops::loan_application::Finding;
use crate::customer_ops::risk::RiskFactor;
use crate::shared::approval::{Paper, Review, SummaryLine};
use crate::shared::fact::Fact;
use crate::shared::form::FieldErrors;
use crate::shared::topic::Topic;
use crate::shared::words::words;

words! {
    /// A language of papers.
    #[derive(Default)]
    pub enum Language {
        /// English, that of the screens too.
        #[default]
        English = "en", "English";
        /// Swahili.
        Swahili = "sw", "Kiswahili";
    }
}

/// What is told of a fact, and its value, in words.
pub fn line(fact: &Fact, language: Language) -> SummaryLine {
    let (label, value) = match language {
        Language::English => (english::label(fact), english::told(fact)),
        Language::Swahili => (swahili::label(fact), swahili::told(fact)),
    };
    SummaryLine { label, value }
}

/// What will be in the books, as the screens say it: the facts, or the lines of a request that was asked
/// for before there were facts.
pub fn review_lines(review: &Review) -> Vec<SummaryLine> {
    if review.facts.is_empty() {
        return before::shown(review);
    }
    let told = |(at, fact): (usize, &Fact)| match review.before.lines.get(at) {
        // The words of whoever knows more stand beside it, line for line.
        Some(line) if fact.topic == Topic::Later => line.clone(),
        _ => line(fact, Language::English),
    };
    review.facts.iter().enumerate().map(told).collect()
}

/// Why a second person must look, in sentences without a full stop.
pub fn reasons(review: &Review) -> Vec<String> {
    if review.why.is_empty() {
        return review.before.reasons.clone();
    }
    let told = |(at, why): (usize, &Fact)| match review.before.reasons.get(at) {
        Some(reason) if why.topic == Topic::Later => reason.clone(),
        _ => english::reason(why),
    };
    review.why.iter().enumerate().map(told).collect()
}

/// A reason of a rating, as the screens say it.
pub fn risk_factor(factor: &RiskFactor) -> (String, String) {
    match factor.reason {
        Some(reason) => english::risk(reason, factor.seen_in),
        None => (factor.factor.clone(), factor.evidence.clone()),
    }
}

/// The rules of lending that are not met, in one refusal; none when all are.
///
/// # Errors
/// What each of them found.
pub fn refusal(findings: &[Finding]) -> Result<(), FieldErrors> {
    let failed: Vec<String> =
        findings.iter().filter(|finding| !finding.met).map(|finding| change(&finding.fact)).collect();
    if failed.is_empty() { Ok(()) } else { Err(FieldErrors::form(failed.join(". "))) }
}

/// The heading of a paper.
pub fn heading(paper: &Paper, language: Language) -> String {
    match language {
        Language::English => english::heading(&paper.heading),
        Language::Swahili => swahili::heading(&paper.heading),
    }
}

/// That a paper is a copy.
pub fn copy_mark(nth: i64, language: Language) -> String {
    match language {
        Language::English => format!("COPY {nth}"),
        Language::Swahili => format!("NAKALA {nth}"),
    }
}

/// What changed: `Exposure: was KES 100,000.00, is KES 91,000.00`.
pub fn change(fact: &Fact) -> String {
    format!("{}: {}", english::label(fact), english::told(fact))
}
