//! What a peer was told before it said what it takes: what it does not take goes.

use alloc::vec::Vec;

use super::Outbound;
use crate::remote::aliases::Named;
use crate::remote::frame::{Begins, Frame, read};
use crate::trace::TRACE_BYTES;

impl Outbound {
    /// Takes out the messages of more than `bytes_max` bytes, unless the stream was begun; says to whom they were told. What is left
    /// keeps its order, and has no traces unless it `traces`, from now on too. In place of a reply that goes is said that there is none: who has
    /// asked need not have been met, as questions are passed on.
    ///
    /// Whether there is anything to take out the stream alone knows: another hello, at the same time, may be about to do so.
    pub(crate) fn fit(&mut self, bytes_max: usize, traces: bool) -> Vec<Named> {
        let untraces = self.traces && !traces;
        let shortens = bytes_max < self.message_bytes_max;
        self.traces &= traces;
        self.message_bytes_max = self.message_bytes_max.min(bytes_max);
        let mut fitting = Fitting { untraces, ..Fitting::default() };
        if self.begin > 0 || !(untraces || shortens) {
            return fitting.misfits;
        }
        let mut told = self.stream.take();
        told.extend(self.bulk.take());
        for chunk in told {
            let mut left = &chunk[..];
            while let Ok(Begins::Frame(frame, bytes)) = read(left, usize::MAX >> 1) {
                let said;
                (said, left) = left.split_at(bytes);
                fitting.take(self, &frame, said, bytes_max);
            }
            let small = core::mem::take(&mut fitting.small);
            self.append(&mut fitting.ends_at, small);
        }
        self.aliases.begin_at(&fitting.rounds);
        self.messages = self.messages.saturating_sub(fitting.misfits.len() as u64 + fitting.unanswered);
        fitting.misfits
    }

    /// Writes whole frames again, in a stream that is as long as that without them.
    fn append(&mut self, ends_at: &mut u64, frames: Vec<u8>) {
        *ends_at += frames.len() as u64;
        self.stream.append(Some(frames).filter(|frames| !frames.is_empty()));
    }
}

/// A stream that is written again.
#[derive(Default)]
struct Fitting {
    misfits: Vec<Named>,
    /// How many replies have gone.
    unanswered: u64,
    /// Traces are taken out.
    untraces: bool,
    /// How far the old one was read.
    at: u64,
    /// How long the new one is.
    ends_at: u64,
    /// Frames that are next in it.
    small: Vec<u8>,
    /// The parts of a message that has not come to its end, and how long it is.
    parts: Vec<Vec<u8>>,
    length: usize,
    /// Where aliases begin anew.
    rounds: Vec<u64>,
}

impl Fitting {
    /// The trace of a message in parts is at the beginning of the first: no part is so short.
    fn untrace_parts(&mut self) {
        if let Some(first) = self.parts.first_mut()
            && let Ok(Begins::Frame(Frame::Part { bytes }, _)) = read(first, usize::MAX >> 1)
        {
            let mut shorter = Vec::with_capacity(first.len());
            Frame::Part { bytes: bytes.get(TRACE_BYTES..).unwrap_or_default() }.write(&mut shorter);
            *first = shorter;
            self.length = self.length.saturating_sub(TRACE_BYTES);
        }
    }

    fn take(&mut self, outbound: &mut Outbound, frame: &Frame<'_>, said: &[u8], bytes_max: usize) {
        let at = self.at;
        self.at += said.len() as u64;
        let mut plain = Vec::new();
        let mut frame = *frame;
        let mut said = said;
        if self.untraces && frame.is_traced() {
            if let Frame::Whole { .. } = frame {
                self.untrace_parts();
            }
            frame = frame.untraced();
            frame.write(&mut plain);
            said = &plain;
        }
        let length = match frame {
            Frame::Part { bytes } => {
                self.length += bytes.len();
                return self.parts.push(said.to_vec());
            }
            Frame::Whole { .. } => core::mem::take(&mut self.length),
            Frame::Tell { message, .. }
            | Frame::TracedTell { message, .. }
            | Frame::Reply { reply: message, .. } => message.len(),
            Frame::Alias { alias: 0, .. } => {
                self.rounds.push(self.ends_at + self.small.len() as u64);
                0
            }
            _ => 0,
        };
        // Its trace is beside the message.
        let length = length.saturating_sub(if frame.is_traced() { TRACE_BYTES } else { 0 });
        let parts = core::mem::take(&mut self.parts);
        if length <= bytes_max {
            if !parts.is_empty() {
                outbound.append(&mut self.ends_at, core::mem::take(&mut self.small));
            }
            parts.into_iter().for_each(|part| outbound.append(&mut self.ends_at, part));
            return self.small.extend_from_slice(said);
        }
        if let Some(ask) = frame.answers() {
            self.unanswered += 1;
            return Frame::LetGo { ask }.write(&mut self.small);
        }
        let actor = frame.alias().and_then(|alias| outbound.aliases.actor(alias, at));
        self.misfits.extend(actor.cloned());
    }
}
