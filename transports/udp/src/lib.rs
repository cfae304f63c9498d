//! UDP as a transport: on any executor, by the reactor of `async-io`.
//!
//! It is for networks where TCP is a bad fit: where many packets are lost, where one end has no TCP, where a middlebox cuts idle
//! connections. On a good network TCP is faster: the kernel does there what this does in the process. What is said, and how it is made
//! reliable, is the crate `casty-datagram`.
//!
//! ```
//! use casty_core::transport::Transport;
//! use casty_udp::Udp;
//!
//! # futures_lite::future::block_on(async {
//! let udp = Udp::new();
//! let listener = udp.listen("127.0.0.1:0").await.unwrap();
//! let connection = udp.connect(&listener.address()).await.unwrap();
//! assert_eq!(connection.peer(), listener.address());
//! # });
//! ```
//!
//! # Who does the work
//!
//! A kernel acknowledges and repeats for TCP whoever is asleep. Here it is the reactor: the waker of a socket does not wake a task, it does what is to be
//! done with the socket and only then wakes those who have news. So a connection that nobody polls acknowledges, stays alive and is
//! delivered to its end after it was dropped, and one task that is held up holds up no other. There is no thread and no task beside it.

mod carrier;
mod connection;
mod udp;

pub use casty_datagram::Settings;
pub use udp::Udp;
