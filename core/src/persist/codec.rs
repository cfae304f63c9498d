//! Events and states as bytes, under names of their own.

use alloc::string::{String, ToString};
use core::fmt;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::journal::Encoded;

/// The name under which a type is kept: it stays the same whatever the Rust type is called, and wherever it lives.
///
/// Names that begin with `casty.` are Casty's own.
///
/// ```
/// use casty_core::persist::Stored;
///
/// #[derive(serde::Serialize, serde::Deserialize)]
/// enum CartEvent { Added(String), Removed(String) }
///
/// impl Stored for CartEvent { const NAME: &str = "shop.CartEvent"; }
/// assert_eq!(CartEvent::VERSION, 1);
/// ```
pub trait Stored {
    /// The name.
    const NAME: &'static str;
    /// The version of what is written: to be raised when old bytes can no longer be read.
    const VERSION: u32 = 1;
}

/// How values of a type become bytes and are read again.
///
/// ```
/// use casty_core::journal::Encoded;
/// use casty_core::persist::{Codec, DecodeError, EncodeError};
///
/// /// Numbers as text.
/// struct Decimal;
///
/// impl Codec<u64> for Decimal {
///     fn encode(&self, value: &u64) -> Result<Encoded, EncodeError> {
///         Ok(Encoded::new("decimal", 1, value.to_string().into_bytes()))
///     }
///     fn decode(&self, encoded: &Encoded) -> Result<u64, DecodeError> {
///         let text = std::str::from_utf8(&encoded.bytes).map_err(DecodeError::corrupt)?;
///         text.parse().map_err(DecodeError::corrupt)
///     }
/// }
/// let encoded = Decimal.encode(&42).unwrap();
/// assert_eq!(Decimal.decode(&encoded), Ok(42));
/// ```
pub trait Codec<T>: Send + Sync + 'static {
    /// The value as bytes, with the name and version to read them by.
    ///
    /// # Errors
    /// [`EncodeError`], when the value has no form as bytes.
    fn encode(&self, value: &T) -> Result<Encoded, EncodeError>;

    /// The value that the bytes are.
    ///
    /// # Errors
    /// [`DecodeError`]: the name and version are not known, or the bytes are not what they say.
    fn decode(&self, encoded: &Encoded) -> Result<T, DecodeError>;
}

/// The codec for whatever `serde` knows and has a [`Stored`] name: compact, and the same on every target.
///
/// ```
/// use casty_core::persist::{Codec, DecodeError, Postcard, Stored};
///
/// #[derive(serde::Serialize, serde::Deserialize, PartialEq, Debug)]
/// struct Deposited(u64);
/// impl Stored for Deposited { const NAME: &str = "bank.Deposited"; }
///
/// let mut encoded = Postcard.encode(&Deposited(50)).unwrap();
/// assert_eq!(Postcard.decode(&encoded), Ok(Deposited(50)));
/// encoded.version = 2;
/// let newer: Result<Deposited, _> = Postcard.decode(&encoded);
/// assert_eq!(newer, Err(DecodeError::Unknown));
/// ```
#[derive(Clone, Copy, Default, Debug)]
pub struct Postcard;

impl<T: Stored + Serialize + DeserializeOwned> Codec<T> for Postcard {
    fn encode(&self, value: &T) -> Result<Encoded, EncodeError> {
        let bytes = postcard::to_allocvec(value).map_err(|error| EncodeError(error.to_string()))?;
        Ok(Encoded::new(T::NAME, T::VERSION, bytes))
    }

    fn decode(&self, encoded: &Encoded) -> Result<T, DecodeError> {
        if encoded.name != T::NAME || encoded.version != T::VERSION {
            return Err(DecodeError::Unknown);
        }
        read(&encoded.bytes)
    }
}

/// The value that all of these bytes are.
pub(super) fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, DecodeError> {
    let (value, rest) = postcard::take_from_bytes(bytes).map_err(DecodeError::corrupt)?;
    if rest.is_empty() { Ok(value) } else { Err(DecodeError::corrupt("more bytes than the value has")) }
}

/// Why a value did not become bytes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EncodeError(pub String);

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl core::error::Error for EncodeError {}

/// Why bytes did not become a value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum DecodeError {
    /// The name and version are not ones that can be read.
    Unknown,
    /// The bytes are not what their name says, for this reason.
    Corrupt(String),
}

impl DecodeError {
    /// The bytes are not what their name says, because of `cause`.
    pub fn corrupt(cause: impl fmt::Display) -> Self {
        Self::Corrupt(cause.to_string())
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => f.write_str("an unknown name or version"),
            Self::Corrupt(cause) => write!(f, "corrupt bytes: {cause}"),
        }
    }
}

impl core::error::Error for DecodeError {}
