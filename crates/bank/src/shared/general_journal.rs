//! Posting a journal that no other operation makes.

use crate::act::{Act, Effect, Facts};
use crate::bank::Bank;
use crate::op::OpCtx;
use crate::shared::error::OpError;
use crate::shared::ledger;
use tawi_domain::shared::approval::{Review, SummaryLine, Target, TargetKind};
use tawi_domain::shared::general_journal::{JournalForm, NewJournal};
use tawi_domain::shared::ids::{RequestKey, StaffId};
use tawi_domain::shared::journal::{Posting, Side};
use tawi_domain::shared::permissions::Operation;
use tawi_domain::shared::place::Place;

impl Act for NewJournal {
    type Form = JournalForm;

    fn facts(&self) -> Facts<'_> {
        Facts::on(Place::Start(Operation::GeneralJournal))
    }

    fn sent_under(&mut self, _: &Bank, _: &RequestKey) -> Result<Option<String>, OpError> {
        Ok(None)
    }

    async fn review_in_op(&self, ctx: &mut OpCtx) -> Result<Review, OpError> {
        let accounts = ledger::accounts_in_op(ctx, self.journal()).await?;
        let line = |posting: &Posting| {
            let side = match posting.side {
                Side::Debit => "Debit",
                Side::Credit => "Credit",
            };
            let label = match &posting.account {
                Some(number) => format!("{side} {number}"),
                None => format!("{side} {}", posting.gl_code),
            };
            SummaryLine { label, value: posting.money.to_string() }
        };
        Ok(Review {
            title: title_of(self),
            lines: std::iter::once(SummaryLine::new("For", self.journal().narrative()))
                .chain(self.journal().postings().iter().map(line))
                .collect(),
            reasons: vec!["A general journal always needs a second person".to_owned()],
            amount: Some(self.total()),
            ladder: None,
            subject: format!("journal:{}", self.journal().narrative()),
            targets: accounts
                .into_iter()
                .map(|account| Target {
                    kind: TargetKind::Account,
                    key: account.number.as_str().to_owned(),
                    version: account.version,
                })
                .collect(),
            panels: Vec::new(),
        })
    }

    async fn perform_in_op(&self, ctx: &mut OpCtx, _: &StaffId) -> Result<Effect, OpError> {
        let journal = ledger::post_in_op(ctx, self.journal()).await?;
        Ok(Effect {
            subject: format!("journal:{journal}"),
            number: format!("journal {journal}"),
            title: title_of(self),
            what: title_of(self),
            lines: Vec::new(),
        })
    }
}

/// Names the act and the amount.
fn title_of(new: &NewJournal) -> String {
    format!("Post a general journal of {}", new.total())
}
