//! A behavior that is given what has come along from another node.

use super::{Behavior, Kind};
use crate::actor::context::Context;
use crate::actor::failure::Failure;
use crate::actor::layer::Layered;
use crate::actor::luggage::Parcel;
use crate::sync::Arc;

impl<M: Send + 'static> Behavior<M> {
    /// The same behavior, begun with that instead of anew; one that cannot is a failure that says why not.
    pub(crate) fn carrying(self, ctx: &Context<M>, parcel: &Arc<Parcel>) -> Self {
        match self.0 {
            Kind::Stateful(blueprint) => blueprint.carrying(&blueprint, ctx, parcel).unwrap_or_else(stays),
            Kind::Layered(layered) => {
                let (layer, inner) = (layered.layer.clone(), layered.inner.clone());
                Self(Kind::Layered(Arc::new(Layered { layer, inner: inner.carrying(ctx, parcel) })))
            }
            Kind::Setup(make) => {
                let parcel = Arc::clone(parcel);
                Self::setup(move |ctx| make(ctx).carrying(ctx, &parcel))
            }
            Kind::Receive(_) | Kind::Ignore | Kind::Same | Kind::Unhandled => stays(),
            answer @ (Kind::Busy | Kind::Stopped | Kind::Restart | Kind::Fail(_)) => Self(answer),
        }
    }
}

/// For an actor that cannot take up what has come along.
fn stays<M: Send + 'static>() -> Behavior<M> {
    Behavior(Kind::Fail(Failure::said("a state has come along, and the behavior is not movable")))
}
