//! How a frame becomes bytes.

use alloc::vec::Vec;

use super::Frame;
use crate::remote::varint;

impl Frame<'_> {
    /// Writes it at the end of `to`.
    pub(crate) fn write(&self, to: &mut Vec<u8>) {
        let open = open(to, self.kind());
        match *self {
            Self::Tell { alias: number, message: bytes }
            | Self::Reply { ask: number, reply: bytes }
            | Self::TellCompressed { alias: number, message: bytes }
            | Self::ReplyCompressed { ask: number, reply: bytes }
            | Self::TracedTell { alias: number, message: bytes }
            | Self::TracedTellCompressed { alias: number, message: bytes } => {
                varint::put(to, number);
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
            | Self::Ack { received: number }
            | Self::Probe { number }
            | Self::Echo { number } => varint::put(to, number),
            Self::Lookup { ask, name, path } => {
                varint::put(to, ask);
                text(to, name);
                text(to, path);
            }
            Self::Cluster { word } => to.extend_from_slice(word),
            Self::Part { bytes } => to.extend_from_slice(bytes),
            Self::Whole { kind, number } => {
                to.push(kind);
                varint::put(to, number);
            }
            Self::Ping | Self::Rest | Self::Bye => {}
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
