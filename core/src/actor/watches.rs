//! Whom an actor watches, and who watches it: lists that the first watch puts in.

use alloc::boxed::Box;
use alloc::collections::VecDeque;

use super::any_ref::{ActorKey, AnyRef, Refers};
use super::control::Control;
use super::sorted::Sorted;

/// Those whom an actor watches. Only who watches has them, and links what they do.
pub(crate) trait Watches<M>: Send {
    /// Watches that one, from now on with this message. True unless it was watched already.
    fn begin(&mut self, actor: AnyRef, message: Option<M>) -> bool;
    /// Watches that one no more.
    fn end(&mut self, actor: &AnyRef);
    /// A watched actor has ended: that is to be heard at this count of handled messages.
    fn ended(&mut self, actor: AnyRef, position: u64);
    /// So many messages come before those that wait.
    fn put_back(&mut self, count: u64);
    /// At which count of handled messages the next end is to be heard.
    fn next_position(&self) -> Option<u64>;
    /// Takes the next end that is to be heard.
    fn next_notice(&mut self) -> Option<Notice<M>>;
    /// Hears of no more ends, and lets those go whom `me` watches.
    fn let_go(&mut self, me: &dyn Refers);
}

/// The end of a watched actor.
pub(crate) struct Notice<M> {
    /// The count of handled messages from which on it may be heard.
    position: u64,
    pub(crate) actor: AnyRef,
    pub(crate) message: Option<M>,
}

/// Whom an actor watches, each with the message that it wants for it, and what is still to be heard of those who ended.
struct Watched<M> {
    alive: Sorted<ActorKey, (AnyRef, Option<M>)>,
    notices: VecDeque<Notice<M>>,
}

impl<M: Send + 'static> dyn Watches<M> {
    /// Nobody.
    pub(crate) fn none() -> Box<Self> {
        Box::new(Watched { alive: Sorted::new(), notices: VecDeque::new() })
    }
}

impl<M: Send> Watches<M> for Watched<M> {
    fn begin(&mut self, actor: AnyRef, message: Option<M>) -> bool {
        // A notice on its way is the earlier watch's; this one has its own. To look for it takes as long as there are many.
        if !self.notices.is_empty() && may_have_ended(&actor) {
            self.notices.retain(|notice| notice.actor != actor);
        }
        self.alive.insert(actor.key(), (actor, message)).is_none()
    }

    fn end(&mut self, actor: &AnyRef) {
        let key = actor.key();
        let watched = self.alive.remove(|known| key.cmp(known));
        if watched.is_none() {
            self.notices.retain(|notice| notice.actor != *actor);
        }
        drop(watched);
    }

    fn ended(&mut self, actor: AnyRef, position: u64) {
        let key = actor.key();
        if let Some((_, (_, message))) = self.alive.remove(|known| key.cmp(known)) {
            self.notices.push_back(Notice { position, actor, message });
        }
    }

    fn put_back(&mut self, count: u64) {
        self.notices.iter_mut().for_each(|notice| notice.position += count);
    }

    fn next_position(&self) -> Option<u64> {
        self.notices.front().map(|notice| notice.position)
    }

    fn next_notice(&mut self) -> Option<Notice<M>> {
        self.notices.pop_front()
    }

    fn let_go(&mut self, me: &dyn Refers) {
        // Messages kept for watches were never told: they just go.
        while self.notices.pop_front().is_some() {}
        while let Some((_, (watched, _))) = self.alive.pop_first() {
            watched.signal(Control::Unwatch(me.to_any()));
        }
    }
}

/// Whether the end of an actor may have been heard of: of one that lives here it was not, and of those elsewhere not all is remembered.
fn may_have_ended(actor: &AnyRef) -> bool {
    actor.is_stopped() || actor.key().0 != actor.target().world().key()
}

/// Those who watch an actor. Who watches sends along how to make the list.
pub(crate) trait Watchers: Send {
    /// Adds one, or takes note that it is there.
    fn add(&mut self, watcher: AnyRef);
    /// Removes one.
    fn remove(&mut self, watcher: &AnyRef);
    /// Tells all that `me` has ended.
    fn tell(&mut self, me: &dyn Refers);
}

impl dyn Watchers {
    /// Nobody.
    pub(crate) fn none() -> Box<Self> {
        Box::new(Sorted::<ActorKey, AnyRef>::new())
    }
}

impl Watchers for Sorted<ActorKey, AnyRef> {
    fn add(&mut self, watcher: AnyRef) {
        self.insert(watcher.key(), watcher);
    }

    fn remove(&mut self, watcher: &AnyRef) {
        let key = watcher.key();
        Self::remove(self, |known| key.cmp(known));
    }

    fn tell(&mut self, me: &dyn Refers) {
        while let Some((_, watcher)) = self.pop_first() {
            watcher.signal(Control::Terminated(me.to_any()));
        }
    }
}

/// Tells those who would have watched `me` that it has ended: nobody will act on these signals any more.
#[inline(never)]
pub(crate) fn tell_late(signals: VecDeque<Control>, me: &dyn Refers) {
    for signal in signals {
        match signal {
            Control::Watch(watcher, _) => watcher.signal(Control::Terminated(me.to_any())),
            other => other.let_go(),
        }
    }
}
