//! Which node has which shard: how one coordinator and all regions agree on it.
//!
//! ```text
//! members ─▶ coordinator ── host, home, begin, close ─▶ tenancy (of each region) ─▶ routes
//!                  ▲──────── report, hosting, stopped ──────┘ └── fence ──▶ tenancy of the owner
//! ```
//!
//! Nothing is kept anywhere but in the regions themselves: who becomes the coordinator asks them all what they have.

mod word;
mod allocation;
mod table;
mod spread;
mod coordinator;
mod office;
mod tenancy;
mod leasehold;
#[cfg(test)]
mod model;

pub use allocation::{Allocation, Pinned, ShardHost, ShardPlacing};
pub(crate) use coordinator::{Input, Pace};
pub(crate) use leasehold::{Grant, Leasehold, Step, Wish};
pub(crate) use office::Office;
pub(crate) use spread::Spread;
pub(crate) use tenancy::{Order, Tenancy};
pub(crate) use word::{Key, Piece, Term, Word};

/// The shard, out of so many, of the entity of that name; the same on every machine and in every version.
pub(crate) fn shard_of(hash: u64, shards: u32) -> u32 {
    // The remainder is smaller than the number of shards.
    u32::try_from(hash % u64::from(shards.max(1))).unwrap_or(0)
}

/// The number by which an entity is placed: FNV-1a of its name, mixed so that each bit depends on each.
pub(crate) fn hash_of(id: &str) -> u64 {
    let hash = id.bytes().fold(0xCBF2_9CE4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)
    });
    super::digest::mix(hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entity_is_in_the_same_shard_on_every_machine_and_in_every_version() {
        let shards: alloc::vec::Vec<u32> =
            ["", "alice", "bob", "account-1"].iter().map(|id| shard_of(hash_of(id), 256)).collect();
        assert_eq!(shards, KEPT);
    }

    /// What nodes of an earlier version say: it must not change.
    const KEPT: [u32; 4] = [48, 117, 12, 138];

    #[test]
    fn entities_spread_over_all_shards() {
        let mut counts = [0_u32; 64];
        for number in 0..6_400 {
            counts[shard_of(hash_of(&alloc::format!("entity-{number}")), 64) as usize] += 1;
        }
        assert!(counts.iter().all(|count| (50..150).contains(count)), "{counts:?}");
    }
}
