//! The second stage of a connection: both streams, and the notes between their frames.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::mem;
use core::task::{Context, Poll};

use super::deliver::{deliver, unread};
use super::greeting::Seated;
use super::input::Input;
use super::losing;
use super::pulse::Pulse;
use super::resting::Resting;
use crate::log;
use crate::remote::{Begins, Frame, Here, Hub, Notice, Peer, Session, read};
use crate::sync::Arc;
use crate::time::Instant;
use crate::trace::TRACE_BYTES;
use crate::transport::Connection;

/// Both streams on a connection.
pub(super) struct Streams {
    seated: Seated,
    here: Arc<Here>,
    session: Box<Session>,
    /// Notes that are being said, between two chunks of the stream.
    notes: Vec<u8>,
    /// What is to be noted next: each kind once, however long it waits.
    ack_due: bool,
    ping_due: bool,
    echo_due: Option<u64>,
    /// The peer has been told that so much of its stream was had.
    acked: u64,
    resting: Resting,
    heard_at: Instant,
    /// So much of what has come in is understood, and not consumed yet.
    understood: usize,
    /// Whose message is being read, by a user's code.
    reads_for: Option<u64>,
    /// Something was heard since the last beat.
    heard: bool,
    silent: bool,
    /// Up to here the peer was asked how much it has had.
    hurried: u64,
    pulse: Pulse,
    /// Messages that have come in, and are not counted yet.
    messages: u64,
}

/// After so much of the peer's stream it is told that it was had: a small part of what may be on its way.
const ACK_BYTES: u64 = 64 << 10;
/// What a frame has beside a message: its kind, a short number, and a trace.
const FRAME_BYTES_BESIDE: usize = 16 + TRACE_BYTES;
/// So long a frame may be whatever a message may: one that looks for an actor has a path and the name of a type.
const FRAME_BYTES_MIN: usize = 16 << 10;
/// How often one poll reads or writes before others have their turn.
const ROUNDS: usize = 8;

/// How a round of reading or writing went.
enum Round {
    /// There may be more to do.
    Again,
    /// Nothing now.
    Idle,
    /// Nothing before the connection wakes.
    Blocked,
    Ends(String),
}

impl Streams {
    pub(super) fn new(hub: &Arc<Hub>, mut seated: Seated) -> Self {
        let session = seated.session.take().unwrap_or_default();
        let now = hub.world().now();
        seated.peer.set_at_rest(None);
        seated.peer.set_connected(true, now);
        hub.notices().push(Notice::Linked(seated.peer.id().clone()));
        let acked = session.received;
        let here = Here::on_link(hub, &seated.peer);
        Self {
            seated,
            here,
            session,
            notes: Vec::new(),
            ack_due: false,
            ping_due: false,
            echo_due: None,
            acked,
            resting: Resting::new(now),
            heard_at: now,
            understood: 0,
            reads_for: None,
            heard: true,
            silent: false,
            hurried: 0,
            pulse: Pulse::default(),
            messages: 0,
        }
    }

    pub(super) const fn peer(&self) -> &Arc<Peer> {
        &self.seated.peer
    }

    /// Time has passed: says that this node is here, and notes whether the peer is.
    pub(super) fn beat(&mut self, now: Instant) {
        if mem::take(&mut self.heard) {
            self.heard_at = now;
        }
        if self.notes.is_empty() {
            // Words of the cluster are long only at times.
            self.notes = Vec::new();
        }
        self.silent = now.since(self.heard_at) >= self.here.hub.limits().silence;
        self.acknowledge();
        self.ping_due = true;
        self.resting.beat(&self.here.hub, &self.seated.peer, now);
    }

    /// Whether the connection ends because nobody needs it.
    pub(super) const fn is_at_rest(&self) -> bool {
        self.resting.is_over()
    }

    fn ended(&self, cause: &str) -> Poll<String> {
        Poll::Ready(String::from(if self.is_at_rest() { "nobody needs it" } else { cause }))
    }

    /// Goes on; ready with what has ended the connection.
    pub(super) fn poll(
        &mut self,
        hub: &Arc<Hub>,
        connection: &mut Box<dyn Connection>,
        input: &mut Input,
        cx: &mut Context<'_>,
    ) -> Poll<String> {
        if self.peer().is_lost() || hub.has_ended() {
            return Poll::Ready("it was given up as lost".into());
        }
        if self.peer().is_estranged() {
            return Poll::Ready("nothing is said to it any more".into());
        }
        if self.peer().seat.is_ousted(&self.seated.claim, cx) {
            return Poll::Ready("another connection has taken over".into());
        }
        if self.silent {
            return self.ended("nothing was heard for too long");
        }
        let polled = self.take_turns(connection, input, cx);
        self.session.woken.run(hub.world());
        polled
    }

    /// Writes and reads, for as long as there is something to do and it is not too much.
    fn take_turns(
        &mut self,
        connection: &mut Box<dyn Connection>,
        input: &mut Input,
        cx: &mut Context<'_>,
    ) -> Poll<String> {
        let (mut reads, mut writes) = (Round::Again, Round::Again);
        for _ in 0..ROUNDS {
            // What was told goes first: most often that is what this was woken for.
            if matches!(writes, Round::Again) || (matches!(writes, Round::Idle) && self.has_notes()) {
                writes = self.write(connection, cx);
            }
            if matches!(reads, Round::Again) {
                reads = self.read(connection, input, cx);
            }
            match (&reads, &writes) {
                (Round::Ends(cause), _) | (_, Round::Ends(cause)) => return self.ended(cause),
                (Round::Again, _) | (_, Round::Again) => {}
                (_, Round::Blocked) => return Poll::Pending,
                (_, Round::Idle) if !self.has_notes() => return Poll::Pending,
                (_, Round::Idle) => {}
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    fn write(&mut self, connection: &mut Box<dyn Connection>, cx: &mut Context<'_>) -> Round {
        // What is noted waits for one chunk of the stream at most.
        let notes = self.session.retained.is_between() && self.note();
        let session = &mut *self.session;
        if !notes && session.retained.unwritten().is_empty() && !self.resting.has_agreed() {
            let (peer, spare) = (&self.seated.peer, session.retained.spare());
            let next = peer.take_over(spare, &mut self.notes, cx.waker());
            if next.is_some() || !self.notes.is_empty() {
                self.resting.spoke();
            }
            session.retained.append(next.unwrap_or_default());
        }
        let bytes = if notes { &self.notes[..] } else { session.retained.unwritten() };
        if bytes.is_empty() {
            return self.hurry();
        }
        // A transport is anybody's code: one that says to have taken more than there was has taken all.
        let written = connection.poll_write(cx, bytes).map_ok(|written| written.min(bytes.len()));
        if let Poll::Ready(Ok(bytes)) = written {
            self.seated.peer.tally.wrote(bytes);
        }
        match written {
            Poll::Ready(Ok(0)) => Round::Ends("it was closed".into()),
            Poll::Ready(Ok(bytes)) if notes => {
                self.notes.drain(..bytes);
                // The rest of a note comes before any frame: there is nothing to keep apart.
                Round::Again
            }
            Poll::Ready(Ok(bytes)) => {
                session.retained.wrote(bytes);
                Round::Again
            }
            Poll::Ready(Err(error)) => Round::Ends(error.cause),
            Poll::Pending => Round::Blocked,
        }
    }

    /// All has been said. At the end of the system the peer is asked to say how much of it it has had.
    fn hurry(&mut self) -> Round {
        let end = self.session.retained.end();
        if !self.here.hub.hurries() || self.hurried == end {
            return Round::Idle;
        }
        self.hurried = end;
        self.ping_due = true;
        Round::Again
    }

    /// Whether there is something to note.
    const fn has_notes(&self) -> bool {
        let due = self.ping_due || self.ack_due || self.echo_due.is_some() || self.resting.has_notes();
        !self.notes.is_empty() || (due && !self.resting.is_over())
    }

    /// Says how much was had, if that is news.
    const fn acknowledge(&mut self) {
        self.ack_due = self.session.received > self.acked;
    }

    /// Puts what is to be noted into words, unless earlier ones are still being said; whether there are any.
    fn note(&mut self) -> bool {
        if self.notes.is_empty() && self.has_notes() {
            if mem::take(&mut self.ack_due) {
                self.acked = self.session.received;
                Frame::Ack { received: self.acked }.write(&mut self.notes);
            }
            if let Some(number) = self.echo_due.take() {
                Frame::Echo { number }.write(&mut self.notes);
            }
            if mem::take(&mut self.ping_due) {
                let number = self.pulse.ask(self.here.hub.world().now(), self.here.hub.limits().silence);
                number.map_or(Frame::Ping, |number| Frame::Probe { number }).write(&mut self.notes);
            }
            self.resting.note(&mut self.notes);
        }
        !self.notes.is_empty()
    }

    fn read(
        &mut self,
        connection: &mut Box<dyn Connection>,
        input: &mut Input,
        cx: &mut Context<'_>,
    ) -> Round {
        // What came with the last words of the handshake is there before anything is read.
        if let Err(cause) = self.understand(input) {
            return Round::Ends(cause);
        }
        match input.poll_fill(connection, cx) {
            Poll::Ready(Ok(0)) => Round::Ends("the peer has closed it".into()),
            Poll::Ready(Ok(bytes)) => {
                self.heard = true;
                self.peer().tally.read(bytes);
                match self.understand(input) {
                    Ok(()) => Round::Again,
                    Err(cause) => Round::Ends(cause),
                }
            }
            Poll::Ready(Err(error)) => Round::Ends(error.cause),
            Poll::Pending => Round::Blocked,
        }
    }

    /// Understands all frames that are there. A panic of a user's code costs the message that it was about.
    fn understand(&mut self, input: &mut Input) -> Result<(), String> {
        let hub = Arc::clone(&self.here.hub);
        let executor = hub.world().executor();
        let outcome = loop {
            let mut outcome = Ok(());
            let guarded = executor.guard(&mut || outcome = self.frames(input));
            if guarded.is_ok() {
                break outcome;
            }
            // It goes on with the frame that comes next: nobody says this one again. Who hears of it is anybody, and may panic too.
            let alias = self.reads_for.take();
            let _ = executor.guard(&mut || unread(&hub, &self.seated.peer, &mut self.session, alias));
        };
        // Each that panics is one less.
        while executor.guard(&mut || self.session.woken.wake_askers()).is_err() {}
        outcome?;
        let messages = mem::take(&mut self.messages);
        if messages > 0 {
            self.peer().tally.messages_received(messages);
        }
        if self.peer().overflows() {
            return Err(self.misunderstood(String::from("it asks for more than it takes")));
        }
        let ack_bytes = ACK_BYTES.min(self.here.hub.limits().link_bytes_max as u64 / 4);
        if self.session.received - self.acked >= ack_bytes {
            self.acknowledge();
        }
        Ok(())
    }

    fn frames(&mut self, input: &mut Input) -> Result<(), String> {
        let message_bytes_max = self.here.hub.limits().message_bytes_max;
        let bytes_max = message_bytes_max.saturating_add(FRAME_BYTES_BESIDE).max(FRAME_BYTES_MIN);
        loop {
            let there = &input.there()[self.understood..];
            match read(there, bytes_max) {
                Ok(Begins::Frame(frame, bytes)) => {
                    // Before anybody hears of it: should that panic, it is done with all the same.
                    self.understood += bytes;
                    self.reads_for = frame.alias();
                    if !frame.is_note() {
                        self.session.received += bytes as u64;
                        self.messages += u64::from(frame.is_message());
                        self.resting.spoke();
                    }
                    if log::ENABLED && !matches!(frame, Frame::Tell { .. }) {
                        log::heard(frame.name());
                    }
                    if !frame.is_note() || !self.noted(frame)? {
                        deliver(&self.here, &mut self.session, frame)
                            .map_err(|cause| self.misunderstood(cause))?;
                    }
                }
                Ok(Begins::Short(whole)) => {
                    let begun = !there.is_empty();
                    input.consume(mem::take(&mut self.understood));
                    if begun {
                        input.make_room(whole);
                    }
                    return Ok(());
                }
                Err(malformed) => {
                    let cause = alloc::format!("it said what is no frame: {malformed:?}");
                    return Err(self.misunderstood(cause));
                }
            }
        }
    }

    /// Heeds a note that is about this connection and nothing else; whether it is one.
    fn noted(&mut self, note: Frame<'_>) -> Result<bool, String> {
        match note {
            Frame::Ping => self.acknowledge(),
            Frame::Probe { number } => {
                self.acknowledge();
                self.echo_due = Some(number);
            }
            Frame::Echo { number } => {
                let round_trip = self.pulse.answered(number, self.here.hub.world().now());
                round_trip.into_iter().for_each(|round_trip| self.peer().tally.answered(round_trip));
            }
            Frame::Rest => self.resting.offered(&self.here.hub, &self.seated.peer),
            Frame::Bye => {
                self.resting.agreed();
                return Err(String::new());
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// The peer says what nobody here understands, or does what nobody does: it would only do so again on another connection.
    fn misunderstood(&self, cause: String) -> String {
        losing::break_with(&self.here.hub, self.peer(), &cause);
        cause
    }
}

impl Drop for Streams {
    fn drop(&mut self) {
        let (mut session, now) = (mem::take(&mut self.session), self.here.hub.world().now());
        let (id, rests) = (self.peer().id().clone(), self.is_at_rest());
        // If it was a panic that ended the connection, those who were woken still wait.
        session.woken.run(self.here.hub.world());
        if rests {
            session.retained.forget_spare();
        }
        self.peer().set_at_rest(rests.then_some(now));
        self.peer().set_connected(false, now);
        self.here.hub.notices().push(if rests { Notice::Rests(id) } else { Notice::Unlinked(id) });
        self.here.hub.arrived();
        self.seated.session = Some(session);
    }
}
