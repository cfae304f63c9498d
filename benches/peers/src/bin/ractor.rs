//! Rival: ractor on tokio, told by `cast` and asked by `call` without a time limit.

use std::future::Future;
use std::marker::PhantomData;

use async_channel::Sender;
use casty_peers::case::contend;
use casty_peers::check::must;
use casty_peers::framework::{Asks, Framework, Logic, Next, Place, converse};
use casty_peers::on_tokio;
use casty_peers::workloads;
use ractor::rpc::CallResult;
use ractor::{Actor, ActorProcessingErr, ActorRef, ActorRuntime, RpcReplyPort};

struct Ractor;

/// An actor whose state is that logic.
struct Host<L>(PhantomData<fn() -> L>);

impl<L: Logic<Ractor>> Actor for Host<L> {
    type Msg = L::Message;
    type State = L;
    type Arguments = L;

    async fn pre_start(&self, _: ActorRef<L::Message>, logic: L) -> Result<L, ActorProcessingErr> {
        Ok(logic)
    }

    async fn handle(
        &self,
        mut me: ActorRef<L::Message>,
        message: L::Message,
        logic: &mut L,
    ) -> Result<(), ActorProcessingErr> {
        if logic.receive(&mut me, message) == Next::Stop {
            me.stop(None);
        }
        Ok(())
    }
}

/// Starts an actor at once, as is possible outside of async code too.
fn start<A: Actor>(actor: A, arguments: A::Arguments) -> ActorRef<A::Msg> {
    must(ActorRuntime::spawn_instant(None, actor, arguments)).0
}

impl Framework for Ractor {
    type System = ();
    type Address<L: Logic<Self>> = ActorRef<L::Message>;
    type Context<'a, L: Logic<Self>> = ActorRef<L::Message>;

    fn run<T: Send + 'static, S: Future<Output = T> + Send + 'static>(
        threads: usize,
        scenario: impl FnOnce(()) -> S + Send + 'static,
    ) -> T {
        on_tokio::run(threads, || scenario(()))
    }

    fn spawn<L: Logic<Self>>((): &(), _: Place, logic: L) -> ActorRef<L::Message> {
        start(Host(PhantomData), logic)
    }

    fn child<P: Logic<Self>, L: Logic<Self>>(
        _: &mut ActorRef<P::Message>,
        _: Place,
        logic: L,
    ) -> ActorRef<L::Message> {
        start(Host(PhantomData), logic)
    }

    fn me<L: Logic<Self>>(context: &ActorRef<L::Message>) -> ActorRef<L::Message> {
        context.clone()
    }

    fn tell<L: Logic<Self>>(to: &ActorRef<L::Message>, message: L::Message) {
        must(to.cast(message));
    }

    fn task((): &(), _: Place, task: impl Future<Output = ()> + Send + 'static) {
        tokio::spawn(task);
    }
}

struct Answerer;

struct Question(u64, RpcReplyPort<u64>);

impl Actor for Answerer {
    type Msg = Question;
    type State = ();
    type Arguments = ();

    async fn pre_start(&self, _: ActorRef<Question>, (): ()) -> Result<(), ActorProcessingErr> {
        Ok(())
    }

    async fn handle(
        &self,
        _: ActorRef<Question>,
        Question(question, reply): Question,
        (): &mut (),
    ) -> Result<(), ActorProcessingErr> {
        Ok(reply.send(question + 1)?)
    }
}

struct Asker {
    answerer: ActorRef<Question>,
    count: u64,
    done: Sender<u64>,
}

impl Actor for Asker {
    type Msg = ();
    type State = ();
    type Arguments = ();

    async fn pre_start(&self, _: ActorRef<()>, (): ()) -> Result<(), ActorProcessingErr> {
        Ok(())
    }

    async fn handle(&self, _: ActorRef<()>, (): (), (): &mut ()) -> Result<(), ActorProcessingErr> {
        converse::<Ractor>(self.answerer.clone(), self.count, self.done.clone()).await;
        Ok(())
    }
}

impl Asks for Ractor {
    type Answerer = ActorRef<Question>;

    fn answerer((): &()) -> ActorRef<Question> {
        start(Answerer, ())
    }

    async fn ask(answerer: &ActorRef<Question>, question: u64) -> u64 {
        match must(answerer.call(|reply| Question(question, reply), None).await) {
            CallResult::Success(answer) => answer,
            CallResult::Timeout | CallResult::SenderError => panic!("there was no answer"),
        }
    }

    fn asker((): &(), answerer: ActorRef<Question>, count: u64, done: Sender<u64>) {
        must(start(Asker { answerer, count, done }, ()).cast(()));
    }
}

fn main() {
    contend(workloads::asking::<Ractor>);
}
