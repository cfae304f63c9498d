//! Entities in a cluster, as a node reaches them that is no member of it.

use casty::prelude::*;
use casty::simulation::FaultyNetwork;
use casty::testkit::Probe;
use casty::{
    DeadLetter, DeadReason, Entities, InvalidName, MemoryNetwork, Network, Node, RemoteLimits,
    RemoteLookupError,
};

use crate::swarm_of_clusters::world::name;
use crate::town::{Town, Visit, scene};

/// A node that is no member, and what it hears of dead letters.
struct Guest {
    system: ActorSystem,
    node: Node,
    network: FaultyNetwork<MemoryNetwork>,
    dead: Probe<DeadLetter>,
}

impl Guest {
    /// One that others reach, or do not.
    async fn of(town: &Town, name: &str, listens: bool) -> Self {
        Self::with(town, (name, listens), RemoteLimits::default()).await
    }

    async fn with(town: &Town, (name, listens): (&str, bool), limits: RemoteLimits) -> Self {
        let system = ActorSystem::on(town.host.clone()).name("swarm").start().unwrap();
        let network = town.world.network(name);
        let joining = Network::over(network.clone()).node(name).limits(limits).insecure();
        let joining = if listens { joining.listen(name) } else { joining };
        let node = joining.start(&system).await.unwrap();
        let dead = Probe::new(&system, "dead").unwrap();
        system.subscribe(dead.actor());
        Self { system, node, network, dead }
    }

    async fn find(&self, member: usize) -> Result<Entities<Visit>, RemoteLookupError> {
        self.node.lookup(&name(member), "town", secs(5)).await
    }

    /// Those that it is connected to, in order.
    fn connected(&self) -> Vec<String> {
        let mut names: Vec<String> = self.node.connected().into_iter().map(|node| node.name).collect();
        names.sort();
        names
    }

    /// How many messages and replies a member has sent here.
    fn heard(&self, member: usize) -> usize {
        let peers = self.node.peers();
        let member = peers.iter().find(|it| it.peer.name == name(member)).unwrap();
        member.traffic.messages_received as usize
    }
}

/// Asks so many entities through the first member, which answer as they do from within.
async fn all_answer(town: &Town, guest: &Guest, entities: usize) {
    town.world.pass(secs(5)).await;
    let region = guest.find(1).await.unwrap();
    for entity in (0..entities).map(|entity| format!("entity-{entity}")) {
        let asked = region.entity(&*entity).ask(Visit::Where, secs(5)).await;
        assert_eq!(asked, Ok(town.answers(2, &entity, secs(5)).await), "{entity}");
    }
}

#[test]
fn a_node_outside_asks_entities_through_one_member_and_each_answers_it_straight_from_its_node() {
    scene(3, async |town| {
        let guest = Guest::of(town, "guest", true).await;
        all_answer(town, &guest, 24).await;
        assert_eq!(guest.connected(), ["n1", "n2", "n3"]);
        let homes = town.ledger.homes();
        let live =
            |node| homes.iter().filter(|(id, at)| *id != "first" && **at == town.process(node)).count();
        let lookups = [1, 0, 0];
        for node in 1..=3 {
            assert_eq!(guest.heard(node), live(node) + lookups[node - 1], "from {node}, of {homes:?}");
        }
    });
}

#[test]
fn a_node_that_listens_nowhere_asks_entities_and_is_answered_through_the_member_that_it_knows() {
    scene(3, async |town| {
        let guest = Guest::of(town, "guest", false).await;
        all_answer(town, &guest, 24).await;
        assert_eq!((guest.connected(), guest.heard(1)), (vec!["n1".into()], 1 + 24));
    });
}

#[test]
fn what_a_node_outside_tells_arrives_in_its_order_while_nodes_join_and_leave() {
    scene(2, async |town| {
        let (one, other) = (Guest::of(town, "one", true).await, Guest::of(town, "other", false).await);
        town.flow_through(&one.find(1).await.unwrap(), 1, 24, 2_500);
        town.flow_through(&other.find(1).await.unwrap(), 2, 24, 2_500);
        town.start(3).await;
        town.world.settled(&[1, 2, 3], secs(20)).await;
        town.world.shut_down(2);
        town.handled(1, 60_000, secs(40)).await;
        town.handled(2, 60_000, secs(40)).await;
        assert_eq!((one.system.dead_letters(), other.system.dead_letters()), (0, 0));
    });
}

#[test]
fn a_node_outside_reaches_entities_by_the_same_reference_when_their_node_is_lost() {
    scene(3, async |town| {
        let guest = Guest::of(town, "guest", true).await;
        all_answer(town, &guest, 24).await;
        let region = guest.find(1).await.unwrap();
        town.kill(3);
        town.world.pass(millis(100)).await;
        for entity in 0..24 {
            let entity = region.entity(format!("entity-{entity}"));
            let (process, _) =
                town.answered(async || entity.ask(Visit::Where, secs(2)).await, secs(20), "it").await;
            assert_ne!(process, town.process(3));
        }
    });
}

/// The member through which a node outside reaches entities leaves its cluster, and its system ends or runs on.
fn the_member_leaves(ends: bool) {
    scene(3, async |town| {
        let guest = Guest::of(town, "guest", town.world.chance() % 2 == 0).await;
        let region = guest.find(1).await.unwrap();
        town.flow_through(&region, 1, 24, 2_000);
        town.world.pass(secs(1)).await;
        if ends {
            town.world.shut_down(1);
        } else {
            town.world.leave(1);
        }
        town.world.settled(&[2, 3], secs(20)).await;
        town.world.pass(2 * RemoteLimits::default().lost_after).await;
        assert!(region.is_stopped());
        assert!(town.ledger.count(1) > 24 * 400 && town.ledger.is_whole(1), "what arrived has no gaps");
        let alice = region.entity("alice");
        assert_eq!(alice.ask(Visit::Where, secs(5)).await, Err(AskError::Stopped));
        assert!(matches!(alice.try_tell(Visit::Stop), Err(SendError::Stopped(_))));
        match guest.find(1).await.unwrap_err() {
            RemoteLookupError::Unreachable(_) if ends => {}
            RemoteLookupError::NotFound if !ends => {}
            other => panic!("{other}"),
        }
        let region = guest.find(2).await.unwrap();
        let answer = region.entity("alice").ask(Visit::Where, secs(5)).await;
        assert_eq!(answer, Ok(town.answers(3, "alice", secs(5)).await));
    });
}

#[test]
fn a_node_outside_is_told_when_the_member_has_left_and_goes_on_through_another() {
    the_member_leaves(false);
}

#[test]
fn a_node_outside_is_told_when_the_member_has_shut_down_and_goes_on_through_another() {
    the_member_leaves(true);
}

#[test]
fn what_a_node_outside_told_through_a_member_that_is_lost_is_dead_and_its_questions_end() {
    scene(3, async |town| {
        let guest = Guest::of(town, "guest", true).await;
        let alice = guest.find(1).await.unwrap().entity("alice");
        alice.ask(Visit::Where, secs(5)).await.unwrap();
        // Until it is known that the question has come.
        town.world.pass(secs(2)).await;
        town.kill(1);
        town.world.pass(secs(1)).await;
        alice.tell(Visit::Note(1, 1));
        let (begun, limits) = (town.world.now(), RemoteLimits::default());
        let asked = alice.ask(Visit::Where, mins(5)).await;
        assert_eq!(asked, Err(AskError::Stopped), "and not when its time is over");
        assert!(town.world.now().since(begun) < 2 * limits.lost_after);
        alice.tell(Visit::Note(1, 2));
        // What was on its way was for the region there; what came too late is named as a whole.
        for whose in ["town", "town", "town/alice"] {
            let DeadLetter { recipient, reason, .. } = guest.dead.recv().await;
            assert_eq!(
                (recipient.to_string(), reason),
                (format!("casty://swarm@n1/{whose}"), DeadReason::NodeLost)
            );
        }
        assert_eq!(guest.node.counters().dropped.node_lost, 3);
        assert!(matches!(guest.find(1).await, Err(RemoteLookupError::Unreachable(_))));
        let alice = guest.find(2).await.unwrap().entity("alice");
        alice.tell(Visit::Note(1, 3));
        town.handled(1, 1, secs(20)).await;
    });
}

#[test]
fn what_finds_no_room_on_the_link_from_a_node_outside_is_dead_for_that_reason() {
    scene(2, async |town| {
        let limits =
            RemoteLimits { link_bytes_max: 4 << 10, message_bytes_max: 1 << 10, ..RemoteLimits::default() };
        let guest = Guest::with(town, ("guest", true), limits).await;
        let alice = guest.find(1).await.unwrap().entity("alice");
        guest.network.part(&["guest"], &["n1"]);
        let told = (1..).find(|number| alice.try_tell(Visit::Note(1, *number)).is_err()).unwrap();
        alice.tell(Visit::Note(1, told));
        assert_eq!(alice.ask(Visit::Where, secs(5)).await, Err(AskError::Full));
        assert_eq!(guest.dead.recv().await.reason, DeadReason::LinkFull);
        assert_eq!(guest.node.counters().dropped.link_full, 1);
    });
}

#[test]
fn a_member_that_comes_back_under_its_name_is_looked_up_again() {
    scene(3, async |town| {
        let guest = Guest::of(town, "guest", true).await;
        let before = guest.find(1).await.unwrap();
        town.kill(1);
        town.start(1).await;
        town.world.settled(&[1, 2, 3], secs(40)).await;
        let after = guest.find(1).await.unwrap();
        assert!(before.is_stopped() && before != after);
        assert_eq!(before.entity("alice").ask(Visit::Where, secs(5)).await, Err(AskError::Stopped));
        assert_eq!(
            after.entity("alice").ask(Visit::Where, secs(5)).await,
            Ok(town.answers(2, "alice", secs(5)).await)
        );
    });
}

#[test]
fn a_name_that_is_none_is_refused_to_a_node_outside_as_within() {
    scene(2, async |town| {
        let guest = Guest::of(town, "guest", true).await;
        let nobody = guest.find(1).await.unwrap().entity("no/body");
        let refused = nobody.ask(Visit::Where, secs(5)).await;
        assert_eq!(refused, Err(AskError::InvalidName(InvalidName::Character('/'))));
    });
}
