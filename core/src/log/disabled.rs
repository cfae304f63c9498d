//! No logging.

use core::fmt;

use super::Level;
use crate::id::ActorId;
use crate::path::Path;

pub(crate) fn line(_: Level, _: impl FnOnce() -> Path, _: fmt::Arguments<'_>) {}

pub(crate) fn dead_letter(_: &dyn fmt::Display, _: &str, _: &dyn fmt::Display) {}

pub(crate) fn unhandled(_: impl FnOnce() -> Path, _: &str) {}

pub(crate) fn escalated_to_root(_: ActorId, _: &dyn fmt::Display) {}

pub(crate) fn failed(_: impl FnOnce() -> Path, _: &dyn fmt::Display, _: &dyn fmt::Debug) {}
