//! What each frame of a peer means here.

use alloc::string::String;

use crate::actor::{AnyRef, Control, DeadReason};
use crate::log;
use crate::remote::{Alias, Export, Frame, Here, Hub, Notice, Peer, Session, Watcher, Written};
use crate::sync::Arc;
use crate::trace::{TRACE_BYTES, TraceContext};

/// Does what a frame says; the error is why that cannot be.
#[inline]
pub(super) fn deliver(here: &Arc<Here>, session: &mut Session, frame: Frame<'_>) -> Result<(), String> {
    let Here { hub, from: peer } = &**here;
    match frame {
        Frame::Tell { alias, message } => {
            return told(here, session, Told { alias, message, trace: None });
        }
        Frame::Alias { alias, actor, name } => {
            let stands_for = exported(hub, peer, actor, name);
            session.name(alias, stands_for).map_err(|_| String::from("it has named too many actors"))?;
        }
        Frame::Reply { ask, reply } => replied(here, session, (ask, reply)),
        Frame::TellCompressed { alias, message } => {
            let message = session.reading.decompress(message, hub.limits().message_bytes_max)?;
            return deliver(here, session, Frame::Tell { alias, message: &message });
        }
        Frame::ReplyCompressed { ask, reply } => {
            let reply = session.reading.decompress(reply, hub.limits().message_bytes_max)?;
            replied(here, session, (ask, &reply));
        }
        Frame::TracedTell { alias, message } => {
            let (trace, message) = split(hub, message)?;
            return told_traced(here, session, Told { alias, message, trace });
        }
        Frame::TracedTellCompressed { alias, message } => {
            let (trace, message) = split(hub, message)?;
            let message = &session.reading.decompress(message, hub.limits().message_bytes_max)?;
            return told_traced(here, session, Told { alias, message, trace });
        }
        Frame::Part { bytes } => {
            // Whether a trace is in it is known at its end.
            let gathered = session.gather(bytes, hub.limits().message_bytes_max.saturating_add(TRACE_BYTES));
            gathered.map_err(|_| too_long())?;
        }
        Frame::Whole { kind, number } => {
            let message = session.gathered();
            return deliver(here, session, whole(hub, kind, number, &message)?);
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

/// A message to the actor of an alias.
struct Told<'a> {
    alias: u64,
    message: &'a [u8],
    trace: Option<TraceContext>,
}

/// The frame whose message has come in parts.
fn whole<'a>(hub: &Hub, kind: u8, number: u64, message: &'a [u8]) -> Result<Frame<'a>, String> {
    let whole = Frame::of_parts(kind, number, message).filter(|_| !message.is_empty());
    let whole = whole.ok_or_else(|| String::from("it ended a message that it had not begun"))?;
    if !whole.is_traced() && message.len() > hub.limits().message_bytes_max {
        return Err(too_long());
    }
    Ok(whole)
}

fn too_long() -> String {
    String::from("it sent a longer message than it may")
}

/// A trace, which ends here where none is passed on, and the message behind it.
fn split<'a>(hub: &Hub, traced: &'a [u8]) -> Result<(Option<TraceContext>, &'a [u8]), String> {
    let (trace, message) = TraceContext::split(traced)
        .ok_or_else(|| String::from("it told something of a trace that is none"))?;
    Ok((Some(trace).filter(|_| hub.world().traces()), message))
}

#[inline(never)]
fn told_traced(here: &Arc<Here>, session: &mut Session, message: Told<'_>) -> Result<(), String> {
    told(here, session, message)
}

#[inline(always)]
fn told(
    here: &Arc<Here>,
    session: &mut Session,
    Told { alias, message, trace }: Told<'_>,
) -> Result<(), String> {
    let Here { hub, from: peer } = &**here;
    match usize::try_from(alias).ok().and_then(|alias| session.aliases.get(alias)) {
        Some(Alias::Actor(number, export)) => {
            if log::ENABLED {
                log::heard_message(export.name(), message.len(), trace);
            }
            let stopped = || {
                peer.tally.dropped(DeadReason::Stopped);
                // One that stops is over when all below it is: who writes to it hears of that then, as if it had watched.
                watches(peer, *number, export.actor());
            };
            let written = Written { trace, ..session.reading.written(message) };
            if export.receive(here, written, &mut session.woken, &stopped).is_err() {
                undecodable(hub, peer, &**export);
            }
            if session.woken.is_due() {
                session.woken.run(hub.world());
            }
        }
        Some(Alias::Nobody(number)) => {
            log::heard_message("a message for nobody", message.len(), trace);
            peer.tally.dropped(DeadReason::Stopped);
            let nobody = Watcher::any(peer, *number);
            hub.world().dead_letter(DeadReason::Stopped, nobody.target(), "a message from another node");
        }
        None => return Err(String::from("it told something to nobody it had named")),
    }
    Ok(())
}

/// A reply, or a message to the actor of an alias, could not be read: what reads it has panicked.
pub(super) fn unread(hub: &Hub, peer: &Peer, session: &mut Session, alias: Option<u64>) {
    unanswered(peer, session);
    let actor =
        alias.and_then(|alias| usize::try_from(alias).ok()).and_then(|alias| session.aliases.get(alias));
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
fn replied(here: &Arc<Here>, session: &mut Session, (ask, reply): (u64, &[u8])) {
    let Some(pending) = here.hub.replied(ask) else { return };
    let written = session.reading.written(reply);
    if session.answered.insert(pending).reply(here, written, &mut session.woken) {
        session.answered = None;
    } else {
        unanswered(&here.from, session);
    }
}

/// The reply that was being read could not be.
fn unanswered(peer: &Peer, session: &mut Session) {
    if let Some(pending) = session.answered.take() {
        peer.tally.dropped(DeadReason::Undecodable);
        pending.unread();
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
    watches(peer, number, export.actor());
}

/// A peer is to hear of the end of an actor, which may have been.
fn watches(peer: &Arc<Peer>, number: u64, actor: AnyRef) {
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
