//! Being told: what fans out of the outbox to the streams of each node, and to the bell. What a notice tells of
//! somebody is recorded as a look before it is told, and who may not look any more is told nothing.

use super::caller::Caller;
use super::error::OpError;
use super::hub::{Delivered, Watched};
use super::{outbox, session};
use crate::bank::Bank;
use crate::op::Look;
use serde_json::json;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;
use tawi_domain::shared::error::AppError;
use tawi_domain::shared::notice::Notice;
use tawi_domain::shared::permissions::Operation;
use tokio::sync::broadcast;

/// Notices that are recorded and told together at most.
const AT_ONCE: usize = 100;
/// Notices that somebody who was away is told one by one; of more they are told that there is more.
const MOST_MISSED: usize = 200;
/// How often the node looks whether those who listen still may.
const WATCH: Duration = Duration::from_millis(400);

/// What a stream says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// Something happened.
    Notice(Notice),
    /// More has happened than is told one by one: whoever listens loads again, and goes on after a position.
    Behind(i64),
}

/// One person's stream: what they missed, then what happens. It ends with the session it was opened in, and with the
/// seat.
#[derive(Debug)]
pub struct Stream {
    bank: Bank,
    caller: Caller,
    watched: Watched,
    live: broadcast::Receiver<Arc<Delivered>>,
    missed: VecDeque<Delivered>,
    told: VecDeque<Told>,
    position: i64,
}

impl Stream {
    /// Opens a stream in a session, that goes on after a position; after the last there is where it lies ahead of that.
    ///
    /// # Errors
    /// The session has ended, or the person holds the seat no longer.
    pub async fn open(bank: &Bank, caller: Caller, session: [u8; 32], after: i64) -> Result<Self, OpError> {
        let live = bank.hub().streams.subscribe();
        let watched = bank.hub().watch(session, caller.clone());
        let last = outbox::last_position(&mut *bank.sessions().acquire().await?).await?;
        let (missed, told) = (VecDeque::new(), VecDeque::new());
        let position = after.clamp(0, last);
        let mut stream = Self { bank: bank.clone(), caller, watched, live, missed, told, position };
        stream.still_stands().await?;
        stream.replay().await?;
        Ok(stream)
    }

    /// Reads what was written for the person since; of very much only that there is.
    async fn replay(&mut self) -> Result<(), OpError> {
        let mut connection = self.bank.sessions().acquire().await?;
        let last = outbox::last_position(&mut connection).await?;
        let most = i64::try_from(MOST_MISSED).unwrap_or(i64::MAX);
        let missed = outbox::read_for(&mut connection, &self.caller, self.position, most + 1).await?;
        self.missed.clear();
        if missed.len() > MOST_MISSED {
            self.position = self.position.max(last);
            self.told.push_back(Told::Behind(self.position));
        } else {
            self.missed.extend(missed);
        }
        Ok(())
    }

    async fn still_stands(&self) -> Result<(), OpError> {
        let mut connection = self.bank.sessions().acquire().await?;
        let ahead = self.bank.clock().ahead_seconds();
        let ended = session::ended(&mut connection, ahead, &[self.watched.seat()]).await?;
        if ended.is_empty() { Ok(()) } else { Err(AppError::NotSignedIn.into()) }
    }

    /// What concerns the person next; none when the node stops.
    ///
    /// # Errors
    /// The session has ended or the right to be told: nothing more is told.
    pub async fn next(&mut self) -> Result<Option<Told>, OpError> {
        loop {
            if *self.bank.hub().stopping().borrow() {
                return Ok(None);
            }
            if self.watched.has_ended() {
                return Err(AppError::NotSignedIn.into());
            }
            if let Some(told) = self.told.pop_front() {
                return Ok(Some(told));
            }
            let Some(delivered) = self.delivered().await? else { return Ok(None) };
            let notices = self.of_concern(delivered);
            if notices.is_empty() {
                continue;
            }
            // What is about to be told is told to somebody who sits there now.
            self.still_stands().await?;
            record(&self.bank, &self.caller, &notices).await?;
            self.told.extend(notices.into_iter().map(Told::Notice));
        }
    }

    /// What is at hand; waits for something where nothing is. None when the node stops.
    async fn delivered(&mut self) -> Result<Option<VecDeque<Delivered>>, OpError> {
        let mut stopping = self.bank.hub().stopping();
        while self.missed.is_empty() && self.told.is_empty() {
            tokio::select! {
                _ = stopping.changed() => return Ok(None),
                () = self.watched.ends() => return Err(AppError::NotSignedIn.into()),
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

/// Ends the streams of those whose session has ended or who hold their seat no longer. One statement a look, however
/// many listen.
pub(super) async fn watch(bank: &Bank) -> Result<(), OpError> {
    loop {
        let listening = bank.hub().listening();
        if !listening.is_empty() {
            let seats: Vec<_> = listening.iter().map(Watched::seat).collect();
            let mut connection = bank.sessions().acquire().await?;
            let ended = session::ended(&mut connection, bank.clock().ahead_seconds(), &seats).await?;
            drop(connection);
            for one in ended.into_iter().filter_map(|at| listening.get(at)) {
                one.end();
            }
        }
        tokio::time::sleep(WATCH).await;
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
