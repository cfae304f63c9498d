//! The protocol between nodes, written by hand, byte by byte.

#![allow(dead_code, reason = "each test binary uses its part of it")]
#![allow(clippy::unwrap_used, reason = "what is written here can be")]

use serde::{Deserialize, Serialize};

/// The words of a handshake, as they are on the wire.
#[derive(Serialize, Deserialize)]
enum Greeting {
    Hello(Hello),
    Refused(u8),
    Proof([u8; 32]),
    Resume(u64),
}

#[derive(Serialize, Deserialize)]
struct Hello {
    versions: (u8, u8),
    cluster: String,
    node: String,
    incarnation: u64,
    address: String,
    secret: bool,
    message_bytes_max: u64,
    nonce: [u8; 32],
}

/// The beginning of every conversation.
pub(crate) const MAGIC: &[u8] = b"casty";

/// The kinds of frames.
pub(crate) mod kind {
    pub(crate) const TELL: u8 = 0;
    pub(crate) const ALIAS: u8 = 1;
    pub(crate) const TERMINATED: u8 = 6;
    pub(crate) const REPLY: u8 = 2;
    pub(crate) const LET_GO: u8 = 3;
    pub(crate) const WATCH: u8 = 4;
    pub(crate) const UNWATCH: u8 = 5;
    pub(crate) const LOOKUP: u8 = 7;
    pub(crate) const TELL_COMPRESSED: u8 = 8;
    pub(crate) const REPLY_COMPRESSED: u8 = 9;
    pub(crate) const ACK: u8 = 0x80;
    pub(crate) const PING: u8 = 0x81;
}

/// What a member says until it is one: all of it, in its order.
pub(crate) fn greeting(name: &str, incarnation: u64) -> Vec<u8> {
    greeting_with(name, incarnation, &[])
}

/// The same of one that compresses by that.
pub(crate) fn greeting_that_compresses(name: &str, incarnation: u64, by: &str) -> Vec<u8> {
    let names = postcard::to_allocvec(&[by][..]).unwrap();
    greeting_with(name, incarnation, &postcard::to_allocvec(&(2_u8, &names[..])).unwrap())
}

/// The same with these terms behind the hello.
fn greeting_with(name: &str, incarnation: u64, terms: &[u8]) -> Vec<u8> {
    let hello = Hello {
        versions: (1, 1),
        cluster: "tcp".into(),
        node: name.into(),
        incarnation,
        address: String::new(),
        secret: false,
        message_bytes_max: 1 << 20,
        nonce: [7; 32],
    };
    let words = [Greeting::Hello(hello), Greeting::Proof([0; 32]), Greeting::Resume(0)];
    let mut said = MAGIC.to_vec();
    for (nth, word) in words.iter().enumerate() {
        let mut word = postcard::to_allocvec(word).unwrap();
        if nth == 0 {
            word.extend(terms);
        }
        put(&mut said, word.len() as u64);
        said.extend(word);
    }
    said
}

/// A number of variable length.
pub(crate) fn put(to: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        to.push(number as u8 | 0x80);
        number >>= 7;
    }
    to.push(number as u8);
}

/// A number of variable length, alone.
pub(crate) fn number(number: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    put(&mut bytes, number);
    bytes
}

/// A frame of that kind, with these numbers and then these bytes.
pub(crate) fn frame(kind: u8, numbers: &[u64], bytes: &[u8]) -> Vec<u8> {
    let mut body = vec![kind];
    numbers.iter().for_each(|number| put(&mut body, *number));
    body.extend(bytes);
    let mut frame = Vec::new();
    put(&mut frame, body.len() as u64);
    frame.extend(body);
    frame
}

/// A text within a frame.
pub(crate) fn text(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    put(&mut bytes, text.len() as u64);
    bytes.extend(text.as_bytes());
    bytes
}
