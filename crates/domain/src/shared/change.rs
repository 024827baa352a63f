//! How what would happen differs from what was shown, and how that counts.

use super::fact::{Fact, Value};
use super::topic::Topic;

/// How a change of a fact counts, seen by whoever approves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// Nothing changed.
    Same,
    /// The bank stands better than it was shown: the decision holds, and the receipt tells.
    Better,
    /// Anything else: the decision does not hold.
    Worse,
}

/// How a change counts. What is not named as better is worse: another price, account, name, rate or date.
pub fn weigh(was: &Fact, now: &Fact) -> Weight {
    if was == now && was.topic != Topic::Later {
        return Weight::Same;
    }
    if was.topic != now.topic {
        return Weight::Worse;
    }
    match was.topic {
        // Less is owed than was shown.
        Topic::Exposure | Topic::Arrears | Topic::PrincipalOwedAfterwards => {
            if is_less(&now.value, &was.value) { Weight::Better } else { Weight::Worse }
        }
        Topic::Later
        | Topic::Customer
        | Topic::Borrower
        | Topic::Holder
        | Topic::Name
        | Topic::DateOfBirth
        | Topic::NationalId
        | Topic::Passport
        | Topic::AlienCard
        | Topic::KraPin
        | Topic::Phone
        | Topic::Email
        | Topic::Address
        | Topic::Occupation
        | Topic::SourceOfFunds
        | Topic::PoliticallyExposed
        | Topic::AnotherPersonBecause
        | Topic::Risk
        | Topic::SameDocument
        | Topic::SamePin
        | Topic::SamePhone
        | Topic::SameNameAndBirth
        | Topic::AccountKind
        | Topic::AccountAskedFor
        | Topic::Account
        | Topic::OpeningDeposit
        | Topic::Loan
        | Topic::Product
        | Topic::Amount
        | Topic::AmountLent
        | Topic::Instalments
        | Topic::InstalmentsFromPayOut
        | Topic::Interest
        | Topic::PaidOutTo
        | Topic::Purpose
        | Topic::Standing
        | Topic::FileReview
        | Topic::AgeAtEnd
        | Topic::ProcessingFee
        | Topic::ExciseDuty
        | Topic::PaidIntoAccount
        | Topic::FirstInstalment
        | Topic::TakenFromAccount
        | Topic::InterestDue
        | Topic::PrincipalDue
        | Topic::PrincipalInAdvance
        | Topic::InterestUpToToday
        | Topic::FeesPaid
        | Topic::PenaltiesPaid
        | Topic::TaxPaid
        | Topic::PaidTooMuch
        | Topic::NextInstalment
        | Topic::Narrative
        | Topic::Debit
        | Topic::Credit
        | Topic::BranchNumber
        | Topic::BranchCode
        | Topic::BranchName
        | Topic::Opens
        | Topic::Books
        | Topic::Day
        | Topic::Becomes
        | Topic::AppliesTo
        | Topic::Person
        | Topic::Roles
        | Topic::TemporaryPassword
        | Topic::NoLonger
        | Topic::FromNowOn
        | Topic::Sessions
        | Topic::Holds
        | Topic::Role
        | Topic::FirstDay
        | Topic::LastDay
        | Topic::Limit
        | Topic::CountsFrom
        | Topic::Setting
        | Topic::AlwaysTwo
        | Topic::RiskIsHigh
        | Topic::RiskFactor
        | Topic::DepositIsHigh
        | Topic::HasOneAlready
        | Topic::CouldSignIn
        | Topic::CouldActAs
        | Topic::GetsRole
        | Topic::LimitRises
        | Topic::HoldsLonger
        | Topic::BecomesLooser
        | Topic::AccountOpened
        | Topic::LoanPaidOut
        | Topic::RepaymentTaken
        | Topic::LoanPaidOff => Weight::Worse,
    }
}

/// Whether an amount is less than another of its currency; of what may be at most something, under the same
/// bound.
fn is_less(now: &Value, was: &Value) -> bool {
    match (now, was) {
        (Value::Money(now), Value::Money(was)) => {
            now.currency() == was.currency() && now.amount() < was.amount()
        }
        (Value::AtMost { is: now, most: bound }, Value::AtMost { is: was, most: bound_then }) => {
            bound == bound_then && is_less(now, was)
        }
        _ => false,
    }
}

/// What became of what was shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Compared {
    /// What the bank stands better with, old and new.
    pub better: Vec<Fact>,
    /// What stops the decision, old and new; what is new or gone has nothing on one side.
    pub worse: Vec<Fact>,
}

/// Holds what would happen now against what was shown. Facts of one topic are paired in their order, so that
/// another order of topics is no change.
pub fn compare(shown: &[Fact], now: &[Fact]) -> Compared {
    let mut compared = Compared::default();
    let mut left: Vec<&Fact> = now.iter().collect();
    for was in shown {
        let at = left.iter().position(|fact| fact.topic == was.topic);
        let Some(is) = at.map(|at| left.remove(at)) else {
            let gone = changed(was.topic, was.value.clone(), Value::None);
            // One that need not be handed out any more leaves nothing to be approved less than was shown.
            let side = if was.topic == Topic::TemporaryPassword {
                &mut compared.better
            } else {
                &mut compared.worse
            };
            side.push(gone);
            continue;
        };
        match weigh(was, is) {
            Weight::Same => {}
            Weight::Better => {
                compared.better.push(changed(was.topic, was.value.clone(), is.value.clone()));
            }
            Weight::Worse => compared.worse.push(changed(was.topic, was.value.clone(), is.value.clone())),
        }
    }
    let new = left.into_iter().map(|fact| changed(fact.topic, Value::None, fact.value.clone()));
    compared.worse.extend(new);
    compared
}

fn changed(topic: Topic, was: Value, becomes: Value) -> Fact {
    Fact { topic, value: Value::Change { was: Box::new(was), becomes: Box::new(becomes) } }
}
