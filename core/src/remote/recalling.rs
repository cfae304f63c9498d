//! A look through a message that was written and not sent: its questions come back.
//!
//! What is in a message only its own code of serde knows. So that is run once more, over a serializer that writes nothing and that
//! a question recognizes ([`is_recalled`]).

use core::cell::Cell;
use core::fmt::{self, Display};

use serde::ser::{
    Error, Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant, Serializer,
};

/// The message was written, as far as that went, and not sent: all questions in it are again those of who has the message.
#[cold]
#[inline(never)]
pub(crate) fn recall<T: Serialize + ?Sized>(message: &T) {
    // Where it stopped when it was written it stops again: behind that nothing has gone.
    let _ = message.serialize(Recalling::default());
}

/// Whether what is written for that serializer is looked through after it was not sent.
///
/// Around the one that looks there may be others. Serde's (`tag`, `flatten`) have its errors, and where it was erased whoever asks is
/// answered by it: of those that write something none is for people now, and for machines when it is asked again.
#[inline]
pub(super) fn is_recalled<S: Serializer>(serializer: &S) -> bool {
    let (first, again) = (serializer.is_human_readable(), serializer.is_human_readable());
    typeid::of::<S::Error>() == typeid::of::<Stopped>() || first != again
}

/// Takes whatever there is, and goes through it.
#[derive(Default)]
struct Recalling {
    /// What it says next to who asks whether people are to read it. Who asks once hears what is so in most formats.
    human: Cell<bool>,
}

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

    fn is_human_readable(&self) -> bool {
        self.human.replace(!self.human.get())
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
                        value.serialize(Self::default())
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

#[cfg(test)]
mod tests {
    use serde::Serialize;

    use super::*;

    /// Counts by whom it was recognized, and by whom not.
    #[derive(Clone, Copy)]
    struct Question<'c>(&'c Cell<(u32, u32)>);

    impl Serialize for Question<'_> {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let (recalled, written) = self.0.get();
            let recalls = is_recalled(&serializer);
            self.0.set(if recalls { (recalled + 1, written) } else { (recalled, written + 1) });
            serializer.serialize_struct("Question", 0)?.end()
        }
    }

    /// Asks who reads it before it hands itself on, as what has two forms does.
    struct Choosy<'c>(Question<'c>);

    impl Serialize for Choosy<'_> {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let _ = serializer.is_human_readable();
            self.0.serialize(serializer)
        }
    }

    /// Is written without a type, as trait objects are.
    struct Erased<T>(T);

    impl<T: Serialize> Serialize for Erased<T> {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            erased_serde::serialize(&self.0, serializer)
        }
    }

    #[derive(Serialize)]
    #[serde(tag = "kind")]
    enum Tagged<'c> {
        Alone(Question<'c>),
        Deeper(Deeper<'c>),
    }

    #[derive(Serialize)]
    enum Deeper<'c> {
        Two(u8, Question<'c>),
        Named { question: Question<'c> },
    }

    #[derive(Serialize)]
    struct Flat<'c> {
        #[serde(flatten)]
        question: Question<'c>,
        #[serde(flatten)]
        deeper: Deeper<'c>,
    }

    #[test]
    fn a_question_is_recognized_through_whatever_it_is_written_and_by_nothing_else() {
        let counted = Cell::new((0, 0));
        let question = Question(&counted);
        let flat = || Flat { question, deeper: Deeper::Named { question } };
        let all = (
            [Tagged::Alone(question), Tagged::Deeper(Deeper::Two(1, question))],
            Tagged::Deeper(Deeper::Named { question }),
            (Choosy(question), Erased(Choosy(question)), Erased(Erased(question))),
            Erased([question; 3]),
        );
        recall(&(&all, flat()));
        assert_eq!(counted.replace((0, 0)), (11, 0));
        postcard::to_allocvec(&all).unwrap();
        assert_eq!(counted.replace((0, 0)), (0, 9));
        postcard::to_allocvec(&Erased(all)).unwrap();
        assert_eq!(counted.get(), (0, 9));
    }
}
