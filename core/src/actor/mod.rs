//! Actors: message, reference, mailbox, cell, behavior, next.
//!
//! ```text
//! ActorRef::tell ─▶ Inbox ─▶ Lanes (signals │ messages) ─▶ the parked Cell is put in a run queue
//!                                                                    │ a worker runs it
//!                                     Context ◀── Behavior ◀── Cell::turn ──▶ Lanes::settle: parked again
//! ```

mod error;
mod failure;
mod signal;
mod control;
mod survey;
mod event;
mod effect;
mod spy;
mod limits;
mod mailbox;
mod few;
mod table;
mod tree;
mod sorted;
mod lanes;
mod home;
mod within;
mod woken;
mod inbox;
mod any_ref;
mod reference;
mod adapter;
mod addressee;
mod listener;
mod sending;
mod deadlines;
mod reply;
mod letter;
mod ask;
mod traced;
mod waits;
mod supervision;
mod layer;
mod spying;
mod behavior;
mod fold;
mod spawn;
mod watches;
mod children;
mod family;
mod timers;
mod luggage;
mod carried;
mod ext;
mod context;
mod tasks;
mod sleep;
mod async_context;
mod async_handler;
mod cell;
mod grave;
mod clock;
mod audience;
mod event_stream;
mod names;
mod whereabouts;
mod world;
mod footprint;

pub use any_ref::{AnyRef, Refers};
pub use ask::Ask;
pub use async_context::AsyncContext;
pub use behavior::Behavior;
pub use context::Context;
pub use effect::Effect;
pub use error::{AskError, LookupError, NotAChild, SendError, SpawnError, StashFull, TaskError};
pub use event::{ActorFailed, ActorRestarted, ActorStarted, ActorStopped, DeadLetter, DeadReason, Unhandled};
pub use failure::Failure;
pub use fold::Step;
pub use limits::Limits;
pub use mailbox::{Mailbox, Overflow, Store};
pub use reference::ActorRef;
pub use reply::ReplyTo;
pub use sending::Sending;
pub use signal::Signal;
pub use sleep::Sleep;
pub use spawn::SpawnOptions;
pub use spy::{Heard, SpyEvent};
pub use supervision::{
    AllForOne, Backoff, Directive, History, OneForOne, RestForOne, Scope, Strategy, Supervision,
};
pub use tasks::TaskId;
pub use timers::TimerKey;
pub use traced::Traced;

pub(crate) use adapter::Function;
pub(crate) use any_ref::{ActorKey, Target};
pub(crate) use behavior::{Handler, Kind, Stateful};
pub(crate) use cell::{Cell, PollPending};
pub(crate) use clock::Ticker;
pub(crate) use control::{Control, Parting};
pub(crate) use layer::Layer;
pub(crate) use luggage::{Again, Alarm, Belongings, Luggage, Parcel};
pub(crate) use reference::Recipient;
pub(crate) use reply::{Asker, Slot};
pub(crate) use spawn::Newborn;
pub(crate) use survey::{Facts, Standing, Surveys};
pub(crate) use timers::{Beat, Make, Repeat};
pub(crate) use whereabouts::Whereabouts;
pub(crate) use within::Within;
pub(crate) use woken::{Recent, Woken};
pub(crate) use world::{Abroad, Extension, World};
