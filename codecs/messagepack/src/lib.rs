//! Casty's messages as MessagePack, by `rmp-serde`: by name as JSON, in fewer bytes.
//!
//! ```
//! use casty_core::codec::{decode, encode};
//! use casty_messagepack::MessagePack;
//!
//! #[derive(serde::Serialize, serde::Deserialize, PartialEq, Debug)]
//! enum Account {
//!     Deposit { amount: u64 },
//! }
//! let bytes = encode(&MessagePack, &Account::Deposit { amount: 7 }, 1_024).unwrap();
//! assert_eq!(bytes, b"\x81\xa7Deposit\x81\xa6amount\x07");
//! assert_eq!(decode(&MessagePack, &bytes), Ok(Account::Deposit { amount: 7 }));
//! ```
//!
//! Fields are written with their names, so that they may be added and left out. `Some(None)` becomes `None`.

use std::io;

use casty_core::codec::{Codec, CodecError, Output, Place, Value};
use rmp_serde::{Deserializer, encode};

/// The codec. It has nothing to be set.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct MessagePack;

impl Codec for MessagePack {
    fn name(&self) -> &'static str {
        "messagepack"
    }

    fn write(&self, value: Value<'_>, to: &mut Output<'_>) -> Result<(), CodecError> {
        encode::write_named(&mut Writer(to), &value).map_err(CodecError::new)
    }

    fn read(&self, bytes: &[u8], place: Place<'_>) -> Result<(), CodecError> {
        let mut rest = bytes;
        place.fill(&mut Deserializer::new(&mut rest)).map_err(CodecError::new)?;
        if rest.is_empty() { Ok(()) } else { Err(CodecError::new("more bytes than the value has")) }
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
