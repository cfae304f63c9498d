//! The transport.

use std::fmt;
use std::task::{Context, Poll};

use casty_core::transport::{Connection, Listener, Opening, Transport, TransportError};
use futures_rustls::{TlsAcceptor, TlsConnector};
use rustls::pki_types::ServerName;

use crate::connection::Secured;
use crate::identity::Identity;
use crate::wire::Wire;

/// TLS over another transport, as one node.
///
/// It proves who is at the other end, so that a [`Network`](casty_core::Network) over it needs no secret.
#[derive(Clone)]
pub struct Tls<T> {
    inner: T,
    identity: Identity,
}

/// What a dialer says it looks for: the certificate is looked at by the node's name, and not by that of an address.
const ANYONE: &str = "casty.invalid";

impl<T: Transport> Tls<T> {
    /// Over that transport, as that node.
    pub const fn over(inner: T, identity: Identity) -> Self {
        Self { inner, identity }
    }
}

impl<T: Transport> Transport for Tls<T> {
    fn listen(&self, address: &str) -> Opening<Box<dyn Listener>> {
        let acceptor = TlsAcceptor::from(self.identity.server.clone());
        let opening = self.inner.listen(address);
        Box::pin(async move {
            let listener: Box<dyn Listener> = Box::new(Ear { inner: opening.await?, acceptor });
            Ok(listener)
        })
    }

    fn connect(&self, address: &str) -> Opening<Box<dyn Connection>> {
        let connector = TlsConnector::from(self.identity.client.clone());
        let (opening, address) = (self.inner.connect(address), String::from(address));
        Box::pin(async move {
            let (connection, error) = (opening.await?, |error| TransportError::new(address.as_str(), error));
            let peer = connection.peer();
            let anyone = ServerName::try_from(ANYONE).map_err(|cause| error(cause.to_string()))?;
            let stream = connector.connect(anyone, Wire(connection)).await;
            let stream = stream.map_err(|cause| error(cause.to_string()))?;
            let connection: Box<dyn Connection> = Box::new(Secured::open(stream.into(), peer));
            Ok(connection)
        })
    }

    fn authenticates(&self) -> bool {
        true
    }
}

impl<T: fmt::Debug> fmt::Debug for Tls<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls").field("inner", &self.inner).finish_non_exhaustive()
    }
}

struct Ear {
    inner: Box<dyn Listener>,
    acceptor: TlsAcceptor,
}

impl Listener for Ear {
    fn poll_accept(&mut self, cx: &mut Context<'_>) -> Poll<Result<Box<dyn Connection>, TransportError>> {
        self.inner.poll_accept(cx).map_ok(|connection| {
            let peer = connection.peer();
            let accept = self.acceptor.accept(Wire(connection));
            let connection: Box<dyn Connection> = Box::new(Secured::accepting(accept, peer));
            connection
        })
    }

    fn address(&self) -> String {
        self.inner.address()
    }
}
