//! The future that runs a node's part in the cluster: notices in, words and events out.

use alloc::collections::VecDeque;
use alloc::vec::Vec;
use core::future::Future;
use core::net::SocketAddr;
use core::pin::Pin;
use core::task::{Context, Poll};
use core::time::Duration;

use super::arbiter::Arbiter;
use super::seeking::{Discovery, Reaching};
use crate::cluster::{Council, Input, Output, Word};
use crate::executor::Task;
use crate::node::network::dials::Dials;
use crate::node::network::losing;
use crate::node::services::Desk;
use crate::node_id::NodeId;
use crate::remote::{Board, Hub, Notice, Peer};
use crate::sync::Arc;
use crate::time::{Instant, secs};

/// Runs a node's part in the cluster, until the system ends.
pub(super) struct Pump {
    hub: Arc<Hub>,
    dials: Arc<Dials>,
    board: Arc<Board>,
    /// Who hears what other nodes offer.
    desk: Arc<Desk>,
    council: Council,
    discovery: Discovery,
    /// Where a lease decides.
    arbiter: Option<Arbiter>,
    reaching: Reaching,
    /// Whether hosts are believed that say that nobody listens; by default only some.
    trusts: Option<bool>,
    /// Who has left, and until when its last words are heard.
    farewells: VecDeque<(Instant, Arc<Peer>)>,
    timer: Option<(Instant, Task)>,
}

/// How long the last words of a member that has left are heard.
const FAREWELL: Duration = secs(1);
/// How often one poll looks for more before others have their turn.
const ROUNDS: usize = 16;

impl Pump {
    pub(super) fn new(
        (hub, dials): (&Arc<Hub>, &Arc<Dials>),
        (board, desk): (Arc<Board>, Arc<Desk>),
        council: Council,
        (discovery, arbiter): (Discovery, Option<Arbiter>),
        trusts: Option<bool>,
    ) -> Self {
        hub.notices().open();
        Self {
            hub: Arc::clone(hub),
            dials: Arc::clone(dials),
            board,
            desk,
            council,
            discovery,
            arbiter,
            reaching: Reaching::default(),
            trusts,
            farewells: VecDeque::new(),
            timer: None,
        }
    }

    /// Takes in what there is; false when there was nothing.
    fn take_in(&mut self, now: Instant, cx: &mut Context<'_>) -> bool {
        let mut inputs: Vec<Input> =
            self.hub.notices().take(cx).into_iter().filter_map(|notice| self.input(notice)).collect();
        let found = self.discovery.poll(self.hub.world().executor(), cx);
        inputs.extend(found.map(Input::Seeds));
        let ruling = self.arbiter.as_mut().and_then(|it| it.poll(self.hub.world().executor(), cx));
        inputs.extend(ruling.map(|(number, granted)| Input::Leased(number, granted)));
        inputs.extend(self.reaching.poll(cx).into_iter().map(Input::Found));
        if self.council.deadline().is_some_and(|deadline| now >= deadline) {
            inputs.push(Input::Tick);
        }
        let some = !inputs.is_empty();
        inputs.into_iter().for_each(|input| self.council.handle(now, input));
        some
    }

    fn input(&self, notice: Notice) -> Option<Input> {
        Some(match notice {
            // What is not understood is of a later version: it is for those who do.
            Notice::Said(from, bytes) => Input::Said(from, postcard::from_bytes(&bytes).ok()?),
            Notice::Linked(peer) => Input::Linked(peer),
            Notice::Unlinked(peer) => Input::Unlinked(peer),
            Notice::Rests(peer) => Input::Rests(peer),
            Notice::NobodyAt(address) => {
                let trusted = self.trusts.unwrap_or_else(|| is_near(&address));
                return trusted.then_some(Input::NobodyAt(address));
            }
            Notice::GivenUpBy(peer) => Input::GivenUpBy(peer),
            Notice::Out(peer) => Input::Out(peer),
            Notice::Down(node) => Input::Down(node),
            Notice::Leave => Input::Leave,
            Notice::Enter(ticket, name, members) => Input::Enter(ticket, name, members),
            Notice::Forget(ticket) => Input::Forget(ticket),
            Notice::Offer(entry) => Input::Offer(entry),
            Notice::Withdraw(service, actor) => Input::Withdraw(service, actor),
        })
    }

    /// Does what there is to do; false when there was nothing.
    fn give_out(&mut self, now: Instant) -> bool {
        let mut some = false;
        if self.council.over().is_some() {
            // Before those are lost that were members: who hears that it is given up gives itself up, and they are to go on.
            self.hub.notices().go_out();
        }
        let mut offers = false;
        while let Some(output) = self.council.poll() {
            some = true;
            offers |= matches!(output, Output::Came(..) | Output::Gone(..));
            match output {
                Output::Send(to, address, word) => self.send(&to, &address, &word),
                Output::Discover => self.discovery.begin(self.hub.world().executor()),
                Output::Reach(address) => self.reaching.add(&self.hub, &self.dials, &address),
                // Whoever is reached already may not have heard that it is invited.
                Output::Look(address) => Dials::look(&self.dials, &self.hub, &address)
                    .into_iter()
                    .for_each(|there| self.hub.notices().push(Notice::Linked(there))),
                Output::Keep(node) => self.keep(node),
                Output::GiveUp(node, address) => {
                    let hub = Arc::clone(&self.hub);
                    self.with(&node, &address, |peer| {
                        losing::release(&hub, peer, "the cluster has given it up")
                    });
                }
                Output::LetGo(node, address) => {
                    let mut leaver = None;
                    self.with(&node, &address, |peer| leaver = Some(Arc::clone(peer)));
                    self.farewells.extend(leaver.map(|peer| (now + FAREWELL, peer)));
                }
                Output::Claim(plea) => {
                    if let Some(arbiter) = &mut self.arbiter {
                        arbiter.ask(self.hub.world().executor(), &plea);
                    }
                }
                Output::Answer(ticket, answer) => self.board.answer(ticket, answer),
                Output::Came(node, address, entry) => self.desk.came(node, address, entry),
                Output::Gone(node, entry) => self.desk.gone(node, &entry),
                Output::Publish(event) => self.hub.world().events().publish(|| event),
            }
        }
        if offers {
            // Once for all: each who listens is given a whole listing.
            self.desk.tell();
        }
        let Some(state) = self.council.news() else { return some };
        let over = self.council.over().is_some();
        self.board.post(state, over);
        if over {
            // Whoever waits for that goes on, perhaps to end the system: what was said last is on its way by then.
            self.reaching.end();
            self.end_claim();
            self.hub.notices().close();
            self.desk.alone();
        }
        some
    }

    /// Which side goes on is of no interest any more.
    fn end_claim(&mut self) {
        if let Some(arbiter) = &mut self.arbiter {
            arbiter.end(self.hub.world().executor());
        }
    }

    /// Only the cluster gives that node up from now on. One that was lost before is not talked to in that incarnation: whoever watches it
    /// is to find that out, as the strategy is to decide.
    fn keep(&self, node: NodeId) {
        if !self.hub.keep_member(&node) {
            self.hub.notices().push(Notice::Unlinked(node));
        }
    }

    fn send(&self, to: &NodeId, address: &str, word: &Word) {
        // Encoding fails only where memory does.
        let Ok(bytes) = postcard::to_allocvec(word) else { return };
        self.with(to, address, |peer| {
            if bytes.len() > peer.message_bytes_max() {
                return;
            }
            peer.note(&bytes);
            if peer.is_connected() || peer.is_mute() {
                return;
            }
            // What others have said of where it is may be wrong; what it has said itself is the last word.
            let address = if peer.is_proved() { peer.address() } else { address.into() };
            if !address.is_empty() && address != self.hub.address() {
                let dial = Dials::seek(&self.dials, &self.hub, &address);
                if matches!(word, Word::Probe) {
                    // Whether somebody is there is asked now.
                    dial.hasten();
                }
            }
        });
    }

    fn with(&self, node: &NodeId, address: &str, act: impl FnOnce(&Arc<Peer>)) {
        if let Ok(peer) = self.hub.peer(&node.name, node.incarnation, address) {
            act(&peer);
        }
    }

    /// Those that have left are heard no more.
    fn say_farewell(&mut self, now: Instant) {
        while self.farewells.front().is_some_and(|(until, _)| now >= *until) {
            if let Some((_, peer)) = self.farewells.pop_front() {
                losing::release(&self.hub, &peer, "it has left the cluster");
            }
        }
    }

    /// Ready when it is time to do something.
    fn poll_timer(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let farewell = self.farewells.front().map(|(until, _)| *until);
        let Some(deadline) = self.council.deadline().into_iter().chain(farewell).min() else {
            self.timer = None;
            return Poll::Pending;
        };
        if self.timer.as_ref().is_none_or(|(until, _)| *until != deadline) {
            self.timer = Some((deadline, self.hub.world().executor().sleep_until(deadline)));
        }
        let Some((_, timer)) = &mut self.timer else { return Poll::Pending };
        let polled = timer.as_mut().poll(cx);
        if polled.is_ready() {
            self.timer = None;
        }
        polled
    }
}

/// Whether what a host says of that address comes from this machine, or over no network that has ports and firewalls.
fn is_near(address: &str) -> bool {
    match address.parse::<SocketAddr>() {
        Ok(address) => address.ip().is_loopback(),
        // A name that has a port is looked up, and may be anybody's.
        Err(_) => !address.contains(':'),
    }
}

impl Future for Pump {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        for _ in 0..ROUNDS {
            this.hub.wake_at_end(cx.waker());
            if this.hub.has_ended() {
                return Poll::Ready(());
            }
            let now = this.hub.world().now();
            let some = this.take_in(now, cx) | this.give_out(now);
            this.say_farewell(now);
            if !some && this.poll_timer(cx).is_pending() {
                return Poll::Pending;
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

impl Drop for Pump {
    /// Who waits for something here waits no more.
    fn drop(&mut self) {
        self.discovery.end(self.hub.world().executor());
        self.end_claim();
        self.board.end();
        self.hub.notices().close();
    }
}
