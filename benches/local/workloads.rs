//! The workloads, by their usual definitions; each checks that its work was done.

use casty::prelude::*;

use crate::in_system;

/// Messages told before the teller lets others have their turn.
const BURST: u64 = 256;

/// A counter that says when it has seen all.
fn counter(expected: u64, done: async_channel::Sender<u64>) -> Behavior<u64> {
    Behavior::fold((0, 0), move |(count, sum): (u64, u64), _, message| {
        let next = (count + 1, sum + message);
        if next.0 == expected {
            let _ = done.try_send(next.1);
        }
        Step::Keep(next)
    })
}

pub(crate) fn tell_from_outside(count: u64, threads: usize) {
    in_system(threads, |system| async move {
        let (done, all) = async_channel::bounded(1);
        let counter = system.spawn(counter(count, done), "counter")?;
        (0..count).for_each(|_| counter.tell(1));
        assert_eq!(all.recv().await?, count);
        Ok(())
    });
}

pub(crate) fn tell_from_an_actor(count: u64, threads: usize) {
    in_system(threads, |system| async move {
        let (done, all) = async_channel::bounded(1);
        let counter = system.spawn(counter(count, done), "counter")?;
        system.spawn(teller(counter), "teller")?.tell(count);
        assert_eq!(all.recv().await?, count);
        Ok(())
    });
}

/// Tells a burst, then tells itself how many are left.
fn teller(to: ActorRef<u64>) -> Behavior<u64> {
    Behavior::receive(move |ctx, left: u64| {
        let burst = left.min(BURST);
        (0..burst).for_each(|_| to.tell(1));
        if left > burst {
            ctx.me().tell(left - burst);
        }
        Behavior::same()
    })
}

pub(crate) fn fan_in(count: u64, threads: usize) {
    in_system(threads, |system| async move {
        let (done, all) = async_channel::bounded(1);
        let counter = system.spawn(counter(count, done), "counter")?;
        for index in 0..4 {
            system.spawn(teller(counter.clone()), &format!("teller-{index}"))?.tell(count / 4);
        }
        assert_eq!(all.recv().await?, count);
        Ok(())
    });
}

struct Ball {
    left: u64,
    from: ActorRef<Self>,
}

fn player(done: async_channel::Sender<u64>) -> Behavior<Ball> {
    Behavior::receive(move |ctx, Ball { left, from }| {
        if left == 0 {
            let _ = done.try_send(left);
        } else {
            from.tell(Ball { left: left - 1, from: ctx.me() });
        }
        Behavior::same()
    })
}

pub(crate) fn ping_pong(count: u64, threads: usize) {
    in_system(threads, |system| async move {
        let (done, all) = async_channel::bounded(1);
        let ping = system.spawn(player(done.clone()), "ping")?;
        let pong = system.spawn(player(done), "pong")?;
        ping.tell(Ball { left: 2 * count, from: pong });
        assert_eq!(all.recv().await?, 0);
        Ok(())
    });
}

pub(crate) fn ring_100(count: u64, threads: usize) {
    ring(100, count, threads);
}

pub(crate) fn ring_10_000(count: u64, threads: usize) {
    ring(10_000, count, threads);
}

enum Ring {
    Next(ActorRef<Self>),
    Token(u64),
}

fn member(next: Option<ActorRef<Ring>>, done: async_channel::Sender<u64>) -> Behavior<Ring> {
    Behavior::receive(move |_, message| match (message, &next) {
        (Ring::Next(next), _) => member(Some(next), done.clone()),
        (Ring::Token(0), _) => {
            let _ = done.try_send(0);
            Behavior::same()
        }
        (Ring::Token(left), Some(next)) => {
            next.tell(Ring::Token(left - 1));
            Behavior::same()
        }
        (Ring::Token(_), None) => Behavior::unhandled(),
    })
}

fn ring(size: usize, hops: u64, threads: usize) {
    in_system(threads, |system| async move {
        let (done, all) = async_channel::bounded(1);
        let first = system.spawn_anonymous(member(None, done.clone()))?;
        let mut last = first.clone();
        for _ in 1..size {
            last = system.spawn_anonymous(member(Some(last), done.clone()))?;
        }
        first.tell(Ring::Next(last));
        first.tell(Ring::Token(hops));
        assert_eq!(all.recv().await?, 0);
        Ok(())
    });
}

fn answerer() -> Behavior<ReplyTo<u64>> {
    Behavior::receive_message(|reply: ReplyTo<u64>| {
        reply.tell(1);
        Behavior::same()
    })
}

pub(crate) fn ask_from_outside(count: u64, threads: usize) {
    in_system(threads, |system| async move {
        let answerer = system.spawn(answerer(), "answerer")?;
        for _ in 0..count {
            assert_eq!(answerer.ask(|reply| reply, secs(10)).await?, 1);
        }
        Ok(())
    });
}

enum Asker {
    Go(u64),
    Reply(u64, u64),
}

fn asker(answerer: ActorRef<ReplyTo<u64>>, done: async_channel::Sender<u64>) -> Behavior<Asker> {
    Behavior::receive(move |ctx, message| {
        let left = match message {
            Asker::Go(count) => count,
            Asker::Reply(left, reply) => left - reply,
        };
        if left == 0 {
            let _ = done.try_send(0);
            return Behavior::same();
        }
        ctx.ask(&answerer, |reply| reply, secs(10), move |outcome| Asker::Reply(left, outcome.unwrap_or(0)));
        Behavior::same()
    })
}

pub(crate) fn ask_from_an_actor(count: u64, threads: usize) {
    ask_with(1, count, threads);
}

pub(crate) fn ask_in_flight(count: u64, threads: usize) {
    ask_with(1_000, count, threads);
}

fn ask_with(askers: u64, count: u64, threads: usize) {
    in_system(threads, |system| async move {
        let (done, all) = async_channel::unbounded();
        let answerer = system.spawn(answerer(), "answerer")?;
        for _ in 0..askers {
            system.spawn_anonymous(asker(answerer.clone(), done.clone()))?.tell(Asker::Go(count / askers));
        }
        for _ in 0..askers {
            all.recv().await?;
        }
        Ok(())
    });
}

pub(crate) fn spawn(count: u64, threads: usize) {
    in_system(threads, |system| async move {
        let (done, all) = async_channel::bounded(1);
        let counter = system.spawn(counter(count, done), "counter")?;
        for _ in 0..count {
            let counter = counter.clone();
            let once = Behavior::receive_message(move |message| {
                counter.tell(message);
                Behavior::stopped()
            });
            system.spawn_anonymous(once)?.tell(1);
        }
        assert_eq!(all.recv().await?, count);
        Ok(())
    });
}

/// A tree of degree ten whose leaves count themselves: Skynet.
enum Node {
    Grow { leaves: u64, first: u64 },
    Sum(u64),
}

fn node(parent: ActorRef<Node>) -> Behavior<Node> {
    Behavior::fold((0, 0), move |(waiting, sum): (u64, u64), ctx, message| match message {
        Node::Grow { leaves: 1, first } => {
            parent.tell(Node::Sum(first));
            Step::Become(Behavior::stopped())
        }
        Node::Grow { leaves, first } => {
            let share = leaves / 10;
            for index in 0..10 {
                let Ok(child) = ctx.spawn_anonymous(node(ctx.me())) else {
                    return Step::Become(Behavior::stopped());
                };
                child.tell(Node::Grow { leaves: share, first: first + index * share });
            }
            Step::Keep((10, 0))
        }
        Node::Sum(part) if waiting == 1 => {
            parent.tell(Node::Sum(sum + part));
            Step::Become(Behavior::stopped())
        }
        Node::Sum(part) => Step::Keep((waiting - 1, sum + part)),
    })
}

pub(crate) fn skynet(leaves: u64, threads: usize) {
    in_system(threads, |system| async move {
        let (done, all) = async_channel::bounded(1);
        let result = Behavior::receive_message(move |message| {
            if let Node::Sum(sum) = message {
                let _ = done.try_send(sum);
            }
            Behavior::same()
        });
        let result = system.spawn(result, "result")?;
        system.spawn(node(result), "root")?.tell(Node::Grow { leaves, first: 0 });
        assert_eq!(all.recv().await?, leaves * (leaves - 1) / 2);
        Ok(())
    });
}
