//! A peer to which nothing is carried, for tests that look at what is written to it.

use alloc::string::String;
use alloc::vec::Vec;
use core::iter;
use core::task::Waker;

use super::Peer;
use crate::actor::World;
use crate::node_id::NodeId;
use crate::remote::frame::{Begins, Frame, read};
use crate::remote::hub::Settings;
use crate::remote::limits::RemoteLimits;
use crate::remote::script::Script;
use crate::remote::tally::Tally;
use crate::sync::Arc;

impl Peer {
    pub(crate) fn alone(world: &Arc<World>) -> Arc<Self> {
        let id = NodeId { name: "other".into(), incarnation: 1 };
        let settings =
            Settings { limits: RemoteLimits::default(), secret: None, script: Arc::new(Script::default()) };
        let all = Arc::new(Tally::new(None));
        Arc::new(Self::new((id, String::new()), 2, Arc::clone(world), &settings, &all))
    }

    /// The messages that were written to it, in their order.
    pub(crate) fn written(&self) -> Vec<Vec<u8>> {
        let take = || self.take_over(&mut Vec::new(), &mut Vec::new(), Waker::noop());
        let stream: Vec<u8> = iter::from_fn(take).flatten().collect();
        let (mut rest, mut messages) = (&stream[..], Vec::new());
        while let Ok(Begins::Frame(frame, bytes)) = read(rest, usize::MAX) {
            if let Frame::Tell { message, .. } = frame {
                messages.push(message.to_vec());
            }
            rest = &rest[bytes..];
        }
        messages
    }
}
