//! Two hellos of a peer at once: neither goes on with a message that it does not take.

extern crate std;

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use core::task::Waker;

use super::Peer;
use crate::actor::{Limits, World};
use crate::dispatch::Crew;
use crate::executor::Nowhere;
use crate::remote::encoded::Encoded;
use crate::remote::hello::{Hello, VERSIONS};
use crate::remote::stub::Absent;
use crate::remote::terms::Terms;
use crate::sync::Arc;

/// How long a message the peer takes, and how long the one that it is told.
const TAKEN: usize = 50;
const TOLD: usize = 100;

fn told() -> Arc<Peer> {
    let world = Arc::new(World::new("model".into(), Box::new(Nowhere), Crew::alone(), Limits::default(), 1));
    let peer = Peer::alone(&world);
    let absent = Absent::new(Arc::clone(&peer), 7, "told".into(), "bytes");
    let mut message = Encoded::empty();
    peer.encode(&vec![0_u8; TOLD], &mut message).unwrap();
    peer.write(&message, |outbound, message| message.tell(outbound.alias(&absent, "bytes").number)).unwrap();
    peer
}

/// Hears the hello of one connection, and takes over what that would carry.
fn carried(peer: &Arc<Peer>) -> usize {
    let hello = Hello {
        versions: VERSIONS,
        cluster: "model".into(),
        node: "other".into(),
        incarnation: 1,
        address: String::new(),
        secret: false,
        message_bytes_max: TAKEN as u64,
        nonce: [0; 32],
        terms: Terms::default(),
    };
    Peer::introduced(peer, &hello);
    peer.take_over(&mut Vec::new(), &mut Vec::new(), Waker::noop()).map_or(0, |chunk| chunk.len())
}

#[test]
fn of_two_hellos_at_once_neither_goes_on_with_a_message_that_is_too_long() {
    loom::model(|| {
        let peer = told();
        let same = Arc::clone(&peer);
        let other = loom::thread::spawn(move || carried(&same));
        assert!(carried(&peer) < TOLD);
        assert!(other.join().unwrap() < TOLD);
        assert_eq!(peer.world().dead_letters(), 1);
    });
}
