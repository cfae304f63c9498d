//! A state that cannot go to another thread.

use std::rc::Rc;

use casty::prelude::*;

fn main() {
    let _ = Behavior::<u32>::with_state(|_| Rc::new(1), |_, _, _| Behavior::same());
}
