//! Clusters that are operated from another node: who goes, and who is refused.

#![allow(clippy::unwrap_used, reason = "a scene that cannot go on fails")]

mod nodes;
mod scene;

use casty::cluster::{ClusterEvent, MemberStatus};
use casty::inspect::{self, Inspect, InspectError};
use casty::operate::{self, Operate, OperateError};
use casty::prelude::*;
use casty::simulation::{FaultyNetwork, Host, Simulation, sweep_over};
use casty::{Executor, Membership, MemoryNetwork, Network, RemoteLookupError};
use futures::future::join;
use nodes::Place;
use scene::Ear;

type Net = FaultyNetwork<MemoryNetwork>;

async fn start(host: &Host, network: &Net, name: &str, set: impl FnOnce(Network) -> Network) -> Place {
    let system = ActorSystem::on(host.clone()).name("bank").start().unwrap();
    let joining = set(Network::over(network.at(name)).node(name).listen(name).insecure());
    let node = joining.start(&system).await.unwrap();
    Place { system, node }
}

/// Plays a scene with three members that nobody gives up but by hand, and one who operates them.
fn played(scene: impl AsyncFn(&Host, &Net, [Place; 3], Place)) {
    sweep_over(0..8, |simulation: Simulation| {
        simulation.elapsed_max(mins(20)).steps_max(300_000).run(async |host: Host| {
            let network = FaultyNetwork::new(host.clone(), MemoryNetwork::new());
            let member = |name| {
                let membership = Membership::seeds(["n1", "n2", "n3"]).stable_after(mins(60));
                start(&host, &network, name, |it| it.cluster(membership).inspectable().operable())
            };
            let places = [member("n1").await, member("n2").await, member("n3").await];
            for place in &places {
                place.node.cluster().unwrap().wait_for(3, mins(10)).await.unwrap();
            }
            let operator = start(&host, &network, "operator", |it| it).await;
            scene(&host, &network, places, operator).await;
        });
    });
}

async fn operated(operator: &Place, address: &str) -> ActorRef<Operate> {
    operator.node.lookup::<Operate>(address, operate::PATH, secs(5)).await.unwrap()
}

fn down(name: &str, force: bool, reply: ReplyTo<Result<casty::NodeId, OperateError>>) -> Operate {
    Operate::Down { name: name.into(), incarnation: None, force, reply }
}

#[test]
fn a_node_that_cannot_leave_as_one_is_missed_is_told_to_give_that_one_up_and_then_it_leaves() {
    played(async |host, network, [one, two, three], operator| {
        let events = Ear::<ClusterEvent>::on(&one.system);
        network.part(&["n3"], &["n1", "n2"]);
        while !matches!(events.next().await, ClusterEvent::Unreachable(member) if member.id == *three.node.id())
        {
        }
        let operate = operated(&operator, "n1").await;
        let cluster = one.node.cluster().unwrap();
        let giving_up = async {
            host.sleep_until(host.now() + secs(30)).await;
            assert_eq!(cluster.status(), Some(MemberStatus::Leaving), "not all agree that it may go");
            let downed = operate.ask(|reply| down("n3", false, reply), secs(5)).await.unwrap();
            assert_eq!(downed.as_ref(), Ok(three.node.id()));
            assert!(cluster.state().member(three.node.id()).is_none_or(|it| it.status == MemberStatus::Down));
        };
        let (left, ()) = join(operate.ask(Operate::Leave, mins(1)), giving_up).await;
        assert_eq!(left.unwrap(), Ok(MemberStatus::Removed));
        let state = two.node.cluster().unwrap().state();
        assert!(state.member(one.node.id()).is_none_or(|it| it.status > MemberStatus::Leaving), "{state:?}");
    });
}

#[test]
fn who_is_given_up_by_force_is_a_member_no_more_and_takes_no_orders() {
    played(async |host, _, [_, _, three], operator| {
        let operate = operated(&operator, "n3").await;
        let refused = operate.ask(|reply| down("n3", false, reply), secs(5)).await.unwrap();
        assert_eq!(refused, Err(OperateError::Reachable));
        // Also itself.
        let downed = operate.ask(|reply| down("n3", true, reply), secs(5)).await.unwrap();
        assert_eq!(downed.as_ref(), Ok(three.node.id()));
        host.sleep_until(host.now() + secs(5)).await;
        assert_eq!(three.node.cluster().unwrap().status(), Some(MemberStatus::Down));
        let refused = operate.ask(|reply| down("n1", true, reply), secs(5)).await.unwrap();
        assert_eq!(refused, Err(OperateError::Outside));
        assert_eq!(operate.ask(Operate::Leave, secs(5)).await.unwrap(), Err(OperateError::Outside));
    });
}

#[test]
fn members_are_shown_in_pages_and_only_by_who_has_a_cluster() {
    played(async |host, network, [one, two, three], operator| {
        let shows = operator.node.lookup::<Inspect>("n2", inspect::PATH, secs(5)).await.unwrap();
        let (mut found, mut after) = (Vec::new(), 0);
        loop {
            let page = shows.ask(|reply| Inspect::Members { after, max: 0, reply }, secs(5)).await;
            let page = page.unwrap().unwrap();
            assert_eq!((page.members.len(), page.status), (1, Some(MemberStatus::Up)), "at least one");
            after = page.members[0].id.incarnation;
            found.push(page.members[0].id.clone());
            if !page.more {
                break;
            }
        }
        let mut all = [&one, &two, &three].map(|place| place.node.id().clone());
        all.sort_by_key(|id| id.incarnation);
        assert_eq!(found, all);
        let alone = start(host, network, "alone", Network::inspectable).await;
        let shows = operator.node.lookup::<Inspect>("alone", inspect::PATH, secs(5)).await.unwrap();
        let page = shows.ask(|reply| Inspect::Members { after: 0, max: 9, reply }, secs(5)).await;
        assert_eq!(page.unwrap(), Err(InspectError::NoCluster));
        let refused = operator.node.lookup::<Operate>("alone", operate::PATH, secs(5)).await;
        assert_eq!(refused, Err(RemoteLookupError::NotFound), "it is not operable");
        drop(alone);
    });
}
