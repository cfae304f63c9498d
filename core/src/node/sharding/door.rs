//! What other nodes know a region by: letters go to entities, words to the region.

use alloc::string::String;
use core::any::Any;

use super::envelope::{Form, Letter, ShardEnvelope};
use super::head::Head;
use super::refused::Refused;
use super::routes::Routes;
use crate::actor::{ActorRef, AnyRef, DeadReason, Recipient, Refers, SendError, Within, Woken, World};
use crate::remote::{Export, Exported, Here, Remote, Written, decode};
use crate::sync::{Arc, erased};
use crate::trace::TraceContext;

/// Takes in what comes from other nodes, however it is written: on the connection's turn, so that the order of what a node says is kept between the two.
pub(super) struct Door<M: Remote>(Arc<Routes<M>>);

impl<M: Remote> Door<M> {
    /// What other nodes know a region by.
    pub(super) fn of(routes: &Arc<Routes<M>>) -> Arc<dyn Export> {
        let actor = ActorRef::through(Self(Arc::clone(routes)));
        erased!(Arc::new(Letters { routes: Arc::clone(routes), any: Exported::new(actor) }) => dyn Export)
    }
}

/// Reads letters in postcard where they lie, and leaves all else to the door.
struct Letters<M: Remote> {
    routes: Arc<Routes<M>>,
    any: Exported<ShardEnvelope<M>>,
}

impl<M: Remote> Export for Letters<M> {
    fn receive(
        &self,
        here: &Arc<Here>,
        written: Written<'_>,
        woken: &mut Woken,
        stopped: &dyn Fn(),
    ) -> Result<(), String> {
        let headed = written.codec.is_none() && !self.routes.is_closed();
        let Some((head, bytes)) = Head::read(written.bytes).filter(|_| headed) else {
            return self.any.receive(here, written, woken, stopped);
        };
        let message = decode(Written { bytes, ..written }, here)?;
        self.routes.hear(head, message, written.trace, woken)
    }

    fn actor(&self) -> AnyRef {
        self.any.actor()
    }

    fn has_ended(&self) -> bool {
        let inbox = self.routes.region().inbox();
        inbox.is_none_or(|inbox| inbox.lanes.has_ended())
    }

    fn reference(&self) -> &dyn Any {
        self.any.reference()
    }

    fn name(&self) -> &'static str {
        self.any.name()
    }

    /// Nobody makes way for others who lets nodes into a region.
    fn keep(&self, _found: bool) {}

    fn may_go(&self) -> bool {
        false
    }
}

impl<M: Remote> Recipient<ShardEnvelope<M>> for Door<M> {
    fn pass(&self, envelope: ShardEnvelope<M>, within: Within) -> Result<(), SendError<ShardEnvelope<M>>> {
        let trace = if let Within::Trace(trace) = within { Some(trace) } else { None };
        let mut woken = Woken::default();
        let passed = self.pass_among(envelope, trace, &mut woken);
        woken.run(self.world());
        passed
    }

    fn pass_among(
        &self,
        envelope: ShardEnvelope<M>,
        trace: Option<TraceContext>,
        woken: &mut Woken,
    ) -> Result<(), SendError<ShardEnvelope<M>>> {
        let is_closed = self.0.is_closed();
        // A region that takes no letters any more is not over: its entities may still live, and others must not begin them.
        if is_closed && self.0.region().is_stopped() {
            return Err(SendError::Stopped(envelope));
        }
        match envelope.0 {
            Form::Tell(Letter { entity, message, .. }) if is_closed => {
                self.0.dead(&entity, Refused { reason: DeadReason::Stopped, message });
            }
            Form::Tell(letter) => drop(self.0.arrive(letter, trace, woken)),
            words @ (Form::Words(..) | Form::Note(_)) => {
                if let Some(inbox) = self.0.region().inbox() {
                    inbox.note(ShardEnvelope(words));
                }
            }
        }
        Ok(())
    }

    fn pass_quietly(&self, envelope: ShardEnvelope<M>) {
        drop(self.pass(envelope, Within::Handling));
    }

    fn dead(&self, error: SendError<ShardEnvelope<M>>) {
        let region = self.0.region();
        let message = core::any::type_name::<ShardEnvelope<M>>();
        region.world().dead_letter(DeadReason::Stopped, region.to_any().target(), message);
        region.world().bury(error.into_message());
    }

    fn actor(&self) -> AnyRef {
        self.0.region().to_any()
    }

    fn world(&self) -> &Arc<World> {
        self.0.world()
    }

    fn number(&self) -> u64 {
        self.0.region().id().number()
    }
}
