//! Entities that live somewhere in the cluster: where machines meet actors and links.
//!
//! ```text
//! EntityRef::tell ─▶ Routes: the slot of the shard ── here ──▶ the entity
//!                      ▲ opened, routed, held       └─ there ─▶ (link) ─▶ Door ─▶ the slot there ─▶ the entity
//!                   Region: members, words, notes ─▶ Office, Tenancy ─▶ orders
//! ```

mod name;
mod envelope;
mod head;
mod settings;
mod event;
mod whom;
mod slot;
mod refused;
mod routes;
mod door;
mod entity_ref;
mod following;
mod strangers;
mod there;
mod taken;
mod keeper;
mod memory;
mod others;
mod entities;
mod baggage;
mod singleton;
mod region;
mod behavior;
mod packing;
mod movable;

#[cfg(test)]
mod model;
#[cfg(all(test, loom))]
mod loom;

pub use entity_ref::{Entities, EntityRef};
pub use envelope::ShardEnvelope;
pub use event::{PlacementRefused, ShardsRefused, ShardsWait, SingletonWaits, StateLeftBehind};
pub use settings::Shards;
pub use singleton::Singleton;
