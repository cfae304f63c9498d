//! What the nodes of a system know, and strangers do not.

use alloc::boxed::Box;
use core::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::unforeseen::nonce;
use crate::rng::Rng;
use crate::sync::Arc;

/// A secret that all nodes of a system have: whoever does not know it is refused.
///
/// It is never sent: each side proves that it knows it. It does not encrypt what is said afterwards; where others can listen or
/// interfere, the transport has to.
///
/// ```
/// let secret = casty_core::remote::Secret::new("correct horse battery staple");
/// assert_eq!(format!("{secret:?}"), "Secret");
/// ```
#[derive(Clone)]
pub struct Secret(Arc<Box<[u8]>>);

impl Secret {
    /// These bytes: long and random ones, as nobody must be able to guess them.
    pub fn new(bytes: impl AsRef<[u8]>) -> Self {
        Self(Arc::new(Box::from(bytes.as_ref())))
    }

    /// The proof that who says this knows the secret.
    pub(crate) fn prove(&self, transcript: &[u8]) -> [u8; 32] {
        self.mac(transcript).map_or([0; 32], |mac| mac.finalize().into_bytes().into())
    }

    /// Whether that is the proof. It takes as long whatever is wrong with it.
    pub(crate) fn verify(&self, transcript: &[u8], proof: &[u8; 32]) -> bool {
        self.mac(transcript).is_some_and(|mac| mac.verify_slice(proof).is_ok())
    }

    /// A number that nobody has seen before, and nobody without the secret foresees.
    pub(crate) fn nonce(&self, rng: &mut Rng) -> [u8; 32] {
        self.prove(&nonce(rng))
    }

    /// A key of any length is taken, so that this is always there.
    fn mac(&self, transcript: &[u8]) -> Option<Hmac<Sha256>> {
        let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(&self.0).ok()?;
        mac.update(transcript);
        Some(mac)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}
