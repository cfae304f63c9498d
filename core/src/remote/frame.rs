//! What travels on a link, as bytes: a length, a kind, and what belongs to it.
//!
//! ```text
//! length of what follows (varint) · kind (one byte) · body
//! ```
//!
//! Frames of the *stream* are counted, acknowledged, and sent again after a connection was lost. *Notes* are about the
//! connection itself and are forgotten with it.

use core::str;

use super::varint;
use crate::trace::TRACE_BYTES;

mod name;
mod writing;

/// One frame. What it borrows is in the bytes it was read from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Frame<'a> {
    /// From now on this alias is that actor, which takes messages of that name.
    Alias { alias: u64, actor: u64, name: &'a str },
    /// A message to the actor of an alias.
    Tell { alias: u64, message: &'a [u8] },
    /// The reply to an ask of yours.
    Reply { ask: u64, reply: &'a [u8] },
    /// There will be no reply to an ask of yours.
    LetGo { ask: u64 },
    /// Tell me of the end of that actor of yours.
    Watch { actor: u64 },
    /// I need not be told any more.
    Unwatch { actor: u64 },
    /// That actor of mine has ended.
    Terminated { actor: u64 },
    /// Which actor of yours stands there, and takes messages of that name?
    Lookup { ask: u64, name: &'a str, path: &'a str },
    /// A message to the actor of an alias: how long it is, and what it was compressed to.
    TellCompressed { alias: u64, message: &'a [u8] },
    /// The reply to an ask of yours: how long it is, and what it was compressed to.
    ReplyCompressed { ask: u64, reply: &'a [u8] },
    /// A part of a message, of which more follows: others may come in between.
    Part { bytes: &'a [u8] },
    /// The parts are all there: they are the message of a frame of that kind, to or for that number.
    Whole { kind: u8, number: u64 },
    /// A message to the actor of an alias, after the trace that it is of.
    TracedTell { alias: u64, message: &'a [u8] },
    /// The same of one that was compressed: the trace, how long it is, and what it was compressed to.
    TracedTellCompressed { alias: u64, message: &'a [u8] },
    /// A note: I have had the stream up to here.
    Ack { received: u64 },
    /// A note: I am here; say how much you have had.
    Ping,
    /// A note: I need this connection no more.
    Rest,
    /// A note: nor do I, and I say nothing more on it.
    Bye,
    /// A note: the same, and say this number back, so that I know how long that takes.
    Probe { number: u64 },
    /// A note: you have asked me to say this number.
    Echo { number: u64 },
    /// A note: about the cluster that both are in, or are to be.
    Cluster { word: &'a [u8] },
}

/// The kinds of frames, and which of them are notes.
mod kind {
    pub(super) const TELL: u8 = 0;
    pub(super) const ALIAS: u8 = 1;
    pub(super) const REPLY: u8 = 2;
    pub(super) const LET_GO: u8 = 3;
    pub(super) const WATCH: u8 = 4;
    pub(super) const UNWATCH: u8 = 5;
    pub(super) const TERMINATED: u8 = 6;
    pub(super) const LOOKUP: u8 = 7;
    pub(super) const TELL_COMPRESSED: u8 = 8;
    pub(super) const REPLY_COMPRESSED: u8 = 9;
    pub(super) const PART: u8 = 10;
    pub(super) const WHOLE: u8 = 11;
    pub(super) const TRACED_TELL: u8 = 12;
    pub(super) const TRACED_TELL_COMPRESSED: u8 = 13;
    pub(super) const NOTES: u8 = 0x80;
    pub(super) const ACK: u8 = 0x80;
    pub(super) const PING: u8 = 0x81;
    pub(super) const REST: u8 = 0x82;
    pub(super) const BYE: u8 = 0x83;
    pub(super) const PROBE: u8 = 0x84;
    pub(super) const ECHO: u8 = 0x85;
    pub(super) const CLUSTER: u8 = 0x90;
}

/// Why bytes are not a frame.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Malformed {
    /// The length is no number.
    Length,
    /// It has no kind.
    Empty,
    /// It is longer than a frame may be.
    Long { bytes: u64 },
    /// Nobody here knows its kind.
    Kind(u8),
    /// What belongs to a frame of this kind is not all there, or there is more.
    Body(u8),
}

/// What stands at the beginning of some bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Begins<'a> {
    /// A frame, and how many bytes it took.
    Frame(Frame<'a>, usize),
    /// The beginning of one; of the whole at least that many bytes are wanted.
    Short(usize),
}

/// Reads the frame at the beginning of `bytes`.
///
/// Part of its caller, with all that nearly every frame needs: an answer that goes through memory is read again before it is all
/// written, and waits for everything that was written before it, such as what lies in other mailboxes.
#[inline(always)]
pub(crate) fn read(bytes: &[u8], bytes_max: usize) -> Result<Begins<'_>, Malformed> {
    let (length, prefix) = match varint::read(bytes) {
        varint::Read::Number(length, prefix) => (length, prefix),
        varint::Read::Short => return Ok(Begins::Short(bytes.len() + 1)),
        varint::Read::Malformed => return Err(Malformed::Length),
    };
    if length > bytes_max as u64 {
        return Err(Malformed::Long { bytes: length });
    }
    let end = prefix.saturating_add(length as usize);
    let Some(frame) = bytes.get(prefix..end) else { return Ok(Begins::Short(end)) };
    let (kind, body) = frame.split_first().ok_or(Malformed::Empty)?;
    let parsed = if *kind == kind::TELL { tell(Body(body)) } else { parse(*kind, Body(body)) };
    match parsed {
        Some(frame) => Ok(Begins::Frame(frame, end)),
        None if known(*kind) => Err(Malformed::Body(*kind)),
        None => Err(Malformed::Kind(*kind)),
    }
}

const fn known(kind: u8) -> bool {
    matches!(kind, kind::TELL..=kind::TRACED_TELL_COMPRESSED | kind::ACK..=kind::ECHO | kind::CLUSTER)
}

#[inline(always)]
fn tell(mut body: Body<'_>) -> Option<Frame<'_>> {
    Some(Frame::Tell { alias: body.number()?, message: body.rest() })
}

#[inline(never)]
fn parse(kind: u8, mut body: Body<'_>) -> Option<Frame<'_>> {
    let frame = match kind {
        kind::REPLY => Frame::Reply { ask: body.number()?, reply: body.rest() },
        kind::ALIAS => Frame::Alias { alias: body.number()?, actor: body.number()?, name: body.text()? },
        kind::LET_GO => Frame::LetGo { ask: body.number()? },
        kind::WATCH => Frame::Watch { actor: body.number()? },
        kind::UNWATCH => Frame::Unwatch { actor: body.number()? },
        kind::TERMINATED => Frame::Terminated { actor: body.number()? },
        kind::LOOKUP => Frame::Lookup { ask: body.number()?, name: body.text()?, path: body.text()? },
        kind::TELL_COMPRESSED => Frame::TellCompressed { alias: body.number()?, message: body.rest() },
        kind::REPLY_COMPRESSED => Frame::ReplyCompressed { ask: body.number()?, reply: body.rest() },
        kind::PART => Frame::Part { bytes: body.rest() },
        kind::WHOLE => Frame::Whole { kind: body.whole()?, number: body.number()? },
        kind::TRACED_TELL => Frame::TracedTell { alias: body.number()?, message: body.rest() },
        kind::TRACED_TELL_COMPRESSED => {
            Frame::TracedTellCompressed { alias: body.number()?, message: body.rest() }
        }
        kind::ACK => Frame::Ack { received: body.number()? },
        kind::PING => Frame::Ping,
        kind::REST => Frame::Rest,
        kind::BYE => Frame::Bye,
        kind::PROBE => Frame::Probe { number: body.number()? },
        kind::ECHO => Frame::Echo { number: body.number()? },
        kind::CLUSTER => Frame::Cluster { word: body.rest() },
        _ => return None,
    };
    body.0.is_empty().then_some(frame)
}

/// What is left of a body.
struct Body<'a>(&'a [u8]);

impl<'a> Body<'a> {
    #[inline]
    fn number(&mut self) -> Option<u64> {
        let varint::Read::Number(number, bytes) = varint::read(self.0) else { return None };
        self.0 = &self.0[bytes..];
        Some(number)
    }

    /// The kind of a frame that may come in parts.
    fn whole(&mut self) -> Option<u8> {
        let (kind, rest) = self.0.split_first()?;
        self.0 = rest;
        Frame::of_parts(*kind, 0, &[]).map(|_| *kind)
    }

    fn text(&mut self) -> Option<&'a str> {
        let bytes = usize::try_from(self.number()?).ok()?;
        let (text, rest) = self.0.split_at_checked(bytes)?;
        self.0 = rest;
        str::from_utf8(text).ok()
    }

    #[inline]
    const fn rest(&mut self) -> &'a [u8] {
        let rest = self.0;
        self.0 = &[];
        rest
    }
}

impl<'a> Frame<'a> {
    /// The frame of that kind, to or for that number, with a message that came in parts.
    pub(crate) const fn of_parts(kind: u8, number: u64, message: &'a [u8]) -> Option<Self> {
        match kind {
            kind::TELL => Some(Self::Tell { alias: number, message }),
            kind::REPLY => Some(Self::Reply { ask: number, reply: message }),
            kind::TELL_COMPRESSED => Some(Self::TellCompressed { alias: number, message }),
            kind::REPLY_COMPRESSED => Some(Self::ReplyCompressed { ask: number, reply: message }),
            kind::TRACED_TELL => Some(Self::TracedTell { alias: number, message }),
            kind::TRACED_TELL_COMPRESSED => Some(Self::TracedTellCompressed { alias: number, message }),
            _ => None,
        }
    }
}

impl<'a> Frame<'a> {
    /// Whether it has, or ends, a message of a trace.
    pub(crate) const fn is_traced(&self) -> bool {
        matches!(
            self,
            Self::TracedTell { .. }
                | Self::TracedTellCompressed { .. }
                | Self::Whole { kind: kind::TRACED_TELL | kind::TRACED_TELL_COMPRESSED, .. }
        )
    }

    /// The same without its trace, if it has one.
    pub(super) fn untraced(&self) -> Self {
        let plain = |message: &'a [u8]| message.get(TRACE_BYTES..).unwrap_or_default();
        match *self {
            Self::TracedTell { alias, message } => Self::Tell { alias, message: plain(message) },
            Self::TracedTellCompressed { alias, message } => {
                Self::TellCompressed { alias, message: plain(message) }
            }
            Self::Whole { kind: kind::TRACED_TELL, number } => Self::Whole { kind: kind::TELL, number },
            Self::Whole { kind: kind::TRACED_TELL_COMPRESSED, number } => {
                Self::Whole { kind: kind::TELL_COMPRESSED, number }
            }
            _ => *self,
        }
    }
}

impl Frame<'_> {
    /// What is said instead of it when its message has gone in parts.
    pub(super) const fn whole(&self) -> Self {
        match self {
            Self::Tell { alias: number, .. }
            | Self::Reply { ask: number, .. }
            | Self::TellCompressed { alias: number, .. }
            | Self::ReplyCompressed { ask: number, .. }
            | Self::TracedTell { alias: number, .. }
            | Self::TracedTellCompressed { alias: number, .. } => {
                Self::Whole { kind: self.kind(), number: *number }
            }
            _ => *self,
        }
    }

    /// Whom a message is for, if it is one to an actor.
    #[inline]
    pub(crate) const fn alias(&self) -> Option<u64> {
        match self {
            Self::Tell { alias: number, .. }
            | Self::TellCompressed { alias: number, .. }
            | Self::TracedTell { alias: number, .. }
            | Self::TracedTellCompressed { alias: number, .. }
            | Self::Whole {
                kind: kind::TELL | kind::TELL_COMPRESSED | kind::TRACED_TELL | kind::TRACED_TELL_COMPRESSED,
                number,
            } => Some(*number),
            _ => None,
        }
    }

    /// Which ask a message is the reply to, if it is one.
    pub(super) const fn answers(&self) -> Option<u64> {
        match self {
            Self::Reply { ask, .. }
            | Self::ReplyCompressed { ask, .. }
            | Self::Whole { kind: kind::REPLY | kind::REPLY_COMPRESSED, number: ask } => Some(*ask),
            _ => None,
        }
    }

    /// Whether it is about the connection and not of the stream.
    pub(crate) const fn is_note(&self) -> bool {
        self.kind() >= kind::NOTES
    }

    /// Whether an actor, or who asked one, is told something by it.
    pub(crate) const fn is_message(&self) -> bool {
        matches!(
            self,
            Self::Tell { .. }
                | Self::Reply { .. }
                | Self::TellCompressed { .. }
                | Self::ReplyCompressed { .. }
                | Self::TracedTell { .. }
                | Self::TracedTellCompressed { .. }
                | Self::Whole { .. }
        )
    }

    const fn kind(&self) -> u8 {
        match self {
            Self::Tell { .. } => kind::TELL,
            Self::Alias { .. } => kind::ALIAS,
            Self::Reply { .. } => kind::REPLY,
            Self::LetGo { .. } => kind::LET_GO,
            Self::Watch { .. } => kind::WATCH,
            Self::Unwatch { .. } => kind::UNWATCH,
            Self::Terminated { .. } => kind::TERMINATED,
            Self::Lookup { .. } => kind::LOOKUP,
            Self::TellCompressed { .. } => kind::TELL_COMPRESSED,
            Self::ReplyCompressed { .. } => kind::REPLY_COMPRESSED,
            Self::Part { .. } => kind::PART,
            Self::Whole { .. } => kind::WHOLE,
            Self::TracedTell { .. } => kind::TRACED_TELL,
            Self::TracedTellCompressed { .. } => kind::TRACED_TELL_COMPRESSED,
            Self::Ack { .. } => kind::ACK,
            Self::Ping => kind::PING,
            Self::Rest => kind::REST,
            Self::Bye => kind::BYE,
            Self::Probe { .. } => kind::PROBE,
            Self::Echo { .. } => kind::ECHO,
            Self::Cluster { .. } => kind::CLUSTER,
        }
    }
}

#[cfg(test)]
mod tests;
