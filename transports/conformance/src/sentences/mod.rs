//! The sentences, by what they are about.

pub(crate) mod closing;
pub(crate) mod connecting;
pub(crate) mod nodes;
pub(crate) mod streams;
pub(crate) mod waking;
