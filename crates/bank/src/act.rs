//! What every operation that is sent as a form says of itself, in its own file.

use crate::op::OpCtx;
use crate::shared::error::OpError;
use tawi_domain::language::before;
use tawi_domain::shared::approval::{Paper, Receipt, Review};
use tawi_domain::shared::ids::{Reference, RequestKey, StaffId};
use tawi_domain::shared::operation_form::Form;
use tawi_domain::shared::place::Place;

/// A deed, parsed: implemented for the type its form parses to. Nothing has a default, so that an
/// operation says everything and the compiler names what it forgot.
pub(crate) trait Act: Sized {
    /// Its form; the operation and the rules of reading stand there.
    type Form: Form<Parsed = Self>;

    /// What others must know of it without doing it.
    fn facts(&self) -> Facts<'_>;

    /// Binds it to the key it is sent under.
    fn sent_under(&mut self, key: &RequestKey);

    /// What would happen, and why a second person must look.
    async fn review_in_op(&self, ctx: &mut OpCtx) -> Result<Review, OpError>;

    /// Does it for the person who asked, against the state of this moment.
    async fn perform_in_op(&self, ctx: &mut OpCtx, maker: &StaffId) -> Result<Effect, OpError>;
}

/// What others must know of a deed without doing it.
#[derive(Debug, Clone)]
pub struct Facts<'a> {
    /// The person it is about, who must not decide it.
    pub about: Option<&'a StaffId>,
    /// The page of its form, where a request that was sent back is corrected.
    pub page: Place,
}

impl Facts<'_> {
    /// About nobody in particular, with its form on a page.
    pub(crate) fn on(page: Place) -> Self {
        Self { about: None, page }
    }
}

impl Effect {
    /// Its receipt, under a reference.
    pub(crate) fn receipt(&self, reference: Reference) -> Receipt {
        Receipt::Done {
            reference,
            title: self.title.clone(),
            effect: self.number.clone(),
            lines: self.paper.as_ref().map(before::paper).unwrap_or_default(),
            paper: self.paper.clone(),
        }
    }
}

/// What a deed leaves behind.
#[derive(Debug, Clone)]
pub struct Effect {
    /// What was done, naming person or amount.
    pub title: String,
    /// The number of what came of it: a customer, a journal.
    pub number: String,
    /// Subject of the audit line.
    pub subject: String,
    /// What was done, in a sentence.
    pub what: String,
    /// What a printed receipt says, where one is printed.
    pub paper: Option<Paper>,
}
