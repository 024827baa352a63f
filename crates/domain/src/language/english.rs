//! English: the screens, and papers for who asks for them in English.

use crate::administration::parameters::Parameter;
use crate::credit_ops::loan_product::RepaymentFrequency;
use crate::customer_ops::account::AccountKind;
use crate::customer_ops::customer::{Pep, SourceOfFunds, format_phone};
use crate::customer_ops::risk::{RiskBand, RiskReason};
use crate::shared::dates::{format_date, format_date_with_weekday};
use crate::shared::fact::{Fact, Value};
use crate::shared::topic::{ChoiceList, Saying, Topic};
use rust_decimal::Decimal;

/// What a fact is called.
pub fn label(fact: &Fact) -> String {
    if let Value::Setting { parameter, field, .. } = &fact.value {
        return setting_label(parameter, field);
    }
    topic(fact.topic).to_owned()
}

/// What a fact says: a day with its weekday, a mobile number as it is dialled, anything else as its value
/// reads.
pub fn told(fact: &Fact) -> String {
    match (fact.topic, &fact.value) {
        (Topic::Day, Value::Date(day)) => format_date_with_weekday(*day),
        (Topic::Phone, Value::Text(number)) => format_phone(number),
        (Topic::TemporaryPassword, Value::Count(hours)) => {
            format!("Good for {hours} hours, and only for choosing another")
        }
        (Topic::Arrears, Value::Money(money)) if money.amount().is_zero() => "Nothing is late".to_owned(),
        (Topic::Arrears, Value::Money(money)) => format!("{money} is late"),
        (Topic::AgeAtEnd, Value::AtMost { is, most }) => {
            format!("{} at the last instalment, {} at most", value(is), value(most))
        }
        (Topic::Exposure, Value::AtMost { is, most }) => {
            format!("{} on all loans with this one, {} at most", value(is), value(most))
        }
        (Topic::InstalmentsFromPayOut, Value::Instalments { .. }) => {
            format!("{}, counted from the day it is paid out", value(&fact.value))
        }
        (_, of) => value(of),
    }
}

/// What a topic is called.
pub fn topic(topic: Topic) -> &'static str {
    match topic {
        Topic::Later => "From a newer version of the portal",
        Topic::Customer => "Customer",
        Topic::Borrower => "Borrower",
        Topic::Holder => "Holder",
        Topic::Name | Topic::BranchName => "Name",
        Topic::DateOfBirth => "Date of birth",
        Topic::NationalId => "National ID",
        Topic::Passport => "Passport",
        Topic::AlienCard => "Alien card",
        Topic::KraPin => "KRA PIN",
        Topic::Phone => "Mobile",
        Topic::Email => "E-mail",
        Topic::Address => "Address",
        Topic::Occupation => "Occupation",
        Topic::SourceOfFunds => "Source of funds",
        Topic::PoliticallyExposed => "Politically exposed person",
        Topic::AnotherPersonBecause => "Why this is a new customer",
        Topic::Risk | Topic::RiskIsHigh | Topic::RiskFactor => "Risk",
        Topic::SameDocument => "Same document",
        Topic::SamePin => "Same KRA PIN",
        Topic::SamePhone => "Same mobile number",
        Topic::SameNameAndBirth => "Same name and date of birth",
        Topic::AccountKind => "Kind",
        Topic::Account | Topic::AccountAskedFor => "Account",
        Topic::OpeningDeposit | Topic::DepositIsHigh => "Opening deposit",
        Topic::Loan => "Loan",
        Topic::Product => "Product",
        Topic::Amount => "Amount",
        Topic::AmountLent => "Amount lent",
        Topic::Instalments | Topic::InstalmentsFromPayOut => "Instalments",
        Topic::Interest => "Interest",
        Topic::PaidOutTo => "Paid out to",
        Topic::Purpose => "Purpose",
        Topic::Standing => "Customer in good standing",
        Topic::FileReview => "Know your customer",
        Topic::AgeAtEnd => "Age",
        Topic::Arrears => "No arrears",
        Topic::Exposure => "Exposure",
        Topic::ProcessingFee => "Processing fee",
        Topic::ExciseDuty => "Excise duty",
        Topic::PaidIntoAccount => "Paid into the account",
        Topic::FirstInstalment => "First instalment",
        Topic::TakenFromAccount => "Taken from account",
        Topic::InterestDue => "Interest due",
        Topic::PrincipalDue => "Principal due",
        Topic::PrincipalInAdvance => "Principal in advance",
        Topic::InterestUpToToday => "Interest up to today",
        Topic::FeesPaid => "Fees",
        Topic::PenaltiesPaid => "Penalties",
        Topic::TaxPaid => "Excise duty on fees and penalties",
        Topic::PaidTooMuch => "Paid too much",
        Topic::PrincipalOwedAfterwards => "Principal owed afterwards",
        Topic::NextInstalment => "Next instalment",
        Topic::Narrative | Topic::AppliesTo => "For",
        Topic::Debit => "Debit",
        Topic::Credit => "Credit",
        Topic::BranchNumber => "Number",
        Topic::BranchCode => "Code",
        Topic::Opens => "Opens",
        Topic::Books => "Books",
        Topic::Day => "Day",
        Topic::Becomes => "Becomes",
        Topic::Person => "Person",
        Topic::Roles => "Roles",
        Topic::TemporaryPassword => "Temporary password",
        Topic::NoLonger => "No longer",
        Topic::FromNowOn | Topic::CouldSignIn | Topic::CouldActAs => "From now on",
        Topic::Sessions => "Sessions",
        Topic::Holds | Topic::GetsRole | Topic::HoldsLonger => "Holds",
        Topic::Role => "Role",
        Topic::FirstDay => "First day",
        Topic::LastDay => "Last day",
        Topic::Limit | Topic::LimitRises => "Limit",
        Topic::CountsFrom => "Counts from",
        Topic::Setting | Topic::BecomesLooser => "Value",
        Topic::AlwaysTwo => "Second person",
        Topic::HasOneAlready => "Accounts",
        Topic::AccountOpened => "Account opened",
        Topic::LoanPaidOut => "Loan paid out",
        Topic::RepaymentTaken => "Repayment taken",
        Topic::LoanPaidOff => "Loan paid off",
    }
}

/// How a value reads.
pub fn value(of: &Value) -> String {
    match of {
        Value::None => "None".to_owned(),
        Value::Money(money) => money.to_string(),
        Value::Date(date) => format_date(*date),
        Value::Rate(rate) => format!("{rate} a year"),
        Value::Count(count) => count.to_string(),
        Value::Text(text) => text.clone(),
        Value::Choice { list, code } => choice(*list, code).unwrap_or(code).to_owned(),
        Value::Saying(what) => saying(*what).to_owned(),
        Value::Customer { number, name } => format!("{name}, CIF {number}"),
        Value::Alike { number, name, branch } => format!("{name}, CIF {number} ({branch})"),
        Value::Account(number) => number.to_string(),
        Value::Person { staff_id, name } => format!("{name}, {staff_id}"),
        Value::Rated { band, points } => {
            let band = choice(ChoiceList::RiskBand, band).unwrap_or(band);
            format!("{band}, {points} points")
        }
        Value::Factor { reason, seen_in, factor, evidence, points } => {
            let told = reason.as_deref().and_then(RiskReason::from_code).map(|reason| risk(reason, *seen_in));
            let (factor, evidence) = told.unwrap_or_else(|| (factor.clone(), evidence.clone()));
            format!("{factor} ({evidence}), {points} points")
        }
        Value::Product { name, version } => format!("{name}, version {version}"),
        Value::Instalments { count, each, frequency } => {
            let often = frequency.as_deref().and_then(|code| choice(ChoiceList::RepaymentFrequency, code));
            let often = often.map(|often| format!(", {}", often.to_lowercase())).unwrap_or_default();
            format!("{count} of {each}{often}")
        }
        Value::Due { amount, on } => format!("{amount} on {}", format_date(*on)),
        Value::AtMost { is, most } => format!("{}, {} at most", value(is), value(most)),
        Value::Until { day, good: true } => format!("The file is good until {}", format_date(*day)),
        Value::Until { day, good: false } => {
            format!("The file was due for review on {}", format_date(*day))
        }
        Value::Entry { gl_code, gl_title, account, money } => match account {
            Some(number) => format!("{money}, {number} in {gl_code} {gl_title}"),
            None => format!("{money}, {gl_code} {gl_title}"),
        },
        Value::Seat { role, branch, limit } => {
            let limit = limit.map(|limit| format!(", up to {limit}")).unwrap_or_default();
            format!("{} at {branch}{limit}", role.title())
        }
        Value::Whose { name, what } => format!("{name}: {}", value(what)),
        Value::Setting { parameter, field, was, becomes } => {
            let show = |decimal: Option<Decimal>| shown_setting(parameter, field, decimal);
            if was == becomes { show(*becomes) } else { format!("{} → {}", show(*was), show(*becomes)) }
        }
        Value::LastDay(day) => day.map_or_else(|| saying(Saying::Open).to_owned(), format_date),
        Value::Change { was, becomes } => format!("{} → {}", value(was), value(becomes)),
    }
}

/// What is said in the same words every time.
fn saying(saying: Saying) -> &'static str {
    match saying {
        Saying::NoBlock => "No block on the customer",
        Saying::Blocked => "The customer is blocked",
        Saying::TooLarge => "More than the books can hold",
        Saying::PaidOff => "None: the loan is paid off",
        Saying::WhenApproved => "The day it is approved",
        Saying::BusinessDateWhenApproved => "On the business date of the day it is approved",
        Saying::WhenDone => "The day it is done",
        Saying::EmptyBooks => "The bank's chart of accounts, every balance zero",
        Saying::WorkingDay => "A working day",
        Saying::WholeBank => "The whole bank",
        Saying::NoneYet => "None yet",
        Saying::WithFirstRole => "With the first role: who asks and who approves each hand out half",
        Saying::CanDoNothing => "Can do nothing; sessions end at once",
        Saying::CanSignIn => "Can sign in again, with the roles they hold",
        Saying::EndAtOnce => "End at once",
        Saying::Open => "open",
        Saying::NoLimit => "none",
        Saying::Nothing => "nothing",
        Saying::ALoan => "A loan always needs a second person",
        Saying::APayOut => "Paying a loan out always needs a second person",
        Saying::AJournal => "A general journal always needs a second person",
        Saying::ABranch => "A branch has books, people and account numbers of its own, for good",
    }
}

/// A choice of a list; none for a word that a later version added.
fn choice(list: ChoiceList, code: &str) -> Option<&'static str> {
    match list {
        ChoiceList::AccountKind => AccountKind::from_code(code).map(AccountKind::title),
        ChoiceList::RiskBand => RiskBand::from_code(code).map(RiskBand::title),
        ChoiceList::SourceOfFunds => SourceOfFunds::from_code(code).map(SourceOfFunds::title),
        ChoiceList::PoliticallyExposed => Pep::from_code(code).map(Pep::title),
        ChoiceList::RepaymentFrequency => RepaymentFrequency::from_code(code).map(RepaymentFrequency::title),
    }
}

/// Why a second person must look, in a sentence without a full stop.
pub fn reason(why: &Fact) -> String {
    let of = value(&why.value);
    match (why.topic, &why.value) {
        (Topic::RiskIsHigh, _) => "The customer's risk is high".to_owned(),
        (Topic::DepositIsHigh, _) => format!("The opening deposit of {of} is high"),
        (Topic::HasOneAlready, _) => format!("The customer has a {} already", of.to_lowercase()),
        (Topic::CouldSignIn, _) => format!("{of} could sign in again"),
        (Topic::CouldActAs, _) => {
            format!("Whoever holds the temporary password can act as {of} until it is replaced")
        }
        (Topic::GetsRole, Value::Whose { name, what }) => {
            format!("{name} becomes {}", lower_first(&value(what)))
        }
        (Topic::HoldsLonger, Value::Whose { name, what }) => {
            format!("{name} is {} for longer", lower_first(&value(what)))
        }
        (Topic::LimitRises, Value::Whose { name, what }) => {
            if let Value::Change { was, becomes } = &**what {
                format!("The limit of {name} rises from {} to {}", value(was), value(becomes))
            } else {
                format!("The limit of {name} rises to {}", value(what))
            }
        }
        (Topic::BecomesLooser, Value::Setting { parameter, field, was, becomes }) => {
            let show = |decimal: &Option<Decimal>| shown_setting(parameter, field, *decimal);
            format!("{} goes from {} to {}", setting_label(parameter, field), show(was), show(becomes))
        }
        (_, _) => of,
    }
}

/// The heading of a paper.
pub fn heading(of: &Fact) -> String {
    if of.topic == Topic::AccountOpened {
        return format!("{} opened", value(&of.value));
    }
    topic(of.topic).to_owned()
}

fn setting_label(parameter: &str, field: &str) -> String {
    let fields = Parameter::from_code(parameter).map(Parameter::fields).unwrap_or_default();
    fields
        .iter()
        .find(|known| known.name == field)
        .map_or_else(|| field.to_owned(), |known| known.label.to_owned())
}

fn shown_setting(parameter: &str, field: &str, decimal: Option<Decimal>) -> String {
    let fields = Parameter::from_code(parameter).map(Parameter::fields).unwrap_or_default();
    match (fields.iter().find(|known| known.name == field), decimal) {
        (Some(known), decimal) => known.show(decimal),
        (None, Some(decimal)) => decimal.to_string(),
        (None, None) => String::new(),
    }
}

/// With a small first letter, as in the middle of a sentence.
fn lower_first(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

/// A reason of a risk rating, and what it was seen in.
pub fn risk(reason: RiskReason, seen_in: u32) -> (String, String) {
    let (factor, evidence) = match reason {
        RiskReason::PoliticallyExposed => ("Politically exposed person", "declared by the customer"),
        RiskReason::SourceUnclear => ("Source of funds unclear", "“Other” was chosen"),
        RiskReason::MoneyFromAbroad => ("Money from abroad", "main source of funds"),
        RiskReason::CashFromTrade => ("Cash from trade", "main source of funds"),
        RiskReason::Passport => ("Identified by passport", "no national ID"),
        RiskReason::ForeignNational => ("Foreign national", "identified by alien card"),
        RiskReason::SharedPhone if seen_in == 1 => ("Shared mobile number", "one other customer uses it"),
        RiskReason::SharedPhone => {
            return ("Shared mobile number".to_owned(), format!("{seen_in} other customers use it"));
        }
    };
    (factor.to_owned(), evidence.to_owned())
}
