//! What a user brings: bytes each way, as a serial port has them.

use core::task::{Context, Poll};

/// A line: bytes each way, some of which get lost, changed or added on the way.
///
/// On a device two methods over the registers of a port; elsewhere [`io::Stream`](crate::io::Stream) makes one of anything that is
/// read and written.
///
/// ```
/// use casty_serial::Line;
/// use core::task::{Context, Poll};
///
/// /// A port whose interrupt wakes `cx`; here it always hears an `A`, and says nothing.
/// struct Port;
///
/// impl Line for Port {
///     fn poll_read(&mut self, _: &mut Context<'_>, into: &mut [u8]) -> Poll<usize> {
///         into.fill(b'A');
///         Poll::Ready(into.len())
///     }
///     fn poll_write(&mut self, _: &mut Context<'_>, bytes: &[u8]) -> Poll<usize> {
///         Poll::Ready(bytes.len())
///     }
/// }
/// ```
///
/// Zero bytes mean that it is out of order. It is then polled again after a pause, and may be in order by then: a
/// cable was put in, a socket was opened again. So there is no end and no error; what happens to those who talk is that they hear
/// nothing for too long.
pub trait Line: Send + 'static {
    /// Reads bytes into `into`, which is not empty; says how many. It MUST wake whoever polled last when there are some.
    fn poll_read(&mut self, cx: &mut Context<'_>, into: &mut [u8]) -> Poll<usize>;

    /// Writes some of `bytes`, of which there are some; says how many. It MUST wake whoever polled last when there is room.
    fn poll_write(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<usize>;
}
