//! Giving a peer up: whoever waits for it is told, once.

use alloc::string::String;

use crate::actor::{Control, DeadReason};
use crate::remote::{Begins, Bereft, Hub, NodeLost, Notice, Peer, Refusal, Session, Watcher, read};
use crate::sync::Arc;

/// Gives a peer up as lost, unless it is already.
pub(in crate::node) fn lose(hub: &Arc<Hub>, peer: &Arc<Peer>, cause: &str) {
    let Some(Bereft { left, left_at, watching }) = peer.lose() else { return };
    peer.tally.peer_lost();
    let id = peer.id().clone();
    if peer.is_kept() && !peer.is_released() {
        // It has become a member meanwhile: whoever watches it is to see that the two do not reach each other.
        hub.notices().push(Notice::Unlinked(id.clone()));
    }
    let lost = NodeLost { peer: id, cause: String::from(cause) };
    hub.world().events().publish(|| lost);
    hub.let_go_of_all(peer);
    for (number, actor) in watching {
        let watcher = Watcher::any(peer, number);
        actor.signal(Control::Unwatch(watcher));
    }
    // What a connection still holds is buried by that.
    if let Some(session) = peer.seat.take() {
        bury_rest(peer, &session);
    }
    let mut at = left_at;
    for chunk in left {
        bury(peer, &chunk, at);
        at += chunk.len() as u64;
    }
    // A shutdown may have waited for it.
    hub.arrived();
}

/// Gives a peer up because the cluster does, or has let it go.
pub(in crate::node) fn release(hub: &Arc<Hub>, peer: &Arc<Peer>, cause: &str) {
    peer.release();
    lose(hub, peer, cause);
}

/// What a peer that is lost hears when it comes, whether the cluster has `released` it or not; of one that is forgotten nobody knows any more.
///
/// Who hears from a member that it is lost takes that for the word of the cluster, and gives itself up. So in a cluster only the one hears it
/// that the cluster has given up. Another may have been lost before it was a member, and become one: then the two do not reach each other, and
/// what follows is up to the strategy.
pub(super) fn refusal(hub: &Hub, released: bool) -> Refusal {
    if hub.notices().is_over() {
        // Who has given itself up says nothing about the others.
        Refusal::Out
    } else if hub.notices().is_open() && !released {
        Refusal::Gap
    } else {
        Refusal::Lost
    }
}

/// Talks to a peer no more, for what it says or does not take. A member is given up by the cluster alone: it sees that the two do not
/// reach each other, and decides. Any other peer is lost.
pub(in crate::node) fn break_with(hub: &Arc<Hub>, peer: &Arc<Peer>, cause: &str) {
    if !peer.is_kept() {
        return lose(hub, peer, cause);
    }
    if peer.estrange() {
        // Who watches it is to ask whether it is there, also where there was no connection.
        hub.notices().push(Notice::Unlinked(peer.id().clone()));
    }
    // A shutdown may have waited for it.
    hub.arrived();
}

/// Makes the messages dead letters that a peer has not said that it had.
pub(super) fn bury_rest(peer: &Arc<Peer>, session: &Session) {
    let (rest, at) = session.retained.rest();
    bury(peer, &rest, at);
}

/// Makes the messages in a part of the stream dead letters, which begins at that place.
fn bury(peer: &Arc<Peer>, part: &[u8], begin: u64) {
    let mut at = 0;
    while let Ok(Begins::Frame(frame, bytes)) = read(&part[at..], usize::MAX >> 1) {
        let begins_at = begin + at as u64;
        at += bytes;
        // One in parts is lost with the frame that ends it.
        if let Some(alias) = frame.alias()
            && let Some(actor) = Peer::whose(peer, alias, begins_at)
        {
            peer.tally.dropped(DeadReason::NodeLost);
            peer.world().dead_letter(DeadReason::NodeLost, actor.target(), actor.takes());
        }
    }
}
