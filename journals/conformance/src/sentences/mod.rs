//! The sentences, by what they are about.

pub(crate) mod deleting;
pub(crate) mod fencing;
pub(crate) mod reading;
pub(crate) mod snapshots;
pub(crate) mod tags;
pub(crate) mod writing;
