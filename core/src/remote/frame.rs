//! What travels on a link, as bytes: a length, a kind, and what belongs to it.
//!
//! ```text
//! length of what follows (varint) · kind (one byte) · body
//! ```
//!
//! Frames of the *stream* are counted, acknowledged, and sent again after a connection was lost. *Notes* are about the
//! connection itself and are forgotten with it.

use alloc::vec::Vec;
use core::str;

use super::varint;

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
    /// A note: I have had the stream up to here.
    Ack { received: u64 },
    /// A note: I am here; say how much you have had.
    Ping,
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
    pub(super) const NOTES: u8 = 0x80;
    pub(super) const ACK: u8 = 0x80;
    pub(super) const PING: u8 = 0x81;
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
#[inline]
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
    match parse(*kind, Body(body)) {
        Some(frame) => Ok(Begins::Frame(frame, end)),
        None if known(*kind) => Err(Malformed::Body(*kind)),
        None => Err(Malformed::Kind(*kind)),
    }
}

const fn known(kind: u8) -> bool {
    matches!(kind, kind::TELL..=kind::LOOKUP | kind::ACK..=kind::PING | kind::CLUSTER)
}

#[inline]
fn parse(kind: u8, mut body: Body<'_>) -> Option<Frame<'_>> {
    let frame = match kind {
        kind::TELL => Frame::Tell { alias: body.number()?, message: body.rest() },
        kind::REPLY => Frame::Reply { ask: body.number()?, reply: body.rest() },
        kind::ALIAS => Frame::Alias { alias: body.number()?, actor: body.number()?, name: body.text()? },
        kind::LET_GO => Frame::LetGo { ask: body.number()? },
        kind::WATCH => Frame::Watch { actor: body.number()? },
        kind::UNWATCH => Frame::Unwatch { actor: body.number()? },
        kind::TERMINATED => Frame::Terminated { actor: body.number()? },
        kind::LOOKUP => Frame::Lookup { ask: body.number()?, name: body.text()?, path: body.text()? },
        kind::ACK => Frame::Ack { received: body.number()? },
        kind::PING => Frame::Ping,
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

impl Frame<'_> {
    /// Whether it is about the connection and not of the stream.
    pub(crate) const fn is_note(&self) -> bool {
        self.kind() >= kind::NOTES
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
            Self::Ack { .. } => kind::ACK,
            Self::Ping => kind::PING,
            Self::Cluster { .. } => kind::CLUSTER,
        }
    }

    /// Writes it at the end of `to`.
    pub(crate) fn write(&self, to: &mut Vec<u8>) {
        let open = open(to, self.kind());
        match *self {
            Self::Tell { alias, message: bytes } | Self::Reply { ask: alias, reply: bytes } => {
                varint::put(to, alias);
                to.extend_from_slice(bytes);
            }
            Self::Alias { alias, actor, name } => {
                varint::put(to, alias);
                varint::put(to, actor);
                text(to, name);
            }
            Self::LetGo { ask: number }
            | Self::Watch { actor: number }
            | Self::Unwatch { actor: number }
            | Self::Terminated { actor: number }
            | Self::Ack { received: number } => varint::put(to, number),
            Self::Lookup { ask, name, path } => {
                varint::put(to, ask);
                text(to, name);
                text(to, path);
            }
            Self::Cluster { word } => to.extend_from_slice(word),
            Self::Ping => {}
        }
        close(to, open);
    }
}

fn text(to: &mut Vec<u8>, text: &str) {
    varint::put(to, text.len() as u64);
    to.extend_from_slice(text.as_bytes());
}

/// Where a frame began whose length is not known yet.
#[must_use]
struct Open(usize);

#[inline]
fn open(to: &mut Vec<u8>, kind: u8) -> Open {
    let open = Open(to.len());
    // Nearly every frame is short enough for a length of one byte.
    to.extend_from_slice(&[0, kind]);
    open
}

/// Ends a frame: writes its length.
#[inline]
fn close(to: &mut Vec<u8>, Open(begin): Open) {
    let length = to.len() - begin - 1;
    if length < 0x80 {
        to[begin] = length as u8;
        return;
    }
    let more = varint::size(length as u64) - 1;
    let end = to.len();
    to.resize(end + more, 0);
    to.copy_within(begin + 1..end, begin + 1 + more);
    varint::put_at(&mut to[begin..], length as u64);
}

#[cfg(test)]
mod tests;
