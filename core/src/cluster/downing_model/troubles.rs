//! What may happen in the model, beside a crash.

use alloc::collections::BTreeSet;
use core::fmt;

/// Which ways are broken: from whom, to whom.
pub(super) type Broken = BTreeSet<(u64, u64)>;

/// What may happen beside broken links and a crash.
#[derive(Clone, Default)]
pub(super) struct Troubles {
    /// Links are broken both ways only.
    pub(super) both_ways: bool,
    /// So many words are lost.
    pub(super) losses: u32,
    /// One of two that are apart hears the other once, or each does.
    pub(super) answer: bool,
    /// Who does not reach the service of leases.
    pub(super) deaf: BTreeSet<u64>,
    /// So many letters to it or of it are late or lost.
    pub(super) slips: u32,
}

impl fmt::Display for Troubles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { both_ways, losses, answer, deaf, slips } = self;
        let counts = [("word lost", *losses), ("letter late", *slips), ("answer", u32::from(*answer))];
        let some = |(_, count): &&(&str, u32)| *count > 0;
        counts.iter().filter(some).try_for_each(|(what, count)| write!(f, ", {count} {what}"))?;
        if !deaf.is_empty() {
            write!(f, ", no service for {deaf:?}")?;
        }
        if *both_ways { f.write_str(", both ways") } else { Ok(()) }
    }
}

/// How a link may be broken: there, and back.
pub(super) const WAYS: [(bool, bool); 3] = [(true, true), (true, false), (false, true)];

/// The links that are broken, each in one of these ways.
pub(super) fn breaks(ways: &[(bool, bool)]) -> BTreeSet<Broken> {
    let links = [(1, 2), (1, 3), (2, 3)];
    let sets = (0_u32..8).flat_map(|set| {
        ways.iter().map(move |(there, back)| {
            let chosen = links.iter().enumerate().filter(|(at, _)| set >> at & 1 == 1);
            let ways =
                chosen.flat_map(|(_, (one, other))| [(*there, (*one, *other)), (*back, (*other, *one))]);
            ways.filter(|(broken, _)| *broken).map(|(_, way)| way).collect()
        })
    });
    sets.collect()
}
