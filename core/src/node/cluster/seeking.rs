//! Finding those through whom a node joins: addresses, and the nodes that are there.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

use crate::executor::Executor;
use crate::node::network::dials::{Dial, Dials};
use crate::node_id::NodeId;
use crate::remote::Hub;
use crate::sync::Arc;

/// Addresses, when they are found.
type Found = Pin<Box<dyn Future<Output = Vec<String>> + Send>>;

/// How addresses are found: a user's code.
type Discover = Box<dyn Fn() -> Found + Send>;

/// Finds addresses, again at each try.
pub(super) struct Discovery {
    discover: Discover,
    finding: Option<Found>,
}

impl Discovery {
    pub(super) fn new(discover: Discover) -> Self {
        Self { discover, finding: None }
    }

    pub(super) fn fixed(addresses: Vec<String>) -> Self {
        Self::new(Box::new(move || Box::pin(core::future::ready(addresses.clone()))))
    }

    /// Begins, unless it is at it already.
    pub(super) fn begin(&mut self, executor: &dyn Executor) {
        if self.finding.is_none() {
            let (discover, mut finding) = (&self.discover, None);
            // Who panics has found nobody.
            let _ = executor.guard(&mut || finding = Some(discover()));
            self.finding = finding;
        }
    }

    /// The addresses that were found, once.
    pub(super) fn poll(&mut self, executor: &dyn Executor, cx: &mut Context<'_>) -> Option<Vec<String>> {
        let finding = self.finding.as_mut()?;
        let mut polled = Poll::Pending;
        let guarded = executor.guard(&mut || polled = finding.as_mut().poll(cx));
        let found = match polled {
            Poll::Ready(found) => Some(found),
            Poll::Pending if guarded.is_err() => Some(Vec::new()),
            Poll::Pending => return None,
        };
        self.end(executor);
        found
    }

    /// Nothing is found any more.
    pub(super) fn end(&mut self, executor: &dyn Executor) {
        let mut finding = self.finding.take();
        // A user's code goes with it, and may panic.
        let _ = executor.guard(&mut || drop(finding.take()));
    }
}

/// Nodes that are to be reached at addresses.
#[derive(Default)]
pub(super) struct Reaching(Vec<Arc<Dial>>);

impl Reaching {
    /// Reaches for whoever is there.
    pub(super) fn add(&mut self, hub: &Arc<Hub>, dials: &Arc<Dials>, address: &str) {
        let dial = Dials::seek(dials, hub, address);
        dial.hasten();
        if !self.0.iter().any(|other| Arc::ptr_eq(other, &dial)) {
            dial.await_by(1);
            self.0.push(dial);
        }
    }

    /// Those that have been reached, each once.
    pub(super) fn poll(&mut self, cx: &Context<'_>) -> Vec<NodeId> {
        let mut reached = Vec::new();
        self.0.retain(|dial| match dial.poll_peer(cx) {
            Poll::Ready(found) => {
                dial.await_by(-1);
                reached.extend(found.ok().map(|peer| peer.id().clone()));
                false
            }
            Poll::Pending => true,
        });
        reached
    }

    /// Nobody is to be reached any more.
    pub(super) fn end(&mut self) {
        self.0.drain(..).for_each(|dial| dial.await_by(-1));
    }
}

impl Drop for Reaching {
    fn drop(&mut self) {
        self.end();
    }
}
