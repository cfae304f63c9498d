//! What a datagram says, and how it is written: the tables of the crate's documentation.

use alloc::vec::Vec;

use crate::seed::Cookie;
use crate::settings::Settings;

/// The version of all of this: the upper half of the first byte.
pub(crate) const VERSION: u8 = 1;

const HELLO: u8 = 0;
const COOKIE: u8 = 1;
const OPEN: u8 = 2;
const WELCOME: u8 = 3;
const PACKET: u8 = 4;
const REFUSED: u8 = 5;
const GONE: u8 = 6;

/// A greeting is as long as its answer: nobody is made to say more than was said to it.
const PADDING: [u8; Cookie::BYTES] = [0; Cookie::BYTES];

/// What an end offers to the other.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Offer {
    /// How long the datagrams are at most that it takes.
    pub(crate) datagram_bytes_max: u16,
    /// How many bytes it takes before it has said more.
    pub(crate) window: u32,
}

/// Why nothing comes of a dial.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Refusal {
    NotListening = 0,
    Busy = 1,
    Version = 2,
}

/// What a datagram says. Names are those of the end that it is said to, unless they are called something else.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Datagram<'a> {
    Hello {
        dialer: u64,
    },
    Cookie {
        to: u64,
        cookie: Cookie,
    },
    Open {
        dialer: u64,
        cookie: Cookie,
        offer: Offer,
    },
    Welcome {
        to: u64,
        acceptor: u64,
        offer: Offer,
    },
    Refused {
        to: u64,
        why: Refusal,
    },
    Gone {
        sender: u64,
    },
    /// A packet of a conversation, which that has to understand.
    Packet {
        to: u64,
        body: &'a [u8],
    },
    /// A greeting of another version: of these only so much is known.
    Stranger {
        dialer: u64,
    },
}

impl<'a> Datagram<'a> {
    /// What bytes say; `None` when that is nothing.
    pub(crate) fn read(mut bytes: &'a [u8]) -> Option<Self> {
        let first = *bytes.split_off_first()?;
        let name = u64::from_be_bytes(array(&mut bytes)?);
        let (version, kind) = (first >> 4, first & 0xf);
        if version != VERSION {
            return (kind == HELLO && version != 0).then_some(Self::Stranger { dialer: name });
        }
        let said = match kind {
            HELLO => (array(&mut bytes)? == PADDING).then_some(Self::Hello { dialer: name })?,
            COOKIE => Self::Cookie { to: name, cookie: Cookie(array(&mut bytes)?) },
            OPEN => {
                let cookie = Cookie(array(&mut bytes)?);
                Self::Open { dialer: name, cookie, offer: Offer::read(&mut bytes)? }
            }
            WELCOME => {
                let acceptor = u64::from_be_bytes(array(&mut bytes)?);
                Self::Welcome { to: name, acceptor, offer: Offer::read(&mut bytes)? }
            }
            PACKET => return Some(Self::Packet { to: name, body: bytes }),
            REFUSED => Self::Refused { to: name, why: Refusal::read(&mut bytes)? },
            GONE => Self::Gone { sender: name },
            _ => return None,
        };
        bytes.is_empty().then_some(said)
    }

    /// Writes it. Packets have a writer of their own.
    pub(crate) fn write(&self, into: &mut Vec<u8>) {
        match self {
            Self::Hello { dialer } => {
                begin(HELLO, *dialer, into);
                into.extend_from_slice(&PADDING);
            }
            Self::Cookie { to, cookie } => {
                begin(COOKIE, *to, into);
                into.extend_from_slice(&cookie.0);
            }
            Self::Open { dialer, cookie, offer } => {
                begin(OPEN, *dialer, into);
                into.extend_from_slice(&cookie.0);
                offer.write(into);
            }
            Self::Welcome { to, acceptor, offer } => {
                begin(WELCOME, *to, into);
                into.extend_from_slice(&acceptor.to_be_bytes());
                offer.write(into);
            }
            Self::Refused { to, why } => {
                begin(REFUSED, *to, into);
                into.push(*why as u8);
            }
            Self::Gone { sender } => begin(GONE, *sender, into),
            Self::Packet { to, body } => {
                begin_packet(*to, into);
                into.extend_from_slice(body);
            }
            Self::Stranger { dialer } => begin(HELLO, *dialer, into),
        }
    }
}

/// Writes what each packet begins with.
pub(crate) fn begin_packet(to: u64, into: &mut Vec<u8>) {
    begin(PACKET, to, into);
}

fn begin(kind: u8, name: u64, into: &mut Vec<u8>) {
    into.push(VERSION << 4 | kind);
    into.extend_from_slice(&name.to_be_bytes());
}

impl Offer {
    /// What these settings allow.
    pub(crate) fn of(settings: &Settings) -> Self {
        Self { datagram_bytes_max: settings.datagram_bytes(), window: settings.receive_bytes() }
    }

    fn read(bytes: &mut &[u8]) -> Option<Self> {
        let datagram_bytes_max = u16::from_be_bytes(array(bytes)?);
        let window = u32::from_be_bytes(array(bytes)?);
        let fits = usize::from(datagram_bytes_max) >= Settings::DATAGRAM_BYTES_LEAST;
        fits.then_some(Self { datagram_bytes_max, window })
    }

    fn write(self, into: &mut Vec<u8>) {
        into.extend_from_slice(&self.datagram_bytes_max.to_be_bytes());
        into.extend_from_slice(&self.window.to_be_bytes());
    }
}

impl Refusal {
    fn read(bytes: &mut &[u8]) -> Option<Self> {
        match bytes.split_off_first()? {
            0 => Some(Self::NotListening),
            1 => Some(Self::Busy),
            2 => Some(Self::Version),
            _ => None,
        }
    }
}

fn array<const BYTES: usize>(bytes: &mut &[u8]) -> Option<[u8; BYTES]> {
    let (array, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(*array)
}

#[cfg(test)]
mod tests {
    use super::{Datagram, Offer, Refusal};
    use crate::seed::Cookie;
    use alloc::vec::Vec;

    const COOKIE: Cookie = Cookie([9; Cookie::BYTES]);
    const OFFER: Offer = Offer { datagram_bytes_max: 1_200, window: 70_000 };

    fn all() -> [Datagram<'static>; 7] {
        [
            Datagram::Hello { dialer: 1 },
            Datagram::Cookie { to: 2, cookie: COOKIE },
            Datagram::Open { dialer: 3, cookie: COOKIE, offer: OFFER },
            Datagram::Welcome { to: 4, acceptor: 5, offer: OFFER },
            Datagram::Refused { to: 6, why: Refusal::Busy },
            Datagram::Gone { sender: 7 },
            Datagram::Packet { to: 8, body: &[5, 2] },
        ]
    }

    fn written(datagram: &Datagram<'_>) -> Vec<u8> {
        let mut bytes = Vec::new();
        datagram.write(&mut bytes);
        bytes
    }

    #[test]
    fn what_was_written_is_read() {
        for datagram in all() {
            assert_eq!(Datagram::read(&written(&datagram)), Some(datagram));
        }
    }

    #[test]
    fn what_is_shorter_or_longer_than_it_was_says_nothing() {
        // A packet looks at its own bytes.
        let [all @ .., _packet] = all();
        for datagram in all {
            let mut bytes = written(&datagram);
            for length in 0..bytes.len() {
                assert_eq!(Datagram::read(&bytes[..length]), None, "{datagram:?} cut to {length}");
            }
            bytes.push(0);
            assert_eq!(Datagram::read(&bytes), None, "{datagram:?} with one byte more");
        }
    }

    #[test]
    fn nothing_that_strangers_say_is_answered_by_more() {
        let [hello, cookie, open, welcome, refused, gone, ..] =
            all().map(|datagram| written(&datagram).len());
        assert!(cookie <= hello && cookie <= open && welcome <= open && refused <= hello);
        let smallest = Datagram::Packet { to: 1, body: &[] };
        assert!(gone <= written(&smallest).len());
    }

    #[test]
    fn of_another_version_only_the_greeting_is_known() {
        let mut bytes = written(&Datagram::Hello { dialer: 77 });
        bytes[0] = 2 << 4;
        assert_eq!(Datagram::read(&bytes[..12]), Some(Datagram::Stranger { dialer: 77 }));
        bytes[0] |= 4;
        assert_eq!(Datagram::read(&bytes), None);
    }

    /// What was version 1 once is version 1 for ever.
    #[test]
    fn the_bytes_of_version_1_are_these() {
        let hex = |datagram: &Datagram<'_>| {
            written(datagram)
                .iter()
                .map(|byte| alloc::format!("{byte:02x}"))
                .collect::<alloc::string::String>()
        };
        let kept = [
            "10000000000000000100000000000000000000000000000000",
            "11000000000000000209090909090909090909090909090909",
            "1200000000000000030909090909090909090909090909090904b000011170",
            "130000000000000004000000000000000504b000011170",
            "15000000000000000601",
            "160000000000000007",
            "1400000000000000080502",
        ];
        for (datagram, kept) in all().iter().zip(kept) {
            assert_eq!(hex(datagram), kept, "{datagram:?}");
        }
    }
}
