//! Anything that comes over a serial line to a node: it goes on with who comes next.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use casty::Network;
use casty::prelude::*;
use casty::serial::{Line, Serial};

use crate::scene::{place, play};
use crate::stranger::Stranger;
use crate::tape::Tape;

/// One direction of a line.
#[derive(Default)]
struct Wire {
    bytes: VecDeque<u8>,
    reader: Option<Waker>,
}

/// One end of a line.
#[derive(Clone)]
struct End {
    reads: Arc<Mutex<Wire>>,
    writes: Arc<Mutex<Wire>>,
}

impl End {
    fn both() -> (Self, Self) {
        let (there, back) = (Arc::default(), Arc::default());
        let near = Self { reads: Arc::clone(&back), writes: Arc::clone(&there) };
        (near, Self { reads: there, writes: back })
    }

    fn say(&self, bytes: &[u8]) {
        let mut wire = self.writes.lock().unwrap();
        wire.bytes.extend(bytes);
        let reader = wire.reader.take();
        drop(wire);
        reader.into_iter().for_each(Waker::wake);
    }

    /// The datagrams that have come.
    fn heard(&self) -> Vec<Vec<u8>> {
        let line: Vec<u8> = self.reads.lock().unwrap().bytes.drain(..).collect();
        line.split(|byte| *byte == 0).filter_map(unframed).collect()
    }
}

impl Line for End {
    fn poll_read(&mut self, cx: &mut Context<'_>, into: &mut [u8]) -> Poll<usize> {
        let mut wire = self.reads.lock().unwrap();
        if wire.bytes.is_empty() {
            wire.reader = Some(cx.waker().clone());
            return Poll::Pending;
        }
        let there = wire.bytes.len().min(into.len());
        for (to, byte) in into.iter_mut().zip(wire.bytes.drain(..there)) {
            *to = byte;
        }
        Poll::Ready(there)
    }

    fn poll_write(&mut self, _: &mut Context<'_>, bytes: &[u8]) -> Poll<usize> {
        self.say(bytes);
        Poll::Ready(bytes.len())
    }
}

/// The CRC-32 of Ethernet, bit by bit.
fn check(bytes: &[u8]) -> u32 {
    let mut rest = u32::MAX;
    for byte in bytes {
        rest ^= u32::from(*byte);
        (0..8).for_each(|_| rest = if rest & 1 == 1 { rest >> 1 ^ 0xedb8_8320 } else { rest >> 1 });
    }
    !rest
}

/// A datagram as a frame, however long it is.
fn framed(datagram: &[u8]) -> Vec<u8> {
    let checked = [datagram, &check(datagram).to_le_bytes()].concat();
    let mut frame = vec![0];
    for run in checked.split(|byte| *byte == 0) {
        // Each zero becomes the distance to the next one.
        run.chunks(254).for_each(|part| {
            frame.push(part.len() as u8 + 1);
            frame.extend(part);
        });
        if run.is_empty() {
            frame.push(1);
        }
    }
    frame.push(0);
    frame
}

/// The datagram of a frame that a node has said, without its check.
fn unframed(mut frame: &[u8]) -> Option<Vec<u8>> {
    let mut datagram = Vec::new();
    while let Some((distance, rest)) = frame.split_first() {
        let (run, rest) = rest.split_at_checked(usize::from(*distance) - 1)?;
        datagram.extend(run);
        datagram.push(0);
        frame = rest;
    }
    datagram.truncate(datagram.len().checked_sub(5)?);
    Some(datagram)
}

/// No input makes more time pass: a node costs a little in each second, whatever it hears.
const TIME_MAX: Duration = secs(60);

/// Any bytes, and any datagrams in frames that are whole, over a line to a node.
pub(crate) fn serial(input: &[u8]) {
    let input = Tape::of(input);
    play(async |host| {
        let (near, far) = End::both();
        let line = Serial::seeded(near, host.clone(), 1);
        let place = place(host.clone(), Network::over(line).insecure()).await;
        let (mut stranger, mut left) = (Stranger::new(), TIME_MAX);
        while let Some(what) = input.byte() {
            match what % 5 {
                0 => far.say(input.bytes()),
                1 => far.say(&framed(input.bytes())),
                2 => {
                    let time = left.min(millis(100 * u64::from(what)));
                    left -= time;
                    place.pass(time).await;
                }
                _ => far.say(&framed(&stranger.says(&input))),
            }
            place.pass(millis(1)).await;
            far.heard().iter().for_each(|datagram| stranger.hear(datagram));
        }
        place.pass(secs(60)).await;
        far.heard();
        place.serves_others(Network::over(Serial::seeded(far, host.clone(), 2))).await;
    });
}
