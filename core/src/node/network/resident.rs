//! Actors of the node's own, which other nodes find at a path that no user's actor has.

use alloc::string::String;

use super::error::NetworkError;
use super::inspect;
use super::inspector::inspector;
use crate::actor::{AnyRef, Behavior, Control, Newborn, Refers, SpawnError, SpawnOptions, World};
use crate::node::cluster::{operate, operator};
use crate::remote::{Board, Hub, Remote, export};
use crate::sync::Arc;

/// How such an actor moves in. It hears of the cluster where there is one.
pub(super) type Resident = fn(&Arc<Hub>, Option<&Arc<Board>>) -> Result<AnyRef, NetworkError>;

/// Lets a node be inspected.
pub(super) fn inspected(hub: &Arc<Hub>, board: Option<&Arc<Board>>) -> Result<AnyRef, NetworkError> {
    moved_in(hub, inspector(board.cloned()), inspect::PATH)
}

/// Lets a node be operated.
pub(super) fn operated(hub: &Arc<Hub>, _: Option<&Arc<Board>>) -> Result<AnyRef, NetworkError> {
    moved_in(hub, operator(), operate::PATH)
}

fn moved_in<M: Remote>(hub: &Arc<Hub>, behavior: Behavior<M>, path: &str) -> Result<AnyRef, NetworkError> {
    let newborn = Newborn { behavior, options: SpawnOptions::anonymous(), guarded: false };
    let resident = World::spawn(hub.world(), newborn).map_err(|error| match error {
        SpawnError::Stopping => NetworkError::Ended,
        error => NetworkError::Resident(error),
    })?;
    let exposed = export(hub, &resident).and_then(|there| hub.expose(String::from(path), there.actor));
    let resident = resident.to_any();
    if exposed.is_err() {
        resident.signal(Control::Stop);
        return Err(NetworkError::TooManyExports { exports_max: hub.limits().exports_max });
    }
    Ok(resident)
}
