//! Looking: an enquiry is begun, read and recorded here and nowhere else, so that none ends unrecorded.

use super::{Actor, Caller, OpCtx, settle};
use crate::bank::Bank;
use crate::shared::error::OpError;
use serde_json::{Value, json};
use tawi_domain::shared::audit::Outcome;
use tawi_domain::shared::error::AppError;
use tawi_domain::shared::permissions::Operation;

/// What is recorded of a look.
#[derive(Debug)]
pub enum Look {
    /// A line in the audit.
    At {
        /// What was looked at: `customer:12345671`.
        subject: String,
        /// What was shown, in a sentence.
        what: String,
        /// What else is kept of it; never what was typed or shown.
        detail: Value,
    },
    /// No line: what was shown is the caller's own, as the words say.
    Unrecorded(&'static str),
}

impl Look {
    /// A look at something.
    pub fn at(subject: impl Into<String>, what: impl Into<String>) -> Self {
        Self::with(subject, what, json!({}))
    }

    /// A look of which more is kept.
    pub fn with(subject: impl Into<String>, what: impl Into<String>, detail: Value) -> Self {
        Self::At { subject: subject.into(), what: what.into(), detail }
    }
}

impl Bank {
    /// Looks, as somebody signed in: the gate opens, `read` reads and says what is recorded, and that is
    /// committed before anything is answered. A refusal is recorded as well.
    ///
    /// # Errors
    /// Whatever the gate or `read` refuses.
    pub async fn look<T>(
        &self,
        caller: &Caller,
        operation: Operation,
        read: impl AsyncFnOnce(&mut OpCtx) -> Result<(T, Look), OpError>,
    ) -> Result<T, AppError> {
        let looked = async {
            let mut ctx = OpCtx::begin_enquiry(self, caller, operation).await?;
            let (shown, look) = read(&mut ctx).await?;
            match look {
                Look::At { subject, what, detail } => {
                    ctx.commit(Outcome::Read, &subject, &what, detail, None).await?;
                }
                Look::Unrecorded(_) => {}
            }
            Ok(shown)
        };
        settle(self, &Actor::Officer(caller.clone()), operation, looked.await).await
    }

    /// Passes on what a door has read of its request. Who may not do the operation hears nothing of a fault
    /// in it, and either refusal is recorded.
    ///
    /// # Errors
    /// That the caller may not, or the fault.
    pub async fn heard<T>(
        &self,
        caller: &Caller,
        operation: Operation,
        read: Result<T, AppError>,
    ) -> Result<T, AppError> {
        match read {
            Ok(read) => Ok(read),
            Err(fault) => self.look(caller, operation, async |_| Err(fault.into())).await,
        }
    }
}
