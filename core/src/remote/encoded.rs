//! A value as bytes, made before any lock is taken: what makes it is a user's code.

use alloc::vec::Vec;

use postcard::ser_flavors::Flavor;
use serde::Serialize;

use super::frame::Frame;
use super::script::Script;
use super::varint;
use crate::codec::{Output, Value};
use crate::trace::{TRACE_BYTES, TraceContext};

/// As much as most messages have: these need no allocation.
const SMALL: usize = 128;

/// A value as bytes.
pub(super) struct Encoded {
    small: [u8; SMALL],
    length: usize,
    /// All of it, when it is longer.
    large: Vec<u8>,
    /// It is how long the value is as bytes, and what these were compressed to.
    compressed: bool,
    /// It begins with the trace that it is of.
    traced: bool,
}

/// The value has no form as bytes, or a longer one than may be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Unencodable;

impl Encoded {
    pub(super) const fn empty() -> Self {
        Self { small: [0; SMALL], length: 0, large: Vec::new(), compressed: false, traced: false }
    }

    /// Begins with the trace of what is to be written.
    #[inline(never)]
    pub(super) fn begin(&mut self, trace: TraceContext) {
        self.extend(&trace.bytes());
        self.traced = true;
    }

    /// Takes what stands before a value, and counts as a part of it, from whoever writes it into the room that there is, and says how much
    /// that was; whether there was room.
    #[inline]
    pub(super) fn head(&mut self, write: impl FnOnce(&mut [u8]) -> Option<usize>) -> bool {
        let room = self.small.get_mut(self.length..);
        let Some(bytes) = room.and_then(|room| write(room).filter(|bytes| *bytes <= room.len())) else {
            return false;
        };
        self.length += bytes;
        true
    }

    /// Takes the value in that script, as at most `bytes_max` bytes beside its trace; compressed, if that is so, for those who decompress.
    ///
    /// It is written where it lies: to hand it on would take longer than to write most messages.
    #[inline]
    pub(super) fn write<T: Serialize>(
        &mut self,
        value: &T,
        bytes_max: usize,
        script: &Script,
        decompresses: bool,
    ) -> Result<(), Unencodable> {
        let bytes_max = bytes_max.saturating_add(self.trace_bytes());
        if script.is_plain() {
            return self.postcard(value, bytes_max);
        }
        self.scripted(value, bytes_max, script)?;
        if decompresses {
            self.compress(script);
        }
        Ok(())
    }

    #[inline(always)]
    fn postcard<T: Serialize>(&mut self, value: &T, bytes_max: usize) -> Result<(), Unencodable> {
        postcard::serialize_with_flavor(value, Writer { encoded: self, bytes_max }).map_err(|_| Unencodable)
    }

    #[inline(never)]
    fn scripted<T: Serialize>(
        &mut self,
        value: &T,
        bytes_max: usize,
        script: &Script,
    ) -> Result<(), Unencodable> {
        let Some(codec) = &script.codec else { return self.postcard(value, bytes_max) };
        let mut take = |bytes: &[u8]| self.take(bytes, bytes_max);
        codec.write(Value::new(value), &mut Output::new(&mut take)).map_err(|_| Unencodable)
    }

    /// Becomes fewer bytes, if it is long enough, and they are fewer together with how many they were.
    fn compress(&mut self, script: &Script) {
        let trace = self.trace_bytes();
        let plain = self.length() - trace;
        let Some(compression) = script.compression.as_ref().filter(|_| plain > script.compress_above) else {
            return;
        };
        let bytes = compression.compress(&self.bytes()[trace..]);
        let mut large = Vec::with_capacity(trace + varint::size(plain as u64) + bytes.len());
        large.extend_from_slice(&self.bytes()[..trace]);
        varint::put(&mut large, plain as u64);
        large.extend_from_slice(&bytes);
        if !bytes.is_empty() && large.len() < trace + plain {
            (self.large, self.compressed) = (large, true);
        }
    }

    /// Whether it begins with a trace.
    #[inline]
    pub(super) const fn is_traced(&self) -> bool {
        self.traced
    }

    #[inline]
    const fn trace_bytes(&self) -> usize {
        if self.traced { TRACE_BYTES } else { 0 }
    }

    /// How long the message is, without its trace.
    #[inline]
    pub(super) fn message_bytes(&self) -> usize {
        self.bytes().len() - self.trace_bytes()
    }

    /// As a message to the actor of an alias.
    #[inline]
    pub(super) fn tell(&self, alias: u64) -> Frame<'_> {
        let message = self.bytes();
        if self.traced {
            return self.traced_tell(alias);
        }
        if self.compressed {
            Frame::TellCompressed { alias, message }
        } else {
            Frame::Tell { alias, message }
        }
    }

    #[inline(never)]
    fn traced_tell(&self, alias: u64) -> Frame<'_> {
        let message = self.bytes();
        if self.compressed {
            Frame::TracedTellCompressed { alias, message }
        } else {
            Frame::TracedTell { alias, message }
        }
    }

    /// As the reply to an ask.
    pub(super) fn reply(&self, ask: u64) -> Frame<'_> {
        let reply = self.bytes();
        if self.compressed { Frame::ReplyCompressed { ask, reply } } else { Frame::Reply { ask, reply } }
    }

    #[inline]
    pub(super) fn bytes(&self) -> &[u8] {
        if self.large.is_empty() { &self.small[..self.length] } else { &self.large }
    }

    #[inline]
    fn length(&self) -> usize {
        self.length.max(self.large.len())
    }

    /// Takes more bytes, if there is room for them.
    #[inline]
    fn take(&mut self, bytes: &[u8], bytes_max: usize) -> bool {
        let room = bytes.len() <= bytes_max.saturating_sub(self.length());
        if room {
            self.extend(bytes);
        }
        room
    }

    fn extend(&mut self, bytes: &[u8]) {
        if self.take_small(bytes, SMALL) {
            return;
        }
        if self.large.is_empty() {
            self.large.extend_from_slice(&self.small[..self.length]);
        }
        self.large.extend_from_slice(bytes);
    }

    /// Takes more bytes where those of a small value are: all of them, or none.
    #[inline(always)]
    fn take_small(&mut self, bytes: &[u8], bytes_max: usize) -> bool {
        let end = self.length + bytes.len();
        if !self.large.is_empty() || end > bytes_max {
            return false;
        }
        let Some(room) = self.small.get_mut(self.length..end) else { return false };
        room.copy_from_slice(bytes);
        self.length = end;
        true
    }
}

struct Writer<'a> {
    encoded: &'a mut Encoded,
    bytes_max: usize,
}

impl Writer<'_> {
    /// What most values never come to, out of line: it would be a copy in each type of message.
    #[inline(never)]
    fn take(&mut self, bytes: &[u8]) -> bool {
        self.encoded.take(bytes, self.bytes_max)
    }
}

impl Flavor for Writer<'_> {
    type Output = ();

    #[inline]
    fn try_push(&mut self, byte: u8) -> postcard::Result<()> {
        self.try_extend(&[byte])
    }

    #[inline]
    fn try_extend(&mut self, bytes: &[u8]) -> postcard::Result<()> {
        if self.encoded.take_small(bytes, self.bytes_max) || self.take(bytes) {
            Ok(())
        } else {
            Err(postcard::Error::SerializeBufferFull)
        }
    }

    fn finalize(self) -> postcard::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compression::{Compression, Corrupt};
    use crate::sync::shared;

    fn encoded<T: Serialize>(value: &T, bytes_max: usize) -> Result<Encoded, Unencodable> {
        let mut encoded = Encoded::empty();
        encoded.postcard(value, bytes_max).map(|()| encoded)
    }

    #[test]
    fn a_value_of_any_length_is_the_bytes_that_postcard_makes_of_it() {
        for length in [0, 1, 100, SMALL - 2, SMALL - 1, SMALL, SMALL + 1, 1_000] {
            let value: Vec<u8> = (0..length).map(|byte| byte as u8).collect();
            assert_eq!(encoded(&value, 10_000).unwrap().bytes(), postcard::to_allocvec(&value).unwrap());
        }
    }

    #[test]
    fn a_trace_stands_before_what_is_compressed_too() {
        /// Leaves out all but the first byte.
        struct First;
        impl Compression for First {
            fn name(&self) -> &'static str {
                "first"
            }
            fn compress(&self, bytes: &[u8]) -> Vec<u8> {
                bytes[..1].to_vec()
            }
            fn decompress(&self, _: &[u8], _: &mut [u8]) -> Result<usize, Corrupt> {
                Err(Corrupt::new("it is gone"))
            }
        }
        let trace = TraceContext::new([1; 16], [2; 8], 1).unwrap();
        let script = Script {
            compression: Some(shared!(First => dyn Compression)),
            compress_above: 100,
            ..Script::default()
        };
        for (length, frame) in [(99, false), (100, true), (300, true)] {
            let mut encoded = Encoded::empty();
            encoded.begin(trace);
            encoded.write(&alloc::vec![7_u8; length], 1_000, &script, true).unwrap();
            let compressed = matches!(encoded.tell(9), Frame::TracedTellCompressed { alias: 9, .. });
            let (before, message) = TraceContext::split(encoded.bytes()).unwrap();
            assert_eq!((compressed, before), (frame, trace), "{length}");
            let value = postcard::to_allocvec(&alloc::vec![7_u8; length]).unwrap();
            let mut less = Vec::new();
            varint::put(&mut less, value.len() as u64);
            less.push(value[0]);
            assert_eq!(message, if compressed { less } else { value });
        }
    }

    #[test]
    fn a_value_that_is_too_long_is_refused_on_the_way() {
        assert!(encoded(&[7_u8; 10], 10).is_ok());
        assert!(encoded(&[7_u8; 11], 10).is_err());
        assert!(encoded(&alloc::vec![7_u8; 2_000], 1_000).is_err());
    }
}
