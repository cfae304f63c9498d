//! Hello: one actor, one message. Run it: `cargo run --release --example hello`.

use casty::prelude::*;

struct Greet(String);

fn greeter() -> Behavior<Greet> {
    Behavior::receive(|_ctx, Greet(name)| {
        println!("Hello, {name}!");
        Behavior::same()
    })
}

fn main() -> casty::Result {
    casty::block_on(async {
        let system = ActorSystem::new("hello");
        let greeter = system.spawn(greeter(), "greeter")?;
        greeter.tell(Greet("Alice".into()));
        system.shutdown().await; // delivers what was told, stops children first
        Ok(())
    })
}
