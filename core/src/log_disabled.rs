//! No logging.

use core::fmt;

use super::Level;
use crate::actor::{DeadReason, Directive, Failure};
use crate::id::ActorId;
use crate::path::Path;

pub(crate) fn line(_: Level, _: impl FnOnce() -> Path, _: fmt::Arguments<'_>) {}

pub(crate) const fn dead_letter(_: DeadReason) {}

pub(crate) const fn escalated_to_root(_: ActorId, _: &Failure) {}

pub(crate) fn failed(_: impl FnOnce() -> Path, _: &Failure, _: Option<Directive>) {}
