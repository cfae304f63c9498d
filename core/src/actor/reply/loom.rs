//! A reply races with an asker that gives up: exactly one of them has it.

extern crate std;

use alloc::boxed::Box;
use core::task::{Context, Poll, Waker};
use std::sync::Mutex;

use super::{Asker, ReplyTo, Slot};
use crate::actor::any_ref::Refers;
use crate::actor::behavior::Behavior;
use crate::actor::home::Home;
use crate::actor::inbox::Inbox;
use crate::actor::letter::Letter;
use crate::actor::limits::Limits;
use crate::actor::mailbox::Mailbox;
use crate::actor::spawn::{Newborn, SpawnOptions};
use crate::actor::world::World;
use crate::dispatch::Crew;
use crate::executor::Nowhere;
use crate::id::ActorId;
use crate::sync::{Arc, erased};

fn asked() -> (Arc<World>, crate::actor::any_ref::AnyRef) {
    let world = Arc::new(World::new("model".into(), Box::new(Nowhere), Crew::alone(), Limits::default(), 1));
    let options = SpawnOptions::anonymous();
    let newborn = Newborn { behavior: Behavior::<u8>::ignore(), options, guarded: false };
    let actor = World::spawn(&world, newborn).unwrap();
    (world, actor.to_any())
}

/// The mailbox of an asker that takes the outcome as a message, and never runs.
fn inbox(world: &Arc<World>) -> Inbox<()> {
    let home = Arc::new(Home::new(Arc::clone(world), None, None));
    Inbox::new(home, ActorId::new(99), Mailbox::unbounded())
}

#[test]
fn a_reply_is_had_by_the_asker_or_is_a_dead_letter() {
    loom::model(|| {
        let (world, asked) = asked();
        let slot = Arc::new(Slot::new(asked));
        let reply_to = ReplyTo::asker(erased!(Arc::clone(&slot) => dyn Asker<u8>));
        let replier = loom::thread::spawn(move || reply_to.tell(7_u8));
        let polled = slot.poll(&Context::from_waker(Waker::noop()));
        let had = match polled {
            Poll::Ready(outcome) => Some(outcome),
            Poll::Pending => slot.give_up(),
        };
        replier.join().unwrap();
        assert!(had.is_none() || had == Some(Ok(7)));
        assert_eq!(world.dead_letters(), u64::from(had.is_none()));
    });
}

#[test]
fn an_asker_that_is_called_is_called_once_by_a_reply_or_by_the_time() {
    loom::model(|| {
        let (world, asked) = asked();
        let calls = Arc::new(Mutex::new(alloc::vec::Vec::new()));
        let noted = Arc::clone(&calls);
        let adapt = move |outcome: Result<u8, _>| noted.lock().unwrap().push(outcome.is_ok());
        let letter = Arc::new(Letter::new(Arc::new(inbox(&world)), adapt, asked, None));
        let reply_to = ReplyTo::asker(erased!(Arc::clone(&letter) => dyn Asker<u8>));
        let replier = loom::thread::spawn(move || reply_to.tell(7_u8));
        let _ = letter.end(Err(crate::actor::error::AskError::Timeout));
        replier.join().unwrap();
        let calls = calls.lock().unwrap().clone();
        assert_eq!(calls.len(), 1);
        assert_eq!(world.dead_letters(), u64::from(!calls[0]));
    });
}
