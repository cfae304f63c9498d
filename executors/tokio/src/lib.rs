//! Runs casty's actors on tokio: on a program's runtime, or on one of their own.
//!
//! ```
//! use casty_core::{ActorSystem, Behavior};
//! use casty_tokio::Tokio;
//!
//! let runtime = tokio::runtime::Runtime::new().unwrap();
//! runtime.block_on(async {
//!     let system = ActorSystem::on(Tokio::current().unwrap()).start().unwrap();
//!     // Handlers run inside the runtime, so that what needs its reactor works.
//!     let spawner = Behavior::receive_message(|_: u8| {
//!         tokio::spawn(async {});
//!         Behavior::stopped()
//!     });
//!     system.spawn(spawner, "spawner").unwrap().tell(1);
//!     assert!(system.shutdown().await.is_clean());
//! });
//! ```

mod runtime;
mod sleep;
mod tokio_executor;
mod unfit;

pub use tokio_executor::Tokio;
pub use unfit::UnfitRuntime;
