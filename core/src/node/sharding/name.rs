//! The name of an entity, with the number that places it.

use core::cmp::Ordering;
use core::fmt;

use serde::de::{Deserialize, Deserializer, Error, Visitor};
use serde::ser::{Serialize, Serializer};

use crate::cluster::sharding::hash_of;
use crate::remote::varint;
use crate::sync::Arc;

/// The name of an entity: cheap to clone.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct EntityName {
    pub(super) hash: u64,
    text: Text,
}

/// What it is called. With each letter comes one: those that most entities have need no allocation.
#[derive(Clone, PartialEq, Eq)]
enum Text {
    Short(u8, [u8; SHORT]),
    Long(Arc<str>),
}

/// As many bytes as a pointer and what says which it is leave in three words.
const SHORT: usize = 22;

impl EntityName {
    pub(super) fn new(text: &str) -> Self {
        let mut short = [0; SHORT];
        let kept = match (short.get_mut(..text.len()), u8::try_from(text.len())) {
            (Some(start), Ok(length)) => {
                start.copy_from_slice(text.as_bytes());
                Text::Short(length, short)
            }
            _ => Text::Long(Arc::from(text)),
        };
        Self { hash: hash_of(text), text: kept }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        match &self.text {
            Text::Short(length, bytes) => bytes.get(..usize::from(*length)).unwrap_or_default(),
            Text::Long(text) => text.as_bytes(),
        }
    }

    /// Writes it as postcard does, where there is room for it, and says how much that is.
    #[inline]
    pub(super) fn write(&self, room: &mut [u8]) -> Option<usize> {
        match &self.text {
            Text::Short(length, bytes) => {
                let room: &mut [u8; 1 + SHORT] = room.first_chunk_mut()?;
                room[0] = *length;
                // All of them, which is faster than so many.
                room[1..].copy_from_slice(bytes);
                Some(1 + usize::from(*length))
            }
            Text::Long(text) => {
                let begins = varint::size(text.len() as u64);
                let end = begins + text.len();
                let (length, rest) = room.get_mut(..end)?.split_at_mut(begins);
                varint::put_at(length, text.len() as u64);
                rest.copy_from_slice(text.as_bytes());
                Some(end)
            }
        }
    }

    pub(super) fn text(&self) -> &str {
        match &self.text {
            // They were a text.
            Text::Short(..) => str::from_utf8(self.bytes()).unwrap_or(""),
            Text::Long(text) => text,
        }
    }
}

impl Ord for EntityName {
    fn cmp(&self, other: &Self) -> Ordering {
        self.text().cmp(other.text())
    }
}

impl PartialOrd for EntityName {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Debug for EntityName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.text(), f)
    }
}

impl Serialize for EntityName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.text())
    }
}

impl<'de> Deserialize<'de> for EntityName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Reader)
    }
}

/// Reads a name from where it lies, without a copy in between.
struct Reader;

impl Visitor<'_> for Reader {
    type Value = EntityName;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of an entity")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<EntityName, E> {
        Ok(EntityName::new(text))
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::String;

    use super::*;

    #[test]
    fn names_short_and_long_are_what_they_were_and_equal_only_to_themselves() {
        for length in [0, 1, SHORT - 1, SHORT, SHORT + 1, 300] {
            let text: String = "é".repeat(length / 2) + &"x".repeat(length % 2);
            let name = EntityName::new(&text);
            assert_eq!((name.text(), name.hash), (text.as_str(), hash_of(&text)));
            let written = postcard::to_allocvec(&name).unwrap_or_default();
            assert_eq!(written, postcard::to_allocvec(&text).unwrap_or_default());
            assert!(postcard::from_bytes::<EntityName>(&written) == Ok(name.clone()));
            assert!(name != EntityName::new(&(text + "x")));
        }
        const { assert!(size_of::<Text>() == 3 * size_of::<u64>()) };
    }
}
