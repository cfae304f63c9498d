//! TLS over any other transport: always mutual, and the certificate names the node.
//!
//! Each node has a certificate of one authority, which the nodes have in common, for the name of the node
//! (a subject alternative name). Both ends show theirs; whoever has none, or one of another authority, or says to be a node that it is
//! not for, is refused. TLS 1.3 alone.
//!
//! ```no_run
//! use casty_core::{ActorSystem, Network};
//! use casty_tcp::Tcp;
//! use casty_tls::{Identity, Tls};
//!
//! # async fn start(system: &ActorSystem) -> Result<(), Box<dyn std::error::Error>> {
//! let read = |name| std::fs::read(name);
//! let identity = Identity::from_pem(&read("node-1.pem")?, &read("node-1.key")?, &read("authority.pem")?)?;
//! let node = Network::over(Tls::over(Tcp, identity)).node("node-1").listen("0.0.0.0:25520").start(system).await?;
//! # Ok(())
//! # }
//! ```

mod connection;
mod identity;
mod tls;
mod verifier;
mod wire;

pub use identity::{Identity, IdentityError};
pub use tls::Tls;
