//! A pipe: bytes that one side writes and the other reads, up to a limit.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

/// As much as a pipe holds: about what a socket does.
const BYTES_MAX: usize = 64 << 10;

/// An empty one keeps no more room than that: there may be many.
const SPARE_BYTES_MAX: usize = 1 << 10;

/// One end of a pipe: dropping it closes the pipe. The other end reads what is still in it.
pub(crate) struct End(Arc<Mutex<Pipe>>);

#[derive(Default)]
struct Pipe {
    bytes: VecDeque<u8>,
    closed: bool,
    reader: Option<Waker>,
    writer: Option<Waker>,
}

/// The two ends of an empty pipe.
pub(crate) fn pipe() -> (End, End) {
    let pipe = Arc::default();
    (End(Arc::clone(&pipe)), End(pipe))
}

impl End {
    /// Reads what is there; zero at the end.
    pub(crate) fn poll_read(&self, cx: &Context<'_>, into: &mut [u8]) -> Poll<usize> {
        self.with(|pipe| {
            if pipe.bytes.is_empty() && !pipe.closed {
                pipe.reader = Some(cx.waker().clone());
                return (Poll::Pending, None);
            }
            let bytes = pipe.bytes.len().min(into.len());
            for (to, byte) in into.iter_mut().zip(pipe.bytes.drain(..bytes)) {
                *to = byte;
            }
            if pipe.bytes.is_empty() && pipe.bytes.capacity() > SPARE_BYTES_MAX {
                pipe.bytes = VecDeque::new();
            }
            (Poll::Ready(bytes), pipe.writer.take())
        })
    }

    /// Writes as much as there is room for; `None` when nobody will read it.
    pub(crate) fn poll_write(&self, cx: &Context<'_>, bytes: &[u8]) -> Poll<Option<usize>> {
        self.with(|pipe| {
            if pipe.closed {
                return (Poll::Ready(None), None);
            }
            let room = BYTES_MAX - pipe.bytes.len();
            if room == 0 {
                pipe.writer = Some(cx.waker().clone());
                return (Poll::Pending, None);
            }
            let written = room.min(bytes.len());
            pipe.bytes.extend(&bytes[..written]);
            (Poll::Ready(Some(written)), pipe.reader.take())
        })
    }

    fn with<T>(&self, look: impl FnOnce(&mut Pipe) -> (T, Option<Waker>)) -> T {
        let (seen, waker) = look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
        waker.into_iter().for_each(Waker::wake);
        seen
    }
}

impl Drop for End {
    fn drop(&mut self) {
        let wakers = self.with(|pipe| {
            pipe.closed = true;
            ([pipe.reader.take(), pipe.writer.take()], None)
        });
        wakers.into_iter().flatten().for_each(Waker::wake);
    }
}
