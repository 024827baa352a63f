//! What a sample says of its operation.

use crate::{Fallible, caller, decide, send, ticket};
use serde::Serialize;
use serde_json::Value;
use std::pin::Pin;
use tawi_bank::{Bank, Caller};
use tawi_domain::shared::approval::{Receipt, RequestState, Verdict};
use tawi_domain::shared::ids::RequestId;
use tawi_domain::shared::operation_form::Form;
use tawi_domain::shared::permissions::Operation;

/// How many different forms a sample can make in one bank.
pub const MOST_OF_A_KIND: u32 = 350;

/// A sample of an operation.
#[derive(Debug, Clone, Copy)]
pub enum Sample {
    /// A form is sent.
    Command(Deed),
    /// Somebody looks.
    Look(Looks),
    /// Something that waits, or a session, is settled.
    Settle(Looks),
    /// The command line does it.
    CommandLine(Run),
}

/// Something in the making, in a bank.
pub type Making<'a, T> = Pin<Box<dyn Future<Output = Fallible<T>> + Send + 'a>>;

/// An operation that is done by a form.
#[derive(Debug, Clone, Copy)]
pub struct Deed {
    /// The operation.
    pub operation: Operation,
    /// Who sends the form, at the head office.
    pub maker: &'static str,
    /// Who may agree to it there, where a second person has to at times.
    pub checker: Option<&'static str>,
    /// Makes what the `nth` form relies on and answers it; of each `nth` one form is sent, not both. Up to
    /// [`MOST_OF_A_KIND`] of them do not get in each other's way, three of which may wait at once.
    pub forms: for<'a> fn(&'a Bank, u32) -> Making<'a, Forms>,
    /// A count that rises by one when it is done, and never otherwise.
    pub effect: &'static str,
    /// What it posts, if it moves money.
    pub posts: Option<Posts>,
    /// What the operation lets its maker look at besides.
    pub looks: Option<Looks>,
}

/// The forms of a deed.
#[derive(Debug, Clone, Default)]
pub struct Forms {
    /// One that is done at once; none where a second person always has to agree.
    pub at_once: Option<Value>,
    /// One that waits for a second person; none where nobody has to agree.
    pub asks: Option<Value>,
}

/// What an operation posts: its row in docs/JOURNALS.md.
#[derive(Debug, Clone, Copy)]
pub struct Posts {
    /// Debited.
    pub debit: &'static [Codes],
    /// Credited.
    pub credit: &'static [Codes],
    /// When, in a few words.
    pub when: &'static str,
    /// What has to be done besides the sample until all of it was posted once.
    pub further: Option<for<'a> fn(&'a Bank) -> Making<'a, ()>>,
}

/// Accounts of the chart of which one is posted to; none are named where it may be any.
pub type Codes = &'static [&'static str];

/// What may be looked at, or settled, through doors of the portal.
#[derive(Debug, Clone, Copy)]
pub struct Looks {
    /// Who may, at the head office.
    pub by: &'static str,
    /// Makes what there is to be seen, and answers what is sent to each door: answered with 200 for somebody
    /// at the head office who may. Each is sent once.
    pub knocks: for<'a> fn(&'a Bank, &'a Caller, u32) -> Making<'a, Vec<Knock>>,
}

/// What is sent to a door.
#[derive(Debug, Clone)]
pub struct Knock {
    /// Name of the server function.
    pub door: &'static str,
    /// Who may pass.
    pub open: Open,
    /// The body, encoded.
    pub body: String,
}

/// Who may pass a door.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Open {
    /// Whoever may make the operation.
    Makers,
    /// Everybody signed in; what they see depends on who they are.
    SignedIn,
    /// Everybody, signed in or not.
    All,
}

/// An operation of the command line.
#[derive(Debug, Clone, Copy)]
pub struct Run {
    /// Makes what it relies on.
    pub prepare: for<'a> fn(&'a Bank, u32) -> Making<'a, ()>,
    /// Does it.
    pub run: for<'a> fn(&'a Bank) -> Making<'a, ()>,
    /// A count that rises by one when it is done.
    pub effect: &'static str,
    /// What it posts, if it moves money.
    pub posts: Option<Posts>,
}

impl Sample {
    /// What the operation posts, if it moves money.
    pub fn posts(&self) -> Option<Posts> {
        match self {
            Self::Command(deed) => deed.posts,
            Self::CommandLine(run) => run.posts,
            Self::Look(_) | Self::Settle(_) => None,
        }
    }

    /// What it lets people look at or settle, through doors of its own.
    pub fn looks(&self) -> Option<Looks> {
        match self {
            Self::Command(deed) => deed.looks,
            Self::Look(looks) | Self::Settle(looks) => Some(*looks),
            Self::CommandLine(_) => None,
        }
    }
}

impl Deed {
    /// Its maker.
    pub fn maker(&self) -> Fallible<Caller> {
        caller(self.maker)
    }

    /// Who may agree to it.
    pub fn checker(&self) -> Fallible<Caller> {
        caller(self.checker.ok_or("nobody has to agree")?)
    }

    /// How often it was done.
    pub async fn effects(&self, bank: &Bank) -> Fallible<i64> {
        Ok(sqlx::query_scalar(self.effect).fetch_one(bank.owner()).await?)
    }

    /// Sends one of its forms as its maker, under a key of this name.
    pub async fn send(&self, bank: &Bank, form: &Value, name: &str) -> Fallible<Receipt> {
        Ok(send(bank, &self.maker()?, self.operation, form, name).await?)
    }

    /// Asks for it the `nth` time.
    pub async fn ask(&self, bank: &Bank, nth: u32) -> Fallible<RequestId> {
        let forms = (self.forms)(bank, nth).await?;
        ticket(self.send(bank, forms.asked()?, &format!("{}-ask-{nth}", self.operation.code())).await?)
    }

    /// Does it the `nth` time: at once where that can be, else with a second person.
    pub async fn carry_out(&self, bank: &Bank, nth: u32) -> Fallible<()> {
        let forms = (self.forms)(bank, nth).await?;
        let name = format!("{}-{nth}", self.operation.code());
        match &forms.at_once {
            Some(form) => self.send(bank, form, &name).await.map(drop),
            None => self.carry_out_by_two(bank, forms.asked()?, &name).await,
        }
    }

    /// Sends a form that asks, and has it approved.
    pub async fn carry_out_by_two(&self, bank: &Bank, form: &Value, name: &str) -> Fallible<()> {
        let request = ticket(self.send(bank, form, name).await?)?;
        let yes = format!("{name}-yes");
        match decide(bank, &self.checker()?, request, Verdict::Approve, &yes).await? {
            Receipt::Decided { state: RequestState::Approved, .. } => Ok(()),
            other @ (Receipt::Decided { .. } | Receipt::Done { .. } | Receipt::Waiting { .. }) => {
                Err(format!("{name} was not approved: {other:?}").into())
            }
        }
    }
}

impl Forms {
    /// Only done at once.
    pub fn only_at_once<F: Form>(form: &F) -> Fallible<Self> {
        Ok(Self { at_once: Some(serde_json::to_value(form)?), asks: None })
    }

    /// Always asked for.
    pub fn only_asked<F: Form>(form: &F) -> Fallible<Self> {
        Ok(Self { at_once: None, asks: Some(serde_json::to_value(form)?) })
    }

    /// One that is done at once, and one that has to be asked for.
    pub fn either<F: Form>(at_once: &F, asks: &F) -> Fallible<Self> {
        Ok(Self { at_once: Some(serde_json::to_value(at_once)?), asks: Some(serde_json::to_value(asks)?) })
    }

    /// The one that waits for a second person.
    pub fn asked(&self) -> Fallible<&Value> {
        self.asks.as_ref().ok_or_else(|| "nobody has to agree".into())
    }

    /// Either of them, at once where that can be.
    pub fn any(&self) -> Fallible<&Value> {
        self.at_once.as_ref().or(self.asks.as_ref()).ok_or_else(|| "no form at all".into())
    }

    /// What there is of them.
    pub fn each(&self) -> impl Iterator<Item = &Value> {
        self.at_once.iter().chain(&self.asks)
    }
}

impl Looks {
    /// Whoever may look.
    pub fn by(&self) -> Fallible<Caller> {
        caller(self.by)
    }
}

impl Knock {
    /// At a door for whoever may make the operation.
    pub fn at(door: &'static str, sent: &[(&str, &str)]) -> Self {
        let mut body = form_urlencoded::Serializer::new(String::new());
        body.extend_pairs(sent);
        Self { door, open: Open::Makers, body: body.finish() }
    }

    /// With a form, under the name of the server function's parameter.
    pub fn with<T: Serialize>(door: &'static str, name: &str, form: &T) -> Fallible<Self> {
        Ok(Self { door, open: Open::Makers, body: encoded(&[(name, &serde_json::to_value(form)?)]) })
    }

    /// At a door that is open to others, too.
    #[must_use]
    pub fn open_to(self, open: Open) -> Self {
        Self { open, ..self }
    }
}

/// What a browser sends of forms: `form[surname]=Kariuki&form[lines][0][debit]=5`.
pub fn encoded(named: &[(&str, &Value)]) -> String {
    fn write(name: &str, value: &Value, body: &mut form_urlencoded::Serializer<'_, String>) {
        match value {
            Value::Object(of) => of.iter().for_each(|(at, of)| write(&format!("{name}[{at}]"), of, body)),
            Value::Array(of) => {
                of.iter().enumerate().for_each(|(at, of)| write(&format!("{name}[{at}]"), of, body));
            }
            Value::String(text) => {
                body.append_pair(name, text);
            }
            Value::Null => {}
            plain @ (Value::Bool(_) | Value::Number(_)) => {
                body.append_pair(name, &plain.to_string());
            }
        }
    }
    let mut body = form_urlencoded::Serializer::new(String::new());
    for (name, value) in named {
        write(name, value, &mut body);
    }
    body.finish()
}

/// The `nth` of an operation as a number that no other operation has, and that stories with few people of
/// their own do not count up to: for the papers of customers whom samples need.
pub fn apart(operation: Operation, nth: u32) -> u32 {
    /// More than there will be operations.
    const EVERY: u32 = 211;
    let place = (0..).zip(Operation::ALL).find(|(_, one)| *one == operation).map_or(0, |(place, _)| place);
    100_000 + nth * EVERY + place
}
