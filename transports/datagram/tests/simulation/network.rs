//! A network in virtual time: it loses, delays, reorders, doubles, and cuts short.

use std::collections::BTreeMap;
use std::time::Duration;

use casty_core::{Instant, Rng};
use casty_datagram::{Endpoint, Input, Key, Output, Seed, Settings};

/// What the network does to a datagram.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Weather {
    pub(crate) lost_percent: usize,
    pub(crate) doubled_percent: usize,
    /// Cut short, or with bytes behind it.
    pub(crate) bent_percent: usize,
    pub(crate) delay: Duration,
    pub(crate) delay_more: Duration,
}

impl Weather {
    pub(crate) const FAIR: Self = Self {
        lost_percent: 0,
        doubled_percent: 0,
        bent_percent: 0,
        delay: Duration::from_millis(1),
        delay_more: Duration::ZERO,
    };

    pub(crate) fn any(rng: &mut Rng) -> Self {
        Self {
            lost_percent: [0, 1, 5, 30][rng.below(4)],
            doubled_percent: [0, 2, 20][rng.below(3)],
            bent_percent: [0, 0, 3][rng.below(3)],
            delay: Duration::from_micros(rng.below(50_000) as u64),
            delay_more: Duration::from_micros([0, 100, 2_000, 100_000][rng.below(4)]),
        }
    }
}

/// Where somebody is.
pub(crate) type Address = usize;

pub(crate) struct Network {
    pub(crate) now: Instant,
    pub(crate) rng: Rng,
    pub(crate) weather: Weather,
    pub(crate) ends: Vec<Endpoint<Address>>,
    /// All that was ever sent: from, to, what.
    pub(crate) overheard: Vec<(Address, Address, Vec<u8>)>,
    pub(crate) news: Vec<(Address, Key)>,
    under_way: BTreeMap<(Instant, u64), (Address, Address, Vec<u8>)>,
    sent: u64,
    datagram_bytes_max: Vec<usize>,
}

impl Network {
    pub(crate) fn new(rng: Rng, weather: Weather, settings: &[Settings]) -> Self {
        let mut network = Self {
            now: Instant::ORIGIN + Duration::from_secs(1_000),
            rng,
            weather,
            ends: Vec::new(),
            overheard: Vec::new(),
            news: Vec::new(),
            under_way: BTreeMap::new(),
            sent: 0,
            datagram_bytes_max: settings.iter().map(|it| it.datagram_bytes_max.max(64)).collect(),
        };
        settings.iter().for_each(|settings| {
            let endpoint = Endpoint::new(settings.clone(), network.seed());
            network.ends.push(endpoint);
        });
        network
    }

    pub(crate) fn seed(&mut self) -> Seed {
        let mut bytes = [0; 32];
        bytes.fill_with(|| self.rng.next_u64() as u8);
        Seed::new(bytes)
    }

    /// Sends in somebody's name, through the weather.
    pub(crate) fn send(&mut self, from: Address, to: Address, mut bytes: Vec<u8>) {
        let chance = |rng: &mut Rng, percent| rng.below(100) < percent;
        if chance(&mut self.rng, self.weather.lost_percent) {
            return;
        }
        if chance(&mut self.rng, self.weather.doubled_percent) {
            self.deliver(from, to, bytes.clone());
        }
        if chance(&mut self.rng, self.weather.bent_percent) {
            let length = self.rng.below(bytes.len() + 20);
            bytes.resize(length, 0x55);
        }
        self.deliver(from, to, bytes);
    }

    fn deliver(&mut self, from: Address, to: Address, bytes: Vec<u8>) {
        let more = self.rng.below(self.weather.delay_more.as_nanos() as usize + 1) as u64;
        let at = self.now + self.weather.delay + Duration::from_nanos(more);
        self.sent += 1;
        self.under_way.insert((at, self.sent), (from, to, bytes));
    }

    /// Lets an end say all that it has to say.
    pub(crate) fn pump(&mut self, whose: Address) {
        let mut datagram = Vec::new();
        while let Some(output) = self.ends[whose].poll(self.now, &mut datagram) {
            match output {
                Output::Send(to) => {
                    // Nobody is at the addresses that strangers make up.
                    let Some(to_max) = self.datagram_bytes_max.get(to).copied() else { continue };
                    let bytes_max = self.datagram_bytes_max[whose].min(to_max);
                    assert!(datagram.len() <= bytes_max, "{} bytes", datagram.len());
                    self.overheard.push((whose, to, datagram.clone()));
                    self.send(whose, to, datagram.clone());
                }
                Output::News(key) => self.news.push((whose, key)),
                Output::Caller => {}
            }
        }
    }

    /// Goes on to whatever comes next; says whether anything does before that time.
    pub(crate) fn step(&mut self, until: Instant) -> bool {
        (0..self.ends.len()).for_each(|whose| self.pump(whose));
        let alarm = self.ends.iter().filter_map(Endpoint::deadline).min();
        let arrival = self.under_way.keys().next().map(|(at, _)| *at);
        let Some(next) = alarm.into_iter().chain(arrival).min().filter(|next| *next <= until) else {
            self.now = self.now.max(until);
            return false;
        };
        self.now = self.now.max(next);
        while let Some(first) = self.under_way.first_entry().filter(|first| first.key().0 <= self.now) {
            let (from, to, bytes) = first.remove();
            self.ends[to].handle(self.now, Input::Datagram(from, &bytes));
            self.pump(to);
        }
        for whose in 0..self.ends.len() {
            self.ends[whose].handle(self.now, Input::Time);
            self.pump(whose);
        }
        true
    }
}
