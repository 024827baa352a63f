//! Where the streams of a node meet the outbox.

use super::caller::Caller;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tawi_domain::shared::notice::{Notice, NoticeBody};
use tokio::sync::{Notify, broadcast, watch};

/// Notices a slow stream may fall behind before it is made to replay from the table.
const BACKLOG: usize = 1024;
/// Before the first look at the table no position is known; zero is one.
pub(super) const NOTHING_YET: i64 = -1;

/// A notice on its way, with whom it concerns.
#[derive(Debug, Clone)]
pub struct Delivered {
    /// The notice.
    pub notice: Notice,
    pub(super) branch: Option<i16>,
    pub(super) staff_id: Option<String>,
    pub(super) roles: Vec<String>,
}

impl Delivered {
    /// Whether it concerns somebody signed in.
    pub fn concerns(&self, caller: &Caller) -> bool {
        let own = matches!(&self.notice.body, NoticeBody::RequestMade { maker: Some(maker), .. } if *maker == caller.staff_id);
        // A session that has ended ends its streams by itself; the notice is for nodes of versions before.
        let told = !matches!(self.notice.body, NoticeBody::Later | NoticeBody::SessionEnded { .. });
        told && !own && self.addresses(caller)
    }

    fn addresses(&self, caller: &Caller) -> bool {
        self.staff_id.as_deref() == Some(caller.staff_id.as_str())
            || (self.roles.iter().any(|role| role == caller.role.code())
                && self.branch.is_none_or(|branch| branch == caller.branch.get()))
    }
}

/// A session and the seat in it.
pub type Seat<'a> = (&'a [u8; 32], &'a Caller);

/// Those who listen on this node, by a number of their own.
type Listening = Arc<Mutex<HashMap<u64, Watched>>>;

/// Somebody who listens, and whether they still may.
#[derive(Debug, Clone)]
pub(super) struct Watched {
    session: [u8; 32],
    caller: Caller,
    ended: Arc<watch::Sender<bool>>,
    /// Only the listener's own: with it they leave the list.
    _place: Option<Arc<Place>>,
}

#[derive(Debug)]
struct Place(Listening, u64);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.1);
    }
}

impl Watched {
    /// Session and seat.
    pub(super) fn seat(&self) -> Seat<'_> {
        (&self.session, &self.caller)
    }

    /// They may listen no more.
    pub(super) fn end(&self) {
        self.ended.send_replace(true);
    }

    pub(super) fn has_ended(&self) -> bool {
        *self.ended.borrow()
    }

    /// Waits until they may listen no more.
    pub(super) async fn ends(&self) {
        // The sender lives as long as this does.
        let _ = self.ended.subscribe().wait_for(|ended| *ended).await;
    }
}

/// Where the node's streams meet the outbox.
#[derive(Debug)]
pub struct Hub {
    pub(super) streams: broadcast::Sender<Arc<Delivered>>,
    pub(super) delivered: AtomicI64,
    leading: AtomicBool,
    pub(super) wake_leader: Notify,
    pub(super) wake_reader: Notify,
    pub(super) wake_elsewhere: Notify,
    stop: watch::Sender<bool>,
    listening: Listening,
    listened: AtomicU64,
}

impl Default for Hub {
    fn default() -> Self {
        Self {
            streams: broadcast::Sender::new(BACKLOG),
            delivered: AtomicI64::new(NOTHING_YET),
            leading: AtomicBool::new(false),
            wake_leader: Notify::new(),
            wake_reader: Notify::new(),
            wake_elsewhere: Notify::new(),
            stop: watch::Sender::new(false),
            listening: Listening::default(),
            listened: AtomicU64::new(0),
        }
    }
}

impl Hub {
    /// There is something to position: wakes the leader, here or on another node.
    pub fn wake_leader(&self) {
        if self.is_leading() {
            self.wake_leader.notify_one();
        } else {
            self.wake_elsewhere.notify_one();
        }
    }

    /// Whether this node holds the leader's lock.
    pub fn is_leading(&self) -> bool {
        self.leading.load(Ordering::Relaxed)
    }

    pub(super) fn set_leading(&self, leading: bool) {
        self.leading.store(leading, Ordering::Relaxed);
    }

    /// Puts somebody who listens on the list of those who are watched.
    pub(super) fn watch(&self, session: [u8; 32], caller: Caller) -> Watched {
        let nth = self.listened.fetch_add(1, Ordering::Relaxed);
        let watched = Watched { session, caller, ended: Arc::new(watch::Sender::new(false)), _place: None };
        self.listening.lock().unwrap_or_else(PoisonError::into_inner).insert(nth, watched.clone());
        Watched { _place: Some(Arc::new(Place(Arc::clone(&self.listening), nth))), ..watched }
    }

    /// Those who listen at this moment.
    pub(super) fn listening(&self) -> Vec<Watched> {
        self.listening.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    /// Ends every stream, the leader and the reader.
    pub fn stop(&self) {
        self.stop.send_replace(true);
    }

    /// Becomes true when the node stops.
    pub fn stopping(&self) -> watch::Receiver<bool> {
        self.stop.subscribe()
    }
}
