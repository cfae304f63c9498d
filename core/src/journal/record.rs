//! The words of the journal port: who wrote what, where, and in which order.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use super::{Bytes, Name};

/// The name of an entity: what its events are kept under.
///
/// ```
/// use casty_core::journal::EntityId;
///
/// let entity = EntityId::new("cart-1");
/// assert_eq!((entity.as_str(), entity.to_string()), ("cart-1", "cart-1".into()));
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct EntityId(String);

impl EntityId {
    /// The entity of that name.
    pub fn new(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// Its name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for EntityId {
    fn from(name: &str) -> Self {
        Self::new(name)
    }
}

impl From<String> for EntityId {
    fn from(name: String) -> Self {
        Self(name)
    }
}

impl fmt::Display for EntityId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A number with a meaning of its own, which shows as the number.
macro_rules! number {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug)]
        pub struct $name(u64);

        impl $name {
            /// The smallest one: before all that are given.
            pub const START: Self = Self(0);

            /// The one of that number.
            #[must_use]
            pub const fn new(number: u64) -> Self {
                Self(number)
            }

            /// The number.
            #[must_use]
            pub const fn number(self) -> u64 {
                self.0
            }

            /// The one that is `count` further.
            #[must_use]
            pub const fn plus(self, count: u64) -> Self {
                Self(self.0.saturating_add(count))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }
    };
}

number! {
    /// The place of an event among those of its entity: the first has 1, and there are no gaps.
    Sequence
}
number! {
    /// Which writer of an entity: it grows each time the entity is opened, and only the newest may write.
    Epoch
}
number! {
    /// The place of an event among those with its tag: it grows, perhaps with gaps.
    Offset
}

/// A value as bytes, with the name and version that say how to read them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Encoded {
    /// What it is: a name of its own, never that of a Rust type.
    pub name: Name,
    /// In which version.
    pub version: u32,
    /// The value.
    pub bytes: Bytes,
}

impl Encoded {
    /// A value of that name and version.
    ///
    /// ```
    /// use casty_core::journal::Encoded;
    ///
    /// assert_eq!(Encoded::new("bank.Deposited", 1, vec![50]).bytes, [50]);
    /// ```
    pub fn new(name: impl Into<Name>, version: u32, bytes: impl Into<Bytes>) -> Self {
        Self { name: name.into(), version, bytes: bytes.into() }
    }
}

/// An event that is to be written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewEvent {
    /// The event.
    pub encoded: Encoded,
    /// What it can be found by.
    pub tags: Vec<String>,
}

impl NewEvent {
    /// An event without tags.
    pub fn new(name: impl Into<Name>, version: u32, bytes: impl Into<Bytes>) -> Self {
        Self { encoded: Encoded::new(name, version, bytes), tags: Vec::new() }
    }

    /// The same event with one more tag.
    #[must_use]
    pub fn tagged(mut self, tag: impl Into<String>) -> Self {
        self.tags.push(tag.into());
        self
    }
}

/// Events to be written together: all of them or none.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Write {
    /// Whose they are.
    pub entity: EntityId,
    /// Who writes.
    pub epoch: Epoch,
    /// The event they go on from: the last one, as the writer knows.
    pub after: Sequence,
    /// The events, in their order.
    pub events: Vec<NewEvent>,
}

/// An event that has been written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoredEvent {
    /// Its place among those of its entity.
    pub sequence: Sequence,
    /// The event.
    pub encoded: Encoded,
}

/// An event found by a tag.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TaggedEvent {
    /// Its place among those with the tag.
    pub offset: Offset,
    /// Whose it is.
    pub entity: EntityId,
    /// The event.
    pub event: StoredEvent,
}

/// The state of an entity after one of its events.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Snapshot {
    /// The last event that the state has in it.
    pub sequence: Sequence,
    /// The state.
    pub encoded: Encoded,
}

/// What a new writer has to know.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Opened {
    /// Its epoch.
    pub epoch: Epoch,
    /// The last event there is.
    pub last: Sequence,
}
