//! Numbers that nobody foresees: whoever names one was told it.

use sha2::{Digest, Sha256};

use crate::rng::Rng;

/// Numbers that say nothing about each other: digests of a key that is told to nobody, and of how many there were.
pub(super) struct Unforeseen {
    key: [u8; 32],
    digests: u64,
    /// Those of the last digest, and how many of them are left.
    numbers: [u64; NUMBERS],
    left: usize,
}

const NUMBERS: usize = 4;

impl Unforeseen {
    pub(super) fn new(rng: &mut Rng) -> Self {
        Self { key: nonce(rng), digests: 0, numbers: [0; NUMBERS], left: 0 }
    }

    /// The next number.
    pub(super) fn next(&mut self) -> u64 {
        if self.left == 0 {
            self.digests += 1;
            let digest =
                Sha256::new().chain_update(self.key).chain_update(self.digests.to_le_bytes()).finalize();
            for (number, bytes) in self.numbers.iter_mut().zip(digest.chunks_exact(8)) {
                *number = bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte));
            }
            self.left = NUMBERS;
        }
        self.left -= 1;
        self.numbers[self.left]
    }
}

/// A number that nobody has seen before. It is a digest: what others see of chance must not lead back to it, as the numbers of
/// a generator do.
pub(crate) fn nonce(rng: &mut Rng) -> [u8; 32] {
    let mut nonce = [0; 32];
    nonce.chunks_exact_mut(8).for_each(|part| part.copy_from_slice(&rng.next_u64().to_le_bytes()));
    Sha256::digest(nonce).into()
}

/// A single number of that kind.
pub(crate) fn unforeseen(rng: &mut Rng) -> u64 {
    Unforeseen::new(rng).next()
}

#[cfg(test)]
mod tests {
    use alloc::collections::BTreeSet;

    use super::*;

    #[test]
    fn numbers_are_each_another_and_others_with_another_seed() {
        let of = |seed| {
            let mut numbers = Unforeseen::new(&mut Rng::new(seed));
            core::iter::repeat_with(move || numbers.next()).take(1_000).collect::<BTreeSet<_>>()
        };
        assert_eq!((of(1).len(), of(1)), (1_000, of(1)));
        assert!(of(1).is_disjoint(&of(2)));
        // Not a row that goes on: the numbers are everywhere.
        assert!(of(1).iter().filter(|number| **number > u64::MAX / 2).count() > 400);
    }
}
