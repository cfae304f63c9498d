//! Numbers that nobody foresees: cookies, and the names of conversations.

use core::fmt;
use core::hash::{Hash, Hasher};

use casty_core::Instant;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Bytes by chance, from which all that must not be guessed is made.
///
/// It is another one for each endpoint, and again after each start: with it, others could take conversations over, and open them in the name
/// of any address.
///
/// ```
/// assert_eq!(format!("{:?}", casty_datagram::Seed::new([7; 32])), "Seed");
/// ```
#[derive(Clone)]
pub struct Seed {
    secret: [u8; 32],
    given: u64,
}

/// What whoever dials has to bring back: that it is where it says it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Cookie(pub(crate) [u8; STAMP_BYTES + PROOF_BYTES]);

impl Cookie {
    pub(crate) const BYTES: usize = STAMP_BYTES + PROOF_BYTES;
}

const STAMP_BYTES: usize = 4;
const PROOF_BYTES: usize = 12;
/// How long a cookie is good for: as long as a dial takes.
const GOOD_SECONDS: u32 = 10;

impl Seed {
    /// From these bytes, which nobody must be able to guess.
    #[must_use]
    pub const fn new(secret: [u8; 32]) -> Self {
        Self { secret, given: 0 }
    }

    /// A number that was not given before, and never zero.
    pub(crate) fn name(&mut self) -> u64 {
        loop {
            self.given += 1;
            let mac = self.mac(b"name").chain_update(self.given.to_le_bytes());
            let bytes: [u8; 32] = mac.finalize().into_bytes().into();
            let name = bytes[..8].iter().fold(0, |name, byte| name << 8 | u64::from(*byte));
            if name != 0 {
                return name;
            }
        }
    }

    /// The cookie for whoever is at `address`, and calls itself `dialer`.
    pub(crate) fn cookie(&self, now: Instant, address: &impl Hash, dialer: u64) -> Cookie {
        self.baked(seconds(now), address, dialer)
    }

    /// Whether that is one, and a fresh one.
    pub(crate) fn knows(&self, now: Instant, address: &impl Hash, dialer: u64, cookie: &Cookie) -> bool {
        let mut stamp = [0; STAMP_BYTES];
        stamp.copy_from_slice(&cookie.0[..STAMP_BYTES]);
        let stamp = u32::from_be_bytes(stamp);
        let fresh = seconds(now).wrapping_sub(stamp) <= GOOD_SECONDS;
        let right = self.baked(stamp, address, dialer);
        // All bytes are looked at: how long it takes says nothing about the first wrong one.
        let differs = right.0.iter().zip(cookie.0).fold(0, |differs, (right, said)| differs | (right ^ said));
        fresh && differs == 0
    }

    fn baked(&self, stamp: u32, address: &impl Hash, dialer: u64) -> Cookie {
        let mut hashing = Hashing(self.mac(b"cookie"));
        hashing.0.update(&stamp.to_be_bytes());
        hashing.0.update(&dialer.to_be_bytes());
        address.hash(&mut hashing);
        let proof: [u8; 32] = hashing.0.finalize().into_bytes().into();
        let mut cookie = [0; Cookie::BYTES];
        cookie[..STAMP_BYTES].copy_from_slice(&stamp.to_be_bytes());
        cookie[STAMP_BYTES..].copy_from_slice(&proof[..PROOF_BYTES]);
        Cookie(cookie)
    }

    fn mac(&self, purpose: &[u8]) -> Hmac<Sha256> {
        let mut key = hmac::digest::Key::<Hmac<Sha256>>::default();
        key[..self.secret.len()].copy_from_slice(&self.secret);
        <Hmac<Sha256> as KeyInit>::new(&key).chain_update(purpose)
    }
}

impl fmt::Debug for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seed")
    }
}

/// Any address is hashed into the proof.
struct Hashing(Hmac<Sha256>);

impl Hasher for Hashing {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(&self) -> u64 {
        0
    }
}

const fn seconds(now: Instant) -> u32 {
    (now.as_nanos() / 1_000_000_000) as u32
}

#[cfg(test)]
mod tests {
    use super::{Cookie, GOOD_SECONDS, Seed};
    use casty_core::{Instant, secs};

    const NOW: Instant = Instant::from_nanos(1_000_000_000_000);

    #[test]
    fn a_cookie_is_good_for_one_address_one_dialer_and_a_while() {
        let seed = Seed::new([1; 32]);
        let cookie = seed.cookie(NOW, &"here", 7);
        assert!(seed.knows(NOW, &"here", 7, &cookie));
        assert!(seed.knows(NOW + secs(u64::from(GOOD_SECONDS)), &"here", 7, &cookie));
        assert!(!seed.knows(NOW + secs(u64::from(GOOD_SECONDS) + 1), &"here", 7, &cookie));
        assert!(!seed.knows(Instant::ORIGIN, &"here", 7, &cookie), "from the future");
        assert!(!seed.knows(NOW, &"there", 7, &cookie));
        assert!(!seed.knows(NOW, &"here", 8, &cookie));
        assert!(!Seed::new([2; 32]).knows(NOW, &"here", 7, &cookie));
        for at in 0..Cookie::BYTES {
            let mut forged = cookie;
            forged.0[at] ^= 1;
            assert!(!seed.knows(NOW, &"here", 7, &forged), "byte {at}");
        }
    }

    #[test]
    fn no_name_is_given_twice() {
        let (mut one, mut other) = (Seed::new([1; 32]), Seed::new([2; 32]));
        let mut names: alloc::vec::Vec<u64> = (0..100).flat_map(|_| [one.name(), other.name()]).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), 200);
    }
}
