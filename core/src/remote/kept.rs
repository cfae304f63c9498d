//! Values as bytes that are kept before they go anywhere: written and read by nodes.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::codec::{Written, decode};
use super::here::Here;
use super::hub::Hub;
use super::terms::POSTCARD;
use crate::codec::{Output, Value};
use crate::sync::Arc;

impl Hub {
    /// What this node writes in.
    pub(crate) fn writes(&self) -> &'static str {
        self.script().codec.as_ref().map_or(POSTCARD, |codec| codec.name())
    }

    /// A value as bytes, as many as a message may have; or why it cannot be that.
    pub(crate) fn keep<T: Serialize>(&self, value: &T) -> Result<Vec<u8>, String> {
        let bytes_max = self.limits().message_bytes_max;
        let long = |bytes: usize| format!("it has more than {bytes_max} bytes: {bytes}");
        let Some(codec) = &self.script().codec else {
            let bytes = postcard::to_allocvec(value).map_err(|error| error.to_string())?;
            return if bytes.len() > bytes_max { Err(long(bytes.len())) } else { Ok(bytes) };
        };
        let mut bytes = Vec::new();
        let mut take = |more: &[u8]| {
            let room = more.len() <= bytes_max.saturating_sub(bytes.len());
            if room {
                bytes.extend_from_slice(more);
            }
            room
        };
        codec.write(Value::new(value), &mut Output::new(&mut take)).map_err(|error| error.to_string())?;
        Ok(bytes)
    }

    /// The value that these bytes are, which a node has kept that writes in that; or why they are none.
    pub(crate) fn take_up<T: DeserializeOwned>(
        this: &Arc<Self>,
        writes: &str,
        bytes: &[u8],
    ) -> Result<T, String> {
        let codec = this.script().codecs().find(|codec| codec.name() == writes);
        if codec.is_none() && writes != POSTCARD {
            return Err(format!("it is written in {writes}, which this node does not read"));
        }
        decode(Written { bytes, codec: codec.map(|codec| &**codec), trace: None }, &Here::at(this))
    }
}
