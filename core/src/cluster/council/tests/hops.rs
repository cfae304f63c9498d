//! In how many hops all know news, and know that all do.
//!
//! ```text
//! CASTY_NODES=1000 cargo test --release -p casty-core --lib hops -- --nocapture     prints the figures of so many
//! ```

extern crate std;

use super::*;
use crate::cluster::rules;
use crate::time::millis;

/// As late is each word.
const HOP: Duration = millis(10);
/// So many leave, one after the other, and so many come: of each figure the largest counts.
const NEWS: u64 = 3;
/// Of those that are one of the first so many each has a name of its own.
const NAMES: u64 = 100;
/// Long enough for all to have come to rest.
const REST: Duration = secs(5);

/// In hops, from the beginning.
#[derive(Clone, Copy, Default, Debug)]
struct Figures {
    /// All know it.
    known: u32,
    /// Who leads knows that all do, and has let all take their next step.
    led: u32,
    /// What follows from it is over, and all know that all know.
    agreed: u32,
}

impl Figures {
    fn max(self, other: Self) -> Self {
        Self {
            known: self.known.max(other.known),
            led: self.led.max(other.led),
            agreed: self.agreed.max(other.agreed),
        }
    }
}

/// What the member of that number is called.
fn key(number: u64) -> u64 {
    if number < NAMES { number } else { CROWD + number }
}

/// So many nodes, all of them up.
fn cluster(nodes: u64) -> Net {
    let settings = Settings::default();
    let mut net = formed(1, nodes.min(NAMES - 1), &settings);
    (NAMES..=nodes).for_each(|number| net.start(key(number), &settings));
    net.pass(REST);
    net.pass(REST);
    assert!(net.agree(&(1..=nodes).map(key).collect::<Vec<_>>()), "they are not all up");
    net
}

/// Lets time pass until that holds; in so many hops since then.
fn hops(net: &mut Net, begun: Instant, holds: impl Fn(&Net) -> bool) -> u32 {
    while !holds(net) {
        net.pass(millis(1));
        assert!(net.now - begun < secs(30), "it does not come to that");
    }
    u32::try_from((net.now - begun).as_nanos().div_ceil(HOP.as_nanos())).unwrap_or(u32::MAX)
}

fn all(net: &Net, holds: impl Fn(&Council) -> bool) -> bool {
    net.nodes.values().filter(|node| node.over().is_none()).all(holds)
}

/// Whether a node knows that all do.
fn agrees(node: &Council) -> bool {
    rules::converged(&node.view, &BTreeSet::new(), node.gossip.seen())
}

/// A member leaves.
fn leaves(net: &mut Net, key: u64) -> Figures {
    net.pass(REST);
    let begun = net.now;
    net.input(key, Input::Leave);
    let step = |node: &Council| node.view.status(key);
    let known = hops(net, begun, |net| all(net, |node| step(node) != Some(MemberStatus::Up)));
    let led = hops(net, begun, |net| step(&net.nodes[&1]) != Some(MemberStatus::Leaving));
    let agreed = hops(net, begun, |net| all(net, |node| step(node).is_none() && agrees(node)));
    Figures { known, led, agreed }
}

/// A node comes, from when the first member knows it.
fn comes(net: &mut Net, key: u64) -> Figures {
    net.pass(REST);
    let begun = net.now;
    net.start(key, &Settings::default());
    let status = |node: &Council| node.view.status(key);
    hops(net, begun, |net| net.nodes.values().any(|node| node.me() != key && status(node).is_some()));
    let begun = net.now;
    let known = hops(net, begun, |net| all(net, |node| status(node).is_some()));
    let led = hops(net, begun, |net| status(&net.nodes[&1]) == Some(MemberStatus::Up));
    let up = |node: &Council| status(node) == Some(MemberStatus::Up);
    let agreed = hops(net, begun, |net| all(net, |node| up(node) && agrees(node)));
    Figures { known, led, agreed }
}

#[test]
fn news_is_with_everybody_after_at_most_twice_as_many_hops_as_their_number_has_binary_digits() {
    let nodes = std::env::var("CASTY_NODES").ok().and_then(|nodes| nodes.parse().ok()).unwrap_or(30);
    let mut net = cluster(nodes);
    (net.delay, net.stretch) = (HOP, 0.0);
    let left = (0..NEWS).map(|of| leaves(&mut net, key(nodes - of * nodes / 4))).reduce(Figures::max);
    let came = (1..=NEWS).map(|of| comes(&mut net, CROWD + nodes + of)).reduce(Figures::max);
    let (left, came) = (left.unwrap_or_default(), came.unwrap_or_default());
    std::println!("{nodes} nodes, each word late by {HOP:?}; in hops, the largest of {NEWS}");
    std::println!(
        "{:<8} {:>10} {:>22} {:>28}",
        "",
        "all know",
        "the leader knows so",
        "over, and all know so"
    );
    for (what, Figures { known, led, agreed }) in [("leaves", left), ("comes", came)] {
        std::println!("{what:<8} {known:>10} {led:>22} {agreed:>28}");
    }
    let most = 2 * (u64::BITS - nodes.leading_zeros());
    assert!(left.known <= most && came.known <= most, "{left:?} {came:?}");
}
