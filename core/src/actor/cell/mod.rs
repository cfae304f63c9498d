//! An actor at work: signals first, then messages, until its turn is over.
//!
//! ```text
//!     ┌────────────────── restart ◀── Backoff ◀──┐ (a pause)
//!     ▼                                          │
//!  Starting ─▶ SettingUp ─▶ Running ─ failure ─▶ Restarting: children stop, state is dropped
//!                        │  ╲                        ▲
//!                        │   ╲── failure ──▶ Suspended: the parent decides
//!                        ▼                           │
//!                     Stopping: children stop ◀──────┘
//!                        │
//!                        ▼
//!                      Ended: hooks, dead letters, watchers, parent
//! ```
//!
//! Everything that runs a user's code runs inside the executor's guard. A panic ends what was under way; what the actor
//! does next begins with its consequences.
//!
//! What is rare is kept out of line (`inline(never)`): all of this is compiled for each type of message, and the part that
//! handles messages is to stay small.

mod controls;
mod failing;
mod handling;
mod lifecycle;
mod stack;

use alloc::boxed::Box;

use super::any_ref::Target;
use super::behavior::{Behavior, Handler, Receive};
use super::clock::TimerId;
use super::context::Context;
use super::control::{Control, Ending};
use super::failure::Failure;
use super::few::Few;
use super::inbox::Inbox;
use super::lanes::{Settled, Tenant};
use super::survey::{Facts, Standing};
use crate::dispatch::{Rest, Run, Runnable, Turn};
use crate::executor::Panic;
use crate::footprint::Footprint;
use crate::sync::{Arc, HOSTED};
use crate::trace::TraceContext;
use core::time::Duration;
use stack::Stack;

/// An actor at work. It has one owner: its mailbox while it is parked, a run queue, or a worker.
pub(crate) struct Cell<M: Send + 'static> {
    ctx: Context<M>,
    instance: Instance<M>,
    blueprint: Behavior<M>,
    phase: Phase,
    rare: Option<Box<Rare<M>>>,
}

/// What runs: made from a behavior, private to the actor.
enum Instance<M: Send + 'static> {
    /// Nothing: the actor has not begun, or is at its end.
    Gone,
    Unhandled,
    Ignore,
    Receive(Receive<M>),
    Stateful(Box<dyn Handler<M>>),
}

/// What few cells have.
struct Rare<M: Send + 'static> {
    stack: Stack<M>,
    errand: Errand,
    /// The handler is busy, and the next message waits for it.
    pending: Option<Pending>,
    /// A panic whose consequences have not been drawn.
    broken: Option<Failure>,
    /// A strategy is deciding: should it panic, that is the end.
    deciding: bool,
    /// The verdict on several children that this one has last acted on, by its parent's count.
    epoch: u64,
    /// How often it was set up anew.
    restarts: u32,
    /// How many layers have heard of the end, from the inside out.
    farewells: usize,
}

/// How far a busy handler is: while it is being polled this says so, and so it still does after a panic, when it must not be polled
/// again.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pending {
    Waits,
    Polled,
}

/// Where an actor is in its life. What more there is to say of it is its [`Errand`].
#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// To be set up, at the next step.
    Starting,
    SettingUp,
    Running,
    /// It has failed, and its parent decides.
    Suspended,
    Restarting,
    /// A pause before a restart, until a timer is due.
    Backoff,
    Stopping,
    Ended,
}

/// What an actor that is not at work is up to: kept apart from the phase, as hardly any actor has one.
#[derive(Default)]
enum Errand {
    /// Nothing more; an actor that stops was not made to by a failure.
    #[default]
    None,
    /// The failure that is the parent's to decide.
    Suspended(Failure),
    Restarting(Restart),
    Backoff(Pause),
    /// An end that is not just a stop.
    Stopping(Ending),
}

/// A restart that waits for children to stop.
#[derive(Clone, Copy)]
struct Restart {
    after: Duration,
    keep_children: bool,
}

/// A pause that ends with the timer of that number.
#[derive(Clone, Copy)]
struct Pause {
    number: u64,
    timer: TimerId,
}

/// How an actor polls its busy handler.
pub(crate) type PollPending<M> = fn(&mut Cell<M>) -> Polled;

/// What came of polling a busy handler.
pub(crate) enum Polled {
    /// It is done.
    Done,
    /// It is to be polled again.
    Busy,
    /// It waits.
    Waits,
}

impl<M: Send + 'static> Cell<M> {
    /// An actor that has not begun.
    pub(crate) fn new(inbox: Arc<Inbox<M>>, blueprint: Behavior<M>, guarded: bool) -> Self {
        Self {
            ctx: Context::new(inbox, guarded),
            instance: Instance::Gone,
            blueprint,
            phase: Phase::Starting,
            rare: None,
        }
    }

    /// What is seen of it between two messages.
    pub(crate) fn facts(&self) -> Facts<'_> {
        let (rare, family) = (self.rare.as_ref(), self.ctx.ext.as_ref().and_then(|ext| ext.family.as_ref()));
        Facts {
            standing: match self.phase {
                Phase::Starting | Phase::SettingUp => Standing::Starting,
                Phase::Running => Standing::Running,
                Phase::Suspended => Standing::Suspended,
                Phase::Restarting | Phase::Backoff => Standing::Restarting,
                Phase::Stopping | Phase::Ended => Standing::Stopping,
            },
            busy: rare.is_some_and(|rare| rare.pending.is_some()),
            hands: self.ctx.hands.len(),
            restarts: rare.map_or(0, |rare| rare.restarts),
            children: family.map(|family| family.children()),
        }
    }

    /// The memory of what few cells have.
    pub(crate) const fn rarities() -> Footprint {
        Footprint::boxed::<Rare<M>>()
    }

    /// Does what is to do, inside the guard.
    fn turn(&mut self, turn: &mut Turn) -> Rest {
        loop {
            if !self.undisturbed()
                && let Some(rest) = self.attend(turn)
            {
                return rest;
            }
            let Some(message) = self.ctx.hands.pop() else { return Rest::Idle };
            self.ctx.count();
            self.handle(message);
            if turn.spend() {
                return self.rest_over();
            }
        }
    }

    /// Whether there is nothing to look at but messages: so it is with most actors, most of the time.
    #[inline]
    fn undisturbed(&self) -> bool {
        self.rare.is_none()
            && self.ctx.ext.as_ref().is_none_or(|ext| HOSTED && ext.is_calm())
            && self.phase == Phase::Running
            && !self.ctx.inbox.lanes.urgent()
    }

    /// Does all that comes before the next message; `None` when that is next.
    #[inline(never)]
    fn attend(&mut self, turn: &mut Turn) -> Option<Rest> {
        self.ctx.leave_trace(self.awaits());
        if let Some(failure) = self.rare.as_mut().and_then(|rare| rare.broken.take()) {
            self.fail(failure);
        }
        loop {
            while let Some(control) = self.next_control() {
                self.control(control);
                if turn.spend() {
                    return Some(self.rest_over());
                }
            }
            match self.phase {
                Phase::Running => {}
                Phase::Starting => {
                    self.start();
                    // A set up that fails again and again must not hold the worker; one that does not is no message. By chance,
                    // others may come between it and the first message.
                    let charged = self.phase != Phase::Running || self.ctx.world().seeded();
                    if charged && turn.spend() {
                        return Some(self.rest_over());
                    }
                    continue;
                }
                Phase::Ended => return Some(Rest::Ended),
                Phase::SettingUp
                | Phase::Suspended
                | Phase::Restarting
                | Phase::Backoff
                | Phase::Stopping => return Some(Rest::Paused),
            }
            if self.rare.is_some() && self.awaits() {
                match self.go_on() {
                    Polled::Done => continue,
                    Polled::Busy if turn.spend() => return Some(self.rest_over()),
                    Polled::Busy => continue,
                    Polled::Waits => return Some(Rest::Paused),
                }
            }
            if self.ctx.ext.is_none() || !self.beside_messages() {
                self.ctx.begin_trace();
                return None;
            }
        }
    }

    /// After a turn that did not end for want of messages.
    #[inline(never)]
    fn leave(self: Box<Self>, rest: Rest) -> Option<Runnable> {
        match rest {
            Rest::Over => Some(self),
            // What is left of it may be a user's, down to the captures of its closures, and is dropped here.
            Rest::Ended => None,
            Rest::Idle | Rest::Paused => {
                let inbox = Arc::clone(&self.ctx.inbox);
                match inbox.lanes.pause(self) {
                    Settled::Parked => None,
                    Settled::Busy(cell) => Some(cell),
                }
            }
        }
    }

    fn rest_over(&self) -> Rest {
        if self.phase == Phase::Ended { Rest::Ended } else { Rest::Over }
    }

    /// The next signal to act on.
    #[inline]
    fn next_control(&self) -> Option<Control> {
        let lanes = &self.ctx.inbox.lanes;
        if lanes.urgent() { lanes.next_signal() } else { None }
    }

    /// Messages were handled: notes when, for the receive timeout, and leaves the trace of the last.
    #[inline(never)]
    fn touch(&mut self) {
        self.ctx.leave_trace(self.awaits());
        if self.ctx.ext.as_ref().is_some_and(|ext| ext.idle.is_some()) {
            let now = self.ctx.now();
            if let Some(idle) = self.ctx.ext.as_mut().and_then(|ext| ext.idle.as_mut()) {
                idle.last = now;
            }
        }
    }

    /// What it is up to.
    fn errand(&self) -> &Errand {
        self.rare.as_ref().map_or(&Errand::None, |rare| &rare.errand)
    }

    /// Goes into a phase in which it has something to do other than to work.
    #[inline(never)]
    fn set_out(&mut self, phase: Phase, errand: Errand) {
        self.rare().errand = errand;
        self.phase = phase;
    }

    fn rare(&mut self) -> &mut Rare<M> {
        self.rare.get_or_insert_with(|| {
            Box::new(Rare {
                stack: Stack::new(),
                errand: Errand::None,
                pending: None,
                broken: None,
                deciding: false,
                epoch: 0,
                restarts: 0,
                farewells: 0,
            })
        })
    }
}

impl<M: Send + 'static> Run for Cell<M> {
    fn run(&mut self, turn: &mut Turn) -> Rest {
        let handled = self.ctx.handled();
        let rest = self.turn(turn);
        if self.ctx.handled() != handled {
            self.touch();
        }
        rest
    }

    #[inline]
    fn settle(self: Box<Self>, rest: Rest) -> Option<Runnable> {
        if rest != Rest::Idle {
            return self.leave(rest);
        }
        let inbox = Arc::clone(&self.ctx.inbox);
        match inbox.lanes.settle(self) {
            Settled::Parked => None,
            Settled::Busy(cell) => Some(cell),
        }
    }

    fn broken(&mut self, panic: Panic) {
        // A panic elsewhere is not the end of a handler that waits.
        self.ctx.leave_trace(self.awaits());
        self.rare().broken = Some(Failure::panic(panic));
    }

    fn who(&self) -> u64 {
        self.ctx.inbox.id().number()
    }
}

impl<M: Send + 'static> Tenant<M> for Cell<M> {
    #[inline]
    fn hands(&mut self) -> &mut Few<M> {
        &mut self.ctx.hands
    }

    fn traced(&mut self, trace: TraceContext) {
        self.ctx.carry(trace);
    }
}

/// What an actor costs at rest, beside its mailbox and its behavior. Grown by accident, it would be noticed here.
#[cfg(all(test, target_pointer_width = "64"))]
const _: () = assert!(size_of::<Cell<u64>>() <= 104);
