//! What each frame of a peer means here.

use alloc::string::String;

use crate::actor::{Control, DeadReason};
use crate::log;
use crate::remote::{Alias, Export, Frame, Hub, Notice, Peer, Session, Watcher, Written};
use crate::sync::Arc;

/// Does what a frame says; the error is why that cannot be.
#[inline]
pub(super) fn deliver(
    hub: &Arc<Hub>,
    peer: &Arc<Peer>,
    session: &mut Session,
    frame: Frame<'_>,
) -> Result<(), String> {
    match frame {
        Frame::Tell { alias, message } => return told(hub, peer, session, alias, message),
        Frame::Alias { alias, actor, name } => {
            let stands_for = exported(hub, peer, actor, name);
            session.name(alias, stands_for).map_err(|_| String::from("it has named too many actors"))?;
        }
        Frame::Reply { ask, reply } => replied(hub, peer, ask, session.reading.written(reply)),
        Frame::TellCompressed { alias, message } => {
            let message = session.reading.decompress(message, hub.limits().message_bytes_max)?;
            return told(hub, peer, session, alias, &message);
        }
        Frame::ReplyCompressed { ask, reply } => {
            let reply = session.reading.decompress(reply, hub.limits().message_bytes_max)?;
            replied(hub, peer, ask, session.reading.written(&reply));
        }
        Frame::Part { bytes } => {
            let gathered = session.gather(bytes, hub.limits().message_bytes_max);
            gathered.map_err(|_| String::from("it sent a longer message than it may"))?;
        }
        Frame::Whole { kind, number } => {
            let message = session.gathered();
            let whole = Frame::of_parts(kind, number, &message).filter(|_| !message.is_empty());
            let whole = whole.ok_or_else(|| String::from("it ended a message that it had not begun"))?;
            return deliver(hub, peer, session, whole);
        }
        Frame::LetGo { ask } => hub.let_go(ask),
        Frame::Watch { actor } => watched(hub, peer, actor),
        Frame::Unwatch { actor } => unwatched(peer, actor),
        Frame::Terminated { actor } => peer.ended(actor),
        Frame::Lookup { ask, name, path } => peer.answer(ask, &hub.find(path, name)),
        Frame::Ack { received } => {
            let had = session.retained.acknowledged(received);
            had.map_err(|_| String::from("it had what was not said"))?;
            peer.acknowledged(received);
            hub.arrived();
        }
        Frame::Cluster { word } => hub.notices().push(Notice::Said(peer.id().clone(), word.to_vec())),
        // The streams answer them themselves: what they have had, and when they end, is theirs to say.
        Frame::Ping | Frame::Probe { .. } | Frame::Echo { .. } | Frame::Rest | Frame::Bye => {}
    }
    Ok(())
}

#[inline]
fn told(
    hub: &Arc<Hub>,
    peer: &Arc<Peer>,
    session: &Session,
    alias: u64,
    message: &[u8],
) -> Result<(), String> {
    match usize::try_from(alias).ok().and_then(|alias| session.aliases.get(alias)) {
        Some(Alias::Actor(number, export)) => {
            log::heard_message(export.name(), message.len());
            let stopped = || {
                peer.tally.dropped(DeadReason::Stopped);
                peer.notify(Frame::Terminated { actor: *number });
            };
            if export.receive(hub, session.reading.written(message), &stopped).is_err() {
                undecodable(hub, peer, &**export);
            }
        }
        Some(Alias::Nobody(number)) => {
            log::heard_message("a message for nobody", message.len());
            peer.tally.dropped(DeadReason::Stopped);
            let nobody = Watcher::any(peer, *number);
            hub.world().dead_letter(DeadReason::Stopped, nobody.target(), "a message from another node");
        }
        None => return Err(String::from("it told something to nobody it had named")),
    }
    Ok(())
}

/// A message to the actor of an alias could not be read: what reads it has panicked.
pub(super) fn unread(hub: &Hub, peer: &Peer, session: &Session, alias: u64) {
    let actor = usize::try_from(alias).ok().and_then(|alias| session.aliases.get(alias));
    if let Some(Alias::Actor(_, export)) = actor {
        undecodable(hub, peer, &**export);
    }
}

fn undecodable(hub: &Hub, peer: &Peer, export: &dyn Export) {
    peer.tally.dropped(DeadReason::Undecodable);
    let actor = export.actor();
    hub.world().dead_letter(DeadReason::Undecodable, actor.target(), actor.takes());
}

/// The reply to an ask has come.
fn replied(hub: &Arc<Hub>, peer: &Peer, ask: u64, written: Written<'_>) {
    if !Hub::replied(hub, ask, written) {
        peer.tally.dropped(DeadReason::Undecodable);
    }
}

/// Whom a peer means by that number and name.
fn exported(hub: &Hub, peer: &Peer, actor: u64, name: &str) -> Alias {
    match hub.exported(actor) {
        Some(export) if export.name() == name => Alias::Actor(actor, export),
        _ => {
            peer.notify(Frame::Terminated { actor });
            Alias::Nobody(actor)
        }
    }
}

fn watched(hub: &Hub, peer: &Arc<Peer>, number: u64) {
    let Some(export) = hub.exported(number) else { return peer.notify(Frame::Terminated { actor: number }) };
    let actor = export.actor();
    if peer.watches(number, actor.clone()).is_some() {
        // It does already, and will be told.
        return;
    }
    if actor.target().signal(Control::watch(Watcher::any(peer, number))).is_err() {
        drop(peer.watches_no_more(number));
        peer.notify(Frame::Terminated { actor: number });
    }
}

fn unwatched(peer: &Arc<Peer>, number: u64) {
    if let Some(actor) = peer.watches_no_more(number) {
        actor.signal(Control::Unwatch(Watcher::any(peer, number)));
    }
}
