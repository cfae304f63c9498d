//! What casty guarantees, under many seeds: each file tells one story.
//!
//! ```text
//! CASTY_SEEDS=1000 cargo test --release --test simulation
//! ```

#![allow(clippy::unwrap_used, reason = "a scene that cannot go on fails")]

mod world;
mod checker;
mod swarm_of_clusters;
mod entity_checker;
mod link_checker;
mod shard_checker;
mod seats;
mod town;
mod realm;
mod staff;

mod all_for_one;
mod asking;
mod async_handlers;
mod bounded_mailbox;
mod careless;
mod churn;
mod clusters;
mod determinism;
mod entities;
mod family;
mod links;
mod meeting;
mod moving;
mod moving_folds;
mod moving_in_trouble;
mod moving_together;
mod ordering;
mod routers;
mod seeds_restarted;
mod services;
mod several_systems;
mod shards;
mod shards_allocated;
mod shards_crowded;
mod shards_durable;
mod shards_in_trouble;
mod shards_overtaken;
mod shards_outside;
mod shards_remembered;
mod shards_renewed;
mod shutdown;
mod singletons;
mod stalls;
mod swarm;
mod swarm_checkers;
mod timers;
mod watching;
mod woken;
