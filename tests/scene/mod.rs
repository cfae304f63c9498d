//! What tests of the facade are played with: a limit of real time, an ear, a gate.

#![allow(dead_code, reason = "each test binary uses its part of it")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_channel::{Receiver, Sender};
use casty::prelude::*;
use futures_lite::FutureExt;

/// Plays a scene to its end; one that hangs fails instead.
pub(crate) fn play<T>(scene: impl Future<Output = T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(30);
    let hangs = async {
        smol::Timer::at(deadline).await;
        panic!("the scene hangs")
    };
    casty::block_on(scene.or(hangs))
}

/// Seeds that each scene in virtual time is played with: each is another order in which the same actors run.
const SEEDS: u64 = 16;

/// Plays a scene in virtual time, in many orders: whatever waits for nothing that could come is a deadlock, and fails.
///
/// What is returned is of the last one.
pub(crate) fn simulated<T>(scene: impl AsyncFn(ActorSystem) -> T) -> T {
    simulated_within(&casty::Limits::default(), scene)
}

/// Plays a scene in virtual time, in a system with these limits.
pub(crate) fn simulated_within<T>(limits: &casty::Limits, scene: impl AsyncFn(ActorSystem) -> T) -> T {
    let last = core::cell::Cell::new(None);
    casty::simulation::sweep_over(0..SEEDS, |simulation| {
        let play = |host| scene(ActorSystem::on(host).name("test").limits(limits.clone()).start().unwrap());
        last.set(Some(simulation.run(play).value));
    });
    last.take().unwrap()
}

/// Lets all happen that can happen now.
pub(crate) async fn settled(system: &ActorSystem) {
    system.sleep(millis(1)).await;
}

/// What an actor that only listens has heard.
pub(crate) struct Ear<T>(Receiver<T>);

impl<T: Send + 'static> Ear<T> {
    /// An actor without a name, and what it hears.
    pub(crate) fn of(system: &ActorSystem) -> (ActorRef<T>, Self) {
        let (told, heard) = async_channel::unbounded();
        let actor = system.spawn_anonymous(Behavior::receive_message(move |message| {
            told.try_send(message).unwrap();
            Behavior::same()
        }));
        (actor.unwrap(), Self(heard))
    }

    /// An ear for all events of one type.
    pub(crate) fn on(system: &ActorSystem) -> Self
    where
        T: Clone,
    {
        let (actor, ear) = Self::of(system);
        system.subscribe(&actor);
        ear
    }

    /// The next thing heard.
    pub(crate) async fn next(&self) -> T {
        self.0.recv().await.unwrap()
    }

    /// All that has been heard by now and was not taken.
    pub(crate) fn rest(&self) -> Vec<T> {
        core::iter::from_fn(|| self.0.try_recv().ok()).collect()
    }
}

/// A handler that shows each message when it begins with it, and then waits to be let on.
pub(crate) struct Gate<M> {
    begun: Receiver<M>,
    on: Sender<()>,
}

impl<M: Send + 'static> Gate<M> {
    /// A closed gate, and the behavior that waits at it.
    pub(crate) fn closed() -> (Behavior<M>, Self) {
        let (show, begun) = async_channel::unbounded();
        let (on, wait) = async_channel::unbounded();
        let behavior = Behavior::receive_async(move |_, message| {
            show.try_send(message).unwrap();
            let wait = wait.clone();
            async move {
                // An error says that the gate is open for good.
                let _ = wait.recv().await;
                Behavior::same()
            }
        });
        (behavior, Self { begun, on })
    }

    /// The message that the actor has begun with.
    pub(crate) async fn begun(&self) -> M {
        self.begun.recv().await.unwrap()
    }

    /// Lets one message pass, and returns the next one that the actor begins with.
    pub(crate) async fn next(&self) -> M {
        self.on.try_send(()).unwrap();
        self.begun().await
    }

    /// Opens the gate for good. What is handled from now on is in the list that is returned after the end of the system.
    pub(crate) async fn handled_until_shutdown(self, system: &ActorSystem) -> Vec<M> {
        drop(self.on);
        assert!(system.shutdown().await.is_clean());
        core::iter::from_fn(|| self.begun.try_recv().ok()).collect()
    }
}

/// A value that is shared with nobody else when all its copies have been dropped.
#[derive(Clone, Default)]
pub(crate) struct Token(Arc<()>);

impl Token {
    /// How many copies there are beside this one.
    pub(crate) fn copies(&self) -> usize {
        Arc::strong_count(&self.0) - 1
    }
}
