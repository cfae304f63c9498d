//! What is behind an error of serde: with the standard library, another error.

use core::error::Error;

use serde::de;

/// The source of an error.
pub(crate) fn source<E: de::Error>(error: &E) -> Option<&(dyn Error + 'static)> {
    error.source()
}
