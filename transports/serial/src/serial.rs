//! The transport: who talks at one end of a line.

use alloc::boxed::Box;
use alloc::string::String;
use core::fmt;
use core::future::{self, Future};
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use casty_core::Executor;
use casty_core::transport::{Connection, Listener, Opening, Transport, TransportError};
use casty_datagram::{Ended, Key};

use crate::driver::Driver;
use crate::line::Line;
use crate::station::Station;
use crate::sync::{Arc, Lock};

/// One end of a line, as a transport. Clones are the same end.
///
/// There is one other end, so an address is any name: [`Network::listen`](casty_core::Network::listen) gives this end its own, and
/// whatever else is dialed is the other end. Over one line go several connections, at the same time or one after the other; when
/// either end starts anew, the other goes on with what is there then.
///
/// It is driven by a task of `executor`, which ends when no clone, no listener and no connection is left.
#[derive(Clone)]
pub struct Serial(Arc<Hold>);

/// What keeps a line driven.
struct Hold {
    station: Arc<Station>,
    /// What this end is called, while somebody listens.
    name: Lock<Option<String>>,
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.station.leave();
    }
}

impl Serial {
    /// Over that line, driven and timed by `executor`.
    ///
    /// The executor's [seed](Executor::seed) has to be another one each time: where it is not, as on most devices, see
    /// [`seeded`](Self::seeded).
    pub fn over(line: impl Line, executor: impl Executor) -> Self {
        let seed = executor.seed();
        Self::seeded(line, executor, seed)
    }

    /// The same, with a `seed` that is another one at each start of the device.
    ///
    /// From it come the names by which both ends know a connection. Should a device start with the same as before, the other end
    /// might take a connection for one that it knows.
    pub fn seeded(line: impl Line, executor: impl Executor, seed: u64) -> Self {
        let station = Arc::new(Station::new(executor, seed));
        station.executor().spawn(Box::pin(Driver::new(Arc::clone(&station), line)));
        Self(Arc::new(Hold { station, name: Lock::new(None) }))
    }

    /// How often there was something on the line that was no frame: noise, or a frame that was damaged and is said again.
    #[must_use]
    pub fn frames_damaged(&self) -> u64 {
        self.0.station.damaged()
    }
}

impl Transport for Serial {
    fn listen(&self, address: &str) -> Opening<Box<dyn Listener>> {
        let listener: Result<Box<dyn Listener>, _> = if self.0.station.listen() {
            self.0.name.with(|name| *name = Some(String::from(address)));
            Ok(Box::new(Ear { hold: Arc::clone(&self.0), address: String::from(address) }))
        } else {
            Err(TransportError::new(address, "somebody listens at this end of the line already"))
        };
        Box::pin(future::ready(listener))
    }

    fn connect(&self, address: &str) -> Opening<Box<dyn Connection>> {
        let address = String::from(address);
        if self.0.name.with(|name| name.as_ref() == Some(&address)) {
            let error = TransportError::new(address, "that is this end of the line");
            return Box::pin(future::ready(Err(error)));
        }
        match self.0.station.dial() {
            Ok(key) => {
                let talk = Talk { hold: Arc::clone(&self.0), key, address };
                Box::pin(Dialing(Some(talk)))
            }
            Err(ended) => Box::pin(future::ready(Err(TransportError::new(address, ended)))),
        }
    }
}

impl fmt::Debug for Serial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Serial").finish_non_exhaustive()
    }
}

/// Who takes connections at this end.
struct Ear {
    hold: Arc<Hold>,
    address: String,
}

impl Listener for Ear {
    fn poll_accept(&mut self, cx: &mut Context<'_>) -> Poll<Result<Box<dyn Connection>, TransportError>> {
        let key = ready!(self.hold.station.poll_accept(cx));
        let address = String::from("the other end of the line");
        Poll::Ready(Ok(Box::new(Talk { hold: Arc::clone(&self.hold), key, address })))
    }

    fn address(&self) -> String {
        self.address.clone()
    }
}

impl Drop for Ear {
    fn drop(&mut self) {
        drop(self.hold.name.with(Option::take));
        self.hold.station.listen_no_more();
    }
}

/// A connection that is not there yet.
struct Dialing(Option<Talk>);

impl Future for Dialing {
    type Output = Result<Box<dyn Connection>, TransportError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(talk) = &self.0 else { return Poll::Pending };
        if let Err(ended) = ready!(talk.hold.station.poll_opened(talk.key, cx)) {
            return Poll::Ready(Err(talk.error(ended)));
        }
        Poll::Ready(match self.0.take() {
            Some(talk) => Ok(Box::new(talk)),
            None => Err(TransportError::new("", Ended::Unknown)),
        })
    }
}

/// A connection.
struct Talk {
    hold: Arc<Hold>,
    key: Key,
    address: String,
}

impl Talk {
    fn error(&self, ended: Ended) -> TransportError {
        TransportError::new(self.address.as_str(), ended)
    }
}

impl Connection for Talk {
    fn poll_read(&mut self, cx: &mut Context<'_>, into: &mut [u8]) -> Poll<Result<usize, TransportError>> {
        let read = self.hold.station.poll_read(self.key, cx, into);
        read.map_err(|ended| self.error(ended))
    }

    fn poll_write(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<Result<usize, TransportError>> {
        let written = self.hold.station.poll_write(self.key, cx, bytes);
        written.map_err(|ended| self.error(ended))
    }

    fn peer(&self) -> String {
        self.address.clone()
    }
}

impl Drop for Talk {
    fn drop(&mut self) {
        self.hold.station.close(self.key);
    }
}
