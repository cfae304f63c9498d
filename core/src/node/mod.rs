//! The system: where actors are spawned, found and shut down.

mod builder;
mod footprint;
mod system;
mod shutdown;
mod network;
mod services;
mod cluster;
mod sharding;

pub use builder::{Builder, StartError};
pub use cluster::{Barrier, Cluster, Leaving, Membership, States, WaitFor, WaitForError, operate};
pub use network::{Network, NetworkError, Node, RemoteLookup, RemoteLookupError, Starting, inspect};
pub use services::{Answers, Asking, Broadcast, Listing, Routing, ServiceError, ServiceKey, Services};
pub use sharding::{
    Entities, EntityRef, PlacementRefused, ShardEnvelope, Shards, ShardsRefused, ShardsWait, Singleton,
    SingletonWaits, StateLeftBehind,
};
pub use shutdown::{Shutdown, ShutdownReport};
pub use system::ActorSystem;
