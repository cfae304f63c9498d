//! A transport over a serial line: two nodes and a wire, and no operating system.
//!
//! A [`Line`] is two functions, which move bytes to and from a port. Such a line has no beginning and no end, and it may lose, change
//! and invent bytes. [`Serial`] makes a transport of it: frames that are found again after garbage and checked by a CRC, and streams
//! over them that lose nothing.
//!
//! ```text
//! Connection ─▶ casty-datagram ─▶ frames.rs: CRC-32, COBS ─▶ Line
//!               order, resending,   whole, or nothing          some bytes
//!               whose turn it is
//! ```
//!
//! ```
//! use casty_bare::Bare;
//! use casty_core::remote::Secret;
//! use casty_core::{ActorSystem, Instant, Network};
//! use casty_serial::{Line, Serial};
//! # use core::task::{Context, Poll};
//! #
//! # struct Uart;
//! # impl Line for Uart {
//! #     fn poll_read(&mut self, _: &mut Context<'_>, _: &mut [u8]) -> Poll<usize> { Poll::Pending }
//! #     fn poll_write(&mut self, _: &mut Context<'_>, bytes: &[u8]) -> Poll<usize> { Poll::Ready(bytes.len()) }
//! # }
//!
//! let (bare, mut superloop) = Bare::new();
//! let seed = 42; // another one at each start
//! let system = ActorSystem::on(bare.clone()).name("greenhouse").seed(seed).start().unwrap();
//! let serial = Serial::seeded(Uart, bare, seed);
//! let mut starting = Network::over(serial).node("device").listen("device").secret(Secret::new("s3cret")).start(&system);
//! # let mut cx = Context::from_waker(core::task::Waker::noop());
//! # let Poll::Ready(Ok(node)) = core::pin::Pin::new(&mut starting).poll(&mut cx) else { panic!() };
//! assert_eq!(node.address(), "device");
//! superloop.run_until_idle(Instant::ORIGIN);
//! ```
//!
//! It is `no_std` and needs an allocator. For each connection it keeps at most two kilobytes each way, and notes about 16 frames that are
//! on their way; there are up to eight connections, as a rule one. Nodes talk over it as over any transport; a secret protects what they
//! say, and does not hide it.

#![no_std]
#![warn(clippy::alloc_instead_of_core, clippy::std_instead_of_alloc, clippy::std_instead_of_core)]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

mod sync;
mod line;
mod frames;
mod station;
mod driver;
mod serial;
#[cfg(feature = "std")]
pub mod io;

pub use line::Line;
pub use serial::Serial;
