//! A handler that changes what it has captured, which a restart could not take back.

use casty::prelude::*;

fn main() {
    let mut numbers = Vec::new();
    let _ = Behavior::receive_message(move |number: u32| {
        numbers.push(number);
        Behavior::same()
    });
}
