//! What crosses the wire has a name of its own.

use serde::Serialize;
use serde::de::DeserializeOwned;

/// A message that may be told to an actor on another node.
///
/// The name is what nodes know the type by: it stays the same whatever the Rust type is called, and wherever it lives.
///
/// ```
/// use casty_core::{ActorRef, ReplyTo, Remote};
///
/// #[derive(serde::Serialize, serde::Deserialize)]
/// enum Account {
///     Deposit(u64),
///     Balance(ReplyTo<u64>),
///     Follow(ActorRef<Account>),
/// }
/// impl Remote for Account { const NAME: &str = "bank.Account"; }
/// assert_eq!(Account::NAME, "bank.Account");
/// ```
pub trait Remote: Serialize + DeserializeOwned + Send + 'static {
    /// The name.
    const NAME: &'static str;
}
