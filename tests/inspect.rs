//! Looking at a node from another one: how it is, and its actors, page by page.

#![allow(clippy::unwrap_used, reason = "a scene that cannot go on fails")]

mod nodes;
mod scene;

use std::collections::{BTreeMap, BTreeSet};

use casty::inspect::{self, ActorReport, ActorState, ActorsPage, Inspect, InspectError};
use casty::prelude::*;
use casty::remote::Secret;
use casty::simulation::Host;
use casty::{EntityRef, Membership, MemoryNetwork, Network, RemoteLookupError, Shards, Smol};
use nodes::{Account, Place, account, played};
use scene::{Gate, play, settled};

/// A node that can be inspected, and the one that does so.
async fn watched(host: &Host, network: &MemoryNetwork) -> (Place, ActorRef<Inspect>, Place) {
    let system = ActorSystem::on(host.clone()).name("bank").start().unwrap();
    let joining = Network::over(network.clone()).node("seen").listen("seen").secret(Secret::new("secret"));
    let seen = Place { node: joining.inspectable().start(&system).await.unwrap(), system };
    let eye = nodes::place(host, network, "eye").await;
    let inspect = eye.node.lookup::<Inspect>("seen", inspect::PATH, secs(5)).await.unwrap();
    (seen, inspect, eye)
}

async fn page(
    inspect: &ActorRef<Inspect>,
    of: &str,
    after: u64,
    max: u32,
) -> Result<ActorsPage, InspectError> {
    let question = |reply| Inspect::Children { of: of.into(), after, max, reply };
    inspect.ask(question, secs(5)).await.unwrap()
}

/// All children of an actor, a few at a time.
async fn all(inspect: &ActorRef<Inspect>, of: &str) -> Vec<ActorReport> {
    let mut all: Vec<ActorReport> = Vec::new();
    loop {
        let after = all.last().map_or(0, |last| last.number);
        let page = page(inspect, of, after, 7).await.unwrap();
        assert!(page.actors.len() <= 7);
        all.extend(page.actors);
        if !page.more {
            return all;
        }
    }
}

async fn one(inspect: &ActorRef<Inspect>, of: &str, name: &str) -> ActorReport {
    all(inspect, of).await.into_iter().find(|actor| actor.name == name).unwrap()
}

#[test]
fn a_node_says_who_it_is_and_how_it_is() {
    played(async |host, network| {
        let (seen, inspect, eye) = watched(&host, &network).await;
        eye.system.sleep(mins(3)).await;
        let status = inspect.ask(Inspect::Status, secs(5)).await.unwrap();
        assert_eq!((&status.node, status.system.as_str()), (seen.node.id(), "bank"));
        assert_eq!((status.address.as_str(), status.version.as_str()), ("seen", env!("CARGO_PKG_VERSION")));
        assert!(status.uptime >= mins(3) && status.uptime < mins(4), "{:?}", status.uptime);
        assert_eq!((status.actors, status.dead_letters), (seen.system.actors() as u64, 0));
        // The lookup was answered, and the question has come.
        assert_eq!((status.counters.links_made, status.counters.traffic.messages_received), (1, 1));
    });
}

#[test]
fn a_node_that_is_not_inspectable_shows_nothing() {
    nodes::two(async |one, _other| {
        let inspect = one.node.lookup::<Inspect>("other", inspect::PATH, secs(5)).await;
        assert_eq!(inspect, Err(RemoteLookupError::NotFound));
    });
}

#[test]
fn pages_show_each_actor_once_in_the_order_of_birth_whoever_comes_and_goes() {
    played(async |host, network| {
        let (seen, inspect, eye) = watched(&host, &network).await;
        let family = Behavior::<u8>::setup(|ctx| {
            for child in 0..100 {
                let name = format!("child-{child}");
                let child = Behavior::<u16>::ignore();
                // Every third has no name.
                let born =
                    if name.len() % 3 == 0 { ctx.spawn_anonymous(child) } else { ctx.spawn(child, &name) };
                born.unwrap();
            }
            Behavior::receive(|ctx, number: u8| {
                let gone = ctx.children().nth(number.into()).unwrap();
                ctx.stop(&gone).unwrap();
                ctx.spawn_anonymous(Behavior::<u16>::ignore()).unwrap();
                Behavior::same()
            })
        });
        let family = seen.system.spawn(family, "family").unwrap();
        settled(&eye.system).await;
        let before = all(&inspect, "family").await;
        assert_eq!(before.len(), 100);
        assert!(before.is_sorted_by_key(|actor| actor.number));
        assert!(before.iter().all(|actor| actor.takes == "u16" && actor.state == ActorState::Idle));
        let looking = async {
            let mut found = Vec::new();
            loop {
                let after = found.last().copied().unwrap_or_default();
                let page = page(&inspect, "family", after, 9).await.unwrap();
                found.extend(page.actors.iter().map(|actor| actor.number));
                family.tell(50);
                eye.system.sleep(millis(1)).await;
                if !page.more {
                    return found;
                }
            }
        };
        let found = looking.await;
        assert!(found.is_sorted());
        let after: Vec<u64> = all(&inspect, "family").await.iter().map(|actor| actor.number).collect();
        let stayed = before.iter().map(|actor| actor.number).filter(|number| after.contains(number));
        assert!(stayed.clone().count() > 80);
        assert!(stayed.clone().all(|number| found.iter().filter(|it| **it == number).count() == 1));
        assert_eq!(seen.system.dead_letters(), 0);
    });
}

#[test]
fn an_actor_shows_what_it_is_up_to_and_nothing_changes_by_that() {
    played(async |host, network| {
        let (seen, inspect, eye) = watched(&host, &network).await;
        let (behavior, gate) = Gate::closed();
        let gated = seen.system.spawn(behavior, "gated").unwrap();
        let fragile = Behavior::receive_message(|_: u8| Behavior::fail("on purpose"));
        let quick = fragile.clone().supervised(OneForOne::restarts(9, mins(1)));
        let slow =
            fragile.supervised(OneForOne::restarts(9, mins(1)).backoff(Backoff::new(mins(1), mins(1))));
        let (quick, slow) =
            (seen.system.spawn(quick, "quick").unwrap(), seen.system.spawn(slow, "slow").unwrap());
        (0..4).for_each(|number| gated.tell(number));
        (0..3).for_each(|number| quick.tell(number));
        slow.tell(0);
        eye.system.sleep(secs(1)).await;
        let shown = async |name| {
            let actor = one(&inspect, "", name).await;
            (actor.state, actor.waiting, actor.restarts, actor.children)
        };
        assert_eq!(shown("gated").await, (ActorState::Busy, 3, Some(0), Some(0)));
        assert_eq!(shown("quick").await, (ActorState::Idle, 0, Some(3), Some(0)));
        assert_eq!(shown("slow").await, (ActorState::Restarting, 0, Some(0), Some(0)));
        gated.tell(4);
        assert_eq!(gate.begun().await, 0);
        let handled = gate.handled_until_shutdown(&seen.system).await;
        assert_eq!(handled, [1, 2, 3, 4]);
    });
}

#[test]
fn any_actor_is_found_by_its_path_also_below_one_without_a_name() {
    played(async |host, network| {
        let (seen, inspect, eye) = watched(&host, &network).await;
        let grandchild = || Behavior::<u32>::ignore();
        let child = move || {
            Behavior::<u16>::setup(move |ctx| {
                ctx.spawn(grandchild(), "below").unwrap();
                ctx.spawn_anonymous(grandchild()).unwrap();
                Behavior::ignore()
            })
        };
        let family = Behavior::<u8>::setup(move |ctx| {
            ctx.spawn_anonymous(child()).unwrap();
            ctx.spawn(child(), "named").unwrap();
            Behavior::ignore()
        });
        seen.system.spawn(family.clone(), "family").unwrap();
        let nameless = seen.system.spawn_anonymous(family).unwrap();
        settled(&eye.system).await;
        let mut shown = Vec::new();
        for root in ["family".into(), format!("${}", nameless.id().number())] {
            for child in all(&inspect, &root).await {
                assert_eq!(child.children, Some(2));
                let path = format!("/{root}/{}", child.name);
                for grandchild in all(&inspect, &path).await {
                    assert_eq!((grandchild.takes.as_str(), grandchild.children), ("u32", Some(0)));
                    shown.push(format!("{path}/{}", grandchild.name));
                }
            }
        }
        assert_eq!((shown.len(), shown.iter().filter(|path| path.contains("below")).count()), (8, 4));
        for nobody in ["nobody", "family/nobody", "family/$1", "$99999", "family/named/below/x", "$x"] {
            assert_eq!(page(&inspect, nobody, 0, 9).await, Err(InspectError::NotFound), "{nobody}");
        }
        assert_eq!(all(&inspect, "family/named/below").await, []);
    });
}

#[test]
fn who_inspects_sees_the_inspector_too() {
    played(async |host, network| {
        let (_seen, inspect, _eye) = watched(&host, &network).await;
        let roots = all(&inspect, "").await;
        assert_eq!((roots.len(), roots[0].children), (1, Some(1)));
        let surveyor = all(&inspect, &roots[0].name).await;
        assert_eq!((surveyor.len(), surveyor[0].name.as_str()), (1, "actors"));
    });
}

#[test]
fn an_actor_whose_handler_blocks_holds_up_nobody_who_looks() {
    play(async {
        let network = MemoryNetwork::new();
        let joining = |name| Network::over(network.clone()).node(name).listen(name).insecure();
        let start = |threads| ActorSystem::on(Smol::threads(threads)).name("bank").start().unwrap();
        let (here, there) = (start(1), start(2));
        let node = joining("here").start(&here).await.unwrap();
        joining("there").inspectable().start(&there).await.unwrap();
        let (on, wait) = std::sync::mpsc::channel::<()>();
        let (begun, begins) = async_channel::unbounded();
        let wait = std::sync::Mutex::new(wait);
        let blocks = Behavior::receive_message(move |_: Account| {
            begun.try_send(()).unwrap();
            let _ = wait.lock().unwrap().recv();
            Behavior::same()
        });
        let blocked = there.spawn(blocks, "blocked").unwrap();
        blocked.tell(Account::Close);
        begins.recv().await.unwrap();
        (0..5).for_each(|amount| blocked.tell(Account::Deposit(amount)));
        let inspect = node.lookup::<Inspect>("there", inspect::PATH, secs(5)).await.unwrap();
        let actor = one(&inspect, "", "blocked").await;
        assert_eq!((actor.state, actor.waiting, actor.restarts), (ActorState::Blocked, 5, None));
        assert_eq!(page(&inspect, "blocked", 0, 9).await, Err(InspectError::Blocked));
        drop(on);
        there.shutdown().await;
        assert_eq!(there.dead_letters(), 0);
    });
}

/// So many entities, in so many shards, at the members `n1` and so on, which can all be inspected.
const ENTITIES: u64 = 40;
const SHARDS: u32 = 12;

async fn member(host: &Host, network: &MemoryNetwork, name: &str) -> (Place, Vec<EntityRef<Account>>) {
    let member = nodes::place_as(host, network, name, |joining| {
        joining.cluster(Membership::seeds(["n1", "n2", "n3"])).inspectable()
    });
    let member = member.await;
    let shards = Behavior::sharded(|_: &str| account(), Shards::new(SHARDS).moves_pause(millis(200)));
    let accounts = member.system.spawn(shards, "accounts").unwrap();
    let entities = (0..ENTITIES).map(|it| accounts.entity(format!("account-{it}")));
    (member, entities.collect())
}

/// Which entities live at which of these members, as one that is told by all of them sees it: and each shard is at one.
async fn seen_at(eye: &Place, members: &[&str]) -> Vec<Vec<String>> {
    let (mut seen, mut shards) = (Vec::new(), BTreeMap::new());
    for (at, member) in members.iter().enumerate() {
        let inspect = eye.node.lookup::<Inspect>(member, inspect::PATH, secs(5)).await.unwrap();
        let entities: Vec<String> = all(&inspect, "accounts").await.into_iter().map(|it| it.name).collect();
        for entity in &entities {
            let shard = Shards::new(SHARDS).shard_of(entity);
            assert_eq!(*shards.entry(shard).or_insert(at), at, "shard {shard} is at two members");
        }
        seen.push(entities);
    }
    seen
}

/// How many live at these members once all have answered, none of them twice.
async fn total_of(eye: &Place, entities: &[EntityRef<Account>], members: &[&str]) -> u64 {
    for entity in entities {
        assert!(entity.ask(Account::Balance, secs(10)).await.is_ok());
    }
    let seen = seen_at(eye, members).await.concat();
    assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), seen.len(), "{seen:?}");
    seen.len() as u64
}

/// Pekko has this as `ClusterShardingGetStateSpec` and `ClusterShardingGetStatsSpec`.
#[test]
fn who_inspects_the_members_of_a_cluster_sees_which_entities_live_where() {
    played(async |host, network| {
        let eye = nodes::place(&host, &network, "eye").await;
        let (one, entities) = member(&host, &network, "n1").await;
        let (two, _) = member(&host, &network, "n2").await;
        let (three, _) = member(&host, &network, "n3").await;
        for place in [&one, &two, &three] {
            place.node.cluster().unwrap().wait_for(3, mins(1)).await.unwrap();
        }
        one.system.sleep(secs(10)).await;
        let members = ["n1", "n2", "n3"];
        assert!(seen_at(&eye, &members).await.iter().all(Vec::is_empty), "nobody was told anything");
        assert_eq!(total_of(&eye, &entities, &members).await, ENTITIES, "each at one");
        let seen = seen_at(&eye, &members).await;
        assert!(seen.iter().all(|at| !at.is_empty()), "{seen:?}");
        entities[0].tell(Account::Close);
        one.system.sleep(secs(1)).await;
        assert_eq!(seen_at(&eye, &members).await.concat().len() as u64, ENTITIES - 1, "it has ended");
        three.system.shutdown_within(secs(30)).await;
        assert_eq!(total_of(&eye, &entities, &["n1", "n2"]).await, ENTITIES, "the others have them");
    });
}
