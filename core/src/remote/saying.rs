//! A serializer for what is said on a link: who says it need not be said.

use core::fmt::Display;

use serde::ser::{
    Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant, Serializer,
};

use super::reply_to::ReturnAddress;
use super::varint::{self, Read};

/// A value that is said on a link, by the node of that incarnation.
pub(super) struct Spoken<'v, T: ?Sized>(pub(super) &'v T, pub(super) u64);

impl<T: Serialize + ?Sized> Serialize for Spoken<'_, T> {
    #[inline]
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(Saying { inner: serializer, me: self.1 })
    }
}

/// Something of serde's that takes values: what they consist of is said on a link too.
struct Saying<S> {
    inner: S,
    /// The incarnation of the node that says it.
    me: u64,
}

/// The fields of a struct.
struct Fields<S> {
    inner: S,
    me: u64,
    of: Struct,
}

/// What a struct is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Struct {
    /// Something of a user's.
    Value,
    /// Where a reply goes: to a node whose incarnation comes first.
    ReturnAddress,
    /// The same, and that node is this one: what says so is left empty.
    OwnReturnAddress,
}

/// Methods that hand on a plain value.
macro_rules! plain {
    ($($method:ident($($name:ident: $type:ty),*);)+) => {
        $(
            #[inline]
            fn $method(self, $($name: $type),*) -> Result<S::Ok, S::Error> {
                self.inner.$method($($name),*)
            }
        )+
    };
}

/// Methods that begin something of several values.
macro_rules! begin {
    ($($method:ident($($name:ident: $type:ty),*) -> $of:ident;)+) => {
        $(
            #[inline]
            fn $method(self, $($name: $type),*) -> Result<Self::$of, S::Error> {
                self.inner.$method($($name),*).map(|inner| Saying { inner, me: self.me })
            }
        )+
    };
}

impl<S: Serializer> Serializer for Saying<S> {
    type Ok = S::Ok;
    type Error = S::Error;
    type SerializeSeq = Saying<S::SerializeSeq>;
    type SerializeTuple = Saying<S::SerializeTuple>;
    type SerializeTupleStruct = Saying<S::SerializeTupleStruct>;
    type SerializeTupleVariant = Saying<S::SerializeTupleVariant>;
    type SerializeMap = Saying<S::SerializeMap>;
    type SerializeStruct = Fields<S::SerializeStruct>;
    type SerializeStructVariant = Saying<S::SerializeStructVariant>;

    plain! {
        serialize_bool(value: bool);
        serialize_i8(value: i8);
        serialize_i16(value: i16);
        serialize_i32(value: i32);
        serialize_i64(value: i64);
        serialize_i128(value: i128);
        serialize_u8(value: u8);
        serialize_u16(value: u16);
        serialize_u32(value: u32);
        serialize_u64(value: u64);
        serialize_u128(value: u128);
        serialize_f32(value: f32);
        serialize_f64(value: f64);
        serialize_char(value: char);
        serialize_str(value: &str);
        serialize_bytes(value: &[u8]);
        serialize_none();
        serialize_unit();
        serialize_unit_struct(name: &'static str);
        serialize_unit_variant(name: &'static str, index: u32, variant: &'static str);
    }

    begin! {
        serialize_seq(length: Option<usize>) -> SerializeSeq;
        serialize_tuple(length: usize) -> SerializeTuple;
        serialize_tuple_struct(name: &'static str, length: usize) -> SerializeTupleStruct;
        serialize_tuple_variant(name: &'static str, index: u32, variant: &'static str, length: usize) -> SerializeTupleVariant;
        serialize_map(length: Option<usize>) -> SerializeMap;
        serialize_struct_variant(name: &'static str, index: u32, variant: &'static str, length: usize) -> SerializeStructVariant;
    }

    #[inline]
    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<S::Ok, S::Error> {
        self.inner.serialize_some(&Spoken(value, self.me))
    }

    #[inline]
    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result<S::Ok, S::Error> {
        self.inner.serialize_newtype_struct(name, &Spoken(value, self.me))
    }

    #[inline]
    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<S::Ok, S::Error> {
        self.inner.serialize_newtype_variant(name, index, variant, &Spoken(value, self.me))
    }

    #[inline]
    fn serialize_struct(self, name: &'static str, length: usize) -> Result<Self::SerializeStruct, S::Error> {
        let of = if name == ReturnAddress::NAME { Struct::ReturnAddress } else { Struct::Value };
        Ok(Fields { of, me: self.me, inner: self.inner.serialize_struct(name, length)? })
    }

    #[inline]
    fn collect_str<T: Display + ?Sized>(self, value: &T) -> Result<S::Ok, S::Error> {
        self.inner.collect_str(value)
    }

    fn is_human_readable(&self) -> bool {
        self.inner.is_human_readable()
    }
}

/// What takes values one after the other.
macro_rules! several {
    ($($trait:ident: $method:ident;)+) => {
        $(
            impl<S: $trait> $trait for Saying<S> {
                type Ok = S::Ok;
                type Error = S::Error;

                #[inline]
                fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), S::Error> {
                    self.inner.$method(&Spoken(value, self.me))
                }

                #[inline]
                fn end(self) -> Result<S::Ok, S::Error> {
                    self.inner.end()
                }
            }
        )+
    };
}

several! {
    SerializeSeq: serialize_element;
    SerializeTuple: serialize_element;
    SerializeTupleStruct: serialize_field;
    SerializeTupleVariant: serialize_field;
}

impl<S: SerializeStructVariant> SerializeStructVariant for Saying<S> {
    type Ok = S::Ok;
    type Error = S::Error;

    #[inline]
    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), S::Error> {
        self.inner.serialize_field(key, &Spoken(value, self.me))
    }

    #[inline]
    fn skip_field(&mut self, key: &'static str) -> Result<(), S::Error> {
        self.inner.skip_field(key)
    }

    #[inline]
    fn end(self) -> Result<S::Ok, S::Error> {
        self.inner.end()
    }
}

impl<S: SerializeMap> SerializeMap for Saying<S> {
    type Ok = S::Ok;
    type Error = S::Error;

    #[inline]
    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), S::Error> {
        self.inner.serialize_key(&Spoken(key, self.me))
    }

    #[inline]
    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), S::Error> {
        self.inner.serialize_value(&Spoken(value, self.me))
    }

    #[inline]
    fn end(self) -> Result<S::Ok, S::Error> {
        self.inner.end()
    }
}

impl<S: SerializeStruct> SerializeStruct for Fields<S> {
    type Ok = S::Ok;
    type Error = S::Error;

    #[inline]
    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), S::Error> {
        match self.of {
            Struct::ReturnAddress if key == ReturnAddress::INCARNATION && is_number(value, self.me) => {
                self.of = Struct::OwnReturnAddress;
                self.inner.serialize_field(key, &0_u64)
            }
            Struct::OwnReturnAddress if key != ReturnAddress::ASK => self.inner.serialize_field(key, ""),
            _ => self.inner.serialize_field(key, &Spoken(value, self.me)),
        }
    }

    #[inline]
    fn skip_field(&mut self, key: &'static str) -> Result<(), S::Error> {
        self.inner.skip_field(key)
    }

    #[inline]
    fn end(self) -> Result<S::Ok, S::Error> {
        self.inner.end()
    }
}

/// Whether a value is that number.
fn is_number<T: Serialize + ?Sized>(value: &T, number: u64) -> bool {
    let mut bytes = [0; varint::BYTES_MAX];
    let written = postcard::to_slice(value, &mut bytes);
    written.is_ok_and(|written| matches!(varint::read(written), Read::Number(said, _) if said == number))
}

#[cfg(test)]
mod tests;
