//! Being told: what fans out of the outbox to the streams of each node, and to the bell. What a notice tells of
//! somebody is recorded as a look before it is told, and who may not look any more is told nothing.

use super::caller::Caller;
use super::error::OpError;
use super::hub::Delivered;
use super::outbox;
use crate::bank::Bank;
use crate::op::Look;
use serde_json::json;
use std::collections::VecDeque;
use std::sync::Arc;
use tawi_domain::shared::error::AppError;
use tawi_domain::shared::notice::Notice;
use tawi_domain::shared::permissions::Operation;
use tokio::sync::broadcast;

/// Notices that are recorded and told together at most.
const AT_ONCE: usize = 100;

/// One person's stream: what they missed, then what happens.
#[derive(Debug)]
pub struct Stream {
    bank: Bank,
    caller: Caller,
    live: broadcast::Receiver<Arc<Delivered>>,
    missed: VecDeque<Delivered>,
    told: VecDeque<Notice>,
    position: i64,
}

impl Stream {
    /// Opens a stream that goes on after a position.
    pub async fn open(bank: &Bank, caller: Caller, after: i64) -> Result<Self, OpError> {
        let live = bank.hub().streams.subscribe();
        let (missed, told) = (VecDeque::new(), VecDeque::new());
        let mut stream = Self { bank: bank.clone(), caller, live, missed, told, position: after };
        stream.replay().await?;
        Ok(stream)
    }

    async fn replay(&mut self) -> Result<(), OpError> {
        let mut connection = self.bank.pool().acquire().await?;
        let mut after = self.position;
        loop {
            let page = outbox::read_after(&mut connection, after).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after = last.notice.position;
            self.missed.extend(page);
        }
    }

    /// The next notice that concerns the person; none when the node stops.
    pub async fn next(&mut self) -> Result<Option<Notice>, OpError> {
        loop {
            if *self.bank.hub().stopping().borrow() {
                return Ok(None);
            }
            if let Some(notice) = self.told.pop_front() {
                return Ok(Some(notice));
            }
            let Some(delivered) = self.delivered().await? else { return Ok(None) };
            self.told = self.of_concern(delivered);
            record(&self.bank, &self.caller, &self.told).await?;
        }
    }

    /// What is at hand; waits for something where nothing is. None when the node stops.
    async fn delivered(&mut self) -> Result<Option<VecDeque<Delivered>>, OpError> {
        let mut stopping = self.bank.hub().stopping();
        while self.missed.is_empty() {
            tokio::select! {
                _ = stopping.changed() => return Ok(None),
                next = self.live.recv() => match next {
                    Ok(delivered) => self.missed.push_back((*delivered).clone()),
                    Err(broadcast::error::RecvError::Lagged(_)) => self.replay().await?,
                    Err(broadcast::error::RecvError::Closed) => return Ok(None),
                },
            }
        }
        // What is recorded at once is told at once: a page at most.
        let most = self.missed.len().min(AT_ONCE);
        Ok(Some(self.missed.drain(..most).collect()))
    }

    /// What of it is new and concerns the person.
    fn of_concern(&mut self, delivered: VecDeque<Delivered>) -> VecDeque<Notice> {
        let mut notices = VecDeque::new();
        for one in delivered {
            if one.notice.position > self.position {
                self.position = one.notice.position;
                if one.concerns(&self.caller) {
                    notices.push_back(one.notice);
                }
            }
        }
        notices
    }
}

/// Records what notices are about to tell somebody of customers and loans.
async fn record(bank: &Bank, caller: &Caller, notices: &VecDeque<Notice>) -> Result<(), OpError> {
    let about: Vec<String> = notices.iter().filter_map(|notice| notice.body.about()).collect();
    if about.is_empty() {
        return Ok(());
    }
    Ok(bank.look(caller, Operation::Notices, async |_| Ok(((), look_at(about)))).await?)
}

fn look_at(about: Vec<String>) -> Look {
    Look::with("notices", "Was told of what concerns them", json!({ "about": about }))
}

/// The newest notices that concern a person, newest first.
pub async fn recent(bank: &Bank, caller: &Caller) -> Result<Vec<Notice>, AppError> {
    bank.look(caller, Operation::Notices, async |ctx| {
        let notices = outbox::newest_for(ctx.conn(), caller).await?;
        let about = notices.iter().filter_map(|notice| notice.body.about()).collect();
        Ok((notices, look_at(about)))
    })
    .await
}
