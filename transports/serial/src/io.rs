//! Lines where there is an operating system: whatever is read and written there.

use alloc::boxed::Box;
use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, ready};
use std::io;

use futures_io::{AsyncRead, AsyncWrite};

use crate::line::Line;

/// A line over a stream of bytes: a serial port that was opened, or the socket of an emulator.
///
/// ```
/// use casty_serial::Line;
/// use casty_serial::io::Stream;
/// use futures_lite::future::{block_on, poll_fn};
/// use futures_lite::io::Cursor;
///
/// let mut line = Stream::over(Cursor::new(b"hello".to_vec()));
/// let mut heard = [0; 8];
/// assert_eq!(block_on(poll_fn(|cx| line.poll_read(cx, &mut heard))), 5);
/// ```
///
/// What is written should go out at once: give it a stream that keeps nothing back.
pub struct Stream<S> {
    state: State<S>,
    reopen: Option<Reopen<S>>,
}

type Opening<S> = Pin<Box<dyn Future<Output = io::Result<S>> + Send>>;
type Reopen<S> = Box<dyn FnMut() -> Opening<S> + Send>;

enum State<S> {
    Open(S),
    Opening(Opening<S>),
    Closed,
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send + 'static> Stream<S> {
    /// Over that stream. When that ends, the line is out of order for good.
    pub const fn over(stream: S) -> Self {
        Self { state: State::Open(stream), reopen: None }
    }

    /// Over a stream that `open` opens, and opens again when it has ended or could not be opened: an emulator that is started
    /// anew, an adapter that is put in.
    ///
    /// ```
    /// use casty_serial::io::Stream;
    /// use futures_lite::io::Cursor;
    ///
    /// // In place of the cursor, a port: `async_io::Async::<TcpStream>::connect(address)`.
    /// let line = Stream::opened_by(|| async { Ok(Cursor::new(vec![0_u8; 64])) });
    /// assert_eq!(format!("{line:?}"), "Stream { open: false, .. }");
    /// ```
    pub fn opened_by<F>(mut open: impl FnMut() -> F + Send + 'static) -> Self
    where
        F: Future<Output = io::Result<S>> + Send + 'static,
    {
        let reopen: Reopen<S> = Box::new(move || Box::pin(open()));
        Self { state: State::Closed, reopen: Some(reopen) }
    }

    /// The stream, when it is open; nothing when it is out of order.
    fn poll_open(&mut self, cx: &mut Context<'_>) -> Poll<Option<Pin<&mut S>>> {
        if let (State::Closed, Some(reopen)) = (&self.state, &mut self.reopen) {
            self.state = State::Opening(reopen());
        }
        if let State::Opening(opening) = &mut self.state {
            self.state = ready!(opening.as_mut().poll(cx)).map_or(State::Closed, State::Open);
        }
        Poll::Ready(match &mut self.state {
            State::Open(stream) => Some(Pin::new(stream)),
            State::Opening(_) | State::Closed => None,
        })
    }

    /// How many bytes that was; with none, and with an error, the stream has ended.
    fn outcome(&mut self, outcome: io::Result<usize>) -> usize {
        let bytes = outcome.unwrap_or_default();
        if bytes == 0 {
            self.state = State::Closed;
        }
        bytes
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send + 'static> Line for Stream<S> {
    fn poll_read(&mut self, cx: &mut Context<'_>, into: &mut [u8]) -> Poll<usize> {
        let Some(stream) = ready!(self.poll_open(cx)) else { return Poll::Ready(0) };
        let read = ready!(stream.poll_read(cx, into));
        Poll::Ready(self.outcome(read))
    }

    fn poll_write(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<usize> {
        let Some(stream) = ready!(self.poll_open(cx)) else { return Poll::Ready(0) };
        let written = ready!(stream.poll_write(cx, bytes));
        Poll::Ready(self.outcome(written))
    }
}

impl<S> fmt::Debug for Stream<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let open = matches!(self.state, State::Open(_));
        f.debug_struct("Stream").field("open", &open).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::Stream;
    use crate::line::Line;
    use alloc::vec::Vec;
    use core::future::poll_fn;
    use futures_lite::future::block_on;
    use futures_lite::io::Cursor;
    use std::io;

    /// So many bytes in each of several reads; zero where it was out of order.
    fn reads(line: &mut impl Line, times: usize) -> Vec<usize> {
        let mut heard = [0; 8];
        (0..times).map(|_| block_on(poll_fn(|cx| line.poll_read(cx, &mut heard)))).collect()
    }

    #[test]
    fn a_stream_that_has_ended_or_could_not_be_opened_is_opened_again() {
        let mut attempts = 0;
        let mut line = Stream::opened_by(move || {
            attempts += 1;
            let opened =
                if attempts == 2 { Err(io::Error::other("it is busy")) } else { Ok(Cursor::new([7_u8; 12])) };
            async move { opened.map(|bytes| Cursor::new(bytes.into_inner().to_vec())) }
        });
        assert_eq!(reads(&mut line, 7), [8, 4, 0, 0, 8, 4, 0]);
    }

    #[test]
    fn a_stream_that_is_not_opened_again_is_out_of_order_for_good() {
        let mut line = Stream::over(Cursor::new([7_u8; 3].to_vec()));
        assert_eq!(reads(&mut line, 4), [3, 0, 0, 0]);
    }
}
