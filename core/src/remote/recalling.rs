//! A look through a message that was written and not sent: its questions come back.
//!
//! What is in a message only its own code of serde knows. So that is run once more, over a serializer that writes nothing and that
//! a question recognizes ([`is_recalled`]).

use core::fmt::{self, Display};

use serde::ser::{
    Error, Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant, Serializer,
};

/// The message was written, as far as that went, and not sent: all questions in it are again those of who has the message.
#[cold]
#[inline(never)]
pub(super) fn recall<T: Serialize + ?Sized>(message: &T) {
    // Where it stopped when it was written it stops again: behind that nothing has gone.
    let _ = message.serialize(Recalling);
}

/// Whether what is written for that serializer is looked through after it was not sent.
#[inline]
pub(super) fn is_recalled<S>() -> bool {
    typeid::of::<S>() == typeid::of::<Recalling>()
}

/// Takes whatever there is, and goes through it.
struct Recalling;

/// The message has ended the look.
#[derive(Debug)]
struct Stopped;

impl Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the message cannot be written")
    }
}

impl core::error::Error for Stopped {}

impl Error for Stopped {
    fn custom<T: Display>(_: T) -> Self {
        Self
    }
}

/// Methods that take something plain.
macro_rules! plain {
    ($($method:ident($($name:ident: $type:ty),*);)+) => {
        $(
            fn $method(self, $($name: $type),*) -> Result<(), Stopped> {
                Ok(())
            }
        )+
    };
}

/// Methods that begin something of several values.
macro_rules! begin {
    ($($method:ident($($name:ident: $type:ty),*);)+) => {
        $(
            fn $method(self, $($name: $type),*) -> Result<Self, Stopped> {
                Ok(self)
            }
        )+
    };
}

impl Serializer for Recalling {
    type Ok = ();
    type Error = Stopped;
    type SerializeSeq = Self;
    type SerializeTuple = Self;
    type SerializeTupleStruct = Self;
    type SerializeTupleVariant = Self;
    type SerializeMap = Self;
    type SerializeStruct = Self;
    type SerializeStructVariant = Self;

    plain! {
        serialize_bool(_value: bool);
        serialize_i8(_value: i8);
        serialize_i16(_value: i16);
        serialize_i32(_value: i32);
        serialize_i64(_value: i64);
        serialize_i128(_value: i128);
        serialize_u8(_value: u8);
        serialize_u16(_value: u16);
        serialize_u32(_value: u32);
        serialize_u64(_value: u64);
        serialize_u128(_value: u128);
        serialize_f32(_value: f32);
        serialize_f64(_value: f64);
        serialize_char(_value: char);
        serialize_str(_value: &str);
        serialize_bytes(_value: &[u8]);
        serialize_none();
        serialize_unit();
        serialize_unit_struct(_name: &'static str);
        serialize_unit_variant(_name: &'static str, _index: u32, _variant: &'static str);
    }

    begin! {
        serialize_seq(_length: Option<usize>);
        serialize_tuple(_length: usize);
        serialize_tuple_struct(_name: &'static str, _length: usize);
        serialize_tuple_variant(_name: &'static str, _index: u32, _variant: &'static str, _length: usize);
        serialize_map(_length: Option<usize>);
        serialize_struct(_name: &'static str, _length: usize);
        serialize_struct_variant(_name: &'static str, _index: u32, _variant: &'static str, _length: usize);
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Stopped> {
        value.serialize(self)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        value: &T,
    ) -> Result<(), Stopped> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        _index: u32,
        _variant: &'static str,
        value: &T,
    ) -> Result<(), Stopped> {
        value.serialize(self)
    }

    fn collect_str<T: Display + ?Sized>(self, _value: &T) -> Result<(), Stopped> {
        Ok(())
    }
}

/// What takes values one after the other.
macro_rules! several {
    ($($trait:ident: $($method:ident($($key:ident: $type:ty)?)),+;)+) => {
        $(
            impl $trait for Recalling {
                type Ok = ();
                type Error = Stopped;

                $(
                    fn $method<T: Serialize + ?Sized>(&mut self, $($key: $type,)? value: &T) -> Result<(), Stopped> {
                        value.serialize(Self)
                    }
                )+

                fn end(self) -> Result<(), Stopped> {
                    Ok(())
                }
            }
        )+
    };
}

several! {
    SerializeSeq: serialize_element();
    SerializeTuple: serialize_element();
    SerializeTupleStruct: serialize_field();
    SerializeTupleVariant: serialize_field();
    SerializeMap: serialize_key(), serialize_value();
    SerializeStruct: serialize_field(_key: &'static str);
    SerializeStructVariant: serialize_field(_key: &'static str);
}
