//! Four eyes: requests, their states, and what may happen to them.

use super::fact::Fact;
use super::ids::{BranchNumber, Reference, RequestId, RequestKey, StaffId};
use super::money::Money;
use super::permissions::{Operation, Role};
use super::place::Place;
use super::words::words;
use super::{constants::LONGEST_NOTE_CHARS, form};
use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

words! {
    /// Where a request stands.
    pub enum RequestState {
        /// Waits for a checker.
        Waiting = "waiting", "Waiting";
        /// Approved, and the deed is done.
        Approved = "approved", "Approved";
        /// Approved, but the deed was refused when it was tried; the reason is kept.
        Refused = "refused", "Could not be done";
        /// Rejected by a checker.
        Rejected = "rejected", "Rejected";
        /// Sent back to the maker with a question.
        SentBack = "sent_back", "Sent back";
        /// Taken back by the maker.
        Withdrawn = "withdrawn", "Withdrawn";
    }
}

/// A fact in words: a line of a list on the screen or on paper.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SummaryLine {
    /// What it is.
    pub label: String,
    /// Its value, formatted.
    pub value: String,
}

impl SummaryLine {
    /// A line.
    pub fn new(label: &str, value: impl Into<String>) -> Self {
        Self { label: label.to_owned(), value: value.into() }
    }
}

/// What a checker must know before deciding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Review {
    /// Names the act, the person and the amount: `Create customer Amina Njeri Kariuki`.
    pub title: String,
    /// What will be in the books afterwards: what is compared when it is decided. Empty in a request from
    /// before there were facts.
    #[serde(default)]
    pub facts: Vec<Fact>,
    /// Why a second person must look.
    #[serde(default)]
    pub why: Vec<Fact>,
    /// The same as the version before told it.
    #[serde(flatten)]
    pub before: Before,
    /// The amount at stake, if money is.
    pub amount: Option<Money>,
    /// What the approval ladder measures, where that is more than the amount.
    #[serde(default)]
    pub ladder: Option<Money>,
    /// What the request is about; two requests about the same thing cannot wait at once.
    pub subject: String,
    /// The versions of what the request touches, as they were when the maker looked.
    pub targets: Vec<Target>,
    /// What the maker sees beside the answers; not kept with a request.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub panels: Vec<Panel>,
}

/// What a review told before there were facts. It is stored with every request, so that a node of that
/// version can show and decide it, and is all there is of a request from then.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Before {
    /// What will be in the books afterwards, in words.
    #[serde(default)]
    pub lines: Vec<SummaryLine>,
    /// Why a second person must look, in words.
    #[serde(default)]
    pub reasons: Vec<String>,
}

/// What is handed to a customer: a heading and what it confirms. Its words are chosen when it is printed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paper {
    /// What was done.
    pub heading: Fact,
    /// Line by line.
    pub facts: Vec<Fact>,
}

/// Something worth seeing beside the answers before they are sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Panel {
    /// A word of caution that stops nothing.
    Caution(String),
    /// A rating with everything that led to it.
    Rating {
        /// What is rated.
        title: String,
        /// Its band, as people read it.
        band: String,
        /// How much care it needs.
        care: Care,
        /// The sum of the points, of 100.
        points: u16,
        /// Factor, evidence and points of each reason, heaviest first.
        factors: Vec<(String, String, u16)>,
    },
    /// Other things like this one.
    Alike {
        /// What they are.
        title: String,
        /// The columns.
        columns: Vec<Column>,
        /// For each its page and its cells, the first of which leads there.
        rows: Vec<(Place, Vec<String>)>,
    },
}

words! {
    /// A column of a panel.
    pub enum Column {
        /// The number of a customer.
        Customer = "customer", "Customer";
        /// A name.
        Name = "name", "Name";
        /// What two things share.
        Same = "same", "What is the same";
        /// The branch that keeps it.
        Branch = "branch", "Branch";
    }
}

words! {
    /// How much care something needs.
    pub enum Care {
        /// Little.
        Low = "low";
        /// Some.
        Medium = "medium";
        /// Much.
        High = "high";
    }
}

/// Something a request relies on, with the version its maker saw.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// What kind of thing.
    pub kind: TargetKind,
    /// Its key.
    pub key: String,
    /// Its version then.
    pub version: i64,
}

/// What a request can rely on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TargetKind {
    /// A customer that already exists.
    Customer,
    /// A customer's account.
    Account,
    /// A loan.
    Loan,
    /// A loan product: the version on offer.
    LoanProduct,
    /// A rule set.
    RiskRules,
    /// Something of a later version: no version of it is known here.
    #[serde(other)]
    Later,
}

/// What would happen, before anything does: what the check-answers page shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// What a checker would see.
    pub review: Review,
    /// Who decides; empty when nobody must.
    pub checker: Vec<Role>,
    /// The key under which exactly this content is done once.
    pub key: RequestKey,
}

/// What sending a command gave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    /// What was done or asked.
    pub receipt: Receipt,
}

/// One rung of an approval ladder: who decides above an amount. Kept as the dated parameter
/// `approval_ladder.<operation>`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rung {
    /// Amounts above this stand on the rung, unless a higher one takes them.
    pub above: Decimal,
    /// The roles that decide there.
    pub roles: Vec<Role>,
}

/// The roles of a ladder that decide an amount: those of the highest rung below it.
pub fn roles_on_ladder(ladder: &[Rung], amount: Decimal) -> &[Role] {
    ladder
        .iter()
        .filter(|rung| amount > rung.above)
        .max_by_key(|rung| rung.above)
        .map_or(&[], |rung| rung.roles.as_slice())
}

/// A request as lists show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestRow {
    /// Its id, part of its address.
    pub id: RequestId,
    /// Its reference.
    pub reference: Reference,
    /// The operation asked for.
    pub operation: Operation,
    /// The title of its review.
    pub title: String,
    /// The amount at stake.
    pub amount: Option<Money>,
    /// Where it stands.
    pub state: RequestState,
    /// Who asked.
    pub maker_id: StaffId,
    /// Their name.
    pub maker_name: String,
    /// The role that decides, for the maker's information.
    pub checker: Vec<Role>,
    /// When it was asked.
    #[serde(with = "crate::shared::dates::moment")]
    pub made_at: Timestamp,
    /// When it was decided.
    #[serde(with = "crate::shared::dates::optional_moment")]
    pub decided_at: Option<Timestamp>,
    /// Who decided.
    pub checker_name: Option<String>,
    /// Reason, question or refusal.
    pub note: Option<String>,
    /// Whether its maker has asked for the same thing again since.
    pub asked_again: bool,
}

/// A request, whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestDetail {
    /// What lists show.
    pub row: RequestRow,
    /// The branch.
    pub branch: BranchNumber,
    /// What was shown to the maker.
    pub review: Review,
    /// Hash of the payload in hexadecimal; a decision repeats it, so that it binds to what was seen.
    pub payload_hash: String,
    /// What the viewer may do.
    pub may: Permitted,
    /// What came of it: a customer number, a journal.
    pub effect: Option<String>,
    /// The receipt of what came of it, where one is printed.
    pub receipt: Option<Reference>,
    /// The page on which its maker may correct it.
    #[serde(default)]
    pub correct_at: Option<Place>,
    /// Which half of the temporary password that it made the viewer hands out.
    #[serde(default)]
    pub half: Option<Half>,
    /// A key for the decision, made with this page.
    pub key: RequestKey,
}

/// A half of a temporary password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Half {
    /// Handed out by whoever asked for it.
    First,
    /// Handed out by whoever approved it.
    Second,
}

/// What somebody hands out of a temporary password.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HalfPassword {
    /// Which half.
    pub half: Half,
    /// Its letters.
    pub letters: String,
}

/// What a viewer may do with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Permitted {
    /// Approve, reject, send back.
    Decide,
    /// Take back, being its maker.
    Withdraw,
    /// Correct and send again, being its maker.
    Correct,
    /// Look.
    Look,
}

words! {
    /// What a checker decides.
    pub enum Verdict {
        /// Do it.
        Approve = "approve";
        /// Do not do it; a reason is due.
        Reject = "reject";
        /// Ask the maker something first.
        SendBack = "send_back";
        /// The maker takes it back.
        Withdraw = "withdraw";
    }
}

impl Verdict {
    /// The operation it belongs to: taking one's own request back needs the right to ask, anything else the
    /// right to decide.
    pub fn operation(self) -> Operation {
        match self {
            Self::Withdraw => Operation::Requests,
            Self::Approve | Self::Reject | Self::SendBack => Operation::Approvals,
        }
    }

    /// The state it leads to, if the deed succeeds.
    pub fn state(self) -> RequestState {
        match self {
            Self::Approve => RequestState::Approved,
            Self::Reject => RequestState::Rejected,
            Self::SendBack => RequestState::SentBack,
            Self::Withdraw => RequestState::Withdrawn,
        }
    }
}

/// A decision as the page sends it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DecisionForm {
    /// Id of the request.
    pub request: String,
    /// Hash of what was seen.
    pub payload_hash: String,
    /// `approve`, `reject`, `send_back` or `withdraw`.
    pub verdict: String,
    /// Reason or question.
    pub note: String,
    /// Key made with the page.
    pub key: String,
}

/// A decision that may be tried.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NewDecision {
    /// The request.
    pub request: RequestId,
    /// Hash of what was seen, in hexadecimal.
    pub payload_hash: String,
    /// The verdict.
    pub verdict: Verdict,
    /// Reason or question; always there when rejecting or sending back.
    pub note: Option<String>,
}

impl DecisionForm {
    /// The operation it belongs to; without a verdict that of deciding.
    pub fn operation(&self) -> Operation {
        Verdict::from_code(&self.verdict).map_or(Operation::Approvals, Verdict::operation)
    }

    /// Reads the decision; rejecting and sending back need words.
    pub fn parse(&self) -> Result<NewDecision, form::FieldErrors> {
        let mut faults = form::FieldErrors::default();
        let request = faults.note("", self.request.parse::<RequestId>());
        let verdict = Verdict::from_code(&self.verdict);
        if verdict.is_none() {
            faults.add("", "Choose approve, send back or reject");
        }
        let note = match (verdict, self.note.trim()) {
            (Some(Verdict::Approve | Verdict::Withdraw) | None, "") => None,
            (Some(Verdict::SendBack), "") => {
                faults.add("note", "Write your question: the maker reads it");
                None
            }
            (Some(Verdict::Reject), "") => {
                faults.add("note", "Write why you reject this: the maker reads it");
                None
            }
            (_, typed) => faults.note("note", form::bounded(typed, "a note", LONGEST_NOTE_CHARS)),
        };
        match (request, verdict) {
            (Some(request), Some(verdict)) if faults.is_empty() => {
                Ok(NewDecision { request, payload_hash: self.payload_hash.clone(), verdict, note })
            }
            _ => Err(faults),
        }
    }
}

/// What a command gives back, now and whenever it is sent again with the same key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Receipt {
    /// It is done.
    Done {
        /// Reference of the receipt.
        reference: Reference,
        /// What was done, in a sentence.
        title: String,
        /// The number of what came of it, for example a customer number.
        effect: String,
        /// What a printed receipt says, where one is printed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        paper: Option<Paper>,
        /// The same as the version before told it, and all there is of a receipt from then.
        #[serde(default)]
        lines: Vec<SummaryLine>,
    },
    /// It waits for a second person.
    Waiting {
        /// Reference of the request.
        reference: Reference,
        /// Its id.
        request: RequestId,
        /// What was asked, in a sentence.
        title: String,
        /// Who decides.
        checker: Vec<Role>,
        /// Why a second person is needed.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        why: Vec<Fact>,
        /// The same as the version before told it, and all there is of a ticket from then.
        reasons: Vec<String>,
    },
    /// A decision was taken.
    Decided {
        /// Reference of the request.
        reference: Reference,
        /// Its id.
        request: RequestId,
        /// Where the request stands now.
        state: RequestState,
        /// What came of it, or why it could not be done.
        message: String,
        /// What the bank stands better with than was shown, old and new.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        better: Vec<Fact>,
    },
}
