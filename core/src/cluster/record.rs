//! What is known of one member, and how two who know different things come to agree.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::status::MemberStatus;
use crate::node_id::NodeId;
use crate::path::check_name;
use crate::sync::Arc;

/// What is known of one member.
///
/// Records of one incarnation are a join-semilattice: [`merge`](Self::merge) is associative, commutative and idempotent.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Record {
    /// Who and where it is. Said by itself, once; all that is known of the member shares it.
    #[serde(with = "shared_card")]
    pub(crate) card: Arc<Card>,
    pub(crate) status: MemberStatus,
    /// As which it becomes a member: the founder is 1. Zero until the leader has given it that number.
    pub(crate) age: u64,
    /// Whom it does not reach. Only the member itself writes that.
    pub(crate) sights: Sights,
}

/// What a member says of itself, which does not change.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub(crate) struct Card {
    pub(crate) id: NodeId,
    pub(crate) address: String,
    /// In order, and none twice.
    pub(crate) roles: Vec<String>,
    /// Of the program.
    pub(crate) version: String,
    /// The first and the last version of the protocol that it speaks.
    pub(crate) protocols: (u8, u8),
}

/// Whom one member does not reach, by incarnation.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Default, Debug, Serialize, Deserialize)]
pub(crate) struct Sights {
    /// Counts the changes.
    pub(crate) version: u64,
    pub(crate) of: BTreeMap<u64, Sight>,
}

/// How badly one member sees another; who sees it well says nothing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub(crate) enum Sight {
    /// Not itself, but through others.
    Indirect,
    /// Not at all.
    Unreachable,
    /// Its process has ended: its own host says so, or another has its name.
    Dead,
}

/// As long as an address, a role or a version may be.
pub(crate) const TEXT_BYTES_MAX: usize = 256;
pub(crate) const ROLES_MAX: usize = 16;
/// How many others one member may be said not to reach: more than there may be.
pub(crate) const SIGHTS_MAX: usize = 1_280;

impl Record {
    /// Of a node that asks to be a member.
    pub(crate) fn new(card: impl Into<Arc<Card>>) -> Self {
        Self { card: card.into(), status: MemberStatus::Joining, age: 0, sights: Sights::default() }
    }

    pub(crate) fn key(&self) -> u64 {
        self.card.id.incarnation
    }

    /// Whether it has no number yet, and is about to come.
    pub(crate) fn is_new(&self) -> bool {
        self.age == 0 && self.status == MemberStatus::Joining
    }

    /// Whether all have to know it before anything goes on. Of a newcomer that has no number yet, and has said nothing of others, whoever lets
    /// it in may tell the others in its time: nothing follows from it but that it is there.
    pub(crate) fn is_seated(&self) -> bool {
        self.age > 0 || self.status > MemberStatus::Joining || self.sights.version > 0
    }

    /// The least that says all that both say.
    pub(crate) fn merge(self, other: Self) -> Self {
        Self {
            // They differ only where somebody lies, and then all are to believe the same.
            card: if other.card > self.card { other.card } else { self.card },
            status: self.status.max(other.status),
            age: earlier(self.age, other.age),
            sights: self.sights.max(other.sights),
        }
    }

    /// About how many bytes it takes on its way.
    pub(crate) fn bytes(&self) -> usize {
        let Card { id, address, roles, version, .. } = &*self.card;
        let texts = id.name.len() + address.len() + version.len();
        34 + texts + roles.iter().map(|role| role.len() + 1).sum::<usize>() + 11 * self.sights.of.len()
    }

    /// Whether it is within the limits of what is taken from others.
    pub(crate) fn is_sound(&self) -> bool {
        let Card { id, address, roles, version, protocols } = &*self.card;
        let short = |text: &str| text.len() <= TEXT_BYTES_MAX;
        id.incarnation != 0
            && protocols.0 <= protocols.1
            && check_name(&id.name).is_ok()
            && short(address)
            && short(version)
            && roles.len() <= ROLES_MAX
            && roles.iter().all(|role| short(role))
            && self.sights.of.len() <= SIGHTS_MAX
    }
}

/// A card goes as if it were not shared.
mod shared_card {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::{Arc, Card};

    pub(super) fn serialize<S: Serializer>(card: &Arc<Card>, to: S) -> Result<S::Ok, S::Error> {
        Card::serialize(card, to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Arc<Card>, D::Error> {
        Card::deserialize(from).map(Arc::new)
    }
}

/// Of two ages the smaller, where zero is none.
const fn earlier(one: u64, other: u64) -> u64 {
    match (one, other) {
        (0, age) | (age, 0) => age,
        (one, other) if one < other => one,
        (_, other) => other,
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::rng::Rng;

    /// Any record of that incarnation.
    pub(crate) fn any(rng: &mut Rng, incarnation: u64) -> Record {
        let name = alloc::format!("node-{}", incarnation % 3);
        let statuses = [
            MemberStatus::Joining,
            MemberStatus::Up,
            MemberStatus::Leaving,
            MemberStatus::Exiting,
            MemberStatus::Down,
        ];
        let sights = [Sight::Indirect, Sight::Unreachable, Sight::Dead];
        let seen = (0..rng.below(3)).map(|_| (rng.below(4) as u64 + 1, sights[rng.below(3)])).collect();
        Record {
            card: Arc::new(Card {
                id: NodeId { name, incarnation },
                address: "here".into(),
                roles: Vec::new(),
                version: String::new(),
                protocols: (1, 1),
            }),
            status: statuses[rng.below(5)],
            age: rng.below(4) as u64,
            sights: Sights { version: rng.below(3) as u64, of: seen },
        }
    }

    /// The card of a record, to be changed.
    pub(crate) fn card(record: &mut Record) -> &mut Card {
        Arc::make_mut(&mut record.card)
    }

    #[test]
    fn records_merge_to_the_same_in_any_order_and_however_often() {
        let mut rng = Rng::new(1);
        for _ in 0..2_000 {
            let [a, b, c] = [any(&mut rng, 7), any(&mut rng, 7), any(&mut rng, 7)];
            assert_eq!(a.clone().merge(b.clone()), b.clone().merge(a.clone()));
            assert_eq!(
                a.clone().merge(b.clone()).merge(c.clone()),
                a.clone().merge(b.clone().merge(c.clone()))
            );
            assert_eq!(a.clone().merge(a.clone()), a);
            let merged = a.clone().merge(b.clone());
            assert_eq!(merged.clone().merge(a.clone()), merged, "nothing is taken back");
            assert!(merged.status >= a.status && merged.status >= b.status);
            assert!(merged.sights.version >= a.sights.version.max(b.sights.version));
        }
    }

    #[test]
    fn an_age_once_given_stays_and_of_two_the_earlier_counts() {
        for (one, other, both) in [(0, 0, 0), (0, 3, 3), (3, 0, 3), (2, 3, 2), (3, 2, 2)] {
            assert_eq!(earlier(one, other), both);
        }
    }

    #[test]
    fn a_record_beyond_the_limits_is_not_taken() {
        let good = any(&mut Rng::new(1), 7);
        assert!(good.is_sound());
        let mut bad = good.clone();
        card(&mut bad).address = "x".repeat(TEXT_BYTES_MAX + 1);
        assert!(!bad.is_sound());
        bad = good.clone();
        card(&mut bad).id.name = "two words".into();
        assert!(!bad.is_sound());
        bad = good.clone();
        card(&mut bad).id.incarnation = 0;
        assert!(!bad.is_sound());
        bad = good;
        card(&mut bad).roles = alloc::vec!["r".into(); ROLES_MAX + 1];
        assert!(!bad.is_sound());
    }
}
