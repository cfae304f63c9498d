//! A reply of another type than the asker waits for.

use casty::prelude::*;

fn main() {
    let _ = Behavior::receive_message(|reply: ReplyTo<u32>| {
        reply.tell("two");
        Behavior::same()
    });
}
