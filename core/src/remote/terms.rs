//! Which codecs and compressions a node names in its hello, and whether it knows traces.
//!
//! They stand behind the rest of a hello, each as a number, a length and what belongs to it. One that is as if it were not said is
//! not said, and a number that nobody here knows is passed over: so older and newer nodes understand each other's hellos.

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use super::hello::Refusal;

/// The codec of all nodes that name no other, which all read.
pub(super) const POSTCARD: &str = "postcard";

/// How many codecs a node may read, and how many compressions it may know.
pub(crate) const NAMES_MAX: usize = 8;

/// How long a name may be.
pub(crate) const NAME_BYTES_MAX: usize = 32;

/// Which codecs and compressions a node writes with, and which it reads, by name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Terms {
    pub(super) writes: String,
    pub(super) reads: Vec<String>,
    pub(super) compresses: Option<String>,
    pub(super) decompresses: Vec<String>,
    /// Messages to it may be of traces.
    pub(super) traces: bool,
}

/// The numbers by which they are said.
mod tag {
    pub(super) const WRITES: u8 = 0;
    pub(super) const READS: u8 = 1;
    pub(super) const COMPRESSES: u8 = 2;
    pub(super) const DECOMPRESSES: u8 = 3;
    pub(super) const TRACES: u8 = 4;
}

impl Default for Terms {
    fn default() -> Self {
        Self {
            writes: String::from(POSTCARD),
            reads: vec![String::from(POSTCARD)],
            compresses: None,
            decompresses: Vec::new(),
            traces: false,
        }
    }
}

impl Terms {
    /// Writes them at the end of a hello.
    pub(super) fn write(&self, to: &mut Vec<u8>) {
        let default = Self::default();
        if self.writes != default.writes {
            say(to, tag::WRITES, core::slice::from_ref(&self.writes));
        }
        if self.reads != default.reads {
            say(to, tag::READS, &self.reads);
        }
        if let Some(compresses) = &self.compresses {
            say(to, tag::COMPRESSES, core::slice::from_ref(compresses));
        }
        if !self.decompresses.is_empty() {
            say(to, tag::DECOMPRESSES, &self.decompresses);
        }
        if self.traces {
            say(to, tag::TRACES, &[]);
        }
    }

    /// Reads them from the end of a hello; `None` when they are none.
    pub(super) fn read(mut bytes: &[u8]) -> Option<Self> {
        let mut terms = Self::default();
        while !bytes.is_empty() {
            let (tag, said, rest): (u8, &[u8], _) = postcard::take_from_bytes::<(u8, &[u8])>(bytes)
                .map(|((tag, said), rest)| (tag, said, rest))
                .ok()?;
            match tag {
                tag::WRITES => terms.writes = one(said)?,
                tag::READS => terms.reads = names(said)?,
                tag::COMPRESSES => terms.compresses = Some(one(said)?),
                tag::DECOMPRESSES => terms.decompresses = names(said)?,
                tag::TRACES => terms.traces = true,
                _ => {}
            }
            bytes = rest;
        }
        Some(terms)
    }

    /// Whether a node of these terms, which has that name, can be read by one of those.
    pub(super) fn is_read_by(&self, name: &str, other: &Self) -> Result<(), Refusal> {
        if other.reads.contains(&self.writes) {
            return Ok(());
        }
        let (node, writes, reads) = (String::from(name), self.writes.clone(), other.reads.clone());
        Err(Refusal::Codec { node, writes, reads })
    }
}

fn say(to: &mut Vec<u8>, tag: u8, names: &[String]) {
    // Encoding fails only where memory does.
    let names = postcard::to_allocvec(names).unwrap_or_default();
    to.extend_from_slice(&postcard::to_allocvec(&(tag, &names[..])).unwrap_or_default());
}

fn names(said: &[u8]) -> Option<Vec<String>> {
    let (names, []) = postcard::take_from_bytes::<Vec<&str>>(said).ok()? else { return None };
    let fit = names.len() <= NAMES_MAX && names.iter().all(|name| is_name(name));
    fit.then(|| names.into_iter().map(String::from).collect())
}

fn one(said: &[u8]) -> Option<String> {
    let mut names = names(said)?;
    if names.len() == 1 { names.pop() } else { None }
}

/// Whether a codec or a compression may be called so.
pub(super) fn is_name(name: &str) -> bool {
    let letter = |byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-');
    (1..=NAME_BYTES_MAX).contains(&name.len()) && name.bytes().all(letter)
}

#[cfg(test)]
mod tests;
