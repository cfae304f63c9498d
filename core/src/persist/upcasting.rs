//! A codec that also reads what another type was kept as.

use alloc::boxed::Box;

use serde::de::DeserializeOwned;

use super::codec::{Codec, DecodeError, EncodeError, Stored, read};
use crate::journal::Encoded;
use crate::sync::Arc;

/// Reads one older form, and leaves all else to the codec before it.
pub(super) struct Upcasting<T> {
    codec: Arc<dyn Codec<T>>,
    name: &'static str,
    version: u32,
    read: Read<T>,
}

type Read<T> = Box<dyn Fn(&[u8]) -> Result<T, DecodeError> + Send + Sync>;

impl<T: 'static> Upcasting<T> {
    pub(super) fn new<Old: Stored + DeserializeOwned + 'static>(
        codec: Arc<dyn Codec<T>>,
        upcast: impl Fn(Old) -> T + Send + Sync + 'static,
    ) -> Self {
        let read = move |bytes: &[u8]| read(bytes).map(&upcast);
        Self { codec, name: Old::NAME, version: Old::VERSION, read: Box::new(read) }
    }
}

impl<T: 'static> Codec<T> for Upcasting<T> {
    fn encode(&self, value: &T) -> Result<Encoded, EncodeError> {
        self.codec.encode(value)
    }

    fn decode(&self, encoded: &Encoded) -> Result<T, DecodeError> {
        if encoded.name == self.name && encoded.version == self.version {
            return (self.read)(&encoded.bytes);
        }
        self.codec.decode(encoded)
    }
}
