//! Says how large a model was, also where the output of a test that passes is captured.

extern crate std;

use core::fmt::Display;
use std::io::Write;

pub(crate) fn explored(model: impl Display, states: usize) {
    // What prints by macro is captured.
    writeln!(std::io::stderr(), "model of {model}: {states} states").unwrap();
}
