//! Casty's messages as JSON, by `serde_json`: readable on the wire, and by name.
//!
//! ```
//! use casty_core::codec::{decode, encode};
//! use casty_json::Json;
//!
//! #[derive(serde::Serialize, serde::Deserialize, PartialEq, Debug)]
//! enum Account {
//!     Deposit { amount: u64 },
//! }
//! let bytes = encode(&Json, &Account::Deposit { amount: 7 }, 1_024).unwrap();
//! assert_eq!(bytes, br#"{"Deposit":{"amount":7}}"#);
//! assert_eq!(decode(&Json, &bytes), Ok(Account::Deposit { amount: 7 }));
//! ```
//!
//! What JSON has no form for is no message, as a map whose keys are neither text nor numbers; or it is not what it was: numbers that
//! are none (`NaN`, infinities) become `null`, which is no number, and `Some(None)` becomes `None`.

use std::io;

use casty_core::codec::{Codec, CodecError, Output, Place, Value};
use serde_json::Deserializer;

/// The codec. It has nothing to be set.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Json;

impl Codec for Json {
    fn name(&self) -> &'static str {
        "json"
    }

    fn write(&self, value: Value<'_>, to: &mut Output<'_>) -> Result<(), CodecError> {
        serde_json::to_writer(Writer(to), &value).map_err(CodecError::new)
    }

    fn read(&self, bytes: &[u8], place: Place<'_>) -> Result<(), CodecError> {
        let mut reader = Deserializer::from_slice(bytes);
        place.fill(&mut reader).and_then(|()| reader.end()).map_err(CodecError::new)
    }
}

/// What takes bytes, as the standard library knows it.
struct Writer<'a, 'o>(&'a mut Output<'o>);

impl io::Write for Writer<'_, '_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.extend(bytes).map_err(io::Error::other)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
