//! Visitors and what they are given, on the way through a deserializer that knows.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error, MapAccess, SeqAccess, VariantAccess, Visitor,
};

use super::{Guide, Knowing, Knows, lower};

/// Something of serde's, wrapped: what it hands out is wrapped too.
pub(super) struct Through<'g, T> {
    pub(super) inner: T,
    pub(super) guide: &'g Guide<'g>,
}

impl<'g, T> Through<'g, T> {
    #[inline]
    pub(super) const fn new(inner: T, guide: &'g Guide<'g>) -> Self {
        Self { inner, guide }
    }
}

/// Methods of a visitor for plain values: they see nothing that would have to be wrapped.
macro_rules! plain {
    ($($method:ident: $type:ty;)+) => {
        $(
            #[inline]
            fn $method<E: Error>(self, value: $type) -> Result<V::Value, E> {
                self.inner.$method(value)
            }
        )+
    };
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Through<'_, V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.expecting(f)
    }

    plain! {
        visit_bool: bool;
        visit_i8: i8;
        visit_i16: i16;
        visit_i32: i32;
        visit_i64: i64;
        visit_i128: i128;
        visit_u8: u8;
        visit_u16: u16;
        visit_u32: u32;
        visit_u64: u64;
        visit_u128: u128;
        visit_f32: f32;
        visit_f64: f64;
        visit_char: char;
        visit_str: &str;
        visit_borrowed_str: &'de str;
        visit_string: String;
        visit_bytes: &[u8];
        visit_borrowed_bytes: &'de [u8];
        visit_byte_buf: Vec<u8>;
    }

    #[inline]
    fn visit_none<E: Error>(self) -> Result<V::Value, E> {
        self.inner.visit_none()
    }

    #[inline]
    fn visit_unit<E: Error>(self) -> Result<V::Value, E> {
        self.inner.visit_unit()
    }

    #[inline]
    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<V::Value, D::Error> {
        let guide = self.guide;
        guide.deeper(|| self.inner.visit_some(Knowing::new(deserializer, guide)))
    }

    #[inline]
    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<V::Value, D::Error> {
        let guide = self.guide;
        guide.deeper(|| self.inner.visit_newtype_struct(Knowing::new(deserializer, guide)))
    }

    #[inline]
    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<V::Value, A::Error> {
        let guide = self.guide;
        self.inner.visit_seq(Through::new(seq, guide)).map_err(lower)
    }

    #[inline]
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<V::Value, A::Error> {
        let guide = self.guide;
        self.inner.visit_map(Through::new(map, guide)).map_err(lower)
    }

    #[inline]
    fn visit_enum<A: EnumAccess<'de>>(self, data: A) -> Result<V::Value, A::Error> {
        let guide = self.guide;
        self.inner.visit_enum(Through::new(data, guide)).map_err(lower)
    }
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for Through<'_, A> {
    type Error = Knows<A::Error>;

    #[inline]
    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Self::Error> {
        let guide = self.guide;
        self.inner.next_element_seed(Through::new(seed, guide)).map_err(Knows::Format)
    }

    fn size_hint(&self) -> Option<usize> {
        self.guide.likely(self.inner.size_hint())
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Through<'_, A> {
    type Error = Knows<A::Error>;

    #[inline]
    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Self::Error> {
        let guide = self.guide;
        self.inner.next_key_seed(Through::new(seed, guide)).map_err(Knows::Format)
    }

    #[inline]
    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Self::Error> {
        let guide = self.guide;
        self.inner.next_value_seed(Through::new(seed, guide)).map_err(Knows::Format)
    }

    fn size_hint(&self) -> Option<usize> {
        self.guide.likely(self.inner.size_hint())
    }
}

impl<'de, 'g, A: EnumAccess<'de>> EnumAccess<'de> for Through<'g, A> {
    type Error = Knows<A::Error>;
    type Variant = Through<'g, A::Variant>;

    #[inline]
    fn variant_seed<S: DeserializeSeed<'de>>(
        self,
        seed: S,
    ) -> Result<(S::Value, Self::Variant), Self::Error> {
        let guide = self.guide;
        let read = self.inner.variant_seed(Through::new(seed, guide));
        let (value, variant) = read.map_err(Knows::Format)?;
        Ok((value, Through::new(variant, guide)))
    }
}

impl<'de, A: VariantAccess<'de>> VariantAccess<'de> for Through<'_, A> {
    type Error = Knows<A::Error>;

    #[inline]
    fn unit_variant(self) -> Result<(), Self::Error> {
        self.inner.unit_variant().map_err(Knows::Format)
    }

    #[inline]
    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, Self::Error> {
        let guide = self.guide;
        self.inner.newtype_variant_seed(Through::new(seed, guide)).map_err(Knows::Format)
    }

    #[inline]
    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, Self::Error> {
        let guide = self.guide;
        let visitor = Through::new(visitor, guide);
        self.inner.tuple_variant(len, visitor).map_err(Knows::Format)
    }

    #[inline]
    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        let guide = self.guide;
        let visitor = Through::new(visitor, guide);
        self.inner.struct_variant(fields, visitor).map_err(Knows::Format)
    }
}
