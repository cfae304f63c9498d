//! A member of the system that speaks the protocol byte by byte, as it should or not.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

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
    pub(crate) const ACK: u8 = 0x80;
    pub(crate) const PING: u8 = 0x81;
}

/// A connection to a node that asks for no secret, by somebody who has become a member of the system.
pub(crate) struct Member(TcpStream);

/// What a member says until it is one: all of it, in its order.
pub(crate) fn greeting(name: &str, incarnation: u64) -> Vec<u8> {
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
    for word in words {
        let word = postcard::to_allocvec(&word).unwrap();
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

impl Member {
    /// Becomes a member under that name. All is said at once: without a secret nothing of it depends on the answer.
    pub(crate) fn join(address: &str, name: &str, incarnation: u64) -> Self {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.write_all(&greeting(name, incarnation)).unwrap();
        Self(stream)
    }

    pub(crate) fn say(&mut self, bytes: &[u8]) {
        self.0.write_all(bytes).unwrap();
    }

    /// Says the same again and again, without ever listening, until the other end has had enough or so many bytes were said;
    /// whether it had enough.
    pub(crate) fn flood(&mut self, bytes: &[u8], bytes_max: usize) -> bool {
        let many = bytes.repeat((64 << 10) / bytes.len() + 1);
        self.0.set_write_timeout(Some(Duration::from_secs(5))).unwrap();
        let mut said = 0;
        while said < bytes_max {
            match self.0.write(&many) {
                Ok(bytes) => said += bytes,
                // It reads no more: that bounds what it keeps, too.
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return false,
                Err(_) => return true,
            }
        }
        false
    }

    /// All that is said until the other end closes.
    pub(crate) fn hear_all(&mut self) -> Vec<u8> {
        let mut heard = Vec::new();
        // An end that was cut off is an end.
        let _ = self.0.read_to_end(&mut heard);
        heard
    }

    /// Listens until these bytes were said.
    pub(crate) fn hear(&mut self, awaited: &[u8]) {
        let (mut heard, mut bytes) = (Vec::<u8>::new(), [0; 4_096]);
        while !heard.windows(awaited.len()).any(|said| said == awaited) {
            let read = self.0.read(&mut bytes).unwrap();
            assert!(read > 0, "it was closed before that was said");
            heard.extend(&bytes[..read]);
        }
    }

    pub(crate) fn close(self) {
        // It may be closed already.
        let _ = self.0.shutdown(Shutdown::Both);
    }
}
