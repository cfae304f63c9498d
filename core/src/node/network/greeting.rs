//! The first stage of a connection: the handshake, and the seat it leads to.

use alloc::boxed::Box;
use alloc::string::{String, ToString};
use core::task::{Context, Poll, ready};

use super::input::Input;
use super::losing;
use crate::node_id::NodeId;
use crate::remote::{Claim, Handshake, Hub, Peer, Refusal, Role, Session, Stranger};
use crate::sync::Arc;
use crate::transport::Connection;

/// A handshake on a connection.
pub(super) struct Greeting {
    role: Role,
    handshake: Handshake,
    /// Whom the other end has proved to be, and whether its seat is this connection's.
    seat: Option<Seated>,
    seated: bool,
    /// Only the last word is still to be said.
    refused: Option<Refusal>,
}

/// The seat of a peer, which is left when this is dropped.
pub(super) struct Seated {
    pub(super) peer: Arc<Peer>,
    pub(super) claim: Claim,
    pub(super) session: Option<Box<Session>>,
}

impl Drop for Seated {
    fn drop(&mut self) {
        self.peer.seat.leave(&self.claim, self.session.take());
        // It was lost meanwhile: nobody else will carry what is left.
        if self.peer.is_lost()
            && let Some(session) = self.peer.seat.take()
        {
            losing::bury_rest(&self.peer, &session);
        }
    }
}

/// What a handshake has come to.
pub(super) enum Greeted {
    Known(Seated),
    Refused { peer: Option<Arc<Peer>>, refusal: Option<Refusal>, cause: String },
}

impl Greeting {
    pub(super) fn new(hub: &Hub, role: Role) -> Self {
        let handshake = Handshake::new(role, hub.hello(), hub.secret());
        Self { role, handshake, seat: None, seated: false, refused: None }
    }

    pub(super) fn poll(
        &mut self,
        hub: &Arc<Hub>,
        connection: &mut Box<dyn Connection>,
        input: &mut Input,
        cx: &mut Context<'_>,
    ) -> Poll<Greeted> {
        loop {
            let said = ready!(self.poll_say(connection, cx));
            // Whether or not the other end has heard it.
            if let Some(refusal) = self.refused.take() {
                let cause = refusal.to_string();
                return Poll::Ready(Greeted::Refused { peer: self.peer(), refusal: Some(refusal), cause });
            }
            if let Err(cause) = said {
                return Poll::Ready(Greeted::Refused { peer: self.peer(), refusal: None, cause });
            }
            match self.advance(hub, &**connection, input, cx) {
                Poll::Ready(Ok(Some(seated))) => return Poll::Ready(Greeted::Known(seated)),
                // There may be something to say.
                Poll::Ready(Ok(None)) if !self.handshake.output().is_empty() => {}
                Poll::Ready(Ok(None)) => match ready!(input.poll_fill(connection, cx)) {
                    Ok(0) => {
                        let cause = "it was closed before the handshake was over".into();
                        return Poll::Ready(Greeted::Refused { peer: self.peer(), refusal: None, cause });
                    }
                    Ok(_) => {}
                    Err(error) => {
                        let cause = error.cause;
                        return Poll::Ready(Greeted::Refused { peer: self.peer(), refusal: None, cause });
                    }
                },
                Poll::Ready(Err(refusal)) => {
                    self.handshake.refuse(refusal.clone());
                    self.refused = Some(refusal);
                }
                Poll::Pending => return Poll::Pending,
            }
        }
    }

    fn peer(&self) -> Option<Arc<Peer>> {
        self.seat.as_ref().map(|seat| Arc::clone(&seat.peer))
    }

    /// Says what there is to say.
    fn poll_say(
        &mut self,
        connection: &mut Box<dyn Connection>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), String>> {
        let output = self.handshake.output();
        while !output.is_empty() {
            match ready!(connection.poll_write(cx, output)) {
                Ok(0) => return Poll::Ready(Err("it was closed".into())),
                Ok(bytes) => drop(output.drain(..bytes.min(output.len()))),
                Err(error) => return Poll::Ready(Err(error.cause)),
            }
        }
        Poll::Ready(Ok(()))
    }

    /// Hears what is there; ready with the seat when all has been said, and with nothing when more has to come in or go out.
    fn advance(
        &mut self,
        hub: &Arc<Hub>,
        connection: &dyn Connection,
        input: &mut Input,
        cx: &Context<'_>,
    ) -> Poll<Result<Option<Seated>, Refusal>> {
        match self.handshake.hear(input.there()) {
            Ok(bytes) => input.consume(bytes),
            Err(refusal) => return Poll::Ready(Err(refusal)),
        }
        if self.seat.is_none()
            && let Err(refusal) = self.identify(hub, connection)
        {
            return Poll::Ready(Err(refusal));
        }
        if let Some(seat) = &mut self.seat
            && !self.seated
        {
            if !ready!(seat.peer.claim(&mut seat.claim, cx)) {
                return Poll::Ready(Err(Refusal::Crossing));
            }
            self.seated = true;
            seat.session = seat.peer.seat.take();
            let Some(session) = &mut seat.session else {
                return Poll::Ready(Err(losing::refusal(hub, seat.peer.is_released())));
            };
            if let Some(hello) = self.handshake.identified() {
                session.reading = hub.script().reading(&hello.terms);
            }
            self.handshake.resume(session.received);
        }
        if !self.handshake.output().is_empty() {
            return Poll::Ready(Ok(None));
        }
        if self.seated
            && let Some(seat) = &self.seat
            && seat.peer.seat.is_ousted(&seat.claim, cx)
        {
            return Poll::Ready(Err(Refusal::Crossing));
        }
        let Some(had) = self.handshake.done() else { return Poll::Ready(Ok(None)) };
        let Some(mut seat) = self.seat.take() else { return Poll::Ready(Ok(None)) };
        let agreed = seat.session.as_mut().map(|session| session.retained.rewind(had));
        if agreed != Some(Ok(())) {
            losing::break_with(hub, &seat.peer, "the two do not agree on what has been said");
            return Poll::Ready(Err(Refusal::Gap));
        }
        seat.peer.acknowledged(had);
        Poll::Ready(Ok(Some(seat)))
    }

    /// Finds the peer that the other end has proved to be.
    fn identify(&mut self, hub: &Arc<Hub>, connection: &dyn Connection) -> Result<(), Refusal> {
        let Some(hello) = self.handshake.identified() else { return Ok(()) };
        if connection.vouches_for(&hello.node) == Some(false) {
            return Err(Refusal::Identity);
        }
        let id = NodeId { name: hello.node.clone(), incarnation: hello.incarnation };
        let peer = hub.peer(&id.name, id.incarnation, &hello.address).map_err(|stranger| match stranger {
            Stranger::Forgotten => losing::refusal(hub, false),
            Stranger::Impostor => Refusal::Lost,
            Stranger::Name => Refusal::Name,
            Stranger::TooManyPeers { .. } | Stranger::TooManyExports { .. } => Refusal::Busy,
        })?;
        if peer.is_lost() {
            return Err(losing::refusal(hub, peer.is_released()));
        }
        if peer.is_estranged() {
            return Err(Refusal::Gap);
        }
        Peer::introduced(&peer, hello);
        // Whoever had this name before has ended: a name is one node's at a time. Of a member the cluster is to say so.
        let namesake = |other: &Peer| other.id().name == id.name && *other.id() != id && !other.is_kept();
        for other in hub.peers_that(namesake) {
            losing::lose(hub, &other, "its name is another's now");
        }
        let dialed_here = self.role == Role::Dialer;
        let claim = Claim::new(dialed_here == (hub.me().name < id.name));
        self.seat = Some(Seated { peer, claim, session: None });
        Ok(())
    }
}
