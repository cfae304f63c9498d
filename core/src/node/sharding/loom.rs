//! Threads on the ways to a shard: nothing overtakes, and nothing is behind a last word.

extern crate std;

use std::vec;
use std::vec::Vec;

use super::envelope::{Form, Letter, ShardEnvelope};
use super::head::Head;
use super::model::{EPOCH, Model, SHARD, Told, hold, name, region, told, turn};
use super::routes::Routes;
use super::slot::{Slot, Way};
use super::taken::Last;
use super::there::There;
use crate::actor::Woken;
use crate::node_id::NodeId;
use crate::remote::{Line, Peer, distant};
use crate::sync::Arc;

/// Tells the entity something on this node.
fn tell(routes: &Routes<Told>, number: u8) {
    assert!(routes.tell(&name(), false, Told(number)).is_ok());
}

/// A message for the entity has come from another node.
fn arrive(routes: &Routes<Told>, again: bool, number: u8) {
    let letter = Letter { epoch: EPOCH, again, ..Letter::new(name(), Told(number)) };
    let mut woken = Woken::default();
    drop(routes.arrive(letter, None, &mut woken));
    woken.run(routes.world());
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
            assert_eq!(told(&model.entity), vec![1, 2]);
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
            assert_eq!(told(&model.entity), vec![1, 2]);
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
        assert_eq!(told(&model.entity), vec![1, 2, 3]);
    });
}

/// The way to a region on another node, in that epoch.
fn way_to(epoch: u64, region: &Arc<Line<ShardEnvelope<Told>>>) -> Way<Told> {
    Way::There(Arc::new(There::new(epoch, Arc::clone(region))))
}

/// What was written to another node, in its order: the epochs and the numbers of messages, and zeros for the region's last word.
fn written(peer: &Peer) -> Vec<(u64, u8)> {
    let told =
        |message: &[u8]| Head::read(message).map_or((0, 0), |(head, message)| (head.epoch, message[0]));
    peer.written().iter().map(|message| told(message)).collect()
}

/// The shard is on another node, the way to which is in its first epoch.
fn elsewhere(model: &Model) -> (Arc<Peer>, Arc<Line<ShardEnvelope<Told>>>) {
    let peer = Peer::alone(&model.world);
    let there = region(&peer, 1);
    turn(&model.routes, way_to(1, &there));
    assert!(model.routes.flush(SHARD));
    (peer, there)
}

/// Tells the entity something by the way that the last message took, and keeps that which it takes.
fn tell_as_before(routes: &Routes<Told>, last: &Last<Told>, number: u8) {
    assert!(last.tell(routes, &name(), Told(number)).is_ok());
}

/// Tells the entity four things, of which the third finds its way anew, and the last may take that of the second.
fn tell_in_turns(routes: &Routes<Told>) {
    let last = Last::default();
    tell_as_before(routes, &last, 1);
    tell_as_before(routes, &last, 2);
    tell(routes, 3);
    tell_as_before(routes, &last, 4);
}

#[test]
fn behind_the_last_word_that_a_region_says_to_a_shard_nothing_comes_and_what_was_told_waits() {
    loom::model(|| {
        let model = Model::new();
        let ((peer, _), routes) = (elsewhere(&model), Arc::clone(&model.routes));
        let other = loom::thread::spawn(move || tell_in_turns(&routes));
        hold(&model.routes);
        let last = ShardEnvelope(Form::<Told>::Words(NodeId { name: "here".into(), incarnation: 1 }, vec![]));
        let region = distant::<ShardEnvelope<Told>>(Arc::clone(&peer), 1, "region".into());
        assert!(region.try_tell(last).is_ok());
        other.join().unwrap();
        let waits = |slot: &mut Slot<Told>| slot.waiting.drain(..).map(|(_, it)| it.message.0).collect();
        let waiting: Vec<u8> = model.routes.with(SHARD, waits).unwrap();
        let mut written: Vec<u8> = written(&peer).into_iter().map(|(_, number)| number).collect();
        assert_eq!(written.pop(), Some(0));
        assert_eq!([written, waiting].concat(), vec![1, 2, 3, 4]);
    });
}

#[test]
fn what_is_told_while_a_shard_goes_from_one_node_to_another_stays_in_its_order() {
    loom::model(|| {
        let model = Model::new();
        let ((peer, there), routes) = (elsewhere(&model), Arc::clone(&model.routes));
        let other = loom::thread::spawn(move || tell_in_turns(&routes));
        turn(&model.routes, way_to(2, &there));
        assert!(model.routes.flush(SHARD));
        other.join().unwrap();
        let (epochs, numbers): (Vec<u64>, Vec<u8>) = written(&peer).into_iter().unzip();
        assert_eq!(numbers, vec![1, 2, 3, 4]);
        assert!(
            epochs.is_sorted(),
            "nothing goes to where it was behind what goes to where it is: {epochs:?}"
        );
    });
}

/// The entity is idle while it is told four things: what is told from then on is for the next.
fn ends_while(tells: impl Fn(&Routes<Told>) + Clone + Send + Sync + 'static) {
    loom::model(move || {
        let model = Model::new();
        turn(&model.routes, model.here());
        assert!(model.routes.flush(SHARD));
        let (routes, tells) = (Arc::clone(&model.routes), tells.clone());
        let other = loom::thread::spawn(move || tells(&routes));
        model.routes.with(SHARD, |slot| slot.home().and_then(|home| home.ends(&name(), None)));
        other.join().unwrap();
        let waiting = model.routes.with(SHARD, |slot| slot.home().map(|home| home.take_all())).flatten();
        let waiting =
            waiting.unwrap().into_iter().flat_map(|(_, waiting)| waiting).map(|Told(number)| number);
        let all: Vec<u8> = told(&model.entity).into_iter().chain(waiting).collect();
        assert_eq!(all, vec![1, 2, 3, 4]);
    });
}

#[test]
fn what_arrives_for_the_entity_that_something_came_for_before_goes_where_that_is_then() {
    ends_while(|routes| {
        let mut woken = Woken::default();
        let hear = |number, woken: &mut Woken| {
            let name = name();
            let head = Head { epoch: EPOCH, again: false, entity: name.bytes() };
            assert!(routes.hear(head, Told(number), None, woken).is_ok());
        };
        hear(1, &mut woken);
        hear(2, &mut woken);
        // It finds the way anew.
        arrive(routes, false, 3);
        hear(4, &mut woken);
        woken.run(routes.world());
    });
}

#[test]
fn what_is_told_by_the_way_of_the_last_message_goes_where_the_entity_is_then() {
    ends_while(tell_in_turns);
}

#[test]
fn two_who_tell_by_one_reference_each_keep_their_order() {
    loom::model(|| {
        let model = Model::new();
        turn(&model.routes, model.here());
        assert!(model.routes.flush(SHARD));
        let (routes, last) = (Arc::clone(&model.routes), Arc::new(Last::default()));
        let theirs = Arc::clone(&last);
        let other = loom::thread::spawn(move || {
            [1, 2, 3].iter().for_each(|it| tell_as_before(&routes, &theirs, *it))
        });
        [11, 12, 13].iter().for_each(|it| tell_as_before(&model.routes, &last, *it));
        other.join().unwrap();
        let (theirs, ours): (Vec<u8>, Vec<u8>) =
            told(&model.entity).into_iter().partition(|number| *number < 10);
        assert_eq!((theirs, ours), (vec![1, 2, 3], vec![11, 12, 13]));
    });
}
