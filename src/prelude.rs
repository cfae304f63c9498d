//! What a program imports: `use casty::prelude::*`.

pub use casty_core::{
    ActorRef, ActorSystem, AllForOne, AskError, AsyncContext, Backoff, Behavior, Context, DeadLetter,
    Directive, Mailbox, OneForOne, Overflow, Refers, ReplyTo, RestForOne, SendError, Signal, SpawnError,
    SpawnOptions, StashFull, Step, Supervision, TaskError, hours, millis, mins, secs,
};

#[cfg(feature = "smol")]
pub use casty_smol::OnSmol;
