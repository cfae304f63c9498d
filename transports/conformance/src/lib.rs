//! What every transport must do, as sentences that any transport can be put to.
//!
//! ```
//! use casty_memory::MemoryNetwork;
//! use casty_smol::Smol;
//! use casty_transport_conformance::{Scene, Verdict, transport_passes};
//!
//! fn memory(scene: Scene) -> Verdict {
//!     scene.play_with(Smol::threads(1), MemoryNetwork::new(), |name| name.into())
//! }
//! transport_passes!(memory);
//! # memory(casty_transport_conformance::SENTENCES[0].scene()).unwrap();
//! ```
//!
//! Each sentence gets a transport of its own, the executor that its tasks run on, and a function that makes addresses to listen at: another for
//! each name, or one that the transport itself makes another one of, such as `127.0.0.1:0`. A simulation plays a scene as a future: [`Scene::play`].
//! Where it takes few calls at once, it says so ([`Scene::with_calls_max`]).
//!
//! A transport of two ends, such as a line, is put to them as one: what is at the names `node` and `one` is at one end, all else at the other.
//!
//! What a transport may lose is what was on its way when it broke; none of these sentences breaks one. What they say about closing is
//! that what was written before is read.

mod sentence;
mod stage;
mod groups;
mod sentences;

pub use groups::SENTENCES;
pub use sentence::{Failure, Playing, Scene, Sentence, Verdict, hold};
