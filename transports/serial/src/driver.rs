//! What moves the bytes of a line: one task, for as long as anybody has the line.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

use casty_core::{Instant, Task, secs};

use crate::frames::{self, FRAME_BYTES_MAX, Frames};
use crate::line::Line;
use crate::station::Station;
use crate::sync::Arc;

/// The task of a line.
pub(crate) struct Driver {
    station: Arc<Station>,
    line: Box<dyn Line>,
    frames: Frames,
    datagram: Vec<u8>,
    /// A frame, and how much of it has gone out.
    saying: Vec<u8>,
    said: usize,
    alarm: Option<(Instant, Task)>,
    /// The line is out of order, until it is tried again.
    repair: Option<Task>,
}

/// As much as is read at once.
const READ_BYTES: usize = 64;
/// How often one poll reads and writes before others have their turn.
const ROUNDS: usize = 16;
/// How long a line that is out of order is left alone.
const REPAIR: core::time::Duration = secs(1);

impl Driver {
    pub(crate) fn new(station: Arc<Station>, line: impl Line) -> Self {
        Self {
            station,
            line: Box::new(line),
            frames: Frames::new(),
            datagram: Vec::new(),
            saying: Vec::with_capacity(FRAME_BYTES_MAX),
            said: 0,
            alarm: None,
            repair: None,
        }
    }

    /// Whether the line is in order.
    fn is_in_order(&mut self, cx: &mut Context<'_>) -> bool {
        if let Some(repair) = &mut self.repair
            && repair.as_mut().poll(cx).is_ready()
        {
            self.repair = None;
        }
        self.repair.is_none()
    }

    /// The line is out of order: a part of a frame is of no use when it is in order again.
    fn broken(&mut self) {
        self.saying.clear();
        self.said = 0;
        let executor = self.station.executor();
        self.repair = Some(executor.sleep_until(executor.now() + REPAIR));
    }

    /// Reads some of what is there; whether there may be more.
    fn read(&mut self, cx: &mut Context<'_>) -> bool {
        let mut heard = [0; READ_BYTES];
        match self.line.poll_read(cx, &mut heard) {
            Poll::Ready(0) => self.broken(),
            Poll::Ready(bytes) => {
                let damaged = self.frames.damaged();
                for byte in &heard[..bytes.min(READ_BYTES)] {
                    self.frames.take(*byte, |datagram| self.station.hear(datagram));
                }
                if self.frames.damaged() > damaged {
                    self.station.note_damaged(self.frames.damaged());
                }
            }
            Poll::Pending => return false,
        }
        true
    }

    /// Writes some of what is to be said; whether there may be more.
    fn write(&mut self, cx: &mut Context<'_>) -> bool {
        if self.saying.is_empty() {
            // One frame at a time: what waits in the endpoint may still be changed by what is heard.
            if self.station.poll_say(&mut self.datagram).is_pending() {
                return false;
            }
            frames::write(&self.datagram, &mut self.saying);
            return true;
        }
        match self.line.poll_write(cx, &self.saying[self.said..]) {
            Poll::Ready(0) => self.broken(),
            Poll::Ready(bytes) => {
                self.said = self.said.saturating_add(bytes);
                if self.said >= self.saying.len() {
                    self.saying.clear();
                    self.said = 0;
                }
            }
            Poll::Pending => return false,
        }
        true
    }

    /// Whether its time has come to go on.
    fn is_due(&mut self, cx: &mut Context<'_>) -> bool {
        let Some(deadline) = self.station.pass_time(cx) else { return false };
        let executor = self.station.executor();
        if self.alarm.as_ref().is_none_or(|(at, _)| *at != deadline) {
            self.alarm = Some((deadline, executor.sleep_until(deadline)));
        }
        let due = self.alarm.as_mut().is_some_and(|(_, alarm)| alarm.as_mut().poll(cx).is_ready());
        if due {
            self.alarm = None;
        }
        due
    }
}

impl Future for Driver {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        for _ in 0..ROUNDS {
            if this.station.is_over() {
                return Poll::Ready(());
            }
            let mut again = this.is_due(cx);
            if this.is_in_order(cx) {
                again |= this.read(cx);
            }
            if this.is_in_order(cx) {
                again |= this.write(cx);
            }
            if !again {
                return Poll::Pending;
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}
