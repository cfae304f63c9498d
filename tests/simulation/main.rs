//! What casty guarantees, under many seeds: each file tells one story, and `checker` says what must hold.
//!
//! ```text
//! CASTY_SEEDS=1000 cargo test --release --all-features --test simulation
//! ```

mod world;
mod checker;

mod all_for_one;
mod asking;
mod async_handlers;
mod bounded_mailbox;
mod churn;
mod determinism;
mod family;
mod ordering;
mod several_systems;
mod shutdown;
mod stalls;
mod timers;
mod watching;
