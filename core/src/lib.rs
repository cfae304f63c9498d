//! The core of casty: behaviors, mailboxes and supervision over abstract executors.
//!
//! Users depend on the crate `casty`, which adds an executor; this one is for those who bring their own.
//! It is `no_std` with `alloc`, reads no clock, starts no thread and keeps no global state: all that comes through the
//! [`Executor`] port.
//!
//! ```text
//! ground    time · rng · id · path · sync …   words everyone may use
//! ports     executor · journal · transport …  what casty asks of the world
//! cluster   view · gossip · detector …        who is in it: machines that know only ground
//! dispatch  run queues and workers            which actor runs next
//! actor     message → reference → mailbox → cell → behavior
//! persist   event sourcing                    state that survives, over a journal
//! node      the system: spawn, look up, shut down
//! ```

#![no_std]
#![warn(clippy::alloc_instead_of_core, clippy::std_instead_of_alloc, clippy::std_instead_of_core)]

extern crate alloc;

mod time;
mod rng;
mod trace;
mod id;
mod path;
mod node_id;
mod sync;
mod footprint;
mod log;
mod executor;
pub mod cluster;
pub mod journal;
pub mod lease;
pub mod transport;
pub mod codec;
pub mod compression;
mod dispatch;
mod actor;
pub mod persist;
pub mod remote;
mod node;

pub use actor::*;
pub use executor::{Executor, Job, Order, Panic, Step as TraceStep, Task, WorkerId};
pub use footprint::Footprint;
pub use id::ActorId;
pub use log::Level;
pub use node::{
    ActorSystem, Answers, Asking, Barrier, Broadcast, Builder, Cluster, Entities, EntityRef, Leaving,
    Listing, Membership, Network, NetworkError, Node, PlacementRefused, RemoteLookup, RemoteLookupError,
    Routing, ServiceError, ServiceKey, Services, ShardEnvelope, Shards, ShardsRefused, ShardsWait, Shutdown,
    ShutdownReport, Singleton, SingletonWaits, StartError, Starting, StateLeftBehind, States, WaitFor,
    WaitForError, inspect, operate,
};
pub use node_id::NodeId;
pub use path::{InvalidName, InvalidPath, NAME_BYTES_MAX, Path};
pub use remote::{Remote, RemoteLimits};
pub use rng::Rng;
pub use time::{Instant, hours, millis, mins, secs};
pub use trace::{InvalidTraceContext, TraceContext};
