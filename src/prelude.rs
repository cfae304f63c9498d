//! What a program imports: `use casty::prelude::*`.

pub use casty_core::{
    ActorRef, ActorSystem, AllForOne, AskError, Backoff, Behavior, Context, Directive, Mailbox, OneForOne,
    Overflow, Refers, ReplyTo, RestForOne, SendError, Signal, SpawnOptions, Step, TaskError, millis, mins,
    secs,
};

#[cfg(feature = "smol")]
pub use casty_smol::OnSmol;
