//! Stands between two nodes: passes bytes on in pieces, stalls, and cuts connections.

use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use casty::Rng;
use casty::prelude::*;
use futures_lite::{AsyncReadExt, AsyncWriteExt};
use smol::Async;

/// What it has done.
#[derive(Default)]
pub(crate) struct Deeds {
    pub(crate) connections: AtomicUsize,
    pub(crate) cuts: AtomicUsize,
    pub(crate) stalls: AtomicUsize,
    pub(crate) bytes: AtomicU64,
}

/// A proxy in front of one node.
pub(crate) struct Proxy {
    listener: Async<TcpListener>,
    clock: ActorSystem,
    deeds: Arc<Deeds>,
    /// About so many bytes pass between two cuts.
    bytes_between_cuts: usize,
}

/// One direction of a connection.
struct Lane {
    from: Arc<Async<TcpStream>>,
    to: Arc<Async<TcpStream>>,
    clock: ActorSystem,
    deeds: Arc<Deeds>,
    rng: Rng,
    bytes_left: usize,
}

impl Proxy {
    /// One that listens at a free port.
    pub(crate) fn new(clock: ActorSystem, deeds: Arc<Deeds>, bytes_between_cuts: usize) -> Self {
        let listener = Async::<TcpListener>::bind(([127, 0, 0, 1], 0)).unwrap();
        Self { listener, clock, deeds, bytes_between_cuts }
    }

    pub(crate) fn address(&self) -> String {
        self.listener.get_ref().local_addr().unwrap().to_string()
    }

    /// Passes on to that port whatever comes.
    pub(crate) async fn serve(self, target: String, mut rng: Rng) {
        let target: std::net::SocketAddr = target.parse().unwrap();
        loop {
            let (Ok((near, _)), Ok(far)) =
                (self.listener.accept().await, Async::<TcpStream>::connect(target).await)
            else {
                continue;
            };
            self.deeds.connections.fetch_add(1, Ordering::Relaxed);
            let (near, far) = (Arc::new(near), Arc::new(far));
            for (from, to) in [(&near, &far), (&far, &near)] {
                // One in eight is cut in its first words.
                let bytes_left = match rng.below(8) {
                    0 => rng.below(600),
                    _ => rng.below(2 * self.bytes_between_cuts),
                };
                let lane = Lane {
                    from: Arc::clone(from),
                    to: Arc::clone(to),
                    clock: self.clock.clone(),
                    deeds: Arc::clone(&self.deeds),
                    rng: rng.split(),
                    bytes_left,
                };
                smol::spawn(lane.pass()).detach();
            }
        }
    }
}

impl Lane {
    async fn pass(mut self) {
        let mut piece = vec![0; 64 << 10];
        while self.bytes_left > 0 {
            // Pieces of every size, few of them small: otherwise nothing else would be done.
            let most = if self.rng.below(4) == 0 { 1 + self.rng.below(1_000) } else { piece.len() };
            let Ok(read @ 1..) = (&*self.from).read(&mut piece[..most]).await else { break };
            let passed = read.min(self.bytes_left);
            if self.rng.below(200) == 0 {
                self.deeds.stalls.fetch_add(1, Ordering::Relaxed);
                self.clock.sleep(millis(self.rng.below(60) as u64)).await;
            }
            if (&*self.to).write_all(&piece[..passed]).await.is_err() {
                break;
            }
            self.bytes_left -= passed;
            self.deeds.bytes.fetch_add(passed as u64, Ordering::Relaxed);
        }
        if self.bytes_left == 0 {
            self.deeds.cuts.fetch_add(1, Ordering::Relaxed);
        }
        // An end that is closed already is what was wanted.
        let _ = self.from.get_ref().shutdown(Shutdown::Both);
        let _ = self.to.get_ref().shutdown(Shutdown::Both);
    }
}
