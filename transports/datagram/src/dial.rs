//! A dial: a greeting, its answer brought back, and a welcome.

use alloc::vec::Vec;
use core::time::Duration;

use casty_core::Instant;

use crate::ended::Ended;
use crate::seed::Cookie;
use crate::settings::Settings;
use crate::wire::{Datagram, Offer};

/// A conversation that is to come about.
#[derive(Debug)]
pub(crate) struct Dial {
    cookie: Option<Cookie>,
    say_at: Instant,
    pause: Duration,
    over_at: Instant,
    ended: Option<Ended>,
}

impl Dial {
    pub(crate) fn new(now: Instant, settings: &Settings) -> Self {
        let over_at = now + settings.dial;
        Self { cookie: None, say_at: now, pause: first_pause(settings), over_at, ended: None }
    }

    /// Somebody has answered.
    pub(crate) fn cookie(&mut self, now: Instant, cookie: Cookie, settings: &Settings) {
        // Any further one waits its turn: else two ends that misunderstand each other would not stop talking.
        if self.cookie.replace(cookie).is_none() {
            (self.say_at, self.pause) = (now, first_pause(settings));
        }
    }

    /// Nothing will come of it.
    pub(crate) fn end(&mut self, ended: Ended) {
        self.ended.get_or_insert(ended);
    }

    pub(crate) const fn ended(&self) -> Option<Ended> {
        self.ended
    }

    /// Time has passed; says whether it is over by that.
    pub(crate) fn expire(&mut self, now: Instant) -> bool {
        let over = self.ended.is_none() && now >= self.over_at;
        if over {
            self.end(Ended::NoAnswer);
        }
        over
    }

    /// Writes what there is to say; says whether there was something.
    pub(crate) fn poll(&mut self, now: Instant, name: u64, settings: &Settings, into: &mut Vec<u8>) -> bool {
        if self.ended.is_some() || now < self.say_at {
            return false;
        }
        self.say_at = now + self.pause;
        self.pause = (self.pause * 2).min(settings.retry_max);
        match self.cookie {
            None => Datagram::Hello { dialer: name },
            Some(cookie) => Datagram::Open { dialer: name, cookie, offer: Offer::of(settings) },
        }
        .write(into);
        true
    }

    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.ended.is_none().then(|| self.say_at.min(self.over_at))
    }
}

/// Three round trips, as nobody knows yet how long one is.
fn first_pause(settings: &Settings) -> Duration {
    (settings.first_round_trip * 3).min(settings.retry_max)
}

#[cfg(test)]
mod tests {
    use super::Dial;
    use crate::ended::Ended;
    use crate::seed::Cookie;
    use crate::settings::Settings;
    use alloc::vec::Vec;
    use casty_core::{Instant, millis};

    fn said(dial: &mut Dial, now: Instant) -> Option<u8> {
        let mut bytes = Vec::new();
        dial.poll(now, 1, &Settings::default(), &mut bytes).then(|| bytes[0] & 0xf)
    }

    #[test]
    fn it_asks_again_after_growing_pauses_until_its_time_is_over() {
        let (settings, mut now) = (Settings::default(), Instant::ORIGIN);
        let mut dial = Dial::new(now, &settings);
        let mut times = Vec::new();
        while dial.ended().is_none() {
            if said(&mut dial, now).is_some() {
                times.push(now.since(Instant::ORIGIN).as_millis());
            }
            now = dial.deadline().unwrap();
            dial.expire(now);
        }
        assert_eq!(times, [0, 300, 900, 2_100, 4_100]);
        assert_eq!((dial.ended(), now), (Some(Ended::NoAnswer), Instant::ORIGIN + settings.dial));
        assert_eq!((dial.deadline(), said(&mut dial, now)), (None, None));
    }

    #[test]
    fn the_first_cookie_is_brought_back_at_once_and_any_other_is_not() {
        let (settings, now) = (Settings::default(), Instant::ORIGIN);
        let mut dial = Dial::new(now, &settings);
        assert_eq!(said(&mut dial, now), Some(0));
        dial.cookie(now, Cookie([1; Cookie::BYTES]), &settings);
        assert_eq!(said(&mut dial, now), Some(2));
        dial.cookie(now, Cookie([2; Cookie::BYTES]), &settings);
        assert_eq!(said(&mut dial, now), None);
        assert_eq!(said(&mut dial, now + millis(300)), Some(2));
    }
}
