//! One node's part in its cluster: what each machine says, handed on to the others.

mod course;
mod hearing;
mod offers;
mod strangers;

use alloc::collections::{BTreeMap, BTreeSet, VecDeque};
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use super::barrier::{BarrierError, Barriers};
use super::claim::Plea;
use super::detector::Detector;
use super::downing::Decider;
use super::event::ClusterEvent;
use super::gossip::Gossip;
use super::join::Joining;
use super::record::{Card, Record};
use super::registry::{Book, Entry};
use super::report::{News, Reporter};
use super::settings::Settings;
use super::status::MemberStatus;
use super::view::{Change, View};
use super::word::Word;
use crate::node_id::NodeId;
use crate::rng::Rng;
use crate::sync::Arc;
use crate::time::{Instant, mins, secs};
use strangers::Stranger;

/// One node's part in its cluster.
pub(crate) struct Council {
    card: Arc<Card>,
    settings: Settings,
    view: View,
    joining: Joining,
    gossip: Gossip,
    detector: Detector,
    decider: Decider,
    reporter: Reporter,
    barriers: Barriers,
    book: Book,
    /// Who has let this node in and has not told yet all that it knows, and until when that is waited for: the last of it may be lost.
    sponsor: Option<(u64, Instant)>,
    /// Nodes that there is a connection to.
    linked: BTreeSet<u64>,
    /// Nodes of which it was said that they are in another cluster.
    others: BTreeSet<u64>,
    /// Nodes that take this one for a stranger and are strangers to it: it may be that word of them is on its way.
    strangers: BTreeMap<u64, Stranger>,
    /// How this node's membership has ended.
    over: Option<MemberStatus>,
    /// When this node says that it has given itself up: what only a member may have has ended by then.
    yields_at: Option<Instant>,
    /// When this node may go, if nobody says so before.
    goes_at: Option<Instant>,
    prune_at: Instant,
    /// The view has changed, or who is known to know it.
    stirred: bool,
    output: VecDeque<Output>,
}

/// Something that has happened.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Input {
    /// Begin a cluster.
    Form,
    /// Look for one.
    Seek,
    /// Members may be at these addresses.
    Seeds(Vec<String>),
    /// That node is at an address that was to be reached.
    Found(NodeId),
    /// That node has said something.
    Said(NodeId, Word),
    /// There is a connection to that node.
    Linked(NodeId),
    /// There is none any more.
    Unlinked(NodeId),
    /// There is none any more, as neither of the two needs it.
    Rests(NodeId),
    /// The host of that address says that nobody is there, and it can be trusted.
    NobodyAt(String),
    /// That node has given this one up.
    GivenUpBy(NodeId),
    /// That node says that it is a member no more.
    Out(NodeId),
    /// Leave the cluster.
    Leave,
    /// Give that member up.
    Down(NodeId),
    /// Whether this side has the lease of that claim.
    Leased(u64, bool),
    /// Somebody waits here, with that ticket, at the barrier of that name, for so many members.
    Enter(u64, String, usize),
    /// And does not any more.
    Forget(u64),
    /// This node offers something.
    Offer(Entry),
    /// That actor is offered under that name no more.
    Withdraw(String, u64),
    /// Time has passed.
    Tick,
}

/// Something to be done.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Output {
    /// Say that to that node, which is at that address.
    Send(NodeId, String, Word),
    /// Find out where members may be.
    Discover,
    /// Talk to whoever is at that address.
    Reach(String),
    /// See whether anybody is at that address.
    Look(String),
    /// Only the cluster gives that node up from now on.
    Keep(NodeId),
    /// It has.
    GiveUp(NodeId, String),
    /// It has left, and may have last words.
    LetGo(NodeId, String),
    Publish(ClusterEvent),
    /// Ask for the lease that decides.
    Claim(Plea),
    /// Who waits with that ticket waits no more.
    Answer(u64, Result<(), BarrierError>),
    /// That node, which is at that address, offers this.
    Came(NodeId, String, Entry),
    /// It does no more.
    Gone(u64, Entry),
}

/// As long a node that may go waits for word that it is gone.
const FAREWELL: Duration = secs(3);
const PRUNING: Duration = mins(1);

impl Council {
    pub(crate) fn new(card: Card, settings: Settings, mut rng: Rng) -> Self {
        let key = card.id.incarnation;
        Self {
            joining: Joining::new(card.id.clone(), card.address.clone(), &settings, rng.split()),
            gossip: Gossip::new(key, &settings, rng.split()),
            detector: Detector::new(&settings, rng.split()),
            decider: Decider::new(key, &settings),
            reporter: Reporter::default(),
            barriers: Barriers::new(key, &settings),
            book: Book::new(key),
            view: View::new(settings.members_max),
            card: Arc::new(card),
            settings,
            sponsor: None,
            linked: BTreeSet::new(),
            others: BTreeSet::new(),
            strangers: BTreeMap::new(),
            over: None,
            yields_at: None,
            goes_at: None,
            prune_at: Instant::ORIGIN,
            stirred: false,
            output: VecDeque::new(),
        }
    }

    pub(crate) fn poll(&mut self) -> Option<Output> {
        self.output.pop_front()
    }

    /// When [`Input::Tick`] is due.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        if self.over.is_some() {
            return None;
        }
        if !self.joining.is_joined() {
            return self.joining.deadline();
        }
        let decides = match self.yields_at {
            Some(yields_at) => [Some(yields_at), None],
            None => [self.decider.deadline(), self.barriers.deadline()],
        };
        let others = [self.joining.deadline(), self.detector.deadline(), self.book.deadline(), self.goes_at];
        others.into_iter().chain(decides).flatten().chain([self.gossip.deadline(), self.prune_at]).min()
    }

    /// How this node's membership has ended, if it has.
    pub(crate) const fn over(&self) -> Option<MemberStatus> {
        self.over
    }

    /// What is new of the cluster as this node knows it, if anything is since this was asked last.
    pub(crate) fn news(&mut self) -> Option<News> {
        let yields = self.yields_at.map(|_| MemberStatus::Down);
        self.reporter.news(self.over.or(yields).or_else(|| self.view.status(self.me())))
    }

    fn me(&self) -> u64 {
        self.card.id.incarnation
    }

    pub(crate) fn handle(&mut self, now: Instant, input: Input) {
        if self.over.is_some() {
            return;
        }
        if self.joining.is_joined() {
            let late = self.detector.awake(now);
            self.decider.slept(now, late);
        }
        match input {
            Input::Form => self.form(now),
            Input::Seek => self.joining.seek(now),
            Input::Seeds(seeds) => self.seeds(now, seeds),
            Input::Found(node) => self.joining.found(node),
            Input::Said(from, word) => self.hear(now, from, word),
            Input::Linked(node) => self.linked(now, &node),
            Input::Unlinked(node) => self.unlinked(now, &node),
            Input::Rests(node) => {
                self.linked.remove(&node.incarnation);
            }
            Input::NobodyAt(address) => self.nobody_at(now, &address),
            Input::GivenUpBy(node) => self.given_up_by(now, &node),
            Input::Out(node) => self.step_to(now, node.incarnation, MemberStatus::Down),
            Input::Leave => self.leave(now),
            Input::Down(node) => self.step_to(now, node.incarnation, MemberStatus::Down),
            Input::Leased(number, granted) => {
                self.decider.ruled(number, granted);
                self.stirred = true;
            }
            Input::Enter(ticket, name, members) => self.barriers.enter(ticket, name, members),
            Input::Forget(ticket) => self.barriers.forget(ticket),
            Input::Offer(entry) => self.book.offer(entry),
            Input::Withdraw(service, actor) => self.book.withdraw(&service, actor),
            Input::Tick => {}
        }
        self.settle(now);
    }

    /// Begins a cluster of this node alone.
    fn form(&mut self, now: Instant) {
        if !self.joining.is_joined() {
            let founder = Record { age: 1, ..Record::new(Arc::clone(&self.card)) };
            self.apply(now, founder);
            self.joining.joined(now);
            self.joining.invite(|_| false);
        }
    }

    fn seeds(&mut self, now: Instant, seeds: Vec<String>) {
        if self.joining.is_joined() && !self.admits() {
            return;
        }
        let members = self.view.records().filter(|record| !record.status.is_out());
        let addresses: BTreeSet<&str> = members.map(|record| record.card.address.as_str()).collect();
        self.joining.seeds(now, seeds, |seed| addresses.contains(seed));
    }

    /// Whether this node lets others in, as a member that stays one.
    fn admits(&self) -> bool {
        let stays = self.view.status(self.me()).is_some_and(|status| status <= MemberStatus::Up);
        stays && self.yields_at.is_none()
    }

    fn leave(&mut self, now: Instant) {
        if self.view.get(self.me()).is_none() {
            return self.end(MemberStatus::Removed);
        }
        self.step_to(now, self.me(), MemberStatus::Leaving);
    }

    /// A member is at least that far from now on.
    fn step_to(&mut self, now: Instant, key: u64, status: MemberStatus) {
        if let Some(record) = self.view.get(key) {
            let record = Record { status: record.status.max(status), ..record.clone() };
            self.apply(now, record);
        }
    }

    /// This node says something of a member, and tells the others.
    fn apply(&mut self, now: Instant, record: Record) {
        if self.take_in(now, record.clone()) != Change::None {
            self.gossip.tell(&self.view, &record);
        }
    }

    /// Something is known of a member.
    fn take_in(&mut self, now: Instant, record: Record) -> Change {
        let key = record.key();
        let card = Arc::clone(&self.view.get(key).unwrap_or(&record).card);
        let change = self.view.merge(now, record);
        let Change::From(before, after) = change else { return change };
        self.stirred = true;
        if before == Some(after) {
            return change;
        }
        if key == self.me() {
            match after {
                MemberStatus::Exiting => self.goes_at = Some(now + FAREWELL),
                MemberStatus::Down | MemberStatus::Removed => self.end(after),
                MemberStatus::Joining | MemberStatus::Up | MemberStatus::Leaving => {}
            }
            return change;
        }
        match (before, after) {
            // Whoever has left has last words, also for who has missed a step of it.
            (Some(MemberStatus::Leaving | MemberStatus::Exiting), MemberStatus::Removed) => {
                self.output.push_back(Output::LetGo(card.id.clone(), card.address.clone()));
            }
            (Some(MemberStatus::Down), _) => {}
            (_, MemberStatus::Down | MemberStatus::Removed) => {
                self.output.push_back(Output::GiveUp(card.id.clone(), card.address.clone()));
            }
            (None, _) => {
                self.output.push_back(Output::Keep(card.id.clone()));
            }
            (Some(_), _) => {}
        }
        change
    }

    /// This node is a member no more: of those that were with it nothing is heard again.
    fn end(&mut self, status: MemberStatus) {
        if self.over.is_some() {
            return;
        }
        self.over = Some(status);
        if status == MemberStatus::Down {
            self.gossip.say_nothing_of_others();
        }
        for record in self.view.records().filter(|record| record.key() != self.card.id.incarnation) {
            let (id, address) = (record.card.id.clone(), record.card.address.clone());
            self.output.push_back(match status {
                MemberStatus::Removed => Output::LetGo(id, address),
                _ => Output::GiveUp(id, address),
            });
        }
    }

    fn say(&mut self, to: u64, word: Word) {
        if let Some(record) = self.view.get(to) {
            let card = Arc::clone(&record.card);
            self.send(&card, word);
        }
    }

    fn send(&mut self, to: &Card, word: Word) {
        self.output.push_back(Output::Send(to.id.clone(), to.address.clone(), word));
    }
}

#[cfg(test)]
mod alarms;
#[cfg(test)]
mod churn;
#[cfg(test)]
mod tests;
