//! What follows from a datagram: an answer, or news for one conversation.

use core::hash::Hash;

use casty_core::Instant;

use super::line::{Line, Standing, Talk};
use super::{Endpoint, Input};
use crate::conversation::Conversation;
use crate::ended::Ended;
use crate::packet::Packet;
use crate::seed::Cookie;
use crate::wire::{Datagram, Offer, Refusal};

impl<A: Clone + Ord + Hash> Endpoint<A> {
    /// Something has happened. Nothing that comes in makes it panic, or take more memory than its settings allow.
    pub fn handle(&mut self, now: Instant, input: Input<'_, A>) {
        match input {
            Input::Datagram(from, bytes) => match Datagram::read(bytes) {
                Some(datagram) => self.hear(now, from, datagram),
                None => self.counters.malformed += 1,
            },
            Input::Time => self.expire(now),
        }
    }

    fn hear(&mut self, now: Instant, from: A, datagram: Datagram<'_>) {
        match datagram {
            Datagram::Hello { dialer } if self.listening => self.greet(now, from, dialer),
            Datagram::Hello { dialer } => self.refuse(from, dialer, Refusal::NotListening),
            Datagram::Stranger { dialer } => self.refuse(from, dialer, Refusal::Version),
            Datagram::Open { dialer, cookie, offer } => self.open(now, from, dialer, (cookie, offer)),
            Datagram::Cookie { to, cookie } => match self.dialing(&from, to) {
                Some((Line { talk: Talk::Dialing(dial), .. }, settings)) => {
                    dial.cookie(now, cookie, settings);
                    self.touched(to);
                }
                _ => self.counters.stray += 1,
            },
            Datagram::Welcome { to, acceptor, offer } => self.welcome(now, from, (to, acceptor), offer),
            Datagram::Refused { to, why } => match self.dialing(&from, to) {
                Some((Line { talk: Talk::Dialing(dial), dialed, .. }, _)) => {
                    dial.end(Ended::from(why));
                    *dialed = true;
                    self.touched(to);
                }
                _ => self.counters.stray += 1,
            },
            Datagram::Gone { sender } => self.gone(from, sender),
            Datagram::Packet { to, body } => self.packet(now, from, to, body),
        }
    }

    /// A dial to that address, and the settings.
    fn dialing(&mut self, from: &A, name: u64) -> Option<(&mut Line<A>, &crate::Settings)> {
        let line = self.lines.get_mut(&name).filter(|line| line.peer == *from)?;
        matches!(line.talk, Talk::Dialing(_)).then_some((line, &self.settings))
    }

    /// Somebody greets, from wherever: nothing is kept of that.
    fn greet(&mut self, now: Instant, from: A, dialer: u64) {
        self.counters.greeted += 1;
        let cookie = self.seed.cookie(now, &from, dialer);
        self.answer(from, Datagram::Cookie { to: dialer, cookie });
    }

    fn refuse(&mut self, from: A, dialer: u64, why: Refusal) {
        self.counters.refused += 1;
        self.answer(from, Datagram::Refused { to: dialer, why });
    }

    /// Somebody is where it says, if its cookie is right.
    fn open(&mut self, now: Instant, from: A, dialer: u64, (cookie, offer): (Cookie, Offer)) {
        let ours = Offer::of(&self.settings);
        if let Some(acceptor) = self.peers.get(&(from.clone(), dialer)) {
            // The welcome was lost, or this is a copy that comes late.
            let welcome = Datagram::Welcome { to: dialer, acceptor: *acceptor, offer: ours };
            return self.answer(from, welcome);
        }
        if !self.listening {
            return self.refuse(from, dialer, Refusal::NotListening);
        }
        if !self.seed.knows(now, &from, dialer, &cookie) {
            // It may have become too old on its way.
            return self.greet(now, from, dialer);
        }
        if self.half_open.len() >= self.settings.half_open_max.max(1)
            && let Some(oldest) = self.half_open.pop_front()
        {
            // Whoever is slowest has the least to lose: else a few that never go on would keep all others out.
            self.counters.refused += 1;
            self.forget(oldest, false);
        }
        let crowded = self.backlog.len() >= self.settings.backlog_max.max(1);
        if crowded || self.lines.len() >= self.settings.conversations_max {
            return self.refuse(from, dialer, Refusal::Busy);
        }
        let acceptor = self.seed.name();
        let talk = Self::talk(Conversation::new(now, &self.settings, dialer, offer));
        self.lines.insert(acceptor, Line::new(from.clone(), talk, Standing::HalfOpen));
        self.peers.insert((from.clone(), dialer), acceptor);
        self.half_open.push_back(acceptor);
        self.settle(acceptor);
        self.answer(from, Datagram::Welcome { to: dialer, acceptor, offer: ours });
    }

    /// A dial has come to something.
    fn welcome(&mut self, now: Instant, from: A, (to, acceptor): (u64, u64), offer: Offer) {
        if self.peers.contains_key(&(from.clone(), acceptor)) {
            return;
        }
        let Some((line, settings)) = self.dialing(&from, to) else {
            self.counters.stray += 1;
            return;
        };
        if line.talk.ended().is_some() {
            return;
        }
        let mut talking = Conversation::new(now, settings, acceptor, offer);
        talking.confirm(settings);
        talking.ask();
        line.talk = Self::talk(talking);
        line.dialed = true;
        self.peers.insert((from, acceptor), to);
        self.touched(to);
    }

    fn gone(&mut self, from: A, sender: u64) {
        let name = self.peers.get(&(from, sender)).copied();
        let line = name.and_then(|name| self.lines.get_mut(&name));
        let (Some(name), Some(Line { talk: Talk::Talking(talking), .. })) = (name, line) else {
            self.counters.stray += 1;
            return;
        };
        talking.gone();
        self.touched(name);
    }

    fn packet(&mut self, now: Instant, from: A, to: u64, body: &[u8]) {
        let Some(line) = self.lines.get_mut(&to) else {
            self.counters.stray += 1;
            return self.answer(from, Datagram::Gone { sender: to });
        };
        let Talk::Talking(talking) = &mut line.talk else { return };
        if line.peer != from {
            self.counters.stray += 1;
            return;
        }
        if !Packet::read(body).is_some_and(|packet| talking.hear(now, &packet)) {
            self.counters.malformed += 1;
            return;
        }
        if !talking.is_confirmed() {
            talking.confirm(&self.settings);
            line.standing = Standing::Waiting;
            self.half_open.retain(|half| *half != to);
            self.backlog.push_back(to);
            self.callers = true;
        }
        self.touched(to);
    }
}

impl From<Refusal> for Ended {
    fn from(why: Refusal) -> Self {
        match why {
            Refusal::NotListening => Self::Refused,
            Refusal::Busy => Self::Busy,
            Refusal::Version => Self::Version,
        }
    }
}
