//! A serial line as one transport: who calls is at one end, who is called at the other.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use casty_core::transport::{Connection, Listener, Opening, Transport};
use casty_serial::{Line, Serial};
use casty_simulation::Host;

/// Both ends of a line.
pub(crate) struct Ends {
    near: Serial,
    far: Serial,
}

impl Ends {
    pub(crate) fn new(host: &Host) -> Self {
        let (there, back) = (Arc::default(), Arc::default());
        let near = End { reads: Arc::clone(&back), writes: Arc::clone(&there) };
        let far = End { reads: there, writes: back };
        Self { near: Serial::seeded(near, host.clone(), 1), far: Serial::seeded(far, host.clone(), 2) }
    }

    /// Whether whoever has that name is at the near end.
    fn is_near(name: &str) -> bool {
        matches!(name, "node" | "one")
    }
}

impl Transport for Ends {
    fn listen(&self, address: &str) -> Opening<Box<dyn Listener>> {
        if Self::is_near(address) { self.near.listen(address) } else { self.far.listen(address) }
    }

    fn connect(&self, address: &str) -> Opening<Box<dyn Connection>> {
        if Self::is_near(address) { self.far.connect(address) } else { self.near.connect(address) }
    }
}

/// One direction of the line: as much as a chip keeps, and who waits.
#[derive(Default)]
struct Wire {
    bytes: VecDeque<u8>,
    reader: Option<Waker>,
    writer: Option<Waker>,
}

const WIRE_BYTES_MAX: usize = 512;

struct End {
    reads: Arc<Mutex<Wire>>,
    writes: Arc<Mutex<Wire>>,
}

impl Line for End {
    fn poll_read(&mut self, cx: &mut Context<'_>, into: &mut [u8]) -> Poll<usize> {
        let mut wire = self.reads.lock().unwrap();
        let there = wire.bytes.len().min(into.len());
        if there == 0 {
            wire.reader = Some(cx.waker().clone());
            return Poll::Pending;
        }
        for (to, byte) in into.iter_mut().zip(wire.bytes.drain(..there)) {
            *to = byte;
        }
        let writer = wire.writer.take();
        drop(wire);
        writer.into_iter().for_each(Waker::wake);
        Poll::Ready(there)
    }

    fn poll_write(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<usize> {
        let mut wire = self.writes.lock().unwrap();
        let room = bytes.len().min(WIRE_BYTES_MAX - wire.bytes.len());
        if room == 0 {
            wire.writer = Some(cx.waker().clone());
            return Poll::Pending;
        }
        wire.bytes.extend(&bytes[..room]);
        let reader = wire.reader.take();
        drop(wire);
        reader.into_iter().for_each(Waker::wake);
        Poll::Ready(room)
    }
}
