//! Who is in the cluster: what its members agree on, and how they come to.
//!
//! ```text
//!             ┌ join      who is let in, who begins        ┐
//! input ─▶ council ─ gossip    view ─▶ digests ─▶ records   ├─▶ output
//!             │ detector  ring ─▶ patience ─▶ sights        │
//!             └ downing   sights ─▶ strategy, claim ─▶ down ┘
//! ```
//!
//! Beside them barriers let members wait for each other, and a registry says what each of them offers. All of it is rules and machines: `handle(now, input)`, `poll()`, `deadline()`. Whoever runs them brings time, chance and links.

mod status;
mod record;
mod digest;
mod view;
mod seen;
mod rules;
mod word;
mod strategy;
mod settings;
mod partners;
mod gossip;
mod ring;
mod patience;
mod detector;
mod join;
mod claim;
mod downing;
mod state;
mod event;
mod report;
mod barrier;
mod registry;
mod council;
pub(crate) mod sharding;
#[cfg(test)]
mod downing_model;
#[cfg(test)]
mod explored;
#[cfg(test)]
mod join_model;
#[cfg(test)]
mod model;

pub use barrier::BarrierError;
pub use event::ClusterEvent;
pub use sharding::{Allocation, Pinned, ShardHost, ShardPlacing};
pub use state::{ClusterState, Member};
pub use status::MemberStatus;
pub use strategy::Downing;

pub(crate) use claim::Plea;
pub(crate) use council::{Council, Input, Output};
pub(crate) use digest::mix;
pub(crate) use gossip::WORD_BYTES_MAX;
pub(crate) use join::SEEDS_MAX;
pub(crate) use record::{Card, ROLES_MAX};
pub(crate) use registry::{ENTRIES_MAX, Entry, TEXT_BYTES_MAX};
pub(crate) use report::News;
pub(crate) use settings::Settings;
pub(crate) use view::SLACK;
pub(crate) use word::Word;
