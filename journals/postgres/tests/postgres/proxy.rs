//! Something between the journal and its server that loses what it is told to lose.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

const PASSING: u8 = 0;
const SWALLOWING: u8 = 1;
const CLOSED: u8 = 2;
const LOSING: u8 = 3;

pub(crate) struct Proxy {
    port: u16,
    shared: Arc<Shared>,
}

struct Shared {
    state: AtomicU8,
    has_lost: AtomicBool,
    open: Mutex<Vec<TcpStream>>,
}

impl Proxy {
    /// Before the server at this port.
    pub(crate) fn before(server: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (state, has_lost) = (AtomicU8::new(PASSING), AtomicBool::new(false));
        let shared = Arc::new(Shared { state, has_lost, open: Mutex::default() });
        let own = Arc::clone(&shared);
        // It ends with the process.
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                if own.state.load(Ordering::SeqCst) == CLOSED {
                    continue;
                }
                let server = TcpStream::connect(("127.0.0.1", server)).unwrap();
                own.open.lock().unwrap().extend([client.try_clone().unwrap(), server.try_clone().unwrap()]);
                let (from, to) = (client.try_clone().unwrap(), server.try_clone().unwrap());
                let there = Arc::clone(&own);
                thread::spawn(move || carry(&there, from, to, false));
                let back = Arc::clone(&own);
                thread::spawn(move || carry(&back, server, client, true));
            }
        });
        Self { port, shared }
    }

    pub(crate) const fn port(&self) -> u16 {
        self.port
    }

    /// From now on no answer reaches the journal.
    pub(crate) fn swallow_answers(&self) {
        self.shared.state.store(SWALLOWING, Ordering::SeqCst);
    }

    /// From now on nothing that the journal says reaches the server.
    pub(crate) fn lose_requests(&self) {
        self.shared.state.store(LOSING, Ordering::SeqCst);
    }

    /// Waits until something was lost.
    pub(crate) fn has_lost(&self) {
        while !self.shared.has_lost.load(Ordering::SeqCst) {
            thread::yield_now();
        }
    }

    /// Cuts all connections, and takes no new ones.
    pub(crate) fn close(&self) {
        self.shared.state.store(CLOSED, Ordering::SeqCst);
        for stream in self.shared.open.lock().unwrap().drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    pub(crate) fn reopen(&self) {
        self.shared.state.store(PASSING, Ordering::SeqCst);
    }
}

fn carry(shared: &Shared, mut from: TcpStream, mut to: TcpStream, answers: bool) {
    let mut bytes = [0; 65_536];
    while let Ok(count @ 1..) = from.read(&mut bytes) {
        let lost = shared.state.load(Ordering::SeqCst) == if answers { SWALLOWING } else { LOSING };
        if lost {
            shared.has_lost.store(true, Ordering::SeqCst);
        } else if to.write_all(&bytes[..count]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Both);
}
