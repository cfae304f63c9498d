//! A serializer for what is said on a link: whose it is that says it need not be said.

use core::fmt::Display;

use serde::ser::{
    Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant, Serializer,
};

/// What is called so says where something of this node is.
const OWN: &str = "$casty::Own";
/// Those of its fields that say which node that is: on a link they are left empty.
const NODE: &str = "node";
const INCARNATION: &str = "incarnation";
const ADDRESS: &str = "address";

/// A value that is said on a link.
pub(super) struct Said<'v, T: ?Sized>(pub(super) &'v T);

impl<T: Serialize + ?Sized> Serialize for Said<'_, T> {
    #[inline]
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(Saying(serializer))
    }
}

/// Something of serde's that takes values: what they consist of is said on a link too.
struct Saying<S>(S);

/// The fields of a struct, and whether they say where something of this node is.
struct Fields<S> {
    inner: S,
    own: bool,
}

/// Methods that hand on a plain value.
macro_rules! plain {
    ($($method:ident($($name:ident: $type:ty),*);)+) => {
        $(
            #[inline]
            fn $method(self, $($name: $type),*) -> Result<S::Ok, S::Error> {
                self.0.$method($($name),*)
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
                self.0.$method($($name),*).map(Saying)
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
        self.0.serialize_some(&Said(value))
    }

    #[inline]
    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result<S::Ok, S::Error> {
        self.0.serialize_newtype_struct(name, &Said(value))
    }

    #[inline]
    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<S::Ok, S::Error> {
        self.0.serialize_newtype_variant(name, index, variant, &Said(value))
    }

    #[inline]
    fn serialize_struct(self, name: &'static str, length: usize) -> Result<Self::SerializeStruct, S::Error> {
        Ok(Fields { own: name == OWN, inner: self.0.serialize_struct(name, length)? })
    }

    #[inline]
    fn collect_str<T: Display + ?Sized>(self, value: &T) -> Result<S::Ok, S::Error> {
        self.0.collect_str(value)
    }

    fn is_human_readable(&self) -> bool {
        self.0.is_human_readable()
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
                    self.0.$method(&Said(value))
                }

                #[inline]
                fn end(self) -> Result<S::Ok, S::Error> {
                    self.0.end()
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
        self.0.serialize_field(key, &Said(value))
    }

    #[inline]
    fn skip_field(&mut self, key: &'static str) -> Result<(), S::Error> {
        self.0.skip_field(key)
    }

    #[inline]
    fn end(self) -> Result<S::Ok, S::Error> {
        self.0.end()
    }
}

impl<S: SerializeMap> SerializeMap for Saying<S> {
    type Ok = S::Ok;
    type Error = S::Error;

    #[inline]
    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), S::Error> {
        self.0.serialize_key(&Said(key))
    }

    #[inline]
    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), S::Error> {
        self.0.serialize_value(&Said(value))
    }

    #[inline]
    fn end(self) -> Result<S::Ok, S::Error> {
        self.0.end()
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
        match key {
            NODE | ADDRESS if self.own => self.inner.serialize_field(key, ""),
            INCARNATION if self.own => self.inner.serialize_field(key, &0_u64),
            _ => self.inner.serialize_field(key, &Said(value)),
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

#[cfg(test)]
mod tests {
    use alloc::collections::BTreeMap;
    use alloc::string::String;
    use alloc::vec;
    use alloc::vec::Vec;

    use serde::Serialize;

    use super::*;

    #[derive(Serialize)]
    #[serde(rename = "$casty::Own")]
    struct Own {
        node: &'static str,
        incarnation: u64,
        address: &'static str,
        ask: u64,
    }

    const HERE: Own = Own { node: "here", incarnation: 300, address: "a:1", ask: 7 };
    const ON_A_LINK: Own = Own { node: "", incarnation: 0, address: "", ask: 7 };

    /// The same, under a name of a user's.
    #[derive(Serialize)]
    struct Whose {
        node: &'static str,
        incarnation: u64,
        address: &'static str,
    }

    #[derive(Serialize)]
    struct Unit;

    #[derive(Serialize)]
    struct New<T>(T);

    #[derive(Serialize)]
    enum Shape<T> {
        Unit,
        New(T),
        Tuple(T, T),
        Struct { first: T, second: T },
    }

    /// Once in each place that serde has for a value.
    fn everywhere<T>(value: impl Fn() -> T) -> impl Serialize
    where
        T: Serialize,
    {
        let shapes = (
            Shape::<T>::Unit,
            Shape::New(value()),
            Shape::Tuple(value(), value()),
            Shape::Struct { first: value(), second: value() },
        );
        let several = (Some(value()), None::<T>, New(value()), vec![value(), value()], [value()]);
        (shapes, several, BTreeMap::from([(1_u8, value())]), value())
    }

    fn bytes(value: &impl Serialize) -> Vec<u8> {
        postcard::to_allocvec(value).unwrap()
    }

    #[test]
    fn whatever_is_a_users_is_said_as_it_is_written() {
        let numbers = (true, 1_i8, -2_i16, 3_i32, -4_i64, 5_i128, (6_u8, 7_u16, 8_u32, 9_u64, 10_u128));
        let others = (1.5_f32, -2.5_f64, 'c', String::from("text"), (), Unit);
        let whose = || Whose { node: "mine", incarnation: 1, address: "at home" };
        let value = (numbers, others, everywhere(whose), format_args!("{}", 12));
        assert_eq!(bytes(&Said(&value)), bytes(&value));
    }

    #[test]
    fn what_is_of_this_node_is_said_without_the_node_wherever_it_stands() {
        assert_eq!(bytes(&Said(&HERE)), [0, 0, 0, 7]);
        assert_eq!(bytes(&Said(&everywhere(|| HERE))), bytes(&everywhere(|| ON_A_LINK)));
        assert_ne!(bytes(&everywhere(|| HERE)), bytes(&everywhere(|| ON_A_LINK)));
    }
}
