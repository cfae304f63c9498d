//! A message of another type than the actor takes.

use casty::prelude::*;

fn main() {
    let system = ActorSystem::new("ui");
    let actor = system.spawn(Behavior::<u32>::ignore(), "numbers").unwrap();
    actor.tell("text");
}
