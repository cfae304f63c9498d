//! What the region asks of the ways.

use alloc::vec;
use alloc::vec::Vec;

use crate::actor::{ActorRef, DeadReason, Mailbox, Overflow, SpawnOptions, Woken};
use crate::node::sharding::head::Head;
use crate::node::sharding::model::{
    EPOCH, Model, SHARD, Told, actor, actor_with, here, hold, name, region, told, turn,
};
use crate::node::sharding::name::EntityName;
use crate::node::sharding::routes::Routes;
use crate::node::sharding::slot::{Slot, Way};
use crate::node::sharding::taken::Last;
use crate::node::sharding::there::There;
use crate::remote::{Peer, Unwritten};
use crate::sync::Arc;

#[test]
fn a_way_leads_to_one_region_in_one_epoch_and_is_not_turned_when_that_is_said_once_more() {
    let model = Model::new();
    let peer = Peer::alone(&model.world);
    let (routes, there, elsewhere) = (&model.routes, region(&peer, 1), region(&peer, 2));
    let other = region(&Peer::alone(&model.world), 1);
    // Whether something is to be done, and then does it.
    let turns = |epoch, region: &_| {
        let way = routes.way_to(SHARD, epoch, Arc::clone(region));
        way.map(|way| turn(routes, way)).is_some()
    };
    assert!(turns(1, &there) && !turns(1, &there) && !turns(1, &region(&peer, 1)));
    assert!(
        turns(2, &there) && turns(1, &there) && turns(1, &elsewhere) && turns(1, &other) && !turns(1, &other)
    );
    let taken = || {
        let there = |slot: &mut Slot<_>| match &slot.way {
            Way::There(there) => Some(Arc::clone(there)),
            Way::Here(_) | Way::Nowhere => None,
        };
        routes.with(SHARD, there).flatten().unwrap()
    };
    let before = taken();
    assert!(turns(1, &elsewhere));
    assert!(routes.with(SHARD, |slot| slot.strands(&before)).flatten().is_none(), "nobody takes it any more");
    let now = taken();
    assert!(routes.with(SHARD, |slot| slot.strands(&now)).flatten().is_some() && turns(1, &other));
    hold(routes);
    assert!(turns(1, &other));
    turn(routes, model.here());
    assert!(turns(1, &other));
}

#[test]
fn what_comes_for_the_same_entity_as_before_goes_to_whoever_that_is_now_and_is_noted() {
    let (model, mut woken) = (Model::new(), Woken::default());
    let routes = &model.routes;
    let (name, open) = (name(), |way| {
        turn(routes, way);
        assert!(routes.flush(SHARD));
    });
    let mut hear = |number| {
        let head = Head { epoch: EPOCH, again: false, entity: name.bytes() };
        assert!(routes.hear(head, Told(number), None, &mut woken).is_ok());
    };
    let used = || routes.with(SHARD, |slot| slot.home().map(|home| home.all_living())).flatten();
    open(model.here());
    (1..=2).for_each(&mut hear);
    routes.tick_on();
    (3..=4).for_each(&mut hear);
    assert_eq!(told(&model.entity), [1, 2, 3, 4]);
    assert_eq!(used().unwrap(), [(1, name.clone())], "it is not idle");
    let next = actor(&model.world);
    hold(routes);
    assert!(routes.tell(&name, false, Told(5)).is_ok());
    turn(routes, here(&next));
    (6..=7).for_each(&mut hear);
    assert!(routes.flush(SHARD));
    (8..=9).for_each(&mut hear);
    assert_eq!((told(&model.entity), told(&next)), (vec![], vec![5, 6, 7, 8, 9]));
    let other = Head { epoch: EPOCH, again: true, entity: "öne".as_bytes() };
    assert!(routes.hear(other, Told(10), None, &mut woken).is_ok());
    let none = Head { epoch: EPOCH, again: true, entity: &[0xff; 3] };
    assert!(routes.hear(none, Told(11), None, &mut woken).is_err());
    assert_eq!(told(&next), []);
}

/// Tells the entity something as a reference does; whether that took the way of the one before.
fn tell(routes: &Routes<Told>, last: &Last<Told>, number: u8) -> Result<bool, DeadReason> {
    last.tell(routes, &name(), Told(number)).map_err(|refused| refused.reason)
}

/// The shard is here, and all that waited is on its way.
fn open(routes: &Routes<Told>, entity: &ActorRef<Told>) {
    turn(routes, here(entity));
    assert!(routes.flush(SHARD));
}

#[test]
fn what_is_told_by_one_reference_goes_to_whoever_the_entity_is_now_and_is_noted() {
    let (model, last) = (Model::new(), Last::default());
    let (routes, next) = (&model.routes, actor(&model.world));
    let straight = |numbers: &[u8]| -> Vec<bool> {
        numbers.iter().map(|number| tell(routes, &last, *number).unwrap()).collect()
    };
    open(routes, &model.entity);
    assert_eq!(straight(&[1, 2, 3, 4]), [false, false, true, true], "the first may be the only one");
    routes.tick_on();
    assert_eq!(straight(&[5, 6]), [false, true]);
    let used = routes.with(SHARD, |slot| slot.home().map(|home| home.all_living())).flatten();
    assert_eq!(used.unwrap(), [(1, name())], "it is not idle");
    hold(routes);
    assert_eq!(straight(&[7]), [false]);
    turn(routes, here(&next));
    assert_eq!(straight(&[8]), [false]);
    assert!(routes.flush(SHARD));
    assert_eq!(straight(&[9, 10]), [false, true]);
    assert_eq!((told(&model.entity), told(&next)), (vec![1, 2, 3, 4, 5, 6], vec![7, 8, 9, 10]));
}

#[test]
fn a_full_mailbox_refuses_and_costs_nobody_its_way() {
    let (model, last) = (Model::new(), Last::default());
    let routes = &model.routes;
    let narrow = SpawnOptions::anonymous().mailbox(Mailbox::bounded(2, Overflow::Reject));
    let narrow = actor_with(&model.world, narrow);
    open(routes, &narrow);
    let version = routes.version();
    assert_eq!((tell(routes, &last, 1), tell(routes, &last, 2)), (Ok(false), Ok(false)));
    assert_eq!(tell(routes, &last, 3), Err(DeadReason::MailboxFull));
    assert_eq!(tell(routes, &Last::default(), 4), Err(DeadReason::MailboxFull));
    assert_eq!((told(&narrow), tell(routes, &last, 5)), (vec![1, 2], Ok(true)));
    assert_eq!(routes.version(), version);
}

#[test]
fn what_waits_for_a_shard_and_who_begins_cost_nobody_its_way() {
    let model = Model::new();
    let routes = &model.routes;
    open(routes, &model.entity);
    let version = routes.version();
    assert!(routes.tell(&EntityName::new("another"), false, Told(1)).is_ok());
    assert!(routes.tell(&EntityName::new("another"), false, Told(2)).is_ok());
    assert_eq!(routes.version(), version);
}

#[test]
fn what_is_told_on_a_way_that_nobody_takes_any_more_is_not_written() {
    let model = Model::new();
    let peer = Peer::alone(&model.world);
    let there = There::new(1, region(&peer, 1));
    assert_eq!(there.tell((&name(), false), &Told(1), None), Ok(()));
    there.close();
    assert_eq!(there.tell((&name(), false), &Told(2), None), Err(Unwritten::Late));
    let messages: Vec<_> = peer.written();
    assert_eq!(messages.len(), 1);
    assert_eq!(Head::read(&messages[0]).unwrap().1, [1]);
}

#[test]
fn what_comes_for_an_epoch_that_is_over_is_sent_on_once_and_is_dead_where_the_shard_has_moved_again() {
    let (model, mut woken) = (Model::new(), Woken::default());
    let (routes, peer, name) = (&model.routes, Peer::alone(&model.world), name());
    turn(routes, Way::There(Arc::new(There::new(EPOCH + 2, region(&peer, 1)))));
    assert!(routes.flush(SHARD));
    let mut hear = |again, number| {
        let head = Head { epoch: EPOCH, again, entity: name.bytes() };
        assert!(routes.hear(head, Told(number), None, &mut woken).is_ok());
    };
    hear(false, 1);
    assert_eq!(model.world.dead_letters(), 0);
    hear(true, 2);
    assert_eq!(model.world.dead_letters(), 1);
    let written = peer.written();
    let heads: Vec<_> = written.iter().map(|bytes| Head::read(bytes).unwrap()).collect();
    let on = Head { epoch: EPOCH + 2, again: true, entity: name.bytes() };
    assert_eq!(heads, [(on, &[1][..])]);
}
