//! Posting a journal that no other operation makes.

use crate::act::{Act, Effect, Facts};
use crate::op::OpCtx;
use crate::shared::error::OpError;
use crate::shared::ledger;
use tawi_domain::shared::approval::{Before, Review, Target, TargetKind};
use tawi_domain::shared::chart::CHART;
use tawi_domain::shared::fact::{Fact, Value};
use tawi_domain::shared::general_journal::{JournalForm, NewJournal};
use tawi_domain::shared::ids::{Item, RequestKey, StaffId};
use tawi_domain::shared::journal::{Posting, Side};
use tawi_domain::shared::permissions::Operation;
use tawi_domain::shared::place::Place;
use tawi_domain::shared::topic::{Saying, Topic};

impl Act for NewJournal {
    type Form = JournalForm;

    fn facts(&self) -> Facts<'_> {
        Facts::on(Place::Start(Operation::GeneralJournal))
    }

    fn sent_under(&mut self, _: &RequestKey) {}

    async fn review_in_op(&self, ctx: &mut OpCtx) -> Result<Review, OpError> {
        let accounts = ledger::accounts_in_op(ctx, self.journal()).await?;
        Ok(Review {
            title: title_of(self),
            facts: std::iter::once(Fact::new(Topic::Narrative, self.journal().narrative()))
                .chain(self.journal().postings().iter().map(entry))
                .collect(),
            why: vec![Fact::new(Topic::AlwaysTwo, Saying::AJournal)],
            before: Before::default(),
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
            paper: None,
        })
    }
}

/// A line, with the name of its account in the books.
fn entry(posting: &Posting) -> Fact {
    let topic = match posting.side {
        Side::Debit => Topic::Debit,
        Side::Credit => Topic::Credit,
    };
    let known = CHART.iter().find(|account| account.code == posting.gl_code);
    let value = Value::Entry {
        gl_code: posting.gl_code.clone(),
        gl_title: known.map_or_else(String::new, |account| account.title.to_owned()),
        account: posting.item.as_ref().and_then(Item::account),
        money: posting.money,
    };
    Fact::new(topic, value)
}

/// Names the act and the amount.
fn title_of(new: &NewJournal) -> String {
    format!("Post a general journal of {}", new.total())
}
