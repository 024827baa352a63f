//! Serving connections: so many in all and from one address, each with its time for a head and for being written to,
//! and an end that does not wait for anybody.

use super::address::{Address, Proxies};
use super::turns::Turns;
use axum::Router;
use axum::extract::{ConnectInfo, Request};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_io_timeout::TimeoutStream;
use tower::{ServiceExt, service_fn};

/// How long a browser may take to send the head of its next request; a connection at rest is closed after it.
const HEAD: Duration = Duration::from_secs(15);
/// The same for a trusted proxy, which keeps connections for its next request: longer than proxies do, so that none is
/// closed while a request is on its way.
const HEAD_OF_A_PROXY: Duration = Duration::from_secs(120);
/// How long a browser may take to make room for more of an answer.
const WRITE: Duration = Duration::from_secs(30);
/// How long an end waits for what is under way.
const END: Duration = Duration::from_secs(6);
/// Descriptors that the program needs besides its connections: files, pools' spare ones, logs.
const SPARE_DESCRIPTORS: usize = 48;
/// An address may have this part of all connections.
const PART_OF_AN_ADDRESS: usize = 4;

/// How many connections a node takes.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// In all.
    pub connections: usize,
    /// From one address that is no trusted proxy's.
    pub of_an_address: usize,
}

impl Bounds {
    /// So many as were asked for, as far as the system gives descriptors for them beside the database's connections.
    pub fn of(asked: usize, database: usize) -> Self {
        let room = descriptors().saturating_sub(database + SPARE_DESCRIPTORS).max(PART_OF_AN_ADDRESS);
        let connections = asked.min(room);
        Self { connections, of_an_address: (connections / PART_OF_AN_ADDRESS).max(1) }
    }
}

/// Descriptors that the system gives this process.
fn descriptors() -> usize {
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"));
    let soft = line.and_then(|rest| rest.split_whitespace().next()?.parse().ok());
    // What every Unix gives, where none says.
    soft.unwrap_or(256)
}

/// Serves until `stop` ends, then lets what is under way come to its end, for some seconds.
pub async fn serve(
    listener: TcpListener,
    app: Router,
    bounds: Bounds,
    proxies: Proxies,
    stop: impl Future<Output = ()>,
) {
    // A part is kept for addresses that have none.
    let in_all = Arc::new(Semaphore::new(bounds.connections - bounds.of_an_address));
    let for_first = Arc::new(Semaphore::new(bounds.of_an_address));
    let by_address = Turns::new(bounds.of_an_address, bounds.of_an_address);
    let graceful = GracefulShutdown::new();
    let mut connections = JoinSet::new();
    tokio::pin!(stop);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut stop => break,
        };
        // Those that have ended are forgotten.
        while connections.try_join_next().is_some() {}
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // No descriptor is left, or the other side is gone again: others still may come.
                tracing::warn!(%error, "a connection was not accepted");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        // One too many is closed at once.
        let (is_proxy, Address(address)) = (proxies.trusts(peer.ip()), Address::of(peer.ip()));
        let is_first = is_proxy || by_address.waiting(&address) == 0;
        let room = Arc::clone(&in_all).try_acquire_owned();
        let room = if is_first { room.or_else(|_| Arc::clone(&for_first).try_acquire_owned()) } else { room };
        let Ok(room) = room else { continue };
        let turn = if is_proxy { None } else { by_address.take(&address).await };
        if !is_proxy && turn.is_none() {
            continue;
        }
        let patience = if is_proxy { HEAD_OF_A_PROXY } else { HEAD };
        let connection = graceful.watch(connection(stream, peer, app.clone(), patience));
        connections.spawn(async move {
            // Its fault is the browser's or the line's.
            let _ = connection.await;
            drop((room, turn));
        });
    }
    drop(listener);
    if tokio::time::timeout(END, graceful.shutdown()).await.is_err() {
        tracing::warn!(open = connections.len(), "connections that did not end were closed");
    }
    connections.shutdown().await;
}

type Served = http1::Connection<
    TokioIo<std::pin::Pin<Box<TimeoutStream<TcpStream>>>>,
    TowerToHyperService<
        tower::util::BoxCloneService<Request<Incoming>, axum::response::Response, std::convert::Infallible>,
    >,
>;

fn connection(stream: TcpStream, peer: SocketAddr, app: Router, patience: Duration) -> Served {
    // Answers are written whole: nothing is gained by waiting for more.
    let _ = stream.set_nodelay(true);
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(WRITE));
    let service = service_fn(move |request: Request<Incoming>| {
        let mut request = request.map(axum::body::Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        app.clone().oneshot(request)
    });
    let service = TowerToHyperService::new(tower::util::BoxCloneService::new(service));
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(patience)
        .serve_connection(TokioIo::new(Box::pin(stream)), service)
}
