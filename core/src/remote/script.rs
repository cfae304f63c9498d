//! How a node writes what it says, and which ways of writing it can read.

use alloc::string::String;
use alloc::vec::Vec;

use super::codec::Written;
use super::terms::{NAMES_MAX, POSTCARD, Terms, is_name};
use super::varint;
use crate::codec::Codec;
use crate::compression::Compression;
use crate::sync::Arc;

/// Which codec and compression a node writes with, and which it reads.
#[derive(Default)]
pub(crate) struct Script {
    /// None is postcard.
    pub(crate) codec: Option<Arc<dyn Codec>>,
    /// Beside those that it writes with.
    pub(crate) reads: Vec<Arc<dyn Codec>>,
    pub(crate) compression: Option<Arc<dyn Compression>>,
    pub(crate) decompresses: Vec<Arc<dyn Compression>>,
    /// What is shorter is not compressed.
    pub(crate) compress_above: usize,
}

/// Why nodes would not understand each other by these.
pub(crate) enum Unfit {
    /// This is no name for a codec or a compression, or it is that of postcard.
    Name(&'static str),
    TooMany,
}

impl Script {
    /// Whether all of it can be said in a handshake.
    pub(crate) fn check(&self) -> Result<(), Unfit> {
        let names = self.codecs().map(|codec| codec.name()).chain(self.compressions().map(|it| it.name()));
        for name in names {
            if !is_name(name) || name == POSTCARD {
                return Err(Unfit::Name(name));
            }
        }
        if self.codecs().count() >= NAMES_MAX || self.compressions().count() > NAMES_MAX {
            return Err(Unfit::TooMany);
        }
        Ok(())
    }

    pub(super) fn codecs(&self) -> impl Iterator<Item = &Arc<dyn Codec>> {
        self.codec.iter().chain(&self.reads)
    }

    fn compressions(&self) -> impl Iterator<Item = &Arc<dyn Compression>> {
        self.compression.iter().chain(&self.decompresses)
    }

    /// Whether all is postcard, and nothing compressed.
    #[inline]
    pub(super) const fn is_plain(&self) -> bool {
        self.codec.is_none() && self.compression.is_none()
    }

    /// What is said of this in a handshake.
    pub(super) fn terms(&self) -> Terms {
        let mut terms = Terms::default();
        for codec in self.codecs() {
            add(&mut terms.reads, codec.name());
        }
        for compression in self.compressions() {
            add(&mut terms.decompresses, compression.name());
        }
        if let Some(codec) = &self.codec {
            terms.writes = String::from(codec.name());
        }
        terms.compresses = self.compression.as_ref().map(|compression| String::from(compression.name()));
        terms
    }

    /// The compression of messages to a node of those terms, if it knows it.
    pub(super) fn compresses_for(&self, terms: &Terms) -> bool {
        self.compression.as_ref().is_some_and(|own| terms.decompresses.iter().any(|name| name == own.name()))
    }

    /// How what a node of those terms says is to be read.
    pub(crate) fn reading(&self, terms: &Terms) -> Reading {
        Reading {
            codec: self.codecs().find(|codec| codec.name() == terms.writes).cloned(),
            compression: self
                .compressions()
                .find(|own| terms.compresses.as_deref() == Some(own.name()))
                .cloned(),
        }
    }
}

/// Of two with one name the first counts.
fn add(names: &mut Vec<String>, name: &str) {
    if !names.iter().any(|other| other == name) {
        names.push(String::from(name));
    }
}

/// How what a peer says is to be read.
#[derive(Clone, Default)]
pub(crate) struct Reading {
    /// None is postcard.
    codec: Option<Arc<dyn Codec>>,
    compression: Option<Arc<dyn Compression>>,
}

impl Reading {
    /// These bytes, as the peer has written them.
    #[inline]
    pub(crate) fn written<'a>(&'a self, bytes: &'a [u8]) -> Written<'a> {
        Written { bytes, codec: self.codec.as_deref(), trace: None }
    }

    /// What was compressed, after how long it was; the error is what is wrong about it. Nothing is allocated for what is longer
    /// than a message may be, or than so few bytes can become.
    pub(crate) fn decompress(&self, it: &[u8], bytes_max: usize) -> Result<Vec<u8>, String> {
        let compression = self.compression.as_ref().ok_or("it compresses in a way that was not agreed on")?;
        let varint::Read::Number(said, prefix) = varint::read(it) else {
            return Err("it does not say how long it is what it compresses".into());
        };
        let fits = usize::try_from(said).ok().filter(|length| *length <= bytes_max);
        let length = fits.ok_or_else(|| {
            alloc::format!("it compresses what is too long: {said} bytes, where {bytes_max} are taken")
        })?;
        let few = &it[prefix..];
        if length > few.len().saturating_mul(compression.times_max()) {
            return Err(alloc::format!(
                "it says that {} bytes were {length} before they were compressed",
                few.len()
            ));
        }
        let mut bytes = alloc::vec![0; length];
        match compression.decompress(few, &mut bytes) {
            Ok(had) if had == length => Ok(bytes),
            Ok(had) => Err(alloc::format!("it compresses {had} bytes and says that they are {length}")),
            Err(corrupt) => Err(alloc::format!("what it compresses cannot be decompressed: {corrupt}")),
        }
    }
}

#[cfg(test)]
mod tests;
