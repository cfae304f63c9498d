//! A deserializer that knows its node, for whatever format.
//!
//! A reference inside a message has to find the node it is read at, and there is no global to ask. So every message is read
//! through this wrapper. What wants the node asks to be read as a tuple of a name that only this file knows: it is handed a
//! [`Probe`], which fails with an error that carries the node, as a [`Parcel`], and then what the format has. Errors are the one
//! thing in serde's model that comes back from a deserializer of any type; formats see nothing of all that.

use core::cell::Cell;
use core::error::Error;
use core::fmt;

use serde::de::{self, Deserialize, DeserializeSeed, Deserializer, Visitor};

use super::here::Here;
use crate::sync::{Arc, Parcel};

mod access;
mod introducing;

use access::Through;
use introducing::Introducing;

/// What is called so is read with its node.
const AT_NODE: &str = "$casty::AtNode";

/// A probe, and what the format has.
const FIELDS: usize = 2;

/// Reads what has to know its node: its visitor is given a [`Probe`], and then what was written.
pub(super) fn read_at_node<'de, V: Visitor<'de>, D: Deserializer<'de>>(
    deserializer: D,
    visitor: V,
) -> Result<V::Value, D::Error> {
    deserializer.deserialize_tuple_struct(AT_NODE, FIELDS, visitor)
}

/// Asks for the node, where one is known.
pub(super) enum Probe {}

impl<'de> Deserialize<'de> for Probe {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_unit(Nowhere)
    }
}

impl Probe {
    /// The node, from the error that a probe ended with.
    pub(super) fn found(error: &impl de::Error) -> Option<Arc<Here>> {
        Parcel::within(error)
    }
}

/// What a probe meets in a format that is read without a node.
struct Nowhere;

impl Visitor<'_> for Nowhere {
    type Value = Probe;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a node: references can be read only as part of a message")
    }
}

/// An error of the format, or the answer to a probe.
#[derive(Debug)]
pub(super) enum Knows<E> {
    Format(E),
    Node(Parcel<Here>),
}

impl<E: fmt::Display> fmt::Display for Knows<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Format(error) => fmt::Display::fmt(error, f),
            Self::Node(node) => fmt::Display::fmt(node, f),
        }
    }
}

impl<E: fmt::Debug + fmt::Display> Error for Knows<E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Format(_) => None,
            Self::Node(node) => Some(node),
        }
    }
}

impl<E: de::Error> de::Error for Knows<E> {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::Format(E::custom(message))
    }
}

/// The node, how deep within a message it is, and how long the whole message.
pub(super) struct Guide<'n> {
    here: &'n Arc<Here>,
    depth: Cell<usize>,
    /// How many bytes there are.
    bytes: usize,
    /// How many values may still be read within others.
    values_left: Cell<usize>,
}

/// How deeply values may be nested: what comes from elsewhere must not exhaust the stack.
const DEPTH_MAX: usize = 128;
/// How many values there may be for each byte: some take none, and a list of those is of any length that it says.
const VALUES_PER_BYTE_MAX: usize = 16;
/// How many there may be at least.
const VALUES_MIN: usize = 1_024;

impl<'n> Guide<'n> {
    /// For that many bytes.
    pub(super) const fn new(here: &'n Arc<Here>, bytes: usize) -> Self {
        let values_max = bytes.saturating_mul(VALUES_PER_BYTE_MAX).saturating_add(VALUES_MIN);
        Self { here, depth: Cell::new(0), bytes, values_left: Cell::new(values_max) }
    }

    /// Reads something within something.
    fn deeper<T, E: de::Error>(&self, read: impl FnOnce() -> Result<T, Knows<E>>) -> Result<T, E> {
        let depth = self.depth.get();
        if depth >= DEPTH_MAX {
            return Err(E::custom("it is nested too deeply"));
        }
        let Some(values_left) = self.values_left.get().checked_sub(1) else {
            return Err(E::custom("it has more values than its bytes are worth"));
        };
        self.values_left.set(values_left);
        self.depth.set(depth + 1);
        let outcome = read();
        self.depth.set(depth);
        outcome.map_err(lower)
    }

    /// How many elements something says to have, of which each takes a byte: for so many room is made at once.
    fn likely(&self, hint: Option<usize>) -> Option<usize> {
        hint.map(|said| said.min(self.bytes))
    }
}

/// An error on its way through the format.
pub(super) fn lower<E: de::Error>(error: Knows<E>) -> E {
    match error {
        Knows::Format(error) => error,
        Knows::Node(here) => E::custom(here),
    }
}

/// A deserializer that knows its node.
pub(super) struct Knowing<'g, D> {
    inner: D,
    guide: &'g Guide<'g>,
}

impl<'g, D> Knowing<'g, D> {
    pub(super) const fn new(inner: D, guide: &'g Guide<'g>) -> Self {
        Self { inner, guide }
    }
}

/// Methods that hand on the visitor, and whatever else they are given.
macro_rules! hand_on {
    ($($method:ident($($name:ident: $type:ty),*);)+) => {
        $(
            #[inline]
            fn $method<V: Visitor<'de>>(self, $($name: $type,)* visitor: V) -> Result<V::Value, Self::Error> {
                let guide = self.guide;
                self.inner.$method($($name,)* Through::new(visitor, guide)).map_err(Knows::Format)
            }
        )+
    };
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Knowing<'_, D> {
    type Error = Knows<D::Error>;

    hand_on! {
        deserialize_any();
        deserialize_bool();
        deserialize_i8();
        deserialize_i16();
        deserialize_i32();
        deserialize_i64();
        deserialize_i128();
        deserialize_u8();
        deserialize_u16();
        deserialize_u32();
        deserialize_u64();
        deserialize_u128();
        deserialize_f32();
        deserialize_f64();
        deserialize_char();
        deserialize_str();
        deserialize_string();
        deserialize_bytes();
        deserialize_byte_buf();
        deserialize_option();
        deserialize_unit();
        deserialize_unit_struct(name: &'static str);
        deserialize_newtype_struct(name: &'static str);
        deserialize_seq();
        deserialize_tuple(len: usize);
        deserialize_map();
        deserialize_struct(name: &'static str, fields: &'static [&'static str]);
        deserialize_enum(name: &'static str, variants: &'static [&'static str]);
        deserialize_identifier();
        deserialize_ignored_any();
    }

    #[inline]
    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        len: usize,
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        let Self { inner, guide } = self;
        if name == AT_NODE {
            return visitor.visit_seq(Introducing::new(inner, guide));
        }
        inner.deserialize_tuple_struct(name, len, Through::new(visitor, guide)).map_err(Knows::Format)
    }

    fn is_human_readable(&self) -> bool {
        self.inner.is_human_readable()
    }
}

/// A seed that reads through a deserializer that knows.
impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for Through<'_, S> {
    type Value = S::Value;

    #[inline]
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<S::Value, D::Error> {
        let guide = self.guide;
        guide.deeper(|| self.inner.deserialize(Knowing::new(deserializer, guide)))
    }
}
