//! Network namespaces, one for each member, and what the bridge between them drops.

use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The namespaces. They, and all in them, are gone when it is dropped.
pub(crate) struct Wires {
    prefix: String,
    members: usize,
}

/// How many there have been in this process.
static COUNT: AtomicUsize = AtomicUsize::new(0);

impl Wires {
    /// Between so many members, by number from 1.
    pub(crate) fn between(members: usize) -> Self {
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let wires = Self { prefix: format!("casty-{}-{count}", std::process::id()), members };
        let hub = wires.hub();
        run("ip", &format!("netns add {hub}"));
        run("ip", &format!("-n {hub} link add bridge type bridge"));
        run("ip", &format!("-n {hub} link set bridge up"));
        for number in 1..=members {
            let own = wires.namespace(number);
            run("ip", &format!("netns add {own}"));
            run("ip", &format!("-n {hub} link add m{number} type veth peer name wire netns {own}"));
            run("ip", &format!("-n {hub} link set m{number} master bridge up"));
            run("ip", &format!("-n {own} addr add {}/24 dev wire", Self::address(number)));
            run("ip", &format!("-n {own} link set wire up"));
            run("ip", &format!("-n {own} link set lo up"));
        }
        wires
    }

    /// Where a member is.
    pub(crate) fn address(number: usize) -> String {
        format!("10.77.0.{number}")
    }

    /// The namespace that a member is in.
    pub(crate) fn namespace(&self, number: usize) -> String {
        format!("{}-{number}", self.prefix)
    }

    fn hub(&self) -> String {
        format!("{}-hub", self.prefix)
    }

    /// Drops all from these to those, and nothing that comes back.
    pub(crate) fn drop_between(&self, from: &[usize], to: &[usize]) {
        let names =
            |side: &[usize]| side.iter().map(|number| format!("m{number}")).collect::<Vec<_>>().join(", ");
        self.nft("add table bridge casty");
        self.nft("add chain bridge casty forward { type filter hook forward priority 0; }");
        let (from, to) = (names(from), names(to));
        self.nft(&format!("add rule bridge casty forward iifname {{ {from} }} oifname {{ {to} }} drop"));
    }

    /// Lets all pass again.
    pub(crate) fn heal(&self) {
        self.nft("delete table bridge casty");
    }

    fn nft(&self, rule: &str) {
        run("ip", &format!("netns exec {} nft {rule}", self.hub()));
    }
}

impl Drop for Wires {
    fn drop(&mut self) {
        let members = (1..=self.members).map(|number| self.namespace(number));
        for namespace in members.chain([self.hub()]) {
            // One that was never made is not there.
            let _ = Command::new("ip").args(["netns", "del", &namespace]).status();
        }
    }
}

/// Runs a program with these words.
fn run(program: &str, words: &str) {
    let status = Command::new(program).args(words.split(' ')).status();
    assert!(status.unwrap().success(), "{program} {words}: only root may do that");
}
