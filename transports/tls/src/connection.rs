//! One connection: the handshake, which goes on as it is used, and then the stream.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use casty_core::transport::{Connection, TransportError};
use futures_io::{AsyncRead, AsyncWrite};
use futures_rustls::{Accept, TlsStream};
use rustls::pki_types::{CertificateDer, ServerName};
use webpki::EndEntityCert;

use crate::wire::Wire;

/// A connection over TLS.
pub(crate) struct Secured {
    stage: Stage,
    peer: String,
}

enum Stage {
    /// The handshake of who was called. It must not hold up those who call next, and so it is part of the connection.
    Accepting(Box<Accept<Wire>>),
    Open(Box<TlsStream<Wire>>),
}

impl Secured {
    pub(crate) fn accepting(accept: Accept<Wire>, peer: String) -> Self {
        Self { stage: Stage::Accepting(Box::new(accept)), peer }
    }

    pub(crate) fn open(stream: TlsStream<Wire>, peer: String) -> Self {
        Self { stage: Stage::Open(Box::new(stream)), peer }
    }

    /// The stream, once it is open. What is written and not yet sent goes on its way: nobody else sees to that.
    fn poll_stream(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Pin<&mut TlsStream<Wire>>>> {
        if let Stage::Accepting(accept) = &mut self.stage {
            let stream = ready!(Pin::new(&mut **accept).poll(cx))?;
            self.stage = Stage::Open(Box::new(stream.into()));
        }
        let Stage::Open(stream) = &mut self.stage else { return Poll::Pending };
        let mut stream = Pin::new(&mut **stream);
        if let Poll::Ready(Err(error)) = stream.as_mut().poll_flush(cx) {
            return Poll::Ready(Err(error));
        }
        Poll::Ready(Ok(stream))
    }

    fn error(&self, error: &io::Error) -> TransportError {
        TransportError::new(self.peer.as_str(), error)
    }
}

impl Connection for Secured {
    fn poll_read(&mut self, cx: &mut Context<'_>, into: &mut [u8]) -> Poll<Result<usize, TransportError>> {
        let read = match ready!(self.poll_stream(cx)) {
            Ok(stream) => ready!(stream.poll_read(cx, into)),
            Err(error) => Err(error),
        };
        Poll::Ready(match read {
            // A peer that goes without a farewell has gone: its frames say where they end.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(0),
            other => other.map_err(|error| self.error(&error)),
        })
    }

    fn poll_write(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<Result<usize, TransportError>> {
        let written = match ready!(self.poll_stream(cx)) {
            Ok(mut stream) => match ready!(stream.as_mut().poll_write(cx, bytes)) {
                Ok(written) => match stream.poll_flush(cx) {
                    Poll::Ready(Err(error)) => Err(error),
                    // What is left is sent as soon as the connection wakes.
                    Poll::Ready(Ok(())) | Poll::Pending => Ok(written),
                },
                Err(error) => Err(error),
            },
            Err(error) => Err(error),
        };
        Poll::Ready(written.map_err(|error| self.error(&error)))
    }

    fn peer(&self) -> String {
        self.peer.clone()
    }

    fn vouches_for(&self, node: &str) -> Option<bool> {
        let Stage::Open(stream) = &self.stage else { return Some(false) };
        let certificates = match &**stream {
            TlsStream::Client(client) => client.get_ref().1.peer_certificates(),
            TlsStream::Server(server) => server.get_ref().1.peer_certificates(),
        };
        Some(certificates.and_then(<[_]>::first).is_some_and(|certificate| is_for(certificate, node)))
    }
}

/// Whether a certificate is for the node of that name.
fn is_for(certificate: &CertificateDer<'_>, node: &str) -> bool {
    let (Ok(certificate), Ok(name)) = (EndEntityCert::try_from(certificate), ServerName::try_from(node))
    else {
        return false;
    };
    certificate.verify_is_valid_for_subject_name(&name).is_ok()
}
