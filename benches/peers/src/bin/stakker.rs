//! Orientation: stakker, whose actors share one thread and one queue.
//!
//! What is in its actors cannot leave the thread. To run the same workloads as the others, references are in
//! a wrapper that compares threads at each use, which costs about a nanosecond.

use std::cell::RefCell;
use std::future::Future;
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use casty_peers::case::{Case, contend};
use casty_peers::framework::{Framework, Logic, Next, Place};
use casty_peers::outcome::Outcome;
use casty_peers::workloads;
use send_wrapper::SendWrapper;
use stakker::{Actor, ActorOwn, CX, Core, Cx, Stakker, actor_new, call, ret_nop};

struct OnStakker;

/// An actor with that logic, which keeps itself alive until it stops.
struct Host<L: 'static> {
    logic: L,
    _own: ActorOwn<Self>,
}

impl<L: Logic<OnStakker>> Host<L> {
    fn init(_: CX![], logic: L, own: ActorOwn<Self>) -> Option<Self> {
        Some(Self { logic, _own: own })
    }

    fn receive(&mut self, cx: CX![], message: L::Message) {
        let mut inside: &mut dyn Inside<L> = cx;
        if self.logic.receive(&mut inside, message) == Next::Stop {
            cx.stop();
        }
    }
}

/// What an actor has at hand.
trait Inside<L> {
    fn me(&self) -> Actor<Host<L>>;
    fn core(&mut self) -> &mut Core;
}

impl<L> Inside<L> for Cx<'_, Host<L>> {
    fn me(&self) -> Actor<Host<L>> {
        self.this().clone()
    }

    fn core(&mut self) -> &mut Core {
        self.access_core()
    }
}

fn start<L: Logic<OnStakker>>(core: &mut Core, logic: L) -> SendWrapper<Actor<Host<L>>> {
    let own = actor_new!(core, Host<L>, ret_nop!());
    let actor = own.clone();
    call!([actor], <Host<L>>::init(logic, own));
    SendWrapper::new(actor)
}

impl Framework for OnStakker {
    type System = SendWrapper<Rc<RefCell<Stakker>>>;
    type Address<L: Logic<Self>> = SendWrapper<Actor<Host<L>>>;
    type Context<'a, L: Logic<Self>> = &'a mut (dyn Inside<L> + 'a);

    fn run<T: Send + 'static, S: Future<Output = T> + Send + 'static>(
        _: usize,
        scenario: impl FnOnce(Self::System) -> S + Send + 'static,
    ) -> T {
        let stakker = Rc::new(RefCell::new(Stakker::new(Instant::now())));
        let mut scenario = pin!(scenario(SendWrapper::new(Rc::clone(&stakker))));
        loop {
            match scenario.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
                Poll::Ready(outcome) => return outcome,
                Poll::Pending => drop(stakker.borrow_mut().run(Instant::now(), false)),
            }
        }
    }

    fn spawn<L: Logic<Self>>(system: &Self::System, _: Place, logic: L) -> Self::Address<L> {
        start(&mut system.borrow_mut(), logic)
    }

    fn child<P: Logic<Self>, L: Logic<Self>>(
        context: &mut Self::Context<'_, P>,
        _: Place,
        logic: L,
    ) -> Self::Address<L> {
        start(context.core(), logic)
    }

    fn me<L: Logic<Self>>(context: &Self::Context<'_, L>) -> Self::Address<L> {
        SendWrapper::new(context.me())
    }

    fn tell<L: Logic<Self>>(to: &Self::Address<L>, message: L::Message) {
        call!([to], receive(message));
    }

    fn task(_: &Self::System, _: Place, _: impl Future<Output = ()> + Send + 'static) {
        panic!("stakker has no tasks");
    }
}

fn measure(case: Case) -> Outcome {
    if case.threads > 1 {
        return Outcome::cannot("its actors share one thread");
    }
    workloads::telling::<OnStakker>(case)
}

fn main() {
    contend(measure);
}
