//! The transport port: how a node reaches others, as streams of bytes.
//!
//! Casty makes of such a stream whatever it needs: frames, order, acknowledgement, proof of who is there. A transport only
//! carries bytes, in their order and unchanged, until the connection is lost.

use alloc::boxed::Box;
use alloc::string::String;
use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

use crate::sync::Arc;

/// A future of a transport: something that is being opened.
pub type Opening<T> = Pin<Box<dyn Future<Output = Result<T, TransportError>> + Send>>;

/// How a node reaches others.
///
/// ```
/// use casty_core::transport::{Connection, Listener, Opening, Transport, TransportError};
///
/// /// Nobody is ever there.
/// struct Desert;
///
/// impl Transport for Desert {
///     fn listen(&self, address: &str) -> Opening<Box<dyn Listener>> {
///         let error = TransportError::new(address, "nothing here to listen with");
///         Box::pin(async { Err(error) })
///     }
///     fn connect(&self, address: &str) -> Opening<Box<dyn Connection>> {
///         let error = TransportError::new(address, "nobody is there");
///         Box::pin(async { Err(error) })
///     }
/// }
/// ```
pub trait Transport: Send + Sync + 'static {
    /// Takes connections at `address`, in whatever form addresses have here. It is an error when somebody does already.
    fn listen(&self, address: &str) -> Opening<Box<dyn Listener>>;

    /// Connects to whoever listens at `address`. Dropping the future gives it up.
    ///
    /// It may take until the other end is polled.
    fn connect(&self, address: &str) -> Opening<Box<dyn Connection>>;

    /// Whether it proves who is at the other end: its connections [vouch](Connection::vouches_for) for nodes.
    fn authenticates(&self) -> bool {
        false
    }
}

/// Where connections come in. Dropping it ends that.
pub trait Listener: Send {
    /// The next connection.
    ///
    /// An error is about one connection, and others may come after it; it MUST wake whoever polled last.
    fn poll_accept(&mut self, cx: &mut Context<'_>) -> Poll<Result<Box<dyn Connection>, TransportError>>;

    /// Where it listens: what others connect to.
    fn address(&self) -> String;
}

/// A stream of bytes each way. Dropping it closes both; the other end MUST still read what was written before, and then the end.
///
/// Both polls are made by one future; each MUST wake whoever polled it last. What was written may need a further poll, of either kind, to go on
/// its way. A writer MUST have to wait, sooner or later, while nobody reads at the other end.
pub trait Connection: Send {
    /// Reads bytes into `into`; says how many, and zero at the end of the stream.
    fn poll_read(&mut self, cx: &mut Context<'_>, into: &mut [u8]) -> Poll<Result<usize, TransportError>>;

    /// Writes some of `bytes`; says how many.
    fn poll_write(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<Result<usize, TransportError>>;

    /// Who is at the other end, as the transport knows it: for people to read.
    fn peer(&self) -> String;

    /// Whether the other end has proved to be the node of that name; `None` where the transport proves nothing.
    ///
    /// It is asked when bytes have been read.
    fn vouches_for(&self, node: &str) -> Option<bool> {
        let _ = node;
        None
    }
}

/// Why a transport could not do what it was asked for.
///
/// ```
/// let error = casty_core::transport::TransportError::new("10.0.0.7:25520", "connection refused");
/// assert_eq!(error.to_string(), "10.0.0.7:25520: connection refused");
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TransportError {
    /// The address it is about.
    pub address: String,
    /// What went wrong.
    pub cause: String,
    /// The host of that address itself says that nobody listens there: whoever did has ended.
    pub nobody: bool,
}

impl TransportError {
    /// An error about an address.
    pub fn new(address: impl Into<String>, cause: impl fmt::Display) -> Self {
        Self { address: address.into(), cause: alloc::format!("{cause}"), nobody: false }
    }
}

impl TransportError {
    /// The same, of an address whose own host says that nobody listens there.
    ///
    /// ```
    /// let error = casty_core::transport::TransportError::new("10.0.0.7:25520", "connection refused").by_host();
    /// assert!(error.nobody);
    /// ```
    #[must_use]
    pub fn by_host(mut self) -> Self {
        self.nobody = true;
        self
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.address, self.cause)
    }
}

impl core::error::Error for TransportError {}

/// A pointer to a transport is as good as the transport.
macro_rules! points {
    ($pointer:ty) => {
        impl<T: Transport + ?Sized> Transport for $pointer {
            fn listen(&self, address: &str) -> Opening<Box<dyn Listener>> {
                (**self).listen(address)
            }

            fn connect(&self, address: &str) -> Opening<Box<dyn Connection>> {
                (**self).connect(address)
            }

            fn authenticates(&self) -> bool {
                (**self).authenticates()
            }
        }
    };
}

points!(Box<T>);
points!(Arc<T>);
