//! What is read with its node is given that first, and then what the format has.

use serde::de::{DeserializeSeed, Deserializer, SeqAccess, Visitor};
use serde::forward_to_deserialize_any;

use super::{Guide, Knowing, Knows};
use crate::sync::Parcel;

/// Gives the node, then what is in `inner`.
pub(super) struct Introducing<'g, D> {
    guide: &'g Guide<'g>,
    introduced: bool,
    inner: Option<D>,
}

impl<'g, D> Introducing<'g, D> {
    #[inline]
    pub(super) const fn new(inner: D, guide: &'g Guide<'g>) -> Self {
        Self { guide, introduced: false, inner: Some(inner) }
    }
}

impl<'de, D: Deserializer<'de>> SeqAccess<'de> for Introducing<'_, D> {
    type Error = Knows<D::Error>;

    #[inline]
    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Self::Error> {
        let guide = self.guide;
        if !core::mem::replace(&mut self.introduced, true) {
            let node: Introduction<D::Error> = Introduction(Knows::Node(Parcel::new(guide.here)));
            return seed.deserialize(node).map(Some);
        }
        let Some(inner) = self.inner.take() else { return Ok(None) };
        guide.deeper(|| seed.deserialize(Knowing::new(inner, guide))).map(Some).map_err(Knows::Format)
    }
}

/// The answer to a probe, whatever that asks for.
struct Introduction<E>(Knows<E>);

impl<'de, E: serde::de::Error> Deserializer<'de> for Introduction<E> {
    type Error = Knows<E>;

    #[inline]
    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Self::Error> {
        Err(self.0)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct newtype_struct
        seq tuple tuple_struct map struct enum identifier ignored_any
    }
}
