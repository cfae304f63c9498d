//! No logging.

use alloc::string::String;
use core::fmt;

use super::Level;
use crate::id::ActorId;
use crate::path::Path;
use crate::trace::TraceContext;

pub(crate) fn line(_: Level, _: impl FnOnce() -> Path, _: fmt::Arguments<'_>) {}

pub(crate) fn dead_letter(_: &dyn fmt::Display, _: &str, _: &dyn fmt::Display) {}

pub(crate) fn unhandled(_: impl FnOnce() -> Path, _: &str) {}

pub(crate) fn escalated_to_root(_: ActorId, _: &dyn fmt::Display) {}

pub(crate) fn failed(_: impl FnOnce() -> Path, _: &dyn fmt::Display, _: &dyn fmt::Debug) {}

#[inline(always)]
pub(crate) fn told(_: &str, _: &'static str, _: usize, _: Option<TraceContext>) {}

#[inline(always)]
pub(crate) fn said(_: &str, _: &'static str) {}

#[inline(always)]
pub(crate) fn heard_message(_: &'static str, _: usize, _: Option<TraceContext>) {}

#[inline(always)]
pub(crate) fn heard(_: &'static str) {}

#[derive(Clone)]
pub(crate) struct LinkSpan;

impl LinkSpan {
    pub(crate) fn new(_: &str, _: &dyn fmt::Debug, _: impl FnOnce() -> String) -> Self {
        Self
    }

    #[inline(always)]
    pub(crate) fn within<R>(&self, act: impl FnOnce() -> R) -> R {
        act()
    }

    pub(crate) fn up(&self, _: &dyn fmt::Display) {}

    pub(crate) fn refused(_: &str) {}

    pub(crate) fn down(_: &str) {}
}
