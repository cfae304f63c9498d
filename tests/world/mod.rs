//! A world to test in: a system in virtual time, and a log of what happens there.

#![allow(dead_code, reason = "each test binary uses its own part of this")]
#![allow(clippy::expect_used, reason = "a story that cannot go on fails")]

use core::fmt::Display;
use core::ops::Deref;
use core::time::Duration;
use std::sync::Mutex;

use casty::Limits;
use casty::prelude::*;
use casty::simulation::{Host, sweep_over};

/// What most actors of these tests are told.
pub(crate) type Word = &'static str;

/// Seeds that each story is told with: each is another order in which the same actors run.
const SEEDS: u64 = 16;

/// A system of its own for each run of a story, and what happened in it.
pub(crate) struct World {
    system: ActorSystem,
    host: Host,
    pub(crate) log: Log,
}

/// Tells a story in many orders.
pub(crate) fn story(story: impl AsyncFn(World)) {
    story_within(Limits::default(), story);
}

/// Tells a story of a system with `limits`.
pub(crate) fn story_within(limits: Limits, story: impl AsyncFn(World)) {
    sweep_over(0..SEEDS, |simulation| {
        simulation.run(|host| story(World::on(host, limits.clone())));
    });
}

impl World {
    fn on(host: Host, limits: Limits) -> Self {
        let system = ActorSystem::on(host.clone()).limits(limits).name("world").start().expect("a good name");
        Self { system, host, log: Log::default() }
    }

    /// Spawns a root actor.
    pub(crate) fn spawn<M: Send + 'static>(&self, behavior: Behavior<M>, name: &str) -> ActorRef<M> {
        self.system.spawn(behavior, name).expect("a free name")
    }

    /// Waits until nothing more happens without time passing.
    pub(crate) async fn settle(&self) {
        self.system.sleep(Duration::from_nanos(1)).await;
    }

    /// Lets time pass, and then everything happen that is due.
    pub(crate) async fn pass(&self, duration: Duration) {
        self.system.sleep(duration).await;
        self.settle().await;
    }

    /// What has happened since the last look, once all that can happen without time passing has.
    pub(crate) async fn news(&self) -> Vec<String> {
        self.settle().await;
        self.log.taken()
    }

    /// Notes every event of type `E` that the system publishes, as `show` shows it.
    pub(crate) fn note_events<E: Clone + Send + 'static>(
        &self,
        show: impl Fn(E) -> String + Send + Sync + 'static,
    ) {
        let log = self.log;
        let listener = Behavior::receive_message(move |event| {
            log.note(show(event));
            Behavior::same()
        });
        self.system.subscribe(&self.system.spawn_anonymous(listener).expect("room"));
    }

    /// A second system beside this one.
    pub(crate) fn another(&self) -> ActorSystem {
        ActorSystem::on(self.host.clone()).name("another").start().expect("a good name")
    }

    /// The system itself.
    pub(crate) const fn system(&self) -> &ActorSystem {
        &self.system
    }

    /// Gives the system away.
    pub(crate) fn into_system(self) -> ActorSystem {
        self.system
    }
}

impl Deref for World {
    type Target = ActorSystem;

    fn deref(&self) -> &ActorSystem {
        &self.system
    }
}

/// What happened, line by line; it lives as long as the process, so that every closure can have a copy.
#[derive(Clone, Copy)]
pub(crate) struct Log(&'static Mutex<Vec<String>>);

impl Default for Log {
    fn default() -> Self {
        Self(Box::leak(Box::default()))
    }
}

impl Log {
    /// Adds a line.
    pub(crate) fn note(self, what: impl Display) {
        self.0.lock().expect("nothing panics in here").push(what.to_string());
    }

    /// Takes all lines.
    pub(crate) fn taken(self) -> Vec<String> {
        core::mem::take(&mut *self.0.lock().expect("nothing panics in here"))
    }

    /// A value that notes when it is dropped.
    pub(crate) const fn witness(self, name: Word) -> Witness {
        Witness { log: self, name }
    }
}

/// Notes when it is dropped.
pub(crate) struct Witness {
    log: Log,
    name: Word,
}

impl Drop for Witness {
    fn drop(&mut self) {
        self.log.note(format_args!("{} dropped", self.name));
    }
}

/// Notes every word, and does what it says.
pub(crate) fn obeys(log: Log) -> Behavior<Word> {
    Behavior::receive_message(move |word| {
        log.note(word);
        obey(word)
    })
}

/// The same, under a name.
pub(crate) fn obeys_as(name: Word, log: Log) -> Behavior<Word> {
    Behavior::receive_message(move |word| {
        log.note(format_args!("{name}: {word}"));
        obey(word)
    })
}

/// What a word says: `stop`, `restart`, `unhandled`, `fail` and `panic` do; others mean nothing.
pub(crate) fn obey(word: Word) -> Behavior<Word> {
    match word {
        "stop" => Behavior::stopped(),
        "restart" => Behavior::restart(),
        "unhandled" => Behavior::unhandled(),
        "fail" => Behavior::fail("as told"),
        "panic" => panic!("as told"),
        _ => Behavior::same(),
    }
}

/// Notes each step of the life of `behavior`'s actor.
pub(crate) fn with_hooks(name: Word, log: Log, behavior: Behavior<Word>) -> Behavior<Word> {
    behavior
        .on_start(move |_| log.note(format_args!("{name} started")))
        .on_stop(move |_| log.note(format_args!("{name} stopped")))
        .before_restart(move |_, failure| log.note(format_args!("{name} restarting: {failure}")))
        .after_restart(move |_| log.note(format_args!("{name} restarted")))
}

/// Tells an actor some words.
pub(crate) fn tell<const N: usize>(actor: &ActorRef<Word>, words: [Word; N]) {
    words.into_iter().for_each(|word| actor.tell(word));
}

/// The living actor under `path`.
pub(crate) fn find(system: &ActorSystem, path: &str) -> ActorRef<Word> {
    system.lookup(path).expect("it lives")
}

/// Spawns a child under a free name.
pub(crate) fn child<M: Send + 'static, C: Send + 'static>(
    ctx: &mut Context<M>,
    name: &str,
    behavior: Behavior<C>,
) -> ActorRef<C> {
    ctx.spawn(behavior, name).expect("a free name")
}

/// Spawns a child without a name.
pub(crate) fn anonymous_child<M: Send + 'static, C: Send + 'static>(
    ctx: &mut Context<M>,
    behavior: Behavior<C>,
) -> ActorRef<C> {
    ctx.spawn_anonymous(behavior).expect("room for a child")
}
