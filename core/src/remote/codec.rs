//! Bytes as messages.

use alloc::string::{String, ToString};

use serde::de::DeserializeOwned;

use super::hub::Hub;
use super::knowing::{Guide, Knowing};
use crate::sync::Arc;

/// The value that all of these bytes are, read at that node.
#[inline]
pub(super) fn decode<T: DeserializeOwned>(bytes: &[u8], node: &Arc<Hub>) -> Result<T, String> {
    let mut reader = postcard::Deserializer::from_bytes(bytes);
    let guide = Guide::new(node, bytes.len());
    let value = T::deserialize(Knowing::new(&mut reader, &guide)).map_err(|error| error.to_string())?;
    match reader.finalize() {
        Ok([]) => Ok(value),
        Ok(_) => Err("more bytes than the value has".into()),
        Err(error) => Err(error.to_string()),
    }
}
