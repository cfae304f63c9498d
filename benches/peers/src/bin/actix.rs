//! Rival: actix, on its own runtime; an actor stays on its arbiter.
//!
//! With two threads there are two arbiters. Neighbors share one, and so do an asker and its answerer: what
//! crosses threads in actix wakes a sleeping event loop.

use std::future::Future;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use actix::prelude::*;
use async_channel::Sender;
use casty_peers::case::contend;
use casty_peers::check::must;
use casty_peers::framework::{Asks, Bounded, Framework, Logic, Next, Place, converse};
use casty_peers::workloads;

struct Actix;

/// The arbiters of this process: with one thread, the one of the system itself.
static ARBITERS: OnceLock<Vec<ArbiterHandle>> = OnceLock::new();

/// How many actors were placed anywhere.
static PLACED: AtomicUsize = AtomicUsize::new(0);

fn arbiter(place: Place) -> &'static ArbiterHandle {
    let arbiters = ARBITERS.get().map_or(&[][..], |arbiters| arbiters);
    let index = match place {
        Place::Here => 0,
        Place::Anywhere => PLACED.fetch_add(1, Ordering::Relaxed) % arbiters.len(),
        Place::Part(index, of) => usize::try_from(index * arbiters.len() as u64 / of).unwrap_or(0),
    };
    &arbiters[index]
}

/// Whether the calling thread is the only one.
fn alone() -> bool {
    ARBITERS.get().is_some_and(|arbiters| arbiters.len() == 1)
}

fn start<A: Actor<Context = Context<A>> + Send>(place: Place, actor: A) -> Addr<A> {
    if alone() { actor.start() } else { A::start_in_arbiter(arbiter(place), |_| actor) }
}

/// An actor with that logic.
struct Host<L>(L);

/// Nothing in it is ever pinned.
impl<L> Unpin for Host<L> {}

impl<L: Logic<Actix>> Actor for Host<L> {
    type Context = Context<Self>;
}

struct Mail<L: Logic<Actix>>(L::Message);

impl<L: Logic<Actix>> Message for Mail<L> {
    type Result = ();
}

impl<L: Logic<Actix>> Handler<Mail<L>> for Host<L> {
    type Result = ();

    fn handle(&mut self, Mail(message): Mail<L>, mut context: &mut Self::Context) {
        if self.0.receive(&mut context, message) == Next::Stop {
            context.stop();
        }
    }
}

impl Framework for Actix {
    type System = ();
    type Address<L: Logic<Self>> = Addr<Host<L>>;
    type Context<'a, L: Logic<Self>> = &'a mut Context<Host<L>>;

    fn run<T: Send + 'static, S: Future<Output = T> + Send + 'static>(
        threads: usize,
        scenario: impl FnOnce(()) -> S + Send + 'static,
    ) -> T {
        let system = System::new();
        system.block_on(async move {
            let arbiters = if threads == 1 {
                vec![System::current().arbiter().clone()]
            } else {
                (0..threads).map(|_| Arbiter::new().handle()).collect()
            };
            ARBITERS.get_or_init(|| arbiters);
            if threads == 1 { must(actix::spawn(scenario(())).await) } else { scenario(()).await }
        })
    }

    fn spawn<L: Logic<Self>>((): &(), place: Place, logic: L) -> Addr<Host<L>> {
        start(place, Host(logic))
    }

    fn child<P: Logic<Self>, L: Logic<Self>>(
        _: &mut Self::Context<'_, P>,
        place: Place,
        logic: L,
    ) -> Addr<Host<L>> {
        match place {
            Place::Here => Host(logic).start(),
            place => start(place, Host(logic)),
        }
    }

    fn me<L: Logic<Self>>(context: &Self::Context<'_, L>) -> Addr<Host<L>> {
        context.address()
    }

    fn tell<L: Logic<Self>>(to: &Addr<Host<L>>, message: L::Message) {
        to.do_send(Mail(message));
    }

    fn task((): &(), place: Place, task: impl Future<Output = ()> + Send + 'static) {
        arbiter(place).spawn(task);
    }
}

struct Answerer;

impl Actor for Answerer {
    type Context = Context<Self>;
}

#[derive(Message)]
#[rtype(u64)]
struct Question(u64);

impl Handler<Question> for Answerer {
    type Result = u64;

    fn handle(&mut self, Question(question): Question, _: &mut Self::Context) -> u64 {
        question + 1
    }
}

struct Asker {
    answerer: Addr<Answerer>,
    count: u64,
    done: Sender<u64>,
}

impl Actor for Asker {
    type Context = Context<Self>;

    fn started(&mut self, context: &mut Self::Context) {
        let talk = converse::<Actix>(self.answerer.clone(), self.count, self.done.clone());
        context.spawn(talk.into_actor(self));
    }
}

impl Asks for Actix {
    type Answerer = Addr<Answerer>;

    fn answerer((): &()) -> Addr<Answerer> {
        start(Place::Here, Answerer)
    }

    async fn ask(answerer: &Addr<Answerer>, question: u64) -> u64 {
        must(answerer.send(Question(question)).await)
    }

    fn asker((): &(), answerer: Addr<Answerer>, count: u64, done: Sender<u64>) {
        start(Place::Here, Asker { answerer, count, done });
    }
}

impl Bounded for Actix {
    type Narrow<L: Logic<Self, Message = u64>> = Addr<Host<L>>;

    fn narrow<L: Logic<Self, Message = u64>>((): &(), messages_max: usize, logic: L) -> Addr<Host<L>> {
        let make = move |context: &mut Context<Host<L>>| {
            context.set_mailbox_capacity(messages_max);
            Host(logic)
        };
        if alone() { Host::create(make) } else { Host::start_in_arbiter(arbiter(Place::Here), make) }
    }

    /// What can be awaited in actix is the answer, which comes after there was room.
    async fn send<L: Logic<Self, Message = u64>>(to: &Addr<Host<L>>, message: u64) {
        must(to.send(Mail(message)).await);
    }
}

fn main() {
    contend(workloads::all::<Actix>);
}
