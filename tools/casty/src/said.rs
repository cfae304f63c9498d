//! What the command says to programs.

use serde::Serialize;

use crate::files::{Failure, Outcome};

/// As JSON, in lines.
pub(crate) fn json(what: &impl Serialize) -> Outcome<String> {
    serde_json::to_string_pretty(what).map_err(|error| Failure::new("JSON", error))
}

/// As JSON, in one line of several that follow each other.
pub(crate) fn json_line(what: &impl Serialize) -> Outcome<String> {
    serde_json::to_string(what).map_err(|error| Failure::new("JSON", error))
}
