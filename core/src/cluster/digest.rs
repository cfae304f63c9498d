//! Digests: one number for what is known, the same on every machine.

use super::record::Record;

/// A number for a record, never zero.
pub(crate) fn of(record: &Record) -> u64 {
    // Encoding fails only where memory does.
    let bytes = postcard::to_allocvec(record).unwrap_or_default();
    // FNV-1a, of which the last bytes change only the lower bits: so it is mixed at the end.
    let hash = bytes.iter().fold(0xCBF2_9CE4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01B3)
    });
    mix(hash).max(1)
}

/// Lets each bit depend on each (the end of `SplitMix64`).
pub(crate) const fn mix(number: u64) -> u64 {
    let z = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::record::tests::any;
    use crate::rng::Rng;

    #[test]
    fn a_digest_is_the_same_on_every_machine_and_in_every_version() {
        assert_eq!(of(&any(&mut Rng::new(1), 7)), KEPT);
    }

    /// What nodes of an earlier version say: it must not change.
    const KEPT: u64 = 4_722_339_885_004_962_445;
}
