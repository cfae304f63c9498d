//! One end of a talk: what it says, what it has heard, and when it has had enough.

use std::task::Poll;

use casty_core::Rng;
use casty_datagram::{Ended, Key};

use crate::network::{Address, Network};

/// One end, which says a number of bytes and reads those of the other.
#[derive(Debug)]
pub(crate) struct Party {
    pub(crate) address: Address,
    pub(crate) key: Key,
    tag: u64,
    /// How much it says, and how much the other does.
    says: u64,
    hears: u64,
    pub(crate) said: u64,
    pub(crate) heard: u64,
    /// It closes once it has said all, whatever it has heard.
    pub(crate) impatient: bool,
    /// It does not close before the other has.
    pub(crate) polite: bool,
    pub(crate) closed: bool,
    pub(crate) at_end: bool,
    pub(crate) ended: Option<Ended>,
}

/// The byte that an end says there.
fn byte(tag: u64, offset: u64) -> u8 {
    Rng::new(tag << 32 ^ offset).next_u64() as u8
}

impl Party {
    pub(crate) fn new(address: Address, key: Key, tag: u64, says: u64, hears: u64) -> Self {
        Self {
            address,
            key,
            tag,
            says,
            hears,
            said: 0,
            heard: 0,
            impatient: false,
            polite: false,
            closed: false,
            at_end: false,
            ended: None,
        }
    }

    /// Writes and reads some, as chance has it; closes when it has had enough.
    pub(crate) fn act(&mut self, network: &mut Network, eager: bool) {
        if self.closed || self.ended.is_some() {
            return;
        }
        if eager || network.rng.below(2) == 0 {
            self.write(network);
        }
        if eager || network.rng.below(3) == 0 {
            self.read(network);
        }
        let heard = self.impatient || (self.heard == self.hears && !self.polite);
        let enough = self.said == self.says && heard || self.at_end;
        if enough || self.ended.is_some() {
            network.ends[self.address].close(network.now, self.key);
            self.closed = true;
        }
        network.pump(self.address);
    }

    fn write(&mut self, network: &mut Network) {
        let most = (self.says - self.said).min(1 + network.rng.below(5_000) as u64);
        let bytes: Vec<u8> = (0..most).map(|nth| byte(self.tag, self.said + nth)).collect();
        if bytes.is_empty() {
            return;
        }
        match network.ends[self.address].write(network.now, self.key, &bytes) {
            Poll::Ready(Ok(bytes)) => self.said += bytes as u64,
            // It goes on to read what there is.
            Poll::Ready(Err(Ended::Closed)) => self.says = self.said,
            Poll::Ready(Err(ended)) => self.ended = Some(ended),
            Poll::Pending => {}
        }
    }

    fn read(&mut self, network: &mut Network) {
        let mut into = vec![0; 1 + network.rng.below(3_000)];
        match network.ends[self.address].read(network.now, self.key, &mut into) {
            Poll::Ready(Ok(0)) => self.at_end = true,
            Poll::Ready(Ok(bytes)) => {
                for heard in &into[..bytes] {
                    let other = self.tag ^ 1;
                    assert_eq!(*heard, byte(other, self.heard), "byte {} of {other}", self.heard);
                    self.heard += 1;
                }
            }
            Poll::Ready(Err(ended)) => self.ended = Some(ended),
            Poll::Pending => {}
        }
    }
}
