//! The codec port: how messages for other nodes become bytes, and are read again.
//!
//! Postcard is the default, needs no codec and is read by every node. Others plug in by [`Network::codec`](crate::Network::codec).
//!
//! # Which changes of a message other nodes can read
//!
//! Nodes of two versions of a program talk to each other while one replaces the other. *Postcard* has neither names nor lengths: only a
//! variant at the end of an enum may be added, and only be said when all nodes know it. Formats with names, as JSON and MessagePack
//! are here, read fields in any order and leave out those that they do not know; a field with `#[serde(default)]` may be missing.
//!
//! # References in messages
//!
//! They are read in every codec, but not where serde keeps what it has read to look at it again, and no codec is asked any more: in enums
//! that are `untagged` or have a `tag`, and in what is `flatten`ed. Such a message is a dead letter.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use serde::de::{DeserializeOwned, Error};
use serde::{Deserializer, Serialize, Serializer};

/// How messages become bytes for other nodes, and are read again: a format, by its serde implementation.
///
/// A codec says nothing about types; references, and how deeply a value may be nested, are casty's part. Two nodes with codecs of one
/// name understand each other.
///
/// ```
/// use casty_core::codec::{Codec, CodecError, Output, Place, Value, decode, encode};
///
/// /// Postcard, behind a mark.
/// struct Marked;
///
/// impl Codec for Marked {
///     fn name(&self) -> &'static str {
///         "marked"
///     }
///     fn write(&self, value: Value<'_>, to: &mut Output<'_>) -> Result<(), CodecError> {
///         let bytes = postcard::to_allocvec(&value).map_err(CodecError::new)?;
///         to.extend(b"!")?;
///         to.extend(&bytes)
///     }
///     fn read(&self, bytes: &[u8], place: Place<'_>) -> Result<(), CodecError> {
///         let bytes = bytes.strip_prefix(b"!").ok_or_else(|| CodecError::new("no mark"))?;
///         let mut reader = postcard::Deserializer::from_bytes(bytes);
///         place.fill(&mut reader).map_err(CodecError::new)?;
///         match reader.finalize() {
///             Ok([]) => Ok(()),
///             _ => Err(CodecError::new("more than a value")),
///         }
///     }
/// }
///
/// let bytes = encode(&Marked, &(7_u8, "seven"), 100).unwrap();
/// assert_eq!(decode(&Marked, &bytes), Ok((7_u8, String::from("seven"))));
/// assert_eq!(encode(&Marked, &vec![0_u8; 100], 100).unwrap_err().to_string(), "it is longer than it may be");
/// assert_eq!(decode::<u8>(&Marked, b"?").unwrap_err().to_string(), "no mark");
/// ```
pub trait Codec: Send + Sync + 'static {
    /// What nodes know it by: at most 32 small letters, digits and hyphens, always the same, and not `postcard`.
    ///
    /// It stands for the format. One whose bytes the old one cannot read has another name.
    fn name(&self) -> &'static str;

    /// Writes a value.
    ///
    /// # Errors
    /// It has no form as bytes, or a longer one than `to` takes.
    fn write(&self, value: Value<'_>, to: &mut Output<'_>) -> Result<(), CodecError>;

    /// Reads the value that all of these bytes are. They come from another node and may be anything: it MUST neither panic nor
    /// allocate more than they justify.
    ///
    /// # Errors
    /// They are no such value, or more than one.
    fn read(&self, bytes: &[u8], place: Place<'_>) -> Result<(), CodecError>;
}

/// A value that is to be written, of whatever type: [`Serialize`].
#[derive(Clone, Copy)]
pub struct Value<'a>(&'a dyn erased_serde::Serialize);

impl<'a> Value<'a> {
    pub(crate) fn new<T: Serialize>(value: &'a T) -> Self {
        Self(value)
    }
}

impl Serialize for Value<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        erased_serde::serialize(self.0, serializer)
    }
}

impl fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Value(..)")
    }
}

/// Where a value is to be put that is read, of whatever type.
pub struct Place<'a>(&'a mut Fill<'a>);

/// Reads a value, and puts it in its place.
type Fill<'a> = dyn FnMut(&mut dyn erased_serde::Deserializer<'_>) -> Result<(), erased_serde::Error> + 'a;

impl<'a> Place<'a> {
    pub(crate) fn new(fill: &'a mut Fill<'a>) -> Self {
        Self(fill)
    }

    /// Reads the value by that deserializer. What is left of its input is for the codec to see.
    ///
    /// # Errors
    /// Those of the deserializer; the value may also not be one that the type can be.
    pub fn fill<'de, D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        let mut erased = <dyn erased_serde::Deserializer<'_>>::erase(deserializer);
        (self.0)(&mut erased).map_err(D::Error::custom)
    }
}

impl fmt::Debug for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Place(..)")
    }
}

/// Where bytes are written to, as many as may be.
pub struct Output<'a>(&'a mut dyn FnMut(&[u8]) -> bool);

impl<'a> Output<'a> {
    /// To whatever takes bytes, and says whether it has.
    pub(crate) fn new(take: &'a mut dyn FnMut(&[u8]) -> bool) -> Self {
        Self(take)
    }

    /// Writes more bytes.
    ///
    /// # Errors
    /// With these they would be more than may be.
    pub fn extend(&mut self, bytes: &[u8]) -> Result<(), CodecError> {
        if (self.0)(bytes) { Ok(()) } else { Err(CodecError::new("it is longer than it may be")) }
    }
}

impl fmt::Debug for Output<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Output(..)")
    }
}

/// Why a value was not written or read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CodecError {
    cause: String,
}

impl CodecError {
    /// With that cause.
    #[must_use]
    pub fn new(cause: impl fmt::Display) -> Self {
        Self { cause: cause.to_string() }
    }
}

impl fmt::Display for CodecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.cause)
    }
}

impl core::error::Error for CodecError {}

/// A value as at most `bytes_max` bytes: for tests of codecs.
///
/// # Errors
/// Those of the codec.
pub fn encode<T: Serialize>(codec: &dyn Codec, value: &T, bytes_max: usize) -> Result<Vec<u8>, CodecError> {
    let mut bytes = Vec::new();
    let mut take = |more: &[u8]| {
        let room = more.len() <= bytes_max - bytes.len();
        if room {
            bytes.extend_from_slice(more);
        }
        room
    };
    codec.write(Value::new(value), &mut Output::new(&mut take))?;
    Ok(bytes)
}

/// The value that all of these bytes are: for tests of codecs. Without a node it can hold no reference.
///
/// # Errors
/// Those of the codec.
pub fn decode<T: DeserializeOwned>(codec: &dyn Codec, bytes: &[u8]) -> Result<T, CodecError> {
    let mut value = None;
    codec.read(
        bytes,
        Place::new(&mut |deserializer| {
            value = Some(T::deserialize(deserializer)?);
            Ok(())
        }),
    )?;
    value.ok_or_else(|| CodecError::new("it has read nothing"))
}
