//! Several threads on the ways to a shard: nothing overtakes, the last to go is heard.

extern crate std;

use core::iter;
use std::vec;
use std::vec::Vec;

use loom::sync::atomic::AtomicUsize;

use super::envelope::Letter;
use super::model::{EPOCH, Model, SHARD, Told, hold, name, quiets, region, turn};
use super::routes::Routes;
use super::slot::Straight;
use crate::actor::Woken;
use crate::sync::{Arc, Ordering};

/// Tells the entity something on this node.
fn tell(routes: &Routes<Told>, number: u8) {
    assert!(routes.tell(&name(), false, Told(number)).is_ok());
}

/// A message for the entity has come from another node.
fn arrive(routes: &Routes<Told>, again: bool, number: u8) {
    let letter = Letter { epoch: EPOCH, again, ..Letter::new(name(), Told(number)) };
    let mut woken = Woken::default();
    routes.arrive(letter, None, &mut woken);
    woken.run(routes.world());
}

/// What the entity was told, in its order.
fn told(model: &Model) -> Vec<u8> {
    let inbox = model.entity.inbox();
    iter::from_fn(|| inbox?.lanes.leftover()).map(|Told(number)| number).collect()
}

/// The region opens its shard here, while another thread does that.
fn opens_while(model: &Model, meanwhile: impl FnOnce(&Routes<Told>) + Send + 'static) {
    let theirs = Arc::clone(&model.routes);
    let other = loom::thread::spawn(move || meanwhile(&theirs));
    turn(&model.routes, model.here());
    assert!(model.routes.flush(SHARD));
    other.join().unwrap();
    assert_eq!(model.world.dead_letters(), 0);
}

#[test]
fn what_arrives_while_a_shard_opens_under_a_lease_comes_after_what_waits() {
    for again in [false, true] {
        loom::model(move || {
            let model = Model::new();
            model.routes.with(SHARD, |slot| slot.locked = Some(EPOCH));
            tell(&model.routes, 1);
            opens_while(&model, move |routes| arrive(routes, again, 2));
            assert_eq!(told(&model), vec![1, 2]);
        });
    }
}

#[test]
fn what_arrives_for_a_shard_that_has_just_opened_comes_after_what_waits_and_is_not_lost() {
    for again in [false, true] {
        loom::model(move || {
            let model = Model::new();
            tell(&model.routes, 1);
            turn(&model.routes, model.here());
            let theirs = Arc::clone(&model.routes);
            let other = loom::thread::spawn(move || arrive(&theirs, again, 2));
            assert!(model.routes.flush(SHARD));
            other.join().unwrap();
            assert_eq!(told(&model), vec![1, 2]);
            assert_eq!(model.world.dead_letters(), 0);
        });
    }
}

#[test]
fn what_one_tells_while_a_shard_opens_stays_in_its_order() {
    loom::model(|| {
        let model = Model::new();
        tell(&model.routes, 1);
        opens_while(&model, |routes| {
            tell(routes, 2);
            tell(routes, 3);
        });
        assert_eq!(told(&model), vec![1, 2, 3]);
    });
}

/// Who writes something to another node, as told by what it has begun and what it has written.
#[derive(Default)]
struct Writer {
    begun: AtomicUsize,
    written: AtomicUsize,
}

impl Writer {
    fn write(&self, routes: &Routes<Told>) {
        let there = routes.with(SHARD, |slot| {
            let there = slot.straight(&name(), 0);
            if there.is_some() {
                self.begun.fetch_add(1, Ordering::Relaxed);
            }
            there
        });
        if let Some(Straight::There(there)) = there.flatten() {
            self.written.fetch_add(1, Ordering::Relaxed);
            drop(there);
        }
    }

    /// What the region does with its notes: whether it says its last word to the shard, after which nothing may come.
    fn fenced(&self, routes: &Routes<Told>) -> bool {
        let quiet = quiets(routes) > 0 && routes.with(SHARD, |slot| slot.is_quiet()) == Some(true);
        if quiet {
            // The checker does not see that the last to drop a shared pointer has seen all that was before: these read the latest.
            let [begun, written] = [&self.begun, &self.written].map(|it| it.fetch_add(0, Ordering::Relaxed));
            assert_eq!(begun, written, "somebody still writes");
        }
        quiet
    }
}

#[test]
fn the_region_says_its_last_word_once_nobody_is_on_a_way_any_more_and_does_so() {
    loom::model(|| {
        let model = Model::new();
        let (routes, writer) = (Arc::clone(&model.routes), Arc::new(Writer::default()));
        let to = |epoch| {
            turn(&model.routes, model.routes.way_to(SHARD, epoch, region(&model)));
            assert!(model.routes.flush(SHARD));
        };
        to(1);
        let (theirs, same) = (Arc::clone(&routes), Arc::clone(&writer));
        let other = loom::thread::spawn(move || same.write(&theirs));
        // It may still be on the first way when the second is closed as well.
        to(2);
        hold(&routes);
        let at_once = writer.fenced(&routes);
        other.join().unwrap();
        assert!(at_once || writer.fenced(&routes), "the last word is never said");
    });
}
