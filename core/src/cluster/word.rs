//! What members say to each other.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::barrier::Mark;
use super::record::{Card, Record};
use super::registry::Said;
use super::seen::Seen;
use super::view::View;

/// One thing that a node says to another about the cluster. New ones come at the end: an older node ignores them.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) enum Word {
    /// Let me in. These are my settings that all must share. While nobody is in a cluster it may be for me to begin one.
    Join { card: Card, terms: Terms, round: u64, begins: bool },
    /// I am in no cluster, and shall not begin one for a while.
    Alone { round: u64 },
    /// You are in; this is who lets you in, and what follows is who is there.
    Welcome(Record),
    /// Not with these settings.
    Unfit(Mismatch),
    /// I am in a cluster: you may join through me.
    Invite,
    /// This is how much I know.
    Status(Digest),
    /// I know something else than you; of each share, this.
    Shares(Vec<u32>),
    /// This is what I know of some members; with shares, all there is of those. More may follow at once.
    Records { digest: Digest, records: Vec<Record>, shares: u64, more: bool },
    /// Are you there?
    Probe,
    /// I am.
    Here,
    /// Ask that member whether it is there.
    ProbeFor(u64),
    /// That member is there: it has answered me.
    HereFor(u64),
    /// So far have I come with that barrier; and whether I want to know the same of you.
    Came { name: String, mark: Mark, asks: bool },
    /// What is offered in the cluster.
    Offers(Said),
}

/// Settings that all members share, each with its name.
pub(crate) type Terms = Vec<(String, String)>;

/// A setting that a node has otherwise than the cluster.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Mismatch {
    pub(crate) setting: String,
    pub(crate) here: String,
    pub(crate) theirs: String,
}

/// What a node knows as one number, and of whom it knows that they know the same of those who are seated.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Digest {
    pub(crate) hash: u64,
    /// The number for those who are seated, where others are not.
    seating: Option<u64>,
    /// A bit for each of them, by incarnation; empty when all have seen it.
    seen: Vec<u8>,
}

impl Digest {
    pub(crate) fn new(view: &View, seen: &Seen) -> Self {
        let (hash, seating) = (view.hash(), view.seating());
        Self { hash, seating: (seating != hash).then_some(seating), seen: seen.written(view) }
    }

    /// One number for those who are seated.
    pub(crate) fn seating(&self) -> u64 {
        self.seating.unwrap_or(self.hash)
    }

    /// Who has seen it, in a view with the same number for those who are seated.
    pub(crate) fn seen(&self, view: &View) -> Seen {
        Seen::read(view, &self.seen)
    }
}
