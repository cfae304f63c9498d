//! Runs casty's actors on async-global-executor, which all of a program shares.
//!
//! ```
//! use casty_core::{ActorSystem, Behavior};
//! use casty_global::{Global, block_on};
//!
//! block_on(async {
//!     let system = ActorSystem::on(Global::new()).start().unwrap();
//!     system.spawn(Behavior::<u8>::ignore(), "quiet").unwrap().tell(1);
//!     assert!(system.shutdown().await.is_clean());
//! });
//! ```

mod global;

pub use async_global_executor::block_on;
pub use global::Global;
