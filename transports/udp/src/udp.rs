//! Listening and connecting.

use std::fmt;
use std::future::poll_fn;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs, UdpSocket};
use std::sync::Arc;
use std::task::{Context, Poll};

use async_io::Async;
use casty_core::transport::{Connection, Listener, Opening, Transport, TransportError};
use casty_datagram::{Endpoint, Seed, Settings};

use crate::carrier::Carrier;
use crate::connection::Stream;

/// UDP. Addresses are `host:port`; a port of 0 listens at one that is free. A name is looked up in a thread of its own.
///
/// A listener has one socket for all its connections, each connection that is dialed one of its own. An address is free again when its
/// listener is dropped and the last of its connections has ended.
///
/// It has limits of its own ([`Settings`]), and hides nothing from who can listen: `Tls::over(Udp::new(), ..)` does.
#[derive(Clone, Default)]
pub struct Udp(Settings);

impl Udp {
    /// With datagrams of at most 1,200 bytes, which get through nearly everywhere, and the other defaults of [`Settings`].
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// With these limits.
    ///
    /// ```
    /// use casty_udp::{Settings, Udp};
    ///
    /// // All machines are in one network whose frames are large.
    /// let udp = Udp::with(Settings { datagram_bytes_max: 8_900, ..Settings::default() });
    /// ```
    #[must_use]
    pub const fn with(settings: Settings) -> Self {
        Self(settings)
    }

    fn carrier(&self, socket: UdpSocket, peer: Option<SocketAddr>) -> io::Result<Arc<Carrier>> {
        let mut secret = [0; 32];
        getrandom::fill(&mut secret).map_err(io::Error::from)?;
        let endpoint = Endpoint::new(self.0.clone(), Seed::new(secret));
        let bytes_max = self.0.datagram_bytes_max.max(Settings::DATAGRAM_BYTES_LEAST);
        Ok(Carrier::new(Async::new(socket)?, peer, bytes_max, endpoint))
    }

    /// A conversation with whoever is at that address.
    async fn dial(&self, address: SocketAddr) -> Result<Stream, TransportError> {
        let error = |error: io::Error| TransportError::new(address.to_string(), error);
        let anywhere: SocketAddr = match address {
            SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
            SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
        };
        let socket = UdpSocket::bind(anywhere).map_err(error)?;
        // The kernel then tells when nobody is there.
        socket.connect(address).map_err(error)?;
        let carrier = self.carrier(socket, Some(address)).map_err(error)?;
        let mut stream = Stream::dial(carrier, address)?;
        poll_fn(|cx| stream.poll_opened(cx)).await?;
        Ok(stream)
    }
}

impl Transport for Udp {
    fn listen(&self, address: &str) -> Opening<Box<dyn Listener>> {
        let (text, this) = (String::from(address), self.clone());
        Box::pin(async move {
            let error = |error: io::Error| TransportError::new(text.as_str(), error);
            let first = resolve(&text).await.map_err(error)?.next();
            let address = first.ok_or_else(|| TransportError::new(text.as_str(), "it has no address"))?;
            let socket = UdpSocket::bind(address).map_err(error)?;
            let address = socket.local_addr().map_err(error)?;
            let carrier = this.carrier(socket, None).map_err(error)?;
            carrier.listen();
            let listener: Box<dyn Listener> = Box::new(Port { carrier, address });
            Ok(listener)
        })
    }

    fn connect(&self, address: &str) -> Opening<Box<dyn Connection>> {
        let (text, this) = (String::from(address), self.clone());
        Box::pin(async move {
            let mut last = TransportError::new(text.as_str(), "it has no address");
            let addresses =
                resolve(&text).await.map_err(|error| TransportError::new(text.as_str(), error))?;
            for address in addresses {
                match this.dial(address).await {
                    Ok(stream) => {
                        let connection: Box<dyn Connection> = Box::new(stream);
                        return Ok(connection);
                    }
                    Err(error) => last = error,
                }
            }
            Err(last)
        })
    }
}

impl fmt::Debug for Udp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Udp").field(&self.0).finish()
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
    carrier: Arc<Carrier>,
    address: SocketAddr,
}

impl Listener for Port {
    fn poll_accept(&mut self, cx: &mut Context<'_>) -> Poll<Result<Box<dyn Connection>, TransportError>> {
        self.carrier.poll_accept(cx).map(|(key, from)| {
            let stream = Stream::accepted(Arc::clone(&self.carrier), key, from);
            Ok(Box::new(stream) as Box<dyn Connection>)
        })
    }

    fn address(&self) -> String {
        self.address.to_string()
    }
}

impl Drop for Port {
    fn drop(&mut self) {
        self.carrier.listen_no_more();
    }
}
