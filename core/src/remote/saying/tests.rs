//! What is left out of what is said on a link, and what is not.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use serde::Serialize;

use super::*;

/// The incarnation of the node that says all this.
const ME: u64 = 300;

fn address(incarnation: u64) -> ReturnAddress<'static> {
    ReturnAddress { incarnation, node: "here".into(), address: "a:1".into(), ask: 7 }
}

/// What a link says of one of its own node.
fn left_out() -> ReturnAddress<'static> {
    ReturnAddress { incarnation: 0, node: "".into(), address: "".into(), ask: 7 }
}

/// The same fields, under a name of a user's.
#[derive(Serialize)]
struct Whose {
    incarnation: u64,
    node: &'static str,
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
fn everywhere<T: Serialize>(value: impl Fn() -> T) -> impl Serialize {
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
    let whose = || Whose { incarnation: ME, node: "mine", address: "at home" };
    let value = (numbers, others, everywhere(whose), format_args!("{}", 12));
    assert_eq!(bytes(&Spoken(&value, ME)), bytes(&value));
}

#[test]
fn who_is_asked_to_reply_to_the_node_that_says_so_need_not_hear_its_name_wherever_that_stands() {
    assert_eq!(bytes(&Spoken(&address(ME), ME)), [0, 0, 0, 7]);
    assert_eq!(bytes(&Spoken(&everywhere(|| address(ME)), ME)), bytes(&everywhere(left_out)));
}

#[test]
fn a_reply_to_any_other_node_is_said_with_its_name() {
    for other in [0, 1, ME - 1, ME + 1, u64::MAX] {
        let value = everywhere(|| address(other));
        assert_eq!(bytes(&Spoken(&value, ME)), bytes(&value), "{other}");
    }
}
