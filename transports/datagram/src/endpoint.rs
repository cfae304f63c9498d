//! One end of a carrier of datagrams: all conversations that go through it.

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet, VecDeque};
use alloc::vec::Vec;
use core::hash::Hash;
use core::task::Poll;

use casty_core::Instant;

use crate::conversation::Conversation;
use crate::dial::Dial;
use crate::ended::Ended;
use crate::seed::Seed;
use crate::settings::Settings;
use crate::wire::Datagram;

mod hearing;
mod line;

use line::{Line, Standing, Talk};

/// A conversation of an [`Endpoint`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Key(u64);

/// What an [`Endpoint`] is told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Input<'a, A> {
    /// A datagram has come in, from this address: anything, by anyone.
    Datagram(A, &'a [u8]),
    /// Time has passed, perhaps up to [`Endpoint::deadline`].
    Time,
}

/// What an [`Endpoint`] wants.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Output<A> {
    /// The bytes that were written are to go there.
    Send(A),
    /// This conversation has come about, can be read, takes more, or has ended: whoever waits for that should look.
    News(Key),
    /// Somebody has begun a conversation: whoever waits for one should [`Endpoint::accept`].
    Caller,
}

/// What was ignored, counted since the endpoint began.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
#[non_exhaustive]
pub struct Counters {
    /// Datagrams that say nothing.
    pub malformed: u64,
    /// Datagrams of conversations that there are not, or not with that address.
    pub stray: u64,
    /// Conversations that were not taken.
    pub refused: u64,
    /// Greetings that were answered by a cookie.
    pub greeted: u64,
    /// Answers to strangers that were not said, because too many had to be.
    pub unanswered: u64,
}

/// All conversations through one socket, one serial line, one radio. `A` is what addresses are there; `()` where there is one peer.
///
/// It is a machine: it is told what has come in and what time it is, and says what is to be sent and until when it need not be asked again. After
/// each call, [`Self::poll`] is to be called until it says nothing, and [`Input::Time`] handed in at [`Self::deadline`].
///
/// Its memory is bounded by its [`Settings`]: `receive_bytes_max + send_bytes_max` for each conversation, and a hundred bytes for each of `packets_max`;
/// buffers grow by doubling, to twice as much at most. Strangers, whose address is not proved, take none, and whose is, no more than a few times
/// what they have sent, and a beginning of some twenty datagrams.
///
/// ```
/// use std::task::Poll;
///
/// use casty_datagram::{Endpoint, Input, Output, Seed, Settings};
/// # use casty_core::Instant;
///
/// let now = Instant::ORIGIN;
/// let (mut here, mut there) =
///     (Endpoint::new(Settings::default(), Seed::new([1; 32])), Endpoint::new(Settings::default(), Seed::new([2; 32])));
/// there.listen(true);
/// let key = here.dial(now, ()).unwrap();
///
/// // A wire: what one of them sends, the other hears.
/// let wire = |from: &mut Endpoint<()>, to: &mut Endpoint<()>| {
///     let (mut datagram, mut any) = (Vec::new(), false);
///     while let Some(output) = from.poll(now, &mut datagram) {
///         if let Output::Send(()) = output {
///             to.handle(now, Input::Datagram((), &datagram));
///             any = true;
///         }
///     }
///     any
/// };
/// while wire(&mut here, &mut there) | wire(&mut there, &mut here) {}
///
/// assert_eq!(here.opened(key), Ok(true));
/// assert_eq!(here.write(now, key, b"hello"), Poll::Ready(Ok(5)));
/// while wire(&mut here, &mut there) | wire(&mut there, &mut here) {}
/// let caller = there.accept().unwrap();
/// let mut bytes = [0; 8];
/// assert_eq!(there.read(now, caller, &mut bytes), Poll::Ready(Ok(5)));
/// assert_eq!(&bytes[..5], b"hello");
/// ```
#[derive(Debug)]
pub struct Endpoint<A> {
    settings: Settings,
    seed: Seed,
    listening: bool,
    lines: BTreeMap<u64, Line<A>>,
    /// What peers call their ends, and what these are called here.
    peers: BTreeMap<(A, u64), u64>,
    /// Those whose callers have said nothing yet, the oldest first.
    half_open: VecDeque<u64>,
    /// Those that nobody has taken yet.
    backlog: VecDeque<u64>,
    /// Those that may have something to say.
    ready: VecDeque<u64>,
    alarms: BTreeSet<(Instant, u64)>,
    news: VecDeque<u64>,
    callers: bool,
    /// What is said outside of conversations.
    answers: VecDeque<(A, Datagram<'static>)>,
    counters: Counters,
}

/// So many answers to strangers wait at most; what would be one more they have to ask for again.
const ANSWERS_MAX: usize = 64;

impl<A: Clone + Ord + Hash> Endpoint<A> {
    /// An endpoint without conversations, that takes none either.
    #[must_use]
    pub fn new(settings: Settings, seed: Seed) -> Self {
        Self {
            settings,
            seed,
            listening: false,
            lines: BTreeMap::new(),
            peers: BTreeMap::new(),
            half_open: VecDeque::new(),
            backlog: VecDeque::new(),
            ready: VecDeque::new(),
            alarms: BTreeSet::new(),
            news: VecDeque::new(),
            callers: false,
            answers: VecDeque::new(),
            counters: Counters::default(),
        }
    }

    /// Takes conversations of others from now on, or takes none any more. Those that nobody has accepted then end.
    pub fn listen(&mut self, listening: bool) {
        self.listening = listening;
        if listening {
            return;
        }
        let waiting: Vec<u64> = self.half_open.drain(..).chain(self.backlog.drain(..)).collect();
        waiting.into_iter().for_each(|name| self.forget(name, true));
    }

    /// Begins a conversation with whoever is at `peer`; [`Self::opened`] says how that goes.
    ///
    /// # Errors
    ///
    /// When there are as many conversations as there may be: [`Ended::Busy`].
    pub fn dial(&mut self, now: Instant, peer: A) -> Result<Key, Ended> {
        if self.lines.len() >= self.settings.conversations_max {
            return Err(Ended::Busy);
        }
        let name = self.seed.name();
        let talk = Talk::Dialing(Dial::new(now, &self.settings));
        self.lines.insert(name, Line::new(peer, talk, Standing::Taken));
        self.settle(name);
        self.make_ready(name);
        Ok(Key(name))
    }

    /// Whether a dialed conversation has come about.
    ///
    /// # Errors
    ///
    /// Why it has not, and will not.
    pub fn opened(&self, key: Key) -> Result<bool, Ended> {
        let line = self.lines.get(&key.0).ok_or(Ended::Unknown)?;
        line.talk.ended().map_or(Ok(matches!(line.talk, Talk::Talking(_))), Err)
    }

    /// The next conversation that somebody else has begun.
    pub fn accept(&mut self) -> Option<Key> {
        let name = self.backlog.pop_front()?;
        if let Some(line) = self.lines.get_mut(&name) {
            line.standing = Standing::Taken;
        }
        Some(Key(name))
    }

    /// Where the other end of a conversation is.
    #[must_use]
    pub fn peer(&self, key: Key) -> Option<&A> {
        self.lines.get(&key.0).map(|line| &line.peer)
    }

    /// Reads some of what the other end has said: how many bytes, and zero at its end.
    ///
    /// Pending means that there is nothing yet; there will be news.
    pub fn read(&mut self, now: Instant, key: Key, into: &mut [u8]) -> Poll<Result<usize, Ended>> {
        let Some(talking) = self.talking(key) else { return Poll::Ready(Err(Ended::Unknown)) };
        let read = talking.read(now, into);
        if read.is_ready() {
            self.touched(key.0);
        }
        read
    }

    /// Says some of the bytes: how many.
    ///
    /// Pending means that none were taken, as too many wait to be heard; there will be news.
    pub fn write(&mut self, _now: Instant, key: Key, bytes: &[u8]) -> Poll<Result<usize, Ended>> {
        let Some(talking) = self.talking(key) else { return Poll::Ready(Err(Ended::Unknown)) };
        let written = talking.write(bytes);
        if written.is_ready() {
            self.touched(key.0);
        }
        written
    }

    /// Ends a conversation, here and there: what was written is still delivered, and then the other end reads that it is the end.
    ///
    /// It is not known here any more, and goes on without its owner for at most [`Settings::linger`].
    pub fn close(&mut self, now: Instant, key: Key) {
        if let Some(line) = self.lines.get_mut(&key.0) {
            line.close(now);
            self.touched(key.0);
        }
    }

    /// Ends a dial: somebody else knows that nobody is there.
    pub fn refused(&mut self, key: Key) {
        if let Some(Line { talk: Talk::Dialing(dial), dialed, .. }) = self.lines.get_mut(&key.0) {
            dial.end(Ended::Refused);
            *dialed = true;
            self.touched(key.0);
        }
    }

    /// What it wants next: until it wants nothing. What is to be sent is in `datagram` then.
    pub fn poll(&mut self, now: Instant, datagram: &mut Vec<u8>) -> Option<Output<A>> {
        datagram.clear();
        if let Some((to, answer)) = self.answers.pop_front() {
            answer.write(datagram);
            return Some(Output::Send(to));
        }
        while let Some(name) = self.ready.pop_front() {
            let Some(line) = self.lines.get_mut(&name) else { continue };
            if line.poll(now, name, &self.settings, datagram) {
                // The others come before its next one.
                self.ready.push_back(name);
                return Some(Output::Send(line.peer.clone()));
            }
            line.is_ready = false;
            self.settle(name);
        }
        if core::mem::take(&mut self.callers) {
            return Some(Output::Caller);
        }
        let name = self.news.pop_front()?;
        if let Some(line) = self.lines.get_mut(&name) {
            line.has_news = false;
        }
        Some(Output::News(Key(name)))
    }

    /// When it is to be told that time has passed, if nothing else happens before.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        self.alarms.first().map(|(at, _)| *at)
    }

    /// Whether there is no conversation, and nothing to be said.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.lines.is_empty() && self.answers.is_empty()
    }

    /// How many conversations there are, those that end included.
    #[must_use]
    pub fn conversations(&self) -> usize {
        self.lines.len()
    }

    /// How many bytes wait to be read, or to be heard by the other ends.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.lines.values().map(|line| line.talk.bytes()).sum()
    }

    /// What was ignored.
    #[must_use]
    pub const fn counters(&self) -> Counters {
        self.counters
    }

    fn talking(&mut self, key: Key) -> Option<&mut Conversation> {
        match &mut self.lines.get_mut(&key.0)?.talk {
            Talk::Talking(talking) if !talking.is_closed() => Some(talking),
            _ => None,
        }
    }

    /// Something has happened in a conversation: it may have something to say, and be due at another time.
    fn touched(&mut self, name: u64) {
        self.settle(name);
        self.make_ready(name);
    }

    fn make_ready(&mut self, name: u64) {
        if let Some(line) = self.lines.get_mut(&name)
            && !core::mem::replace(&mut line.is_ready, true)
        {
            self.ready.push_back(name);
        }
    }

    /// Draws what follows from the state of a conversation: its alarm, its news, its end.
    fn settle(&mut self, name: u64) {
        let Some(line) = self.lines.get_mut(&name) else { return };
        if line.is_over() {
            let abandoned = line.talk.ended().is_some();
            self.forget(name, abandoned);
            return;
        }
        let alarm = line.talk.deadline();
        if alarm != line.alarm {
            line.alarm.map(|at| self.alarms.remove(&(at, name)));
            alarm.map(|at| self.alarms.insert((at, name)));
            line.alarm = alarm;
        }
        if line.take_news() && !core::mem::replace(&mut line.has_news, true) {
            self.news.push_back(name);
        }
    }

    /// Removes a conversation, and says so to the other end when that cannot know it.
    fn forget(&mut self, name: u64, say: bool) {
        let Some(line) = self.lines.remove(&name) else { return };
        line.alarm.map(|at| self.alarms.remove(&(at, name)));
        if let Talk::Talking(talking) = line.talk {
            self.peers.remove(&(line.peer.clone(), talking.peer()));
            self.half_open.retain(|half| *half != name);
            self.backlog.retain(|waiting| *waiting != name);
            // There are not more of these than there are conversations.
            if say {
                self.answers.push_back((line.peer, Datagram::Gone { sender: name }));
            }
        }
    }

    fn answer(&mut self, to: A, answer: Datagram<'static>) {
        if self.answers.len() < ANSWERS_MAX {
            self.answers.push_back((to, answer));
        } else {
            self.counters.unanswered += 1;
        }
    }

    fn expire(&mut self, now: Instant) {
        while let Some((at, name)) = self.alarms.first().copied().filter(|(at, _)| *at <= now) {
            self.alarms.remove(&(at, name));
            if let Some(line) = self.lines.get_mut(&name) {
                line.alarm = None;
                line.expire(now);
                self.make_ready(name);
            }
        }
    }

    fn talk(talking: Conversation) -> Talk {
        Talk::Talking(Box::new(talking))
    }
}
