//! The world of the example `swarm`, and what must hold in it.

#[path = "../../examples/swarm/answers.rs"]
pub(crate) mod answers;
#[path = "../../examples/swarm/checker.rs"]
pub(crate) mod checker;
#[path = "../../examples/swarm/counts.rs"]
pub(crate) mod counts;
#[path = "../../examples/swarm/deeds.rs"]
pub(crate) mod deeds;
#[path = "../../examples/swarm/leases.rs"]
pub(crate) mod leases;
#[path = "../../examples/swarm/letters.rs"]
pub(crate) mod letters;
#[path = "../../examples/swarm/lists.rs"]
pub(crate) mod lists;
#[path = "../../examples/swarm/lives.rs"]
pub(crate) mod lives;
#[path = "../../examples/swarm/play.rs"]
pub(crate) mod play;
#[path = "../../examples/swarm/witness.rs"]
pub(crate) mod witness;
#[path = "../../examples/swarm/world.rs"]
pub(crate) mod world;
