//! A transport of pipes in memory: nodes within one process.
//!
//! ```
//! use casty_core::transport::Transport;
//! use casty_memory::MemoryNetwork;
//!
//! let network = MemoryNetwork::new();
//! assert!(futures_lite::future::block_on(network.connect("nobody")).is_err());
//! ```

mod network;
mod pipe;

pub use network::MemoryNetwork;
