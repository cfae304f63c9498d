//! A member of the system that speaks the protocol byte by byte, as it should or not.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

use crate::wire::{greeting, greeting_that_compresses};

/// A connection to a node that asks for no secret, by somebody who has become a member of the system.
pub(crate) struct Member(TcpStream);

impl Member {
    /// Becomes a member under that name. All is said at once: without a secret nothing of it depends on the answer.
    pub(crate) fn join(address: &str, name: &str, incarnation: u64) -> Self {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.write_all(&greeting(name, incarnation)).unwrap();
        Self(stream)
    }

    /// The same, and says that it compresses by that.
    pub(crate) fn join_compressing(address: &str, name: &str, incarnation: u64, by: &str) -> Self {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.write_all(&greeting_that_compresses(name, incarnation, by)).unwrap();
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
