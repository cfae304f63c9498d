//! The name of an entity, with the number that places it.

use alloc::boxed::Box;
use alloc::string::String;
use core::cmp::Ordering;
use core::fmt;

use serde::de::{Deserialize, Deserializer};
use serde::ser::{Serialize, Serializer};

use crate::cluster::sharding::hash_of;
use crate::sync::Arc;

/// The name of an entity: cheap to clone.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct EntityName {
    pub(super) hash: u64,
    text: Arc<str>,
}

impl EntityName {
    pub(super) fn new(text: Box<str>) -> Self {
        Self { hash: hash_of(&text), text: Arc::from(text) }
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }
}

impl Ord for EntityName {
    fn cmp(&self, other: &Self) -> Ordering {
        self.text.cmp(&other.text)
    }
}

impl PartialOrd for EntityName {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Debug for EntityName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.text, f)
    }
}

impl Serialize for EntityName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for EntityName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self::new(text.into_boxed_str()))
    }
}
