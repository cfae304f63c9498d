//! What an actor has beside its state: taken out where it ends, put in where it goes on.

use alloc::vec::Vec;

use super::Context;
use crate::actor::any_ref::Target;
use crate::actor::luggage::Belongings;
use crate::actor::timers::Repeat;

impl<M: Send + 'static> Context<M> {
    /// Takes all out that is to go on elsewhere; from here on nothing more comes in.
    pub(crate) fn pack(&mut self) -> Belongings<M> {
        self.inbox.lanes.seal();
        let mut unread = Vec::with_capacity(self.hands.len() + self.inbox.lanes.waiting());
        while let Some(message) = self.hands.pop().or_else(|| self.inbox.lanes.leftover()) {
            unread.push(message);
        }
        let now = self.now();
        let Some(ext) = &mut self.ext else {
            return Belongings { stash: Vec::new(), unread, timers: Vec::new(), silence: None };
        };
        let clock = self.inbox.world().clock();
        ext.due.clear();
        let idle = ext.idle.take();
        idle.iter().for_each(|idle| clock.cancel(idle.timer));
        let timers = ext.timers.take_all().map(|(key, timer)| {
            clock.cancel(timer.id);
            (key, timer.due - now, timer.repeat)
        });
        Belongings {
            stash: ext.stash.drain(..).map(|(message, _)| message).collect(),
            unread,
            timers: timers.collect(),
            silence: idle.map(|idle| (idle.after, idle.make)),
        }
    }

    /// Puts in what was taken out elsewhere. What repeats has the function that was set for it here meanwhile, if one was.
    pub(crate) fn unpack(&mut self, belongings: Belongings<M>) {
        let Belongings { stash, unread, timers, silence } = belongings;
        unread.into_iter().rev().for_each(|message| self.hands.push_front(message));
        self.ext().stash.extend(stash.into_iter().map(|message| (message, None)));
        for (key, left, mut repeat) in timers {
            if let Some(here) = self.ext().timers.take(&key) {
                self.world().clock().cancel(here.id);
                if let (Repeat::Always(beat), Repeat::Always(here)) = (&mut repeat, here.repeat) {
                    beat.make = here.make;
                }
            }
            self.set_timer(key, left, repeat);
        }
        if let Some((quiet, make)) = silence.filter(|_| self.ext().idle.is_none()) {
            self.wait_for_silence(quiet, make);
        }
    }
}
