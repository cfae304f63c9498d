//! State machine: each state is a function, and a transition is the call of the next one.
//!
//! A turnstile is locked, open for a while after a coin, or blocked after too much force.
//!
//! Run it: `cargo run --release --example state_machine`.

use casty::prelude::*;

enum Turnstile {
    Coin,
    Push,
    Closes,
    Repair,
    State(ReplyTo<&'static str>),
}

use Turnstile::{Closes, Coin, Push, Repair, State};

/// How often somebody may push in vain.
const PUSHES_MAX: u32 = 3;

fn locked(pushes: u32) -> Behavior<Turnstile> {
    Behavior::receive(move |ctx, message| match message {
        Coin => {
            ctx.schedule_once("closes", millis(500), Closes);
            open()
        }
        Push if pushes + 1 == PUSHES_MAX => blocked(),
        Push => locked(pushes + 1),
        State(reply) => tell(reply, "locked"),
        Closes | Repair => Behavior::unhandled(),
    })
}

fn open() -> Behavior<Turnstile> {
    Behavior::receive(|ctx, message| match message {
        Push => {
            ctx.cancel_timer("closes");
            locked(0)
        }
        Closes => locked(0),
        State(reply) => tell(reply, "open"),
        Coin | Repair => Behavior::unhandled(),
    })
}

fn blocked() -> Behavior<Turnstile> {
    Behavior::receive_message(|message| match message {
        Repair => locked(0),
        State(reply) => tell(reply, "blocked"),
        Coin | Push | Closes => Behavior::unhandled(),
    })
}

fn tell(reply: ReplyTo<&'static str>, state: &'static str) -> Behavior<Turnstile> {
    reply.tell(state);
    Behavior::same()
}

fn main() -> casty::Result {
    casty::block_on(async {
        let system = ActorSystem::new("station");
        let turnstile = system.spawn(locked(0), "turnstile")?;
        let scenes = [
            ("at first", vec![], "locked"),
            ("a coin", vec![Coin], "open"),
            ("somebody walks through", vec![Push], "locked"),
            ("somebody pushes and pushes", vec![Push, Push, Push], "blocked"),
            ("a coin does not help", vec![Coin], "blocked"),
            ("a mechanic does, and a coin", vec![Repair, Coin], "open"),
        ];
        for (scene, messages, expected) in scenes {
            messages.into_iter().for_each(|message| turnstile.tell(message));
            let state = turnstile.ask(State, secs(1)).await?;
            println!("{scene}: {state}");
            assert_eq!(state, expected);
        }
        system.sleep(millis(700)).await;
        println!("nobody walks through: {}", turnstile.ask(State, secs(1)).await?);
        assert_eq!(turnstile.ask(State, secs(1)).await?, "locked");
        system.shutdown().await;
        Ok(())
    })
}
