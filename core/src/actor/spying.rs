//! Telling an observer what an actor hears: a layer, which children may inherit.

use alloc::string::String;
use core::any::type_name;

use super::any_ref::{Target, path_of};
use super::behavior::Behavior;
use super::context::Context;
use super::layer::Layer;
use super::listener::Listener;
use super::signal::Signal;
use super::spy::{Heard, SpyEvent};
use crate::sync::{Arc, shared};

/// Who is told of what an actor hears, and in which words.
pub(crate) struct Spying<M> {
    pub(crate) observer: Listener,
    pub(crate) describe: fn(&M) -> String,
    /// Whether children are spied on too.
    pub(crate) children: bool,
}

impl<M: Send + 'static> Layer<M> for Spying<M> {
    fn name(&self) -> &'static str {
        "spy"
    }

    fn wear(&self, ctx: &mut Context<M>) {
        if self.children {
            let observer = self.observer.clone();
            ctx.ext().spy_children = Some(shared!(observer => dyn Spies));
        }
    }

    fn sees_messages(&self) -> bool {
        true
    }

    fn see(&self, ctx: &mut Context<M>, message: M) -> Option<M> {
        tell(&self.observer, ctx.target(), Heard::Message((self.describe)(&message)));
        Some(message)
    }

    fn hear(&self, ctx: &mut Context<M>, signal: &Signal) -> Behavior<M> {
        self.observer.heard_signal(ctx.target(), signal);
        Behavior::unhandled()
    }
}

/// An observer of children, whatever messages they take.
pub(crate) trait Spies: Send + Sync {
    fn heard_message(&self, actor: &dyn Target, message_type: &'static str);
    fn heard_signal(&self, actor: &dyn Target, signal: &Signal);
}

impl Spies for Listener {
    fn heard_message(&self, actor: &dyn Target, message_type: &'static str) {
        tell(self, actor, Heard::Message(String::from(message_type)));
    }

    fn heard_signal(&self, actor: &dyn Target, signal: &Signal) {
        tell(self, actor, Heard::Signal(alloc::format!("{signal:?}")));
    }
}

/// The observer of a parent.
pub(crate) struct Inherited(pub(crate) Arc<dyn Spies>);

impl<M: Send + 'static> Layer<M> for Inherited {
    fn name(&self) -> &'static str {
        "spy"
    }

    fn wear(&self, ctx: &mut Context<M>) {
        ctx.ext().spy_children = Some(Arc::clone(&self.0));
    }

    fn sees_messages(&self) -> bool {
        true
    }

    fn see(&self, ctx: &mut Context<M>, message: M) -> Option<M> {
        self.0.heard_message(ctx.target(), type_name::<M>());
        Some(message)
    }

    fn hear(&self, ctx: &mut Context<M>, signal: &Signal) -> Behavior<M> {
        self.0.heard_signal(ctx.target(), signal);
        Behavior::unhandled()
    }
}

fn tell(observer: &Listener, actor: &dyn Target, heard: Heard) {
    observer.hear(&SpyEvent { path: path_of(actor), at: actor.world().now(), heard });
}
