//! What the command says to programs.

use serde::Serialize;

use crate::files::{Failure, Outcome};

/// As JSON, in lines.
pub(crate) fn json(what: &impl Serialize) -> Outcome<String> {
    serde_json::to_string_pretty(what).map_err(|error| Failure::new("JSON", error))
}
