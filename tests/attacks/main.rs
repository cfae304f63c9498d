//! Attacks on a real port: each is refused with a reason, and peers go on.
//!
//! ```text
//! strangers.rs  whoever has not proved who it is      members.rs  whoever has, and misbehaves
//! shop.rs       the node that is attacked             member.rs   the protocol, byte by byte    resources.rs  what is held
//! ```

#![allow(clippy::unwrap_used, reason = "a scene that cannot go on fails")]

mod member;
mod members;
mod resources;
#[path = "../scene/mod.rs"]
mod scene;
mod shop;
mod strangers;
#[path = "../wire/mod.rs"]
mod wire;
