//! What a service is found by: a name, and the type of its messages.

use alloc::borrow::Cow;
use alloc::string::String;
use core::fmt;
use core::hash::{Hash, Hasher};
use core::marker::PhantomData;

use super::error::ServiceError;
use crate::path::{Path, check_name};
use crate::remote::Remote;

/// What a service is found by: a name, and the type of messages that its actors take.
///
/// The name is like that of an actor: it has at most [`NAME_BYTES_MAX`](crate::NAME_BYTES_MAX) bytes, and no slash or white space.
/// Under one name there is one type of messages in a cluster.
///
/// ```
/// use casty_core::{Remote, ServiceKey};
///
/// #[derive(serde::Serialize, serde::Deserialize)]
/// struct Print(String);
/// impl Remote for Print { const NAME: &str = "office.Print"; }
///
/// const PRINTERS: ServiceKey<Print> = ServiceKey::new("printers");
/// assert_eq!(PRINTERS, ServiceKey::named(String::from("printers")));
/// assert_eq!(PRINTERS.name(), "printers");
/// ```
pub struct ServiceKey<M: Remote> {
    name: Cow<'static, str>,
    messages: PhantomData<fn(M)>,
}

impl<M: Remote> ServiceKey<M> {
    /// The service of that name.
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        Self { name: Cow::Borrowed(name), messages: PhantomData }
    }

    /// The service of a name that is known only when the program runs.
    #[must_use]
    pub const fn named(name: String) -> Self {
        Self { name: Cow::Owned(name), messages: PhantomData }
    }

    /// Of those that stand at one path on several nodes. No user's key is called so, as it has a slash.
    pub(super) fn at(path: &Path) -> Self {
        Self::named(alloc::format!("/{}", path.below()))
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Judges the name.
    pub(super) fn check(&self) -> Result<(), ServiceError> {
        check_name(&self.name).map_err(ServiceError::Name)
    }
}

impl<M: Remote> Clone for ServiceKey<M> {
    fn clone(&self) -> Self {
        Self { name: self.name.clone(), messages: PhantomData }
    }
}

impl<M: Remote> PartialEq for ServiceKey<M> {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl<M: Remote> Eq for ServiceKey<M> {}

impl<M: Remote> Hash for ServiceKey<M> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl<M: Remote> fmt::Debug for ServiceKey<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ServiceKey({}, {})", self.name, M::NAME)
    }
}
