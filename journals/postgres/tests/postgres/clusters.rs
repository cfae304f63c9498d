//! Clusters that ask a real server: which side goes on, and who has the one.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use casty_core::cluster::{Downing, MemberStatus};
use casty_core::{ActorRef, ActorSystem, Behavior, Membership, Network, Node, Remote, ReplyTo, Singleton};
use casty_postgres::{PostgresLeases, Settings};
use casty_smol::{OnSmol, block_on};
use serde::{Deserialize, Serialize};

use crate::leases::leases;
use crate::proxy::Proxy;
use crate::server::Server;
use crate::wires::Wires;

/// Longer than anything takes that comes at all.
const LONG: Duration = Duration::from_secs(120);
/// A node that cannot renew its lease lets the one end after half of that.
const TTL: Duration = Duration::from_secs(4);

/// Two members of a cluster, the older one first, each with its own way to the server.
async fn two(wires: &Wires, ways: [Settings; 2]) -> [(ActorSystem, Node); 2] {
    let mut members = Vec::new();
    for (name, way) in ["n1", "n2"].into_iter().zip(ways) {
        let membership = Membership::seeds(["n1"]).downing(Downing::lease("bank"));
        let leases = PostgresLeases::connect(way).await.unwrap();
        let system = ActorSystem::new("bank");
        let joining = Network::over(wires.clone()).node(name).listen(name).insecure();
        let node = joining.cluster(membership.lease(leases)).start(&system).await.unwrap();
        node.cluster().unwrap().wait_for(members.len() + 1, LONG).await.unwrap();
        members.push((system, node));
    }
    for (_, node) in &members {
        node.cluster().unwrap().wait_for(2, LONG).await.unwrap();
    }
    members.try_into().unwrap()
}

/// Waits until a member is the only one, or is none any more; says whether it goes on.
async fn goes_on(node: &Node) -> bool {
    let mut states = node.cluster().unwrap().states();
    while let Some(state) = states.next().await {
        match state.status {
            Some(MemberStatus::Up) if state.members.len() == 1 => return true,
            Some(MemberStatus::Down | MemberStatus::Removed) => return false,
            _ => {}
        }
    }
    false
}

/// The schema of some settings.
fn schema(settings: &Settings) -> String {
    settings.to_string().split(' ').nth(1).unwrap().to_owned()
}

/// Who has the lease, as the server says.
fn owner(server: &Server, settings: &Settings) -> String {
    server.sql(&format!("SELECT owner FROM {}.leases WHERE until > now()", schema(settings)))
}

/// The same place, by way of a proxy.
fn through(proxy: &Proxy, settings: &Settings) -> Settings {
    let url = format!("postgres://casty:secret@127.0.0.1:{}/postgres", proxy.port());
    Settings::parse(&url).unwrap().schema(schema(settings)).unwrap()
}

#[test]
#[ignore = "needs PostgreSQL: run with --ignored"]
fn of_two_members_that_do_not_hear_each_other_the_one_goes_on_that_the_server_has_given_the_lease() {
    let (server, wires) = (Server::shared(), Wires::default());
    let settings = server.fresh();
    drop(leases(&settings));
    block_on(async {
        let members = two(&wires, [settings.clone(), settings.clone()]).await;
        wires.cut();
        let go_on = [goes_on(&members[0].1).await, goes_on(&members[1].1).await];
        let winner = match go_on {
            [true, false] => 0,
            [false, true] => 1,
            other => panic!("{other:?}"),
        };
        assert_eq!(owner(server, &settings), members[winner].1.id().to_string());
    });
}

#[test]
#[ignore = "needs PostgreSQL: run with --ignored"]
fn a_member_that_does_not_reach_the_server_either_gives_itself_up_and_the_other_goes_on() {
    let (server, wires) = (Server::shared(), Wires::default());
    let settings = server.fresh();
    drop(leases(&settings));
    let proxy = Proxy::before(server.port());
    block_on(async {
        let members = two(&wires, [through(&proxy, &settings), settings.clone()]).await;
        wires.cut();
        proxy.close();
        assert_eq!([goes_on(&members[0].1).await, goes_on(&members[1].1).await], [false, true]);
        assert_eq!(owner(server, &settings), members[1].1.id().to_string());
    });
}

/// Asks which life it is that answers.
#[derive(Serialize, Deserialize)]
struct Life(ReplyTo<u64>);

impl Remote for Life {
    const NAME: &'static str = "one.Life";
}

/// What the one has done: each life begins, and ends.
#[derive(PartialEq, Eq, Debug)]
enum Deed {
    Begins(u64),
    Ends(u64),
}

/// The one, which notes what it does.
fn one(deeds: &Arc<Mutex<Vec<Deed>>>) -> Behavior<Life> {
    let deeds = Arc::clone(deeds);
    Behavior::setup(move |_| {
        let mut noted = deeds.lock().unwrap();
        let life = noted.iter().filter(|deed| matches!(deed, Deed::Begins(_))).count() as u64 + 1;
        noted.push(Deed::Begins(life));
        let deeds = Arc::clone(&deeds);
        let alive = Behavior::receive_message(move |Life(reply)| {
            reply.tell(life);
            Behavior::same()
        });
        alive.on_stop(move |_| deeds.lock().unwrap().push(Deed::Ends(life)))
    })
}

/// Asks for a life after that one until there is an answer.
async fn life_after(last: u64, one: &ActorRef<Life>) -> u64 {
    for _ in 0..100 {
        if let Ok(life) = one.ask(Life, LONG / 20).await
            && life > last
        {
            return life;
        }
    }
    panic!("no life after {last}");
}

#[test]
#[ignore = "needs PostgreSQL: run with --ignored"]
fn the_one_lives_while_the_server_gives_it_the_lease_and_goes_on_at_the_next_node_with_that() {
    let (server, wires) = (Server::start(&["fsync=off"]), Wires::default());
    let settings = server.fresh();
    let service = leases(&settings);
    let deeds = Arc::<Mutex<Vec<Deed>>>::default();
    block_on(async {
        let members = two(&wires, [settings.clone(), settings.clone()]).await;
        let spawned = members.each_ref().map(|(system, _)| {
            let (deeds, service) = (Arc::clone(&deeds), service.clone());
            let singleton = Singleton::new().lease(service).lease_ttl(TTL);
            system.spawn(Behavior::singleton(move || one(&deeds), singleton), "one").unwrap()
        });
        let first = life_after(0, &spawned[1]).await;
        let holder = owner(&server, &settings);
        assert!(holder.starts_with(&members[0].1.id().to_string()), "{holder}");
        server.crash();
        // Who cannot renew it stops.
        while !deeds.lock().unwrap().contains(&Deed::Ends(first)) {
            members[0].0.sleep(TTL / 20).await;
        }
        server.again();
        let second = life_after(first, &spawned[1]).await;
        members[0].0.shutdown().await;
        life_after(second, &spawned[1]).await;
    });
    // Never two at once.
    let deeds = deeds.lock().unwrap();
    for (at, deed) in deeds.iter().enumerate() {
        let life = at as u64 / 2 + 1;
        assert_eq!(*deed, if at % 2 == 0 { Deed::Begins(life) } else { Deed::Ends(life) }, "{deeds:?}");
    }
}
