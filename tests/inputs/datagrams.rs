//! Datagrams from a stranger, between those of two who talk: understood, or ignored.

use std::collections::VecDeque;
use std::task::Poll;
use std::time::Duration;

use casty::{Instant, millis, secs};
use casty_datagram::{Endpoint, Input, Key, Output, Seed, Settings};

use crate::stranger::Stranger;
use crate::tape::Tape;

/// Where somebody is.
type Address = usize;

const STRANGER: Address = 2;
/// So many conversations an end has, and so much it keeps for each of them, both ways.
const CONVERSATIONS_MAX: usize = 8;
const BYTES_MAX: usize = 4 << 10;
/// So many datagrams follow from one at most, and so often something is due in the time that a scene takes.
const DATAGRAMS_MAX: usize = 10_000;
const ALARMS_MAX: usize = 100_000;
/// No input makes more time pass: whoever has a conversation says in each while that it is there.
const TIME_MAX: Duration = secs(600);

struct Room {
    now: Instant,
    ends: [Endpoint<Address>; 2],
    stranger: Stranger,
    /// What was said last, by whom, and to whom.
    overheard: VecDeque<(Address, Address, Vec<u8>)>,
    keys: Vec<(Address, Key)>,
}

fn settings() -> Settings {
    Settings {
        receive_bytes_max: BYTES_MAX,
        send_bytes_max: BYTES_MAX,
        conversations_max: CONVERSATIONS_MAX,
        packets_max: 64,
        half_open_max: 4,
        backlog_max: 4,
        ..Settings::default()
    }
}

impl Room {
    fn new() -> Self {
        let mut ends = [1, 2].map(|seed| Endpoint::new(settings(), Seed::new([seed; 32])));
        ends[1].listen(true);
        let now = Instant::ORIGIN + secs(1_000);
        Self { now, ends, stranger: Stranger::new(), overheard: VecDeque::new(), keys: Vec::new() }
    }

    /// Somebody hears a datagram, and all that follows from it is said and heard.
    fn hear(&mut self, from: Address, to: Address, bytes: &[u8]) {
        let mut on_its_way = VecDeque::from([(from, to, bytes.to_vec())]);
        for nth in 0.. {
            assert!(nth < DATAGRAMS_MAX, "they do not stop talking");
            let Some((from, to, bytes)) = on_its_way.pop_front() else { return };
            match self.ends.get_mut(to) {
                Some(end) => end.handle(self.now, Input::Datagram(from, &bytes)),
                None => self.stranger.hear(&bytes),
            }
            self.all_say(&mut on_its_way);
        }
    }

    /// Each end says what it has to say.
    fn all_say(&mut self, on_its_way: &mut VecDeque<(Address, Address, Vec<u8>)>) {
        let mut datagram = Vec::new();
        for (from, end) in self.ends.iter_mut().enumerate() {
            let mut outputs = 0;
            while let Some(output) = end.poll(self.now, &mut datagram) {
                outputs += 1;
                assert!(outputs < DATAGRAMS_MAX, "it does not stop talking");
                if let Output::Send(to) = output {
                    assert!(datagram.len() <= settings().datagram_bytes_max, "{} bytes", datagram.len());
                    on_its_way.push_back((from, to, datagram.clone()));
                    self.overheard.push_back((from, to, datagram.clone()));
                    if self.overheard.len() > 16 {
                        self.overheard.pop_front();
                    }
                }
            }
            assert!(end.conversations() <= CONVERSATIONS_MAX);
            assert!(end.bytes() <= CONVERSATIONS_MAX * 2 * BYTES_MAX);
        }
    }

    /// Says what is to be said because of something else than a datagram.
    fn go_on(&mut self) {
        let mut said = VecDeque::new();
        self.all_say(&mut said);
        said.into_iter().for_each(|(from, to, bytes)| self.hear(from, to, &bytes));
    }

    fn pass(&mut self, time: Duration) {
        let until = self.now + time;
        for nth in 0.. {
            assert!(nth < ALARMS_MAX, "it is always late");
            let due = self.ends.iter().filter_map(Endpoint::deadline).min();
            let Some(next) = due.filter(|next| *next <= until) else { break };
            self.now = self.now.max(next);
            self.ends.iter_mut().for_each(|end| end.handle(next, Input::Time));
            self.go_on();
        }
        self.now = until;
    }

    /// One that was overheard, with a byte or its end changed.
    fn bent(&self, input: &Tape<'_>) -> Option<(Address, Address, Vec<u8>)> {
        let nth = usize::from(input.byte()?) % self.overheard.len().max(1);
        let (from, to, mut bytes) = self.overheard.get(nth)?.clone();
        let (at, byte) = (usize::from(input.byte()?), input.byte()?);
        match bytes.get_mut(at) {
            Some(changed) => *changed = byte,
            None => bytes.truncate(usize::from(byte)),
        }
        Some((from, to, bytes))
    }

    /// Whoever has a conversation reads and writes in it.
    fn talk(&mut self, bytes: &[u8]) {
        while let Some(key) = self.ends[1].accept() {
            self.keys.push((1, key));
        }
        for (whose, key) in self.keys.clone() {
            let mut into = [0; 512];
            while let Poll::Ready(Ok(1..)) = self.ends[whose].read(self.now, key, &mut into) {}
            let _ = self.ends[whose].write(self.now, key, bytes);
        }
        self.go_on();
    }

    fn dial(&mut self, from: Address, to: Address) -> Option<Key> {
        let key = self.ends[from].dial(self.now, to).ok()?;
        self.keys.push((from, key));
        self.go_on();
        Some(key)
    }

    /// Nobody wants any of it any more, and after a while nothing of it is there.
    fn empty(&mut self) {
        self.talk(&[]);
        for (whose, key) in std::mem::take(&mut self.keys) {
            self.ends[whose].close(self.now, key);
        }
        self.go_on();
        // What nobody had accepted may come to be accepted yet.
        for _ in 0..2 {
            self.pass(secs(60));
            while let Some(key) = self.ends[1].accept() {
                self.ends[1].close(self.now, key);
            }
            self.go_on();
        }
        assert!(self.ends.iter().all(Endpoint::is_idle));
    }

    /// Somebody calls, and is heard.
    fn visit(&mut self) {
        let key = self.dial(0, 1).unwrap();
        assert_eq!(self.ends[0].opened(key), Ok(true));
        assert_eq!(self.ends[0].write(self.now, key, &[7; 1_000]), Poll::Ready(Ok(1_000)));
        self.go_on();
        self.pass(secs(1));
        let (caller, mut heard) = (self.ends[1].accept().unwrap(), [0; 1_001]);
        assert_eq!(self.ends[1].read(self.now, caller, &mut heard), Poll::Ready(Ok(1_000)));
        assert_eq!(heard[..1_000], [7; 1_000]);
    }
}

/// Any datagrams from a stranger, in its own name and in that of either end, between what these say to each other.
pub(crate) fn datagrams(input: &[u8]) {
    let (mut room, input, mut left) = (Room::new(), Tape::of(input), TIME_MAX);
    room.dial(0, 1);
    while let Some(what) = input.byte() {
        let to = usize::from(what >> 3) % 2;
        match what % 8 {
            0..=2 => {
                let datagram = room.stranger.says(&input);
                room.hear(STRANGER, to, &datagram);
            }
            3 => {
                let datagram = room.stranger.says(&input);
                room.hear(1 - to, to, &datagram);
            }
            4 => {
                if let Some((from, to, bytes)) = room.bent(&input) {
                    room.hear(from, to, &bytes);
                }
            }
            5 => room.talk(input.bytes()),
            6 => {
                let time = left.min(millis(u64::from(input.byte().unwrap_or(0)).pow(2)));
                left -= time;
                room.pass(time);
            }
            _ => {
                if to == 0 || room.keys.is_empty() {
                    room.dial(0, STRANGER);
                } else {
                    let (whose, key) = room.keys.remove(usize::from(what) % room.keys.len());
                    room.ends[whose].close(room.now, key);
                    room.go_on();
                }
            }
        }
    }
    room.empty();
    room.visit();
}
