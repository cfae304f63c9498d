//! TCP as a transport: on any executor, by the reactor of `async-io`.
//!
//! ```
//! use casty_core::transport::Transport;
//! use casty_tcp::Tcp;
//!
//! # futures_lite::future::block_on(async {
//! let listener = Tcp.listen("127.0.0.1:0").await.unwrap();
//! assert!(Tcp.connect(&listener.address()).await.is_ok());
//! # });
//! ```

mod stream;
mod tcp;

pub use tcp::Tcp;
