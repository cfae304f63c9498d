//! Somebody who says datagrams that an input chooses, and goes on from the answers.

use crate::tape::Tape;

/// What it knows of whom it talks to.
pub(crate) struct Stranger {
    cookie: [u8; 16],
    /// What others call their ends: those that have welcomed it, and those that have greeted it.
    names: Vec<u64>,
    /// How many packets it has said.
    packets: u64,
}

/// What a datagram begins with: the version, and its kind.
mod kind {
    pub(super) const HELLO: u8 = 0x10;
    pub(super) const COOKIE: u8 = 0x11;
    pub(super) const OPEN: u8 = 0x12;
    pub(super) const WELCOME: u8 = 0x13;
    pub(super) const PACKET: u8 = 0x14;
    pub(super) const REFUSED: u8 = 0x15;
    pub(super) const GONE: u8 = 0x16;
}

impl Stranger {
    pub(crate) const fn new() -> Self {
        Self { cookie: [0; 16], names: Vec::new(), packets: 0 }
    }

    /// Hears a datagram, and remembers the latest of what it needs to go on.
    pub(crate) fn hear(&mut self, datagram: &[u8]) {
        match datagram {
            [kind::COOKIE, said @ ..] if said.len() == 24 => self.cookie.copy_from_slice(&said[8..]),
            [kind::WELCOME, said @ ..] if said.len() == 22 => self.know(&said[8..16]),
            [kind::HELLO, said @ ..] if said.len() == 24 => self.know(&said[..8]),
            _ => {}
        }
    }

    fn know(&mut self, name: &[u8]) {
        self.names.push(name.iter().fold(0, |name, byte| name << 8 | u64::from(*byte)));
        if self.names.len() > 8 {
            self.names.remove(0);
        }
    }

    /// A datagram, as the input wants it.
    pub(crate) fn says(&mut self, input: &Tape<'_>) -> Vec<u8> {
        let kind = input.byte().unwrap_or(0);
        let known = self.names.iter().rev().nth(usize::from(kind >> 4)).copied();
        let name = input.number(known.unwrap_or(1));
        let mut said = match kind & 0xf {
            0 => begun(kind::HELLO, name, &[0; 16]),
            1 => begun(kind::COOKIE, name, &[7; 16]),
            2 | 3 => begun(kind::OPEN, name, &self.cookie),
            4 => begun(kind::WELCOME, name, &input.number(1).to_be_bytes()),
            5 => begun(kind::REFUSED, name, &[input.byte().unwrap_or(0)]),
            6 => begun(kind::GONE, name, &[]),
            7..=9 => begun(kind::PACKET, name, input.bytes()),
            10..=14 => begun(kind::PACKET, name, &self.packet(input)),
            _ => return input.bytes().to_vec(),
        };
        if matches!(kind & 0xf, 2..=4) {
            let (datagram, window) = (input.byte().unwrap_or(4), input.number(70_000));
            said.extend([datagram, 0xb0]);
            said.extend((window as u32).to_be_bytes());
        }
        said
    }

    /// A packet that can be read, whatever it means.
    fn packet(&mut self, input: &Tape<'_>) -> Vec<u8> {
        let flags = input.byte().unwrap_or(0) & 0xf;
        let number = input.number(self.packets);
        self.packets += 1;
        let mut packet = Vec::new();
        put(&mut packet, number);
        packet.push(flags);
        if flags & 1 == 1 {
            // The largest number, how long it has waited, how far the other may go on.
            (0..3).for_each(|_| put(&mut packet, input.number(1 << 16)));
            let ranges = input.byte().unwrap_or(1) % 18;
            packet.push(ranges);
            (1..2 * u16::from(ranges)).for_each(|_| put(&mut packet, input.number(0)));
        }
        if flags & 4 == 4 {
            let (offset, bytes) = (input.number(1 << 12), input.bytes());
            put(&mut packet, offset);
            put(&mut packet, bytes.len() as u64);
            packet.extend(bytes);
        }
        packet
    }
}

fn begun(kind: u8, name: u64, then: &[u8]) -> Vec<u8> {
    [&[kind][..], &name.to_be_bytes(), then].concat()
}

/// A number as datagrams have it: its first two bits say how long it is.
fn put(to: &mut Vec<u8>, number: u64) {
    match number {
        0..0x40 => to.push(number as u8),
        0x40..0x4000 => to.extend((number as u16 | 1 << 14).to_be_bytes()),
        0x4000..0x4000_0000 => to.extend((number as u32 | 2 << 30).to_be_bytes()),
        _ => to.extend((number | 3 << 62).to_be_bytes()),
    }
}
