//! Bytes as messages.

use alloc::string::{String, ToString};

use serde::de::DeserializeOwned;

use super::here::Here;
use super::knowing::{Guide, Knowing, lower};
use crate::codec::{Codec, Place};
use crate::sync::Arc;
use crate::trace::TraceContext;

/// A value as it came, and the codec that it is written in: none is postcard. A message may be of a trace.
#[derive(Clone, Copy)]
pub(crate) struct Written<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) codec: Option<&'a dyn Codec>,
    pub(crate) trace: Option<TraceContext>,
}

/// The value that all of these bytes are, read there.
#[inline]
pub(crate) fn decode<T: DeserializeOwned>(written: Written<'_>, here: &Arc<Here>) -> Result<T, String> {
    if let Some(codec) = written.codec {
        return decode_by(codec, written.bytes, here);
    }
    let mut reader = postcard::Deserializer::from_bytes(written.bytes);
    let guide = Guide::new(here, written.bytes.len());
    let value = T::deserialize(Knowing::new(&mut reader, &guide)).map_err(|error| error.to_string())?;
    match reader.finalize() {
        Ok([]) => Ok(value),
        Ok(_) => Err("more bytes than the value has".into()),
        Err(error) => Err(error.to_string()),
    }
}

/// The same in whatever format: it costs an object at each step.
#[inline(never)]
fn decode_by<T: DeserializeOwned>(codec: &dyn Codec, bytes: &[u8], here: &Arc<Here>) -> Result<T, String> {
    let guide = Guide::new(here, bytes.len());
    let mut value = None;
    let mut fill = |deserializer: &mut dyn erased_serde::Deserializer<'_>| {
        value = Some(T::deserialize(Knowing::new(deserializer, &guide)).map_err(lower)?);
        Ok(())
    };
    codec.read(bytes, Place::new(&mut fill)).map_err(|error| error.to_string())?;
    value.ok_or_else(|| "nothing was read".into())
}
