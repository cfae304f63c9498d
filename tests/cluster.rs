//! Clusters as users see them: formed, joined, left, parted, and what links make of it.

#![allow(clippy::unwrap_used, reason = "a scene that cannot go on fails")]

mod nodes;
mod scene;

use std::cell::Cell;
use std::pin::pin;
use std::time::Duration;

use casty::cluster::{ClusterEvent, ClusterState, Downing, MemberStatus};
use casty::prelude::*;
use casty::remote::NodeLost;
use casty::simulation::{FaultyNetwork, Host, Simulation, sweep_over};
use casty::{DeadLetter, Executor, Membership, MemoryNetwork, Network, NetworkError, RemoteLimits};
use futures::future::poll_immediate;
use futures::stream::{self, StreamExt};
use nodes::{Account, Place, balance};
use scene::Ear;

type Net = FaultyNetwork<MemoryNetwork>;

const SEEDS: [&str; 3] = ["n1", "n2", "n3"];

fn membership() -> Membership {
    Membership::seeds(SEEDS)
}

async fn member(host: &Host, network: &Net, name: &str, membership: Membership) -> Place {
    member_with(host, network, name, membership, RemoteLimits::default()).await
}

async fn member_with(
    host: &Host,
    network: &Net,
    name: &str,
    membership: Membership,
    limits: RemoteLimits,
) -> Place {
    joined(host, (network, name), membership, limits).await.0
}

/// The same, and what it hears of its cluster from the beginning.
async fn joined(
    host: &Host,
    (network, name): (&Net, &str),
    membership: Membership,
    limits: RemoteLimits,
) -> (Place, Ear<ClusterEvent>) {
    let system = ActorSystem::on(host.clone()).name("bank").start().unwrap();
    let ear = Ear::on(&system);
    let joining = Network::over(network.at(name)).node(name).listen(name).insecure().cluster(membership);
    // Far less than it takes to give a member up: whoever is in a cluster is given up by that alone.
    let limits = RemoteLimits { lost_after: secs(2), ..limits };
    let node = joining.limits(limits).start(&system).await.unwrap();
    (Place { system, node }, ear)
}

/// Plays a scene with so many members that are up, in many orders.
fn formed(members: usize, scene: impl AsyncFn(Vec<Place>, Net, Host)) {
    played(async |host, network| {
        let mut places = Vec::new();
        for at in 1..=members {
            places.push(member(&host, &network, &format!("n{at}"), membership()).await);
        }
        for place in &places {
            place.cluster().wait_for(members, mins(10)).await.unwrap();
        }
        scene(places, network, host).await;
    });
}

fn played(scene: impl AsyncFn(Host, Net)) {
    sweep_over(0..8, |simulation: Simulation| {
        // Whoever waits for what does not come fails.
        simulation.elapsed_max(mins(20)).steps_max(300_000).run(|host: Host| {
            let network = FaultyNetwork::new(host.clone(), MemoryNetwork::new());
            scene(host, network)
        });
    });
}

impl Place {
    fn cluster(&self) -> &casty::Cluster {
        self.node.cluster().unwrap()
    }

    /// The names of those that are up, as this one knows.
    fn up(&self) -> Vec<String> {
        let mut names: Vec<String> =
            self.cluster().state().up().map(|member| member.id.name.clone()).collect();
        names.sort();
        names
    }

    fn agrees_on(&self, names: &[&str]) -> bool {
        let state = self.cluster().state();
        self.up() == names && state.members.len() == names.len() && state.converged
    }
}

/// Waits until these agree that they, and nobody else, are members.
async fn agreed(host: &Host, places: &[&Place], names: &[&str], within: Duration) {
    let end = host.now() + within;
    while !places.iter().all(|place| place.agrees_on(names)) {
        let known: Vec<_> = places.iter().map(|place| place.cluster().state()).collect();
        assert!(host.now() < end, "they do not agree on {names:?}: {known:#?}");
        host.sleep_until(host.now() + millis(50)).await;
    }
}

#[test]
fn nodes_with_the_same_seeds_form_one_cluster_with_one_leader_in_whatever_order_they_start() {
    played(async |host, network| {
        let mut names = vec!["n1", "n2", "n3", "n4", "n5"];
        let turn = usize::try_from(host.seed() % 5).unwrap();
        names.rotate_left(turn);
        let mut places = Vec::new();
        for name in names {
            places.push(member(&host, &network, name, membership()).await);
            host.sleep_until(host.now() + millis(host.seed() % 300)).await;
        }
        let all: Vec<&Place> = places.iter().collect();
        agreed(&host, &all, &["n1", "n2", "n3", "n4", "n5"], secs(10)).await;
        let leader = places[0].cluster().leader().unwrap();
        assert!(places.iter().all(|place| place.cluster().leader().as_ref() == Some(&leader)));
        let state = places[0].cluster().state();
        assert_eq!(state.members[0].id, leader, "the oldest leads");
        assert_eq!(state.members.iter().map(|member| member.age).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
    });
}

#[test]
fn a_cluster_is_formed_within_milliseconds_of_the_last_start() {
    played(async |host, network| {
        let one = member(&host, &network, "n1", membership()).await;
        let two = member(&host, &network, "n2", membership()).await;
        host.sleep_until(host.now() + secs(5)).await;
        let begun = host.now();
        let three = member(&host, &network, "n3", membership()).await;
        for place in [&one, &two, &three] {
            place.cluster().wait_for(3, mins(10)).await.unwrap();
        }
        assert!(host.now() - begun < millis(20), "{:?}", host.now() - begun);
    });
}

#[test]
fn who_is_alone_with_three_seeds_never_forms_a_cluster_and_who_forms_one_says_so() {
    played(async |host, network| {
        let one = member(&host, &network, "n1", membership()).await;
        host.sleep_until(host.now() + mins(5)).await;
        assert_eq!((one.cluster().status(), one.up().len()), (None, 0));
        let other =
            member(&host, &network, "other", Membership::form().roles(["b", "a", "b"]).version("7")).await;
        other.cluster().wait_for(1, mins(10)).await.unwrap();
        let state = other.cluster().state();
        assert_eq!(
            (state.members[0].roles.join(","), state.members[0].version.as_str()),
            ("a,b".into(), "7")
        );
        assert_eq!(state.members[0].protocols, (1, 1), "there is one version of the protocol so far");
        assert_eq!(other.cluster().leader().as_ref(), Some(other.node.id()));
    });
}

#[test]
fn a_seed_that_is_started_again_joins_the_cluster_that_is_there() {
    formed(4, async |mut places, network, host| {
        let old = places.remove(0);
        let ear = Ear::<ClusterEvent>::on(&places[0].system);
        drop(old);
        host.sleep_until(host.now() + millis(host.seed() % 3_000)).await;
        let new = member(&host, &network, "n1", membership()).await;
        let mut all: Vec<&Place> = places.iter().collect();
        all.push(&new);
        agreed(&host, &all, &["n1", "n2", "n3", "n4"], secs(10)).await;
        assert_eq!(new.cluster().state().members.last().map(|member| &member.id), Some(new.node.id()));
        let downed = |event: &ClusterEvent| matches!(event, ClusterEvent::MemberDowned(member) if member.id.name == "n1");
        assert!(ear.rest().iter().any(downed), "the one before was given up");
    });
}

#[test]
fn addresses_are_asked_for_again_at_each_try() {
    played(async |host, network| {
        let other = member(&host, &network, "other", Membership::form()).await;
        other.cluster().wait_for(1, mins(10)).await.unwrap();
        let tries = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
        let count = std::sync::Arc::clone(&tries);
        let discovery = Membership::discovered(move || {
            let try_ = count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            if try_ == 1 {
                std::panic::resume_unwind(Box::new("planned"));
            }
            core::future::ready(if try_ < 3 { Vec::new() } else { vec!["other".into()] })
        });
        let late = member(&host, &network, "late", discovery).await;
        late.cluster().wait_for(2, mins(10)).await.unwrap();
        assert_eq!(tries.load(std::sync::atomic::Ordering::Relaxed), 4, "a panic has found nobody");
    });
}

#[test]
fn a_shutdown_leaves_the_cluster_and_nobody_takes_the_node_for_lost() {
    formed(4, async |mut places, _, host| {
        let leaver = places.remove(usize::try_from(host.seed() % 4).unwrap());
        let events = Ear::<ClusterEvent>::on(&places[0].system);
        let report = leaver.system.shutdown().await;
        assert!(report.is_clean());
        let id = leaver.node.id().clone();
        host.sleep_until(host.now() + secs(3)).await;
        for place in &places {
            assert_eq!(place.cluster().state().members.len(), 3);
            assert_eq!(place.cluster().state().member(&id), None);
        }
        let steps: Vec<String> = events
            .rest()
            .iter()
            .filter_map(|event| match event {
                ClusterEvent::MemberLeft(member) if member.id == id => Some("left"),
                ClusterEvent::MemberExited(member) if member.id == id => Some("exited"),
                ClusterEvent::MemberRemoved(member) if member.id == id => Some("removed"),
                ClusterEvent::MemberDowned(_) | ClusterEvent::Unreachable(_) => Some("lost"),
                _ => None,
            })
            .map(String::from)
            .collect();
        assert_eq!(steps, ["left", "exited", "removed"]);
    });
}

/// What was heard since the last time, in short.
fn heard(ear: &Ear<ClusterEvent>) -> Vec<String> {
    let brief = |event: &ClusterEvent| match event {
        ClusterEvent::MemberJoined(it) => format!("{} joined", it.id.name),
        ClusterEvent::MemberUp(it) => format!("{} up", it.id.name),
        ClusterEvent::MemberLeft(it) => format!("{} left", it.id.name),
        ClusterEvent::MemberExited(it) => format!("{} exited", it.id.name),
        ClusterEvent::MemberDowned(it) => format!("{} downed", it.id.name),
        ClusterEvent::MemberRemoved(it) => format!("{} removed", it.id.name),
        ClusterEvent::Unreachable(it) => format!("{} unreachable", it.id.name),
        ClusterEvent::Reachable(it) => format!("{} reachable", it.id.name),
        ClusterEvent::LeaderChanged(Some(it)) => format!("{} leads", it.name),
        ClusterEvent::Converged => "all agree".into(),
        other => format!("{other:?}"),
    };
    ear.rest().iter().map(brief).collect()
}

/// What was heard of one, and nothing that is not said of anybody.
fn of<'heard>(heard: &'heard [String], name: &str) -> Vec<&'heard str> {
    heard.iter().filter_map(|event| event.strip_prefix(name)?.strip_prefix(' ')).collect()
}

fn leaders(heard: &[String]) -> Vec<&str> {
    heard.iter().filter_map(|event| event.strip_suffix(" leads")).collect()
}

#[test]
fn a_subscriber_hears_each_step_of_each_member_once_and_in_order_and_who_leads_and_when_all_agree() {
    played(async |host, network| {
        let names = ["n1", "n2", "n3", "n4"];
        let mut all = Vec::new();
        for name in names {
            all.push(joined(&host, (&network, name), membership(), RemoteLimits::default()).await);
        }
        for (place, _) in &all {
            place.cluster().wait_for(4, mins(10)).await.unwrap();
        }
        host.sleep_until(host.now() + secs(5)).await;
        for (place, ear) in &all {
            let heard = heard(ear);
            for name in names {
                let mut steps = of(&heard, name);
                steps.retain(|step| *step != "leads");
                // Who was up before this one came is heard of as that.
                let is_late = steps == ["up"] && *place.node.id().name != *name;
                assert!(steps == ["joined", "up"] || is_late, "{name}: {heard:?}");
            }
            assert_eq!((leaders(&heard), heard.last().unwrap().as_str()), (vec!["n1"], "all agree"));
        }
        let late = Ear::<ClusterEvent>::on(&all[1].0.system);
        host.sleep_until(host.now() + secs(5)).await;
        assert_eq!(late.rest(), [], "what was said before is not said again");
        all[3].0.system.shutdown().await;
        all.truncate(3);
        host.sleep_until(host.now() + secs(5)).await;
        let mut at_two = Vec::new();
        for (place, ear) in &all {
            let heard = heard(ear);
            assert_eq!(of(&heard, "n4"), ["left", "exited", "removed"], "{heard:?}");
            let others = heard.iter().filter(|event| *event != "all agree" && !event.starts_with("n4 "));
            assert_eq!(others.count(), 0, "{heard:?}");
            assert_eq!(heard.last().unwrap(), "all agree");
            at_two = if place.node.id().name == "n2" { heard } else { at_two };
        }
        assert_eq!(heard(&late), at_two);
        the_oldest_crashes(&host, all).await;
    });
}

/// What the others hear when the leader ends, and its host says so.
async fn the_oldest_crashes(host: &Host, mut all: Vec<(Place, Ear<ClusterEvent>)>) {
    let second = all[0].0.cluster().state().members[1].id.name.clone();
    drop(all.remove(0).0);
    host.sleep_until(host.now() + secs(5)).await;
    for (_, ear) in &all {
        let heard = heard(ear);
        let mut steps = of(&heard, "n1");
        // That it is missed may be heard after that it has ended.
        assert_eq!(steps.extract_if(.., |step| *step == "unreachable").count(), 1, "{heard:?}");
        assert_eq!(steps, ["downed", "removed"], "{heard:?}");
        assert_eq!((leaders(&heard), heard.last().unwrap().as_str()), (vec![&*second], "all agree"));
    }
}

#[test]
fn who_is_missed_for_a_moment_is_heard_of_as_that_and_all_agree_once_it_is_back() {
    formed(4, async |places, network, host| {
        host.sleep_until(host.now() + secs(5)).await;
        let ears: Vec<Ear<ClusterEvent>> = places.iter().map(|place| Ear::on(&place.system)).collect();
        network.part(&["n2"], &["n1", "n3", "n4"]);
        host.sleep_until(host.now() + secs(3)).await;
        network.heal();
        host.sleep_until(host.now() + secs(20)).await;
        for (place, ear) in places.iter().zip(&ears) {
            let heard = heard(ear);
            for name in ["n1", "n2", "n3", "n4"] {
                let mut steps = of(&heard, name);
                steps.retain(|step| *step != "leads");
                assert!(
                    steps.chunks(2).all(|pair| pair == ["unreachable", "reachable"]),
                    "{name}: {heard:?}"
                );
                assert!(name != "n2" || place.node.id().name == "n2" || !steps.is_empty(), "{heard:?}");
            }
            // One that does not reach the leader is led by another meanwhile.
            let leaders = leaders(&heard);
            assert!(leaders.windows(2).all(|pair| pair[0] != pair[1]), "{heard:?}");
            assert!(leaders.last().is_none_or(|last| *last == "n1"), "{heard:?}");
            assert_eq!(
                heard.iter().position(|event| event == "all agree"),
                Some(heard.len() - 1),
                "{heard:?}"
            );
        }
        // Before the ears, which the systems tell of their end.
        drop(places);
    });
}

#[test]
fn who_waits_for_more_members_than_there_are_hears_so_when_the_time_is_over() {
    formed(2, async |places, _, host| {
        let waiting = places[0].cluster().wait_for(3, secs(7));
        let begun = host.now();
        assert_eq!(waiting.await, Err(casty::WaitForError::Timeout));
        assert!(host.now().since(begun) >= secs(7));
        assert_eq!(places[0].cluster().wait_for(2, secs(7)).await.unwrap().up().count(), 2);
    });
}

#[test]
fn who_follows_the_states_of_a_cluster_sees_the_present_one_at_once_and_the_last_one_in_the_end() {
    formed(3, async |mut places, _, host| {
        let mut states = places[0].cluster().states();
        assert_eq!(states.next().await.unwrap(), places[0].cluster().state());
        let begun = host.now();
        let leaver = places.pop().unwrap();
        leaver.system.shutdown().await;
        let settled = |state: ClusterState| state.members.len() == 2 && state.converged;
        while !settled(states.next().await.unwrap()) {}
        assert!(host.now().since(begun) < secs(5));
        host.sleep_until(host.now() + mins(1)).await;
        assert!(poll_immediate(pin!(states.next())).await.is_none(), "in peace there is nothing to see");
        places[0].system.shutdown().await;
        let rest = stream::unfold(states, async |mut states| Some((states.next().await?, states)));
        let rest: Vec<_> = rest.collect().await;
        assert_eq!(rest.last().unwrap().status, Some(MemberStatus::Removed));
    });
}

#[test]
fn who_leaves_is_a_member_no_more_and_says_when() {
    formed(3, async |places, _, host| {
        let cluster = places[1].cluster().clone();
        let waiting = cluster.wait_for(4, mins(10));
        cluster.leave().await;
        assert_eq!(cluster.status(), Some(MemberStatus::Removed));
        assert_eq!(waiting.await, Err(casty::WaitForError::Outside));
        cluster.leave().await;
        agreed(&host, &[&places[0], &places[2]], &["n1", "n3"], secs(5)).await;
    });
}

#[test]
fn a_process_that_ends_is_removed_within_milliseconds_where_its_host_is_believed() {
    formed(3, async |mut places, _, host| {
        drop(places.remove(1));
        agreed(&host, &[&places[0], &places[1]], &["n1", "n3"], millis(100)).await;
    });
}

#[test]
fn a_machine_that_vanishes_is_unreachable_within_two_seconds_and_given_up_when_nothing_has_changed() {
    formed(3, async |places, network, host| {
        let events = Ear::<ClusterEvent>::on(&places[0].system);
        let begun = host.now();
        network.part(&["n2"], &["n1", "n3"]);
        loop {
            if let ClusterEvent::Unreachable(member) = events.next().await {
                assert_eq!(member.id.name, "n2");
                break;
            }
        }
        assert!(host.now() - begun < secs(2), "{:?}", host.now() - begun);
        agreed(&host, &[&places[0], &places[2]], &["n1", "n3"], secs(14)).await;
        assert!(host.now() - begun > secs(10));
        assert_eq!(
            places[1].cluster().status(),
            Some(MemberStatus::Down),
            "it has given itself up, alone as it was"
        );
    });
}

#[test]
fn a_member_that_hangs_is_missed_as_late_as_the_others_have_patience() {
    let missed_after = |membership: fn() -> Membership| {
        let took = Cell::new(Duration::ZERO);
        sweep_over(0..4, |simulation: Simulation| {
            simulation.elapsed_max(mins(20)).run(async |host: Host| {
                let network = FaultyNetwork::new(host.clone(), MemoryNetwork::new());
                let one = member(&host, &network, "n1", membership()).await;
                let other = member(&host, &network, "n2", membership()).await;
                one.cluster().wait_for(2, secs(60)).await.unwrap();
                host.sleep_until(host.now() + secs(30)).await;
                let (begun, is_missed) = (host.now(), |state: ClusterState| !state.members[1].reachable);
                network.part(&["n1"], &["n2"]);
                let mut states = one.cluster().states();
                while !is_missed(states.next().await.unwrap()) {}
                took.set(took.get().max(host.now() - begun));
                drop(other);
            });
        });
        took.get()
    };
    let patient = || {
        let pekko = membership().heartbeat(secs(1)).phi(8.0).deviation_min(millis(100)).watched(9);
        pekko.acceptable_pause(secs(3)).stable_after(secs(20))
    };
    let (usual, patient) = (missed_after(membership), missed_after(patient));
    assert!(usual < secs(2) && patient > secs(3) && patient < secs(5), "{usual:?} {patient:?}");
}

#[test]
fn who_is_reached_again_in_time_stays_and_what_was_told_meanwhile_arrives() {
    formed(3, async |places, network, host| {
        places[1].open("alice");
        let alice = places[0].find("n2", "alice").await;
        let events = Ear::<ClusterEvent>::on(&places[0].system);
        let losses = Ear::<NodeLost>::on(&places[0].system);
        network.part(&["n2"], &["n1", "n3"]);
        alice.tell(Account::Deposit(5));
        host.sleep_until(host.now() + millis(4_500)).await;
        network.heal();
        agreed(&host, &places.iter().collect::<Vec<_>>(), &["n1", "n2", "n3"], secs(10)).await;
        assert_eq!(alice.ask(Account::Balance, secs(30)).await, Ok(5));
        let events = events.rest();
        assert!(events.iter().any(|event| matches!(event, ClusterEvent::Unreachable(_))), "{events:?}");
        assert!(events.iter().any(|event| matches!(event, ClusterEvent::Reachable(_))), "{events:?}");
        assert!(losses.rest().is_empty(), "however long it was without a connection");
    });
}

#[test]
fn watches_asks_and_messages_of_a_member_end_when_the_cluster_gives_it_up_and_not_before() {
    formed(3, async |places, network, host| {
        places[1].open("alice");
        let alice = places[0].find("n2", "alice").await;
        assert_eq!(balance(&alice).await, Ok(0));
        let (notices, ended) = Ear::of(&places[0].system);
        let watched = alice.clone();
        let watcher = Behavior::<u8>::ignore().on_start(move |ctx| ctx.watch(&watched)).on_signal(
            move |ctx, signal| {
                if let Signal::Terminated(_) = signal {
                    notices.tell(ctx.system().now());
                }
                Behavior::same()
            },
        );
        places[0].system.spawn(watcher, "watcher").unwrap();
        // Until all that was told is known to have arrived.
        host.sleep_until(host.now() + secs(3)).await;
        let letters = Ear::<DeadLetter>::on(&places[0].system);
        let begun = host.now();
        network.part(&["n2"], &["n1", "n3"]);
        alice.tell(Account::Deposit(5));
        assert_eq!(alice.ask(Account::Balance, mins(5)).await, Err(AskError::Stopped));
        let when = ended.next().await;
        assert!(when - begun > secs(10) && when - begun < secs(14), "{:?}", when - begun);
        host.sleep_until(host.now() + secs(1)).await;
        assert!(alice.is_stopped());
        let letters = letters.rest();
        assert_eq!(letters.len(), 2, "{letters:?}");
    });
}

/// Watches an actor and does not, so often that a small link has no room for it.
fn fickle(whom: ActorRef<Account>) -> Behavior<u8> {
    Behavior::receive(move |ctx, _| {
        for _ in 0..8_000 {
            ctx.watch(&whom);
            ctx.unwatch(&whom);
        }
        Behavior::same()
    })
}

/// Of the first two of three, which do not reach each other, one goes, and not for so long; the other and the third agree.
async fn one_goes(
    host: &Host,
    not_before: Duration,
    events: &Ear<ClusterEvent>,
    places: impl IntoIterator<Item = Place>,
) {
    host.sleep_until(host.now() + not_before).await;
    let downed = |event: &ClusterEvent| matches!(event, ClusterEvent::MemberDowned(_));
    assert!(!events.rest().iter().any(downed), "nothing is decided yet");
    host.sleep_until(host.now() + secs(12)).await;
    let is_up = |place: &Place| place.cluster().status() == Some(MemberStatus::Up);
    let (stays, goes): (Vec<Place>, Vec<Place>) = places.into_iter().partition(is_up);
    let names: Vec<&str> = stays.iter().map(|place| place.node.id().name.as_str()).collect();
    assert_eq!((names.len(), names.contains(&"n3")), (2, true), "one of the two that do not talk goes");
    agreed(host, &stays.iter().collect::<Vec<_>>(), &names, secs(5)).await;
    assert!(goes.iter().all(|place| place.cluster().status() == Some(MemberStatus::Down)));
}

#[test]
fn a_member_that_does_not_take_what_must_not_be_lost_is_given_up_by_the_strategy_alone() {
    played(async |host, network| {
        let small =
            RemoteLimits { link_bytes_max: 1 << 10, message_bytes_max: 32 << 10, ..RemoteLimits::default() };
        let mut places = Vec::new();
        for name in SEEDS {
            places.push(member_with(&host, &network, name, membership(), small.clone()).await);
        }
        for place in &places {
            place.cluster().wait_for(3, mins(10)).await.unwrap();
        }
        places[1].open("alice");
        let alice = places[0].find("n2", "alice").await;
        let fickle = places[0].system.spawn(fickle(alice), "fickle").unwrap();
        let events = Ear::<ClusterEvent>::on(&places[2].system);
        network.part(&["n1"], &["n2"]);
        fickle.tell(0);
        host.sleep_until(host.now() + secs(2)).await;
        network.heal();
        one_goes(&host, secs(2), &events, places).await;
    });
}

#[test]
fn a_member_that_takes_nothing_is_given_up_though_nobody_was_connected_to_it_or_watched_it() {
    sweep_over(0..4, |simulation: Simulation| {
        simulation.steps_max(2_000_000).run(async |host: Host| {
            let network = FaultyNetwork::new(host.clone(), MemoryNetwork::new());
            let small = RemoteLimits {
                link_bytes_max: 1 << 10,
                message_bytes_max: 32 << 10,
                ..RemoteLimits::default()
            };
            let small = RemoteLimits { idle: secs(1), ..small };
            let mut places = Vec::new();
            for at in 1..=16 {
                let name = format!("n{at}");
                places.push(member_with(&host, &network, &name, membership(), small.clone()).await);
            }
            for place in &places {
                place.cluster().wait_for(16, mins(10)).await.unwrap();
            }
            places[1].open("alice");
            let alice = places[0].find("n2", "alice").await;
            let fickle = places[0].system.spawn(fickle(alice), "fickle").unwrap();
            let two = places[1].node.id().clone();
            for _ in 0..6_000 {
                host.sleep_until(host.now() + millis(10)).await;
                if !places[0].node.connected().contains(&two) {
                    break;
                }
            }
            network.part(&["n1"], &["n2"]);
            fickle.tell(0);
            host.sleep_until(host.now() + secs(2)).await;
            network.heal();
            host.sleep_until(host.now() + secs(20)).await;
            let stays = places.iter().filter(|place| place.cluster().status() == Some(MemberStatus::Up));
            assert_eq!(stays.count(), 15, "one of the two that do not talk goes");
        });
    });
}

/// The first of these two loses the other before both are members, and `forgets` it then, or not; what follows is up to the strategy.
async fn lost_before(host: Host, network: Net, [who, whom]: [usize; 2], forgets: bool) {
    let (open, opened) = async_channel::unbounded::<()>();
    let late = || {
        let opened = opened.clone();
        let found = move || if opened.is_closed() { vec!["n3".into()] } else { Vec::new() };
        Membership::discovered(move || core::future::ready(found()))
    };
    let few = RemoteLimits { peers_max: 3, ..RemoteLimits::default() };
    let one = member_with(&host, &network, "n1", late(), few.clone()).await;
    let two = member_with(&host, &network, "n2", late(), few.clone()).await;
    let three = member_with(&host, &network, "n3", Membership::form(), few).await;
    let places = [one, two, three];
    places[whom].open("alice");
    let alice = places[who].find(&places[whom].node.id().name, "alice").await;
    // Until both know that all has arrived, and only one of them has a reason to miss the other.
    host.sleep_until(host.now() + secs(3)).await;
    let lost = Ear::<NodeLost>::on(&places[who].system);
    let events = Ear::<ClusterEvent>::on(&places[2].system);
    network.part(&["n1"], &["n2"]);
    assert!(balance(&alice).await.is_err());
    assert_eq!(lost.next().await.peer, *places[whom].node.id());
    network.heal();
    drop(alice);
    places[who].open("bob");
    for visitor in 0..if forgets { 4 } else { 0 } {
        let name = format!("visitor-{visitor}");
        let system = ActorSystem::on(host.clone()).name("bank").start().unwrap();
        let joining = Network::over(network.at(&name)).node(&name).listen(&name).insecure();
        let visitor = Place { node: joining.start(&system).await.unwrap(), system };
        drop(visitor.find(&places[who].node.id().name, "bob").await);
        visitor.system.shutdown().await;
    }
    let knows = places[who].node.peers().iter().any(|peer| peer.peer == *places[whom].node.id());
    assert_eq!(knows, !forgets);
    drop(open);
    places[2].cluster().wait_for(3, mins(10)).await.unwrap();
    one_goes(&host, secs(4), &events, places).await;
}

#[test]
fn of_two_that_had_lost_each_other_before_they_were_members_the_strategy_gives_one_up() {
    for pair in [[0, 1], [1, 0]] {
        played(async |host, network| lost_before(host, network, pair, false).await);
    }
}

#[test]
fn of_two_one_of_which_had_forgotten_the_other_before_they_were_members_the_strategy_gives_one_up() {
    for pair in [[0, 1], [1, 0]] {
        played(async |host, network| lost_before(host, network, pair, true).await);
    }
}

#[test]
fn a_member_that_nothing_was_said_to_is_no_peer_and_its_end_is_heard_all_the_same() {
    sweep_over(0..1, |simulation: Simulation| {
        simulation.steps_max(2_000_000).run(async |host: Host| {
            let network = FaultyNetwork::new(host.clone(), MemoryNetwork::new());
            let mut places = Vec::new();
            for at in 1..=24 {
                places.push(member(&host, &network, &format!("n{at}"), membership()).await);
            }
            for place in &places {
                place.cluster().wait_for(24, mins(10)).await.unwrap();
            }
            let knows = |place: &Place, id| place.node.peers().iter().any(|peer| peer.peer == id);
            let pairs = (0..24).flat_map(|one| (0..24).map(move |other| (one, other)));
            let mut strange = pairs.filter(|(one, other)| {
                one != other && !knows(&places[*one], places[*other].node.id().clone())
            });
            let (one, other) = strange.next().unwrap();
            let gone = places[other].node.id().clone();
            let lost = Ear::<NodeLost>::on(&places[one].system);
            drop(places.remove(other));
            assert_eq!(lost.next().await.peer, gone);
        });
    });
}

#[test]
fn of_two_sides_that_do_not_reach_each_other_only_the_greater_stays() {
    formed(5, async |places, network, host| {
        network.part(&["n1", "n2"], &["n3", "n4", "n5"]);
        host.sleep_until(host.now() + secs(9)).await;
        assert_eq!(places[0].cluster().status(), Some(MemberStatus::Down), "the smaller side gives up first");
        assert_eq!(places[4].up().len(), 5);
        agreed(&host, &places[2..].iter().collect::<Vec<_>>(), &["n3", "n4", "n5"], secs(9)).await;
        network.heal();
        host.sleep_until(host.now() + mins(1)).await;
        assert!(places[3].agrees_on(&["n3", "n4", "n5"]), "who was given up does not come back");
        assert_eq!(places[1].up(), Vec::<String>::new());
    });
}

#[test]
fn two_clusters_that_meet_say_so_and_stay_two() {
    formed(3, async |places, network, host| {
        let others = [
            member(&host, &network, "m1", Membership::form()).await,
            member(&host, &network, "m2", Membership::seeds(["m1"])).await,
        ];
        others[1].cluster().wait_for(2, mins(10)).await.unwrap();
        let (here, there) =
            (Ear::<ClusterEvent>::on(&places[0].system), Ear::<ClusterEvent>::on(&others[1].system));
        others[1].open("alice");
        for _ in 0..2 {
            let alice = places[0].find("m2", "alice").await;
            assert_eq!(balance(&alice).await, Ok(0));
            network.cut();
            host.sleep_until(host.now() + secs(15)).await;
        }
        let met = |events: Vec<ClusterEvent>| -> Vec<String> {
            let name = |event| match event {
                ClusterEvent::OtherCluster(node) => Some(node.name),
                _ => None,
            };
            events.into_iter().filter_map(name).collect()
        };
        assert_eq!((met(here.rest()), met(there.rest())), (vec!["m2".into()], vec!["n1".into()]));
        assert!(places[1].agrees_on(&["n1", "n2", "n3"]) && others[0].agrees_on(&["m1", "m2"]));
    });
}

#[test]
fn a_node_with_another_strategy_is_not_let_in() {
    formed(3, async |places, network, host| {
        let odd = member(&host, &network, "odd", membership().downing(Downing::down_all())).await;
        let events = Ear::<ClusterEvent>::on(&odd.system);
        let ClusterEvent::JoinRefused { setting, here, theirs, .. } = events.next().await else { panic!() };
        assert_eq!((&*setting, &*here, &*theirs), ("downing", "down-all", "keep-majority"));
        assert_eq!(odd.cluster().status(), None);
        agreed(&host, &[&places[0]], &["n1", "n2", "n3"], secs(3)).await;
    });
}

#[test]
fn a_member_that_is_given_up_by_hand_is_out_for_all_and_knows_it() {
    formed(3, async |places, _, host| {
        places[0].cluster().down(places[2].node.id());
        agreed(&host, &[&places[0], &places[1]], &["n1", "n2"], secs(3)).await;
        host.sleep_until(host.now() + secs(10)).await;
        assert_eq!(places[2].cluster().status(), Some(MemberStatus::Down));
    });
}

#[test]
fn nobody_is_up_before_as_many_are_there_as_are_asked_for() {
    played(async |host, network| {
        let join = || membership().quorum(3);
        let one = member(&host, &network, "n1", join()).await;
        let two = member(&host, &network, "n2", join()).await;
        host.sleep_until(host.now() + mins(1)).await;
        assert_eq!((one.up().len(), two.up().len()), (0, 0));
        let three = member(&host, &network, "n3", join()).await;
        agreed(&host, &[&one, &two, &three], &["n1", "n2", "n3"], secs(5)).await;
    });
}

#[test]
fn a_node_whose_limits_are_too_small_for_a_cluster_is_refused_by_their_names() {
    formed(3, async |places, network, host| {
        let system = ActorSystem::on(host.clone()).name("bank").start().unwrap();
        let short = RemoteLimits { message_bytes_max: 8 << 10, ..RemoteLimits::default() };
        let joining = Network::over(network.at("odd")).node("odd").listen("odd").insecure().limits(short);
        let error = joining.cluster(membership()).start(&system).await.unwrap_err();
        assert_eq!(error, NetworkError::WordsTooLong { message_bytes_min: 32 << 10 });
        let few = RemoteLimits { peers_max: 2, ..RemoteLimits::default() };
        let odd = member_with(&host, &network, "odd", membership(), few).await;
        let events = Ear::<ClusterEvent>::on(&odd.system);
        let ClusterEvent::JoinRefused { setting, here, theirs, .. } = events.next().await else { panic!() };
        assert_eq!((&*setting, &*here, &*theirs), ("members_max", "2", "1024"));
        agreed(&host, &[&places[0]], &["n1", "n2", "n3"], secs(3)).await;
    });
}

#[test]
fn a_member_has_to_listen() {
    played(async |host, network| {
        let system = ActorSystem::on(host).name("bank").start().unwrap();
        let deaf = Network::over(network).insecure().cluster(Membership::form()).start(&system).await;
        assert_eq!(deaf.unwrap_err(), NetworkError::Unlistening);
    });
}
