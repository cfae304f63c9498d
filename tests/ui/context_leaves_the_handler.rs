//! A context that someone else would use beside the actor.

use casty::prelude::*;

fn keep(_: &'static mut Context<u32>) {}

fn main() {
    let _ = Behavior::receive(|ctx, _| {
        keep(ctx);
        Behavior::same()
    });
}
