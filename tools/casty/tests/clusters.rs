//! Clusters looked at and changed by the command: over sockets, as an operator does it.

#![allow(clippy::unwrap_used, reason = "a scene that cannot go on fails")]

mod command;

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use async_channel::Receiver;
use casty_core::cluster::{ClusterEvent, MemberStatus};
use casty_core::{ActorSystem, Behavior, Cluster, Membership, Network, Node, millis, mins};
use casty_smol::Smol;
use casty_tcp::Tcp;
use command::{ended, json, said};
use serde_json::Value;

/// A member of the cluster of the system `casty`.
struct Place {
    system: ActorSystem,
    node: Node,
}

fn start(set: impl FnOnce(Network) -> Network) -> Place {
    let system = ActorSystem::on(Smol::threads(2)).name("casty").start().unwrap();
    let network = set(Network::over(Tcp).listen("127.0.0.1:0").insecure());
    let node = casty_smol::block_on(network.start(&system)).unwrap();
    Place { system, node }
}

/// So nobody is given up but by hand: hosts are not believed, and no strategy comes to it.
fn patient(membership: Membership) -> Membership {
    membership
        .trust_refusals(false)
        .stable_after(mins(60))
        .heartbeat(millis(50))
        .acceptable_pause(millis(200))
}

fn founder() -> Place {
    let membership = patient(Membership::form()).roles(["web", "core"]).version("7");
    let place = start(|network| network.node("n1").cluster(membership).inspectable().operable());
    casty_smol::block_on(place.cluster().wait_for(1, mins(10))).unwrap();
    place
}

/// Joins through that one, and is up for both.
fn joined(name: &str, through: &Place) -> Place {
    let membership = patient(Membership::seeds([through.node.address()]));
    let before = through.cluster().state().members.len();
    let place = start(|network| network.node(name).cluster(membership).inspectable().operable());
    for cluster in [place.cluster(), through.cluster()] {
        casty_smol::block_on(cluster.wait_for(before + 1, mins(10))).unwrap();
    }
    place
}

impl Place {
    fn cluster(&self) -> &Cluster {
        self.node.cluster().unwrap()
    }

    fn address(&self) -> &str {
        self.node.address()
    }

    fn events(&self) -> Receiver<ClusterEvent> {
        let (tell, events) = async_channel::unbounded();
        let hears = Behavior::receive_message(move |event| {
            let _ = tell.try_send(event);
            Behavior::same()
        });
        self.cluster().subscribe(&self.system.spawn_anonymous(hears).unwrap());
        events
    }
}

/// Waits for such an event.
fn until(events: &Receiver<ClusterEvent>, is: impl Fn(&ClusterEvent) -> bool) {
    while !is(&events.recv_blocking().unwrap()) {}
}

#[test]
fn members_are_shown_as_a_table_to_people_and_by_name_to_programs() {
    let one = founder();
    let two = joined("n2", &one);
    let words = ["members", two.address(), "--insecure"];
    let text = said(&words);
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[0].starts_with("NODE ") && lines.len() == 4, "{text}");
    assert!(lines[1].starts_with(&one.node.id().to_string()), "the oldest comes first: {text}");
    assert!(
        lines[1].contains("up, leader") && lines[1].contains("core,web") && lines[1].ends_with(" 7"),
        "{text}"
    );
    assert!(lines[2].starts_with(&two.node.id().to_string()) && lines[2].contains(two.address()), "{text}");
    assert!(lines[3].starts_with("the node is up; "), "{text}");
    let shown = json(&[&words[..], &["--json"]].concat());
    let members = shown["members"].as_array().unwrap();
    assert_eq!(members.iter().map(|member| &member["node"]).collect::<Vec<_>>(), ["n1", "n2"]);
    assert_eq!(
        (&members[0]["leader"], &members[0]["age"], &members[1]["leader"]),
        (&true.into(), &1.into(), &false.into())
    );
    assert_eq!((&members[1]["status"], &members[1]["reachable"]), (&"up".into(), &true.into()));
    assert_eq!(members[1]["incarnation"].as_u64(), Some(two.node.id().incarnation));
    assert_eq!((&shown["status"], &shown["leader"]), (&"up".into(), &one.node.id().to_string().into()));
}

#[test]
fn a_watch_shows_the_members_again_when_they_change_and_ends_when_the_node_is_gone() {
    let one = founder();
    let words =
        ["members", one.address(), "--insecure", "--watch", "--interval", "0.01", "--timeout", "1", "--json"];
    let mut command = Command::new(env!("CARGO_BIN_EXE_casty"));
    let mut watch = command.args(words).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(watch.stdout.take().unwrap()).lines();
    let mut shows = |members: usize| {
        // What was told before may be shown first, and nothing twice.
        let mut last = Value::Null;
        while last["members"].as_array().map(Vec::len) != Some(members) {
            let next: Value = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
            assert_ne!(next, last);
            last = next;
        }
    };
    shows(1);
    let two = joined("n2", &one);
    shows(2);
    casty_smol::block_on(two.cluster().leave());
    shows(1);
    casty_smol::block_on(one.system.shutdown());
    drop(one);
    let output = watch.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_member_that_is_missed_is_given_up_by_hand_and_one_that_is_reached_only_by_force() {
    let one = founder();
    let (two, three) = (joined("n2", &one), joined("n3", &one));
    let events = one.events();
    let down = |whom: &str, more: &[&str]| {
        [&["down", one.address(), whom, "--insecure"], more]
            .concat()
            .iter()
            .map(|word| String::from(*word))
            .collect::<Vec<_>>()
    };
    let run = |whom: &str, code: i32| {
        let words = down(whom, &[]);
        ended(&words.iter().map(String::as_str).collect::<Vec<_>>(), code)
    };
    let error = run("n2", 1);
    assert!(error.contains("n2: the member is reached, and could leave; --force"), "{error}");
    let error = run("n9", 1);
    assert!(error.contains("n9: the cluster has no such member"), "{error}");
    let error = run("n2#1", 1);
    assert!(error.contains("n2#1: the cluster has no such member"), "another incarnation of it: {error}");
    run("n2#x", 2);
    let id = three.node.id().clone();
    drop(three);
    until(&events, |event| matches!(event, ClusterEvent::Unreachable(member) if member.id == id));
    assert_eq!(said(&["down", one.address(), "n3", "--insecure"]), format!("{id} is given up\n"));
    until(&events, |event| matches!(event, ClusterEvent::MemberRemoved(member) if member.id == id));
    let id = two.node.id().clone();
    let downed = json(&["down", one.address(), &id.to_string(), "--insecure", "--force", "--json"]);
    assert_eq!((&downed["node"], downed["incarnation"].as_u64()), (&"n2".into(), Some(id.incarnation)));
    until(&events, |event| matches!(event, ClusterEvent::MemberRemoved(member) if member.id == id));
}

#[test]
fn a_node_that_is_told_so_leaves_and_says_when_it_has() {
    let one = founder();
    let two = joined("n2", &one);
    let words = ["leave", two.address(), "--insecure", "--timeout", "60"];
    assert_eq!(said(&words), "the node has left its cluster\n");
    assert_eq!(two.cluster().status(), Some(MemberStatus::Removed));
    assert_eq!(said(&words), "the node has left its cluster\n", "also to who asks again");
    let error = ended(&["down", two.address(), "n1", "--insecure", "--force"], 1);
    assert!(error.contains("the node is in no cluster"), "{error}");
    let text = said(&["members", two.address(), "--insecure"]);
    assert!(text.contains("in no cluster any more: removed"), "{text}");
    assert_eq!(json(&["leave", one.address(), "--insecure", "--json"])["status"], "removed");
}

#[test]
fn nobody_changes_a_cluster_through_a_node_that_does_not_permit_it_or_has_none() {
    let shown = start(|network| network.cluster(Membership::form()).inspectable());
    casty_smol::block_on(shown.cluster().wait_for(1, mins(10))).unwrap();
    for words in [vec!["leave", shown.address()], vec!["down", shown.address(), "n1"]] {
        let error = ended(&[&words[..], &["--insecure"]].concat(), 1);
        assert!(error.contains("not permitted: the node is not operable"), "{error}");
    }
    assert_eq!(shown.cluster().status(), Some(MemberStatus::Up));
    let alone = start(|network| network.inspectable().operable());
    for words in [
        vec!["leave", alone.address()],
        vec!["down", alone.address(), "n1"],
        vec!["members", alone.address()],
    ] {
        let error = ended(&[&words[..], &["--insecure"]].concat(), 1);
        assert!(error.contains("the node was started without a cluster"), "{error}");
    }
}
