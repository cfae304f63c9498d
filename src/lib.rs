//! The facade: names and defaults, no logic. Its page is the README.
#![doc = ""]
#![doc = include_str!("../README.md")]
#![no_std]

pub use casty_core::*;

#[cfg(feature = "smol")]
pub use casty_smol::{OnSmol, Smol, block_on};

#[cfg(feature = "tokio")]
pub use casty_tokio::{Tokio, UnfitRuntime};

#[cfg(feature = "global")]
pub use casty_global::Global;

#[cfg(feature = "bare")]
pub use casty_bare as bare;

#[cfg(feature = "tcp")]
pub use casty_tcp::Tcp;

#[cfg(feature = "tls")]
pub use casty_tls as tls;

#[cfg(feature = "udp")]
pub use casty_udp as udp;

#[cfg(feature = "memory")]
pub use casty_memory::MemoryNetwork;

#[cfg(feature = "json")]
pub use casty_json::Json;

#[cfg(feature = "messagepack")]
pub use casty_messagepack::MessagePack;

#[cfg(feature = "lz4")]
pub use casty_lz4::Lz4;

#[cfg(feature = "deflate")]
pub use casty_deflate::Deflate;

#[cfg(feature = "postgres")]
pub use casty_postgres as postgres;

#[cfg(feature = "simulation")]
pub use casty_simulation as simulation;

#[cfg(feature = "sqlite")]
pub use casty_sqlite as sqlite;

#[cfg(feature = "testkit")]
pub use casty_testkit as testkit;

pub mod prelude;

extern crate alloc;

/// What a program's `main` returns: an error of any kind ends it with its text.
pub type Result<T = (), E = alloc::boxed::Box<dyn core::error::Error + Send + Sync>> =
    core::result::Result<T, E>;
