//! Facts: what a review, a paper or a finding says, as a key and a typed value. The words are chosen where
//! they are read (`crate::language`); what was shown and what would happen are compared as facts.

use super::dates::{day, optional_day};
use super::ids::{AccountNumber, CustomerNumber, StaffId};
use super::money::Money;
use super::permissions::Role;
use super::rate::Rate;
use super::topic::{ChoiceList, Saying, Topic};
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// A typed value. How it reads is a matter of language, how it compares is not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", content = "of", rename_all = "snake_case")]
pub enum Value {
    /// Nothing was given.
    None,
    /// An amount.
    Money(Money),
    /// A date.
    Date(#[serde(with = "day")] Date),
    /// Percent a year.
    Rate(Rate),
    /// A number of something; the topic says of what.
    Count(u32),
    /// What a person typed, as it stands.
    Text(String),
    /// One of a list, by its word.
    Choice {
        /// The list.
        list: ChoiceList,
        /// The word.
        code: String,
    },
    /// What is said in the same words every time.
    Saying(Saying),
    /// A customer.
    Customer {
        /// CIF number.
        number: CustomerNumber,
        /// Name.
        name: String,
    },
    /// An existing customer that shares something, as other branches may see it.
    Alike {
        /// CIF number.
        number: CustomerNumber,
        /// Name as shown to this branch.
        name: String,
        /// Branch that keeps the file.
        branch: String,
    },
    /// An account or a loan.
    Account(AccountNumber),
    /// A person on the staff.
    Person {
        /// Staff ID.
        staff_id: StaffId,
        /// Name.
        name: String,
    },
    /// A band of risk with its points, of 100.
    Rated {
        /// The band.
        band: String,
        /// The points.
        points: u16,
    },
    /// A reason of a rating, with its evidence and points.
    Factor {
        /// The word of the reason; none in what the version before wrote.
        #[serde(default)]
        reason: Option<String>,
        /// How many it was seen in, where that is counted.
        #[serde(default)]
        seen_in: u32,
        /// What it is, as the version before told it.
        factor: String,
        /// What it was seen in, as the version before told it.
        evidence: String,
        /// Its weight.
        points: u16,
    },
    /// A product in one version.
    Product {
        /// Its name.
        name: String,
        /// The version.
        version: i64,
    },
    /// Equal instalments.
    Instalments {
        /// How many.
        count: u32,
        /// Of how much each, the last apart.
        each: Money,
        /// How often: the word of a frequency.
        frequency: Option<String>,
    },
    /// An amount on a day.
    Due {
        /// How much.
        amount: Money,
        /// When.
        #[serde(with = "day")]
        on: Date,
    },
    /// What may not be more than something.
    AtMost {
        /// What it is.
        is: Box<Value>,
        /// The most.
        most: Box<Value>,
    },
    /// A day that has to come, as of another.
    Until {
        /// The last good day.
        #[serde(with = "day")]
        day: Date,
        /// Whether it is still to come.
        good: bool,
    },
    /// A line of a journal.
    Entry {
        /// Code of the general-ledger account.
        gl_code: String,
        /// Its name in the books.
        gl_title: String,
        /// The account or loan behind it.
        account: Option<AccountNumber>,
        /// How much.
        money: Money,
    },
    /// A role at a branch.
    Seat {
        /// The role.
        role: Role,
        /// Code of the branch.
        branch: String,
        /// Up to how much.
        limit: Option<Money>,
    },
    /// Something of somebody.
    Whose {
        /// The person.
        name: String,
        /// What is theirs.
        what: Box<Value>,
    },
    /// A value of a parameter.
    Setting {
        /// Code of the parameter.
        parameter: String,
        /// Name of its field.
        field: String,
        /// What counts before; none is any amount.
        was: Option<Decimal>,
        /// What counts from then on; none is any amount.
        becomes: Option<Decimal>,
    },
    /// A last day; none has no end.
    LastDay(#[serde(with = "optional_day")] Option<Date>),
    /// What was, and what is or will be.
    Change {
        /// Before.
        was: Box<Value>,
        /// Afterwards.
        becomes: Box<Value>,
    },
}

/// A key and a value. One that only a later version can tell reads as [`Topic::Later`], which is never the same as
/// anything: who reads it is shown the words stored beside it, and approves it nowhere but there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Heard")]
pub struct Fact {
    /// What it is about.
    pub topic: Topic,
    /// What it says.
    pub value: Value,
}

/// A fact as it stands somewhere.
#[derive(Deserialize)]
#[serde(untagged)]
enum Heard {
    Known { topic: Topic, value: Value },
    Later {},
}

impl From<Heard> for Fact {
    fn from(heard: Heard) -> Self {
        match heard {
            Heard::Known { topic, value } => Self { topic, value },
            Heard::Later {} => Self { topic: Topic::Later, value: Value::None },
        }
    }
}

impl Fact {
    /// A fact.
    pub fn new(topic: Topic, value: impl Into<Value>) -> Self {
        Self { topic, value: value.into() }
    }
}

impl Value {
    /// A choice of a list.
    pub fn choice(list: ChoiceList, code: &str) -> Self {
        Self::Choice { list, code: code.to_owned() }
    }

    /// A customer.
    pub fn customer(number: &CustomerNumber, name: &str) -> Self {
        Self::Customer { number: number.clone(), name: name.to_owned() }
    }

    /// What was and what becomes of it; one of them where they are the same.
    pub fn changed(was: Self, becomes: Self) -> Self {
        if was == becomes {
            return becomes;
        }
        Self::Change { was: Box::new(was), becomes: Box::new(becomes) }
    }
}

macro_rules! values {
    ($($type:ty => $variant:ident),+ $(,)?) => {
        $(impl From<$type> for Value {
            fn from(value: $type) -> Self {
                Self::$variant(value.into())
            }
        })+
    };
}

values!(
    Money => Money,
    Date => Date,
    Rate => Rate,
    u32 => Count,
    u16 => Count,
    String => Text,
    &str => Text,
    Saying => Saying,
    AccountNumber => Account,
);
