//! A transition to a behavior for other messages.

use casty::prelude::*;

fn text() -> Behavior<String> {
    Behavior::ignore()
}

fn main() {
    let _ = Behavior::receive_message(|_: u32| text());
}
