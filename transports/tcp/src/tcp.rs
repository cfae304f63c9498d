//! Listening and connecting.

use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream, ToSocketAddrs};
use std::task::{Context, Poll};

use async_io::Async;
use casty_core::transport::{Connection, Listener, Opening, Transport, TransportError};

use crate::stream::Stream;

/// TCP. Addresses are `host:port`; a port of 0 listens at one that is free. A name is looked up in a thread of its own.
#[derive(Clone, Copy, Default, Debug)]
pub struct Tcp;

impl Transport for Tcp {
    fn listen(&self, address: &str) -> Opening<Box<dyn Listener>> {
        let text = String::from(address);
        Box::pin(async move {
            let error = |error: io::Error| TransportError::new(text.as_str(), error);
            let first = resolve(&text).await.map_err(error)?.next();
            let address = first.ok_or_else(|| TransportError::new(text.as_str(), "it has no address"))?;
            let listener = Async::<TcpListener>::bind(address).map_err(error)?;
            let address = listener.get_ref().local_addr().map_err(error)?;
            let listener: Box<dyn Listener> = Box::new(Port { listener, address });
            Ok(listener)
        })
    }

    fn connect(&self, address: &str) -> Opening<Box<dyn Connection>> {
        let text = String::from(address);
        Box::pin(async move {
            let mut last = TransportError::new(text.as_str(), "it has no address");
            let addresses =
                resolve(&text).await.map_err(|error| TransportError::new(text.as_str(), error))?;
            let mut nobody = true;
            for address in addresses {
                match Async::<TcpStream>::connect(address).await {
                    Ok(stream) => {
                        let connection: Box<dyn Connection> = Box::new(Stream::new(stream, text));
                        return Ok(connection);
                    }
                    Err(error) => {
                        nobody &= error.kind() == io::ErrorKind::ConnectionRefused;
                        last = TransportError::new(address.to_string(), error);
                        // Of a name with several addresses, only if it is so at each.
                        last.nobody = nobody;
                    }
                }
            }
            Err(last)
        })
    }
}

/// The addresses that a text stands for.
async fn resolve(text: &str) -> io::Result<std::vec::IntoIter<SocketAddr>> {
    if let Ok(address) = text.parse::<SocketAddr>() {
        return Ok(vec![address].into_iter());
    }
    let text = String::from(text);
    blocking::unblock(move || text.to_socket_addrs()).await
}

struct Port {
    listener: Async<TcpListener>,
    address: SocketAddr,
}

impl Listener for Port {
    fn poll_accept(&mut self, cx: &mut Context<'_>) -> Poll<Result<Box<dyn Connection>, TransportError>> {
        loop {
            match self.listener.get_ref().accept() {
                Ok((stream, from)) => {
                    let accepted = Async::new(stream);
                    let connection = accepted.map(|stream| Stream::new(stream, from.to_string()));
                    return Poll::Ready(match connection {
                        Ok(connection) => Ok(Box::new(connection)),
                        Err(error) => Err(TransportError::new(from.to_string(), error)),
                    });
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    match self.listener.poll_readable(cx) {
                        Poll::Ready(Ok(())) => {}
                        Poll::Ready(Err(error)) => return Poll::Ready(Err(self.error(&error))),
                        Poll::Pending => return Poll::Pending,
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Poll::Ready(Err(self.error(&error))),
            }
        }
    }

    fn address(&self) -> String {
        self.address.to_string()
    }
}

impl Port {
    fn error(&self, error: &io::Error) -> TransportError {
        TransportError::new(self.address.to_string(), error)
    }
}
