//! Runs casty's actors on smol: on threads of its own, or on an executor you have.
//!
//! ```
//! use casty_core::{ActorSystem, Behavior};
//! use casty_smol::OnSmol;
//!
//! casty_smol::block_on(async {
//!     let system = ActorSystem::new("hello");
//!     let printer = system.spawn(Behavior::receive_message(|line: String| {
//!         println!("{line}");
//!         Behavior::same()
//!     }), "printer")?;
//!     printer.tell("hello".into());
//!     assert!(system.shutdown().await.is_clean());
//!     Ok::<(), casty_core::SpawnError>(())
//! }).unwrap();
//! ```

mod host;
mod on_smol;

pub use futures_lite::future::block_on;
pub use host::Smol;
pub use on_smol::OnSmol;
