//! A shared value on its way through an error of serde: with `std` it is the source.

use core::error::Error;
use core::fmt;

use serde::de;

use super::Arc;

/// A shared value that is carried by an error.
pub(crate) struct Parcel<T>(Arc<T>);

impl<T: Send + Sync + 'static> Parcel<T> {
    /// On its way from here.
    pub(crate) fn new(value: &Arc<T>) -> Self {
        Self(Arc::clone(value))
    }

    /// What an error carries, if it is a value of this type.
    pub(crate) fn within(error: &impl de::Error) -> Option<Arc<T>> {
        error.source()?.downcast_ref::<Self>().map(|parcel| Arc::clone(&parcel.0))
    }
}

impl<T> fmt::Debug for Parcel<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Parcel")
    }
}

impl<T> fmt::Display for Parcel<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value on its way")
    }
}

impl<T> Error for Parcel<T> {}
