//! Messages to a peer: written while there is room, and refused otherwise.

use core::task::{Context, Poll, Waker};

use super::Peer;
use crate::remote::bulk::Parts;
use crate::remote::encoded::Encoded;
use crate::remote::frame::Frame;
use crate::remote::outbound::Outbound;
use crate::sync::Ordering;
use crate::trace::TRACE_BYTES;

impl Peer {
    /// Writes a frame that is refused when there is no room: one with that message.
    #[inline]
    pub(in crate::remote) fn write<'a>(
        &self,
        message: &'a Encoded,
        frame: impl FnOnce(&mut Outbound, &'a Encoded) -> Frame<'a>,
    ) -> Result<(), Unwritten> {
        self.write_if(|| true, message, frame)
    }

    /// The same, if that is so under the lock of the stream.
    #[inline]
    pub(in crate::remote) fn write_if<'a>(
        &self,
        is_due: impl FnOnce() -> bool,
        message: &'a Encoded,
        frame: impl FnOnce(&mut Outbound, &'a Encoded) -> Frame<'a>,
    ) -> Result<(), Unwritten> {
        if message.bytes().len() > self.part_bytes_max {
            // Before it is cut in vain.
            self.outbound.with(|outbound| self.admits(outbound, message))?;
        }
        let parts = Parts::of(message.bytes(), self.part_bytes_max);
        let carrier = self.outbound.with(|outbound| {
            self.admits(outbound, message)?;
            if !is_due() {
                return Err(Unwritten::Late);
            }
            let frame = frame(outbound, message);
            let carrier = if message.is_traced() && !outbound.traces() {
                self.write_untraced(outbound, message, frame)
            } else {
                outbound.write(&frame, parts)
            };
            if !outbound.has_room() {
                self.full.store(true, Ordering::Relaxed);
            }
            Ok(carrier)
        })?;
        carrier.into_iter().for_each(Waker::wake);
        Ok(())
    }

    /// While the message was written, the peer has said that it passes no traces on.
    #[cold]
    fn write_untraced(&self, outbound: &mut Outbound, message: &Encoded, frame: Frame<'_>) -> Option<Waker> {
        let parts = Parts::of(&message.bytes()[TRACE_BYTES..], self.part_bytes_max);
        outbound.write(&frame.untraced(), parts)
    }

    #[inline]
    fn admits(&self, outbound: &Outbound, message: &Encoded) -> Result<(), Unwritten> {
        if self.is_lost() {
            return Err(Unwritten::Lost);
        }
        // It may have said only now how long a message it takes.
        if message.message_bytes() > self.message_bytes_max() {
            return Err(Unwritten::Long);
        }
        if outbound.has_room() && !self.is_estranged() {
            return Ok(());
        }
        self.full.store(true, Ordering::Relaxed);
        Err(Unwritten::Full)
    }

    /// Whether there is no room for a message now. Without a lock, unless it is as was found last.
    #[inline]
    pub(in crate::remote) fn is_full(&self) -> bool {
        self.full.load(Ordering::Relaxed) && self.has_no_room()
    }

    #[inline(never)]
    fn has_no_room(&self) -> bool {
        self.outbound.with(|outbound| !self.is_lost() && (!outbound.has_room() || self.is_estranged()))
    }

    /// Ready when there is room for a message, or never will be.
    ///
    /// Whether there is any is first asked without the lock: who finds too late that there was none is refused, and asks again.
    #[inline]
    pub(crate) fn poll_room(&self, cx: &Context<'_>) -> Poll<()> {
        if !self.full.load(Ordering::Relaxed) {
            return Poll::Ready(());
        }
        self.wait_for_room(cx)
    }

    #[inline(never)]
    fn wait_for_room(&self, cx: &Context<'_>) -> Poll<()> {
        self.outbound.with(|outbound| {
            if self.is_lost() || (outbound.has_room() && !self.is_estranged()) {
                return Poll::Ready(());
            }
            outbound.wait_for_room(cx.waker());
            Poll::Pending
        })
    }
}

/// Why nothing was written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Unwritten {
    /// As much as may be is on its way.
    Full,
    /// The peer is lost.
    Lost,
    /// It is longer than the peer takes, or has no form as bytes.
    Long,
    /// It was not to be said any more.
    Late,
}
