//! Large messages to a peer, which go out in parts, and what must not overtake them.

use alloc::collections::VecDeque;
use alloc::vec::Vec;

use super::frame::Frame;
use super::segments::Segments;

/// A message as frames that each carry a part of it. It is cut before any lock is taken.
pub(super) struct Parts(VecDeque<Vec<u8>>);

/// What a frame has beside its bytes: its length, its kind, and a short number.
const FRAME_BYTES_BESIDE: usize = 16;
/// No part is shorter than this, whatever was asked for.
const PART_BYTES_MIN: usize = 64;

impl Parts {
    /// The parts of a message; `None` of one that is short enough to go as a whole.
    #[inline]
    pub(super) fn of(message: &[u8], part_bytes_max: usize) -> Option<Self> {
        let bytes_max = part_bytes_max.max(PART_BYTES_MIN);
        if message.len() <= bytes_max { None } else { Some(Self::cut(message, bytes_max)) }
    }

    #[cold]
    fn cut(message: &[u8], bytes_max: usize) -> Self {
        let part = |bytes: &[u8]| {
            let mut frame = Vec::with_capacity(bytes.len() + FRAME_BYTES_BESIDE);
            Frame::Part { bytes }.write(&mut frame);
            frame
        };
        Self(message.chunks(bytes_max).map(part).collect())
    }
}

/// Large messages in line: only the parts of the first are on their way.
#[derive(Default)]
pub(super) struct Bulk {
    line: VecDeque<Large>,
    bytes: usize,
}

struct Large {
    /// Whom it is for; nobody else's messages wait for it.
    alias: Option<u64>,
    /// What is still to go out of it.
    parts: VecDeque<Vec<u8>>,
    /// What goes out after it.
    then: Segments,
}

impl Bulk {
    /// How many bytes wait.
    #[inline]
    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }

    /// A message of which these are the parts, and that is otherwise what the frame says.
    pub(super) fn push(&mut self, frame: &Frame<'_>, Parts(mut parts): Parts) {
        let mut whole = Vec::with_capacity(FRAME_BYTES_BESIDE);
        frame.whole().write(&mut whole);
        parts.push_back(whole);
        self.bytes += parts.iter().map(Vec::len).sum::<usize>();
        self.line.push_back(Large { alias: frame.alias(), parts, then: Segments::default() });
    }

    /// Writes a frame behind what it must not overtake; false when there is nothing of that kind.
    pub(super) fn write_behind(&mut self, frame: &Frame<'_>) -> bool {
        let alias = frame.alias();
        let of_all = matches!(frame, Frame::Terminated { .. });
        let last =
            self.line.iter_mut().rev().find(|large| of_all || (alias.is_some() && large.alias == alias));
        let Some(last) = last else { return false };
        let before = last.then.bytes();
        frame.write(last.then.end());
        self.bytes += last.then.bytes() - before;
        true
    }

    /// The next part, and what goes out after it.
    pub(super) fn pop(&mut self) -> Option<(Vec<u8>, VecDeque<Vec<u8>>)> {
        let first = self.line.front_mut()?;
        let part = first.parts.pop_front()?;
        self.bytes -= part.len();
        let mut then = VecDeque::new();
        if first.parts.is_empty() {
            self.bytes -= first.then.bytes();
            then = first.then.take();
            self.line.pop_front();
        }
        Some((part, then))
    }

    /// All that waits, in its order.
    pub(super) fn take(&mut self) -> VecDeque<Vec<u8>> {
        let mut all = VecDeque::new();
        while let Some((part, then)) = self.pop() {
            all.push_back(part);
            all.extend(then);
        }
        all
    }
}
