//! A question that is answered twice.

use casty::prelude::*;

fn main() {
    let _ = Behavior::receive_message(|reply: ReplyTo<u32>| {
        reply.tell(1);
        reply.tell(2);
        Behavior::same()
    });
}
