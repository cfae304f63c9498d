//! Traces: what is told while a message of one is handled is of it too, and no other is.

#![allow(clippy::unwrap_used, reason = "a scene that cannot go on fails")]

mod liar;
mod nodes;
mod scene;

use casty::prelude::*;
use casty::remote::{LinkDown, NodeLost};
use casty::simulation::{FaultyNetwork, Host, Simulation, sweep_over};
use casty::{
    ActorFailed, DeadLetter, Lz4, Mailbox, MemoryNetwork, Network, Overflow, Remote, RemoteLimits,
    SpawnOptions, TaskError, TraceContext,
};
use liar::{Liar, framed};
use nodes::Place;
use scene::{Ear, play};
use serde::{Deserialize, Serialize};
use std::pin::Pin;
use std::sync::Mutex;

/// What a handler sees of a trace.
type Seen = Option<[u8; 16]>;

fn seen(trace: Option<TraceContext>) -> Seen {
    trace.map(|trace| trace.trace_id())
}

fn trace(number: u8) -> TraceContext {
    TraceContext::new([number; 16], [1; 8], 1).unwrap()
}

/// Two in three messages are of a trace, each of its own.
fn traced(number: u8) -> bool {
    !number.is_multiple_of(3)
}

fn expected(number: u8) -> Seen {
    traced(number).then_some([number; 16])
}

/// Tells a number, as what it is expected to be.
fn tell(actor: &ActorRef<u8>, number: u8) {
    if traced(number) { actor.traced(trace(number)).tell(number) } else { actor.tell(number) }
}

/// A message on its way from one actor to the next, that notes which trace each of them sees.
#[derive(Serialize, Deserialize)]
struct Hop {
    route: Vec<ActorRef<Self>>,
    seen: Vec<Seen>,
    padding: Vec<u8>,
    reply: ReplyTo<Vec<Seen>>,
}

impl Remote for Hop {
    const NAME: &'static str = "traced.Hop";
}

fn station() -> Behavior<Hop> {
    Behavior::receive(|ctx, mut hop: Hop| {
        hop.seen.push(seen(ctx.trace()));
        match hop.route.pop() {
            Some(next) => next.tell(hop),
            None => hop.reply.tell(hop.seen),
        }
        Behavior::same()
    })
}

/// A node in a system that passes traces on, or does not.
async fn place(host: &Host, network: &MemoryNetwork, name: &str, traces: bool) -> Place {
    let builder = ActorSystem::on(host.clone()).name("bank");
    let system = if traces { builder.traces() } else { builder }.start().unwrap();
    let joining = Network::over(network.clone()).node(name).listen(name).insecure();
    let node = joining.compress(Lz4).start(&system).await.unwrap();
    Place { system, node }
}

fn played(scene: impl AsyncFn(Host, MemoryNetwork)) {
    sweep_over(0..16, |simulation: Simulation| {
        simulation.run(|host| scene(host, MemoryNetwork::new()));
    });
}

/// Plays a scene in a system that passes traces on, in many orders.
fn simulated(scene: impl AsyncFn(ActorSystem)) {
    sweep_over(0..16, |simulation: Simulation| {
        simulation.run(|host| scene(ActorSystem::on(host).traces().start().unwrap()));
    });
}

/// Small, so long that it is compressed, and so long that it goes in parts.
fn paddings() -> [Vec<u8>; 3] {
    let mut rng = casty::Rng::new(1);
    [Vec::new(), vec![7; 3_000], (0..60_000).map(|_| rng.next_u64() as u8).collect()]
}

#[test]
fn a_chain_across_nodes_is_of_one_trace_also_at_its_first_contact_and_the_next_is_of_none() {
    played(async |host, network| {
        let one = place(&host, &network, "one", true).await;
        let other = place(&host, &network, "other", true).await;
        let third = place(&host, &network, "third", true).await;
        let near = one.system.spawn(station(), "near").unwrap();
        let bound = Mailbox::bounded(2, Overflow::Reject);
        let narrow = one.system.spawn_with(station(), SpawnOptions::named("narrow").mailbox(bound)).unwrap();
        for place in [&other, &third] {
            place.node.expose(&place.system.spawn(station(), "far").unwrap()).unwrap();
        }
        let far: ActorRef<Hop> = one.node.lookup("other", "far", secs(5)).await.unwrap();
        let farther: ActorRef<Hop> = one.node.lookup("third", "far", secs(5)).await.unwrap();
        for (number, padding) in (1..=9).zip(paddings().into_iter().cycle()) {
            // The last comes first; `other` and `third` have never met.
            let route = vec![near.clone(), narrow.clone(), far.clone(), farther.clone(), far.clone()];
            let hop = |reply| Hop { route, seen: Vec::new(), padding, reply };
            let asked = if traced(number) {
                near.traced(trace(number)).ask(hop, secs(60)).await
            } else {
                near.ask(hop, secs(60)).await
            };
            assert_eq!(asked, Ok(vec![expected(number); 6]), "{number}");
        }
    });
}

#[test]
fn a_node_that_passes_no_traces_on_is_told_the_same_without_and_one_that_does_goes_on_from_there() {
    played(async |host, network| {
        let one = place(&host, &network, "one", true).await;
        let other = place(&host, &network, "other", false).await;
        let third = place(&host, &network, "third", true).await;
        let downs = Ear::<LinkDown>::on(&one.system);
        for place in [&one, &other, &third] {
            place.node.expose(&place.system.spawn(station(), "far").unwrap()).unwrap();
        }
        // `third` has heard of `other` by hearsay alone when it tells it something for the first time.
        let far: ActorRef<Hop> = one.node.lookup("other", "far", secs(5)).await.unwrap();
        let farther: ActorRef<Hop> = one.node.lookup("third", "far", secs(5)).await.unwrap();
        let mut paddings = paddings();
        // Whatever is the first that is told there.
        paddings.rotate_left(one.system.rng().below(3));
        for padding in paddings {
            for _ in 0..3 {
                let route = vec![far.clone(), far.clone(), farther.clone()];
                let hop = |reply| Hop { route, seen: Vec::new(), padding: padding.clone(), reply };
                let asked = farther.traced(trace(7)).ask(hop, secs(60)).await.unwrap();
                assert_eq!(asked, [Some([7; 16]), Some([7; 16]), None, None]);
            }
        }
        assert_eq!(downs.rest().len(), 0);
    });
}

/// What an actor is about that asks others.
enum Asker {
    Ask(ActorRef<Hop>),
    AskAll(ActorRef<Hop>),
    Heard(Result<Vec<Seen>, AskError>),
    Fetched(Result<(), TaskError>),
}

#[test]
fn replies_and_results_of_tasks_are_of_the_trace_in_which_they_were_asked_for() {
    played(async |host, network| {
        let one = place(&host, &network, "one", true).await;
        let other = place(&host, &network, "other", false).await;
        other.node.expose(&other.system.spawn(station(), "far").unwrap()).unwrap();
        let far: ActorRef<Hop> = one.node.lookup("other", "far", secs(5)).await.unwrap();
        let near = one.system.spawn(station(), "near").unwrap();
        let (notes, heard) = Ear::of(&one.system);
        let asker = Behavior::receive(move |ctx, message| {
            let question = |reply| Hop { route: Vec::new(), seen: Vec::new(), padding: Vec::new(), reply };
            match message {
                Asker::Ask(actor) => ctx.ask(&actor, question, secs(5), Asker::Heard),
                Asker::AskAll(actor) => {
                    ctx.pipe_to_self(async {}, Asker::Fetched);
                    let me = ctx.adapter(|seen| Asker::Heard(Ok(seen)));
                    actor.tell(question(ReplyTo::from(me)));
                }
                Asker::Heard(answer) => {
                    assert!(answer.is_ok());
                    notes.tell(seen(ctx.trace()));
                }
                Asker::Fetched(done) => {
                    assert!(done.is_ok());
                    notes.tell(seen(ctx.trace()));
                }
            }
            Behavior::same()
        });
        let bound = SpawnOptions::named("asker").mailbox(Mailbox::bounded(1, Overflow::Reject));
        let asker = one.system.spawn_with(asker, bound).unwrap();
        for actor in [&near, &far] {
            asker.traced(trace(5)).send(Asker::Ask(actor.clone())).await.unwrap();
            asker.send(Asker::Ask(actor.clone())).await.unwrap();
            let mut all = [heard.next().await, heard.next().await];
            all.sort_unstable();
            assert_eq!(all, [None, Some([5; 16])]);
            asker.traced(trace(6)).send(Asker::AskAll(actor.clone())).await.unwrap();
            assert_eq!([heard.next().await, heard.next().await], [Some([6; 16]); 2]);
        }
    });
}

/// An actor that notes each number whose trace is not the expected one, here or where it tells it on.
fn checks(wrong: &ActorRef<(u8, &'static str)>, behavior: fn(Checked) -> Behavior<u8>) -> Behavior<u8> {
    let (near, far) = (wrong.clone(), wrong.clone());
    Behavior::setup(move |ctx| {
        let (near, far) = (near.clone(), far.clone());
        let next = Behavior::receive(move |ctx, number| {
            if seen(ctx.trace()) != expected(number) {
                far.tell((number, "told on"));
            }
            Behavior::same()
        });
        match ctx.spawn_anonymous(next) {
            Ok(next) => behavior(Checked { wrong: near, next }),
            Err(error) => Behavior::fail(error),
        }
    })
}

#[derive(Clone)]
struct Checked {
    wrong: ActorRef<(u8, &'static str)>,
    next: ActorRef<u8>,
}

impl Checked {
    fn check(&self, number: u8, trace: Option<TraceContext>) {
        if seen(trace) != expected(number) {
            self.wrong.tell((number, "handled"));
        }
        self.next.tell(number);
    }
}

fn plain(checked: Checked) -> Behavior<u8> {
    Behavior::receive(move |ctx, number| {
        checked.check(number, ctx.trace());
        Behavior::same()
    })
}

/// Fails now and then, after all has been told.
fn fails(checked: Checked) -> Behavior<u8> {
    Behavior::receive(move |ctx, number| {
        checked.check(number, ctx.trace());
        assert!(number % 5 != 0, "a multiple of five");
        Behavior::same()
    })
}

fn waits(checked: Checked) -> Behavior<u8> {
    Behavior::receive_async(move |ctx, number| {
        let checked = checked.clone();
        async move {
            checked.check(number, ctx.trace());
            ctx.sleep(millis(u64::from(number % 4))).await;
            let inner = checked.clone();
            ctx.run(move |ctx| inner.check(number, ctx.trace())).await;
            checked.check(number, ctx.trace());
            Behavior::same()
        }
    })
}

/// Sets nine of ten aside, and takes them out again at the tenth, some at a time.
fn stashes(checked: Checked) -> Behavior<u8> {
    Behavior::setup(move |_| {
        let checked = checked.clone();
        Behavior::fold((false, 0), move |(open, since), ctx, number| {
            if !open && number % 10 != 0 {
                return match ctx.stash(number) {
                    Ok(()) => Step::Keep((false, 0)),
                    Err(full) => Step::Become(Behavior::fail(full)),
                };
            }
            checked.check(number, ctx.trace());
            ctx.unstash(2);
            Step::Keep((since < 9, (since + 1) % 10))
        })
    })
}

#[test]
fn every_message_is_handled_in_its_own_trace_whatever_the_mailbox_and_the_handler() {
    type Handles = fn(Checked) -> Behavior<u8>;
    let behaviors: [(Handles, bool); 4] = [(plain, false), (fails, true), (waits, false), (stashes, false)];
    for (behavior, fails) in behaviors {
        simulated(async |system| {
            let (wrong, heard) = Ear::of(&system);
            let failures = Ear::<ActorFailed>::on(&system);
            let strategy = OneForOne::restarts(100, mins(1));
            let actor =
                |options| system.spawn_with(checks(&wrong, behavior).supervised(strategy.clone()), options);
            let actors = [
                actor(SpawnOptions::anonymous()).unwrap(),
                actor(SpawnOptions::anonymous().mailbox(Mailbox::bounded(300, Overflow::Reject))).unwrap(),
                actor(SpawnOptions::anonymous().mailbox(Mailbox::bounded(3, Overflow::DropOldest))).unwrap(),
                actor(SpawnOptions::anonymous().mailbox(Mailbox::bounded(2, Overflow::DropNew))).unwrap(),
            ];
            let mut rng = system.rng();
            for number in 1..=120 {
                actors.iter().for_each(|actor| tell(actor, number));
                if rng.below(3) == 0 {
                    system.sleep(millis(rng.below(9) as u64)).await;
                }
            }
            for number in 121..=240 {
                if traced(number) {
                    actors[3].traced(trace(number)).send(number).await.unwrap();
                } else {
                    actors[3].send(number).await.unwrap();
                }
            }
            system.sleep(secs(10)).await;
            assert_eq!(heard.rest(), []);
            assert_eq!(failures.rest().is_empty(), !fails);
        });
    }
}

#[test]
fn where_traces_are_not_passed_on_a_traced_message_is_one_like_others() {
    sweep_over(0..4, |simulation: Simulation| {
        simulation.run(async |host| {
            let system = ActorSystem::on(host).start().unwrap();
            let (notes, heard) = Ear::of(&system);
            let says = Behavior::receive(move |ctx, number: u8| {
                notes.tell((number, ctx.trace()));
                Behavior::same()
            });
            let says = system.spawn(says, "says").unwrap();
            says.traced(trace(1)).tell(1);
            assert_eq!(says.traced(trace(1)).try_tell(2), Ok(()));
            assert_eq!(says.traced(trace(1)).send(3).await, Ok(()));
            let all = [heard.next().await, heard.next().await, heard.next().await];
            assert_eq!(all, [(1, None), (2, None), (3, None)]);
        });
    });
}

/// Term 4 of a handshake: that it passes traces on.
const TRACES: [u8; 3] = [4, 1, 0];

#[test]
fn who_tells_of_a_trace_that_is_none_is_given_up_with_the_reason_and_harms_nobody() {
    played(async |host, network| {
        let one = place(&host, &network, "one", true).await;
        let losses = Ear::<NodeLost>::on(&one.system);
        let near = one.system.spawn(station(), "near").unwrap();
        let none = [&[12, 0][..], &[0; 25], b"a message"].concat();
        let half = [&[12, 0][..], &[1; 24]].concat();
        let compressed = [&[13, 0][..], &[1; 24]].concat();
        // What it was compressed to is not looked at.
        let nothing = [&[13, 0][..], &[0; 25], b"what nobody has compressed"].concat();
        for (at, lie) in [none, half, compressed, nothing].iter().enumerate() {
            let mut liar = Liar::meets(&network, "one", 100 + at as u64, &TRACES).await;
            liar.say(&framed(lie)).await;
            assert_eq!(losses.next().await.cause, "it told something of a trace that is none");
            liar.hear(|_| false).await;
        }
        let hop = |reply| Hop { route: Vec::new(), seen: Vec::new(), padding: Vec::new(), reply };
        assert_eq!(near.ask(hop, secs(1)).await, Ok(vec![None]));
    });
}

/// Asks for what is seen on that route, padded.
fn hop(route: Vec<ActorRef<Hop>>, padding: Vec<u8>) -> impl FnOnce(ReplyTo<Vec<Seen>>) -> Hop {
    move |reply| Hop { route, seen: Vec::new(), padding, reply }
}

#[test]
fn what_is_sent_is_of_the_trace_in_which_that_was_begun_wherever_its_future_is_polled() {
    /// To send by a task, and that it was sent.
    enum Piped {
        To(ActorRef<Hop>),
        Sent(bool),
    }
    type Begun = Pin<Box<dyn Future<Output = bool> + Send>>;
    played(async |host, network| {
        let one = place(&host, &network, "one", true).await;
        let other = place(&host, &network, "other", true).await;
        other.node.expose(&other.system.spawn(station(), "far").unwrap()).unwrap();
        let far: ActorRef<Hop> = one.node.lookup("other", "far", secs(5)).await.unwrap();
        let near = one.system.spawn(station(), "near").unwrap();
        let (notes, heard) = Ear::of(&one.system);
        let question = move || hop(Vec::new(), Vec::new())(ReplyTo::from(notes.clone()));
        let asks = question.clone();
        let pipes = Behavior::receive(move |ctx, message| {
            match message {
                Piped::To(actor) => {
                    let sending = actor.send(asks());
                    ctx.pipe_to_self(sending, |sent| Piped::Sent(matches!(sent, Ok(Ok(())))));
                }
                Piped::Sent(sent) => assert!(sent),
            }
            Behavior::same()
        });
        let pipes = one.system.spawn(pipes, "pipes").unwrap();
        let polls = Behavior::receive_async(|_, begun: Begun| async move {
            assert!(begun.await);
            Behavior::same()
        });
        let polls = one.system.spawn(polls, "polls").unwrap();
        let adapted = [near.contramap(|hop| hop), far.contramap(|hop| hop)];
        for actor in [near, far].into_iter().chain(adapted) {
            pipes.traced(trace(1)).tell(Piped::To(actor.clone()));
            assert_eq!(heard.next().await, [Some([1; 16])]);
            let untraced = actor.send(question());
            polls.traced(trace(2)).tell(Box::pin(async { untraced.await.is_ok() }));
            assert_eq!(heard.next().await, [None]);
            let traced = actor.traced(trace(1)).send(question());
            polls.traced(trace(2)).tell(Box::pin(async { traced.await.is_ok() }));
            assert_eq!(heard.next().await, [Some([1; 16])]);
        }
    });
}

/// Keeps whom to answer until it is told to.
#[derive(Serialize, Deserialize)]
enum Keep {
    Question(ReplyTo<u8>),
    Answer,
}

impl Remote for Keep {
    const NAME: &'static str = "traced.Keep";
}

#[test]
fn a_reply_to_an_actor_is_of_the_trace_in_which_it_was_asked_for_however_late_it_is_given() {
    /// Whom to ask, and what was answered.
    enum Asks {
        Of(ActorRef<Keep>),
        Heard,
    }
    let keeper = || {
        let kept = Mutex::new(None);
        Behavior::receive_message(move |message| {
            let reply = match message {
                Keep::Question(reply) => kept.lock().unwrap().replace(reply),
                Keep::Answer => kept.lock().unwrap().take(),
            };
            if let Some(reply) = reply {
                reply.tell(7);
            }
            Behavior::same()
        })
    };
    played(async |host, network| {
        let one = place(&host, &network, "one", true).await;
        let other = place(&host, &network, "other", true).await;
        other.node.expose(&other.system.spawn(keeper(), "far").unwrap()).unwrap();
        let far: ActorRef<Keep> = one.node.lookup("other", "far", secs(5)).await.unwrap();
        let near = one.system.spawn(keeper(), "near").unwrap();
        let (notes, heard) = Ear::of(&one.system);
        let asker = Behavior::receive(move |ctx, message| {
            match message {
                Asks::Of(actor) => {
                    actor.tell(Keep::Question(ReplyTo::from(ctx.adapter(|_| Asks::Heard))));
                    actor.traced(trace(9)).tell(Keep::Answer);
                }
                Asks::Heard => notes.tell(seen(ctx.trace())),
            }
            Behavior::same()
        });
        let asker = one.system.spawn(asker, "asker").unwrap();
        for actor in [near, far] {
            asker.traced(trace(1)).tell(Asks::Of(actor.clone()));
            assert_eq!(heard.next().await, Some([1; 16]));
            asker.tell(Asks::Of(actor));
            assert_eq!(heard.next().await, None);
        }
    });
}

/// Bytes, as many as are wanted.
#[derive(Serialize, Deserialize)]
struct Bytes(Vec<u8>);

impl Remote for Bytes {
    const NAME: &'static str = "traced.Bytes";
}

/// Whom to tell how many bytes.
#[derive(Serialize, Deserialize)]
struct Order(ActorRef<Bytes>, Vec<usize>);

impl Remote for Order {
    const NAME: &'static str = "traced.Order";
}

#[test]
fn the_longest_message_that_a_node_takes_may_be_of_a_trace_before_and_after_the_two_have_met() {
    // Three of them say how many bytes there are.
    const LONGEST: usize = 50_000 - 3;
    let limits = |part_bytes_max| RemoteLimits {
        message_bytes_max: 50_000,
        part_bytes_max,
        ..RemoteLimits::default()
    };
    for (part_bytes_max, of) in
        [(32 << 10, None), (32 << 10, Some(trace(1))), (1 << 20, None), (1 << 20, Some(trace(1)))]
    {
        played(async |host, network| {
            let place = async |name: &str, limits: RemoteLimits| {
                let system = ActorSystem::on(host.clone()).name("bank").traces().start().unwrap();
                let joining = Network::over(network.clone()).node(name).listen(name).insecure();
                let node = joining.limits(limits).start(&system).await.unwrap();
                Place { system, node }
            };
            let wide = RemoteLimits { part_bytes_max, ..RemoteLimits::default() };
            let one = place("one", wide.clone()).await;
            let teller = place("teller", wide).await;
            let other = place("other", limits(part_bytes_max)).await;
            let (notes, heard) = Ear::of(&other.system);
            let takes = Behavior::receive(move |ctx, Bytes(bytes)| {
                notes.tell((bytes.len(), seen(ctx.trace())));
                Behavior::same()
            });
            other.node.expose(&other.system.spawn(takes, "takes").unwrap()).unwrap();
            let tells = Behavior::receive_message(|Order(actor, lengths)| {
                lengths.into_iter().for_each(|length| actor.tell(Bytes(vec![7; length])));
                Behavior::same()
            });
            teller.node.expose(&teller.system.spawn(tells, "tells").unwrap()).unwrap();
            let letters = Ear::<DeadLetter>::on(&teller.system);
            let takes: ActorRef<Bytes> = one.node.lookup("other", "takes", secs(5)).await.unwrap();
            let tells: ActorRef<Order> = one.node.lookup("teller", "tells", secs(5)).await.unwrap();
            // `teller` knows `other` by hearsay at first.
            for round in 1..=2 {
                let order = Order(takes.clone(), vec![LONGEST + 1, LONGEST, 1]);
                match of {
                    Some(trace) => tells.traced(trace).tell(order),
                    None => tells.tell(order),
                }
                let both = [heard.next().await, heard.next().await];
                assert_eq!(both, [(LONGEST, seen(of)), (1, seen(of))], "{part_bytes_max}, {round}");
                assert_eq!(letters.rest().len(), 1, "{part_bytes_max}, {round}");
            }
        });
    }
}

#[test]
fn what_is_set_up_anew_while_a_handler_waits_is_of_no_trace() {
    simulated(async |system| {
        let (notes, heard) = Ear::of(&system);
        let (breaks, broken) = Ear::<ActorRef<()>>::of(&system);
        let waits = Behavior::setup(move |ctx| {
            notes.tell(seen(ctx.trace()));
            breaks.tell(ctx.adapter(|()| panic!("it is broken")));
            Behavior::receive_async(|ctx, ()| async move {
                ctx.sleep(mins(1)).await;
                Behavior::same()
            })
        });
        let strategy = OneForOne::restarts(9, mins(1));
        let waits = system.spawn(waits.supervised(strategy), "waits").unwrap();
        assert_eq!(heard.next().await, None);
        waits.traced(trace(1)).tell(());
        system.sleep(secs(1)).await;
        broken.next().await.tell(());
        assert_eq!(heard.next().await, None);
    });
}

#[test]
fn on_real_threads_each_worker_handles_each_message_in_its_own_trace() {
    play(async {
        let system = ActorSystem::builder("threads").traces().start().unwrap();
        let stations: Vec<_> = (0..8).map(|_| system.spawn_anonymous(station()).unwrap()).collect();
        for round in 0..20 {
            let asks: Vec<_> = (1..=200)
                .map(|number: u8| {
                    let first = &stations[(usize::from(number) + round) % 8];
                    let question = hop(stations.clone(), Vec::new());
                    let ask = if traced(number) {
                        first.traced(trace(number)).ask(question, secs(20))
                    } else {
                        first.ask(question, secs(20))
                    };
                    (number, ask)
                })
                .collect();
            for (number, ask) in asks {
                assert_eq!(ask.await, Ok(vec![expected(number); 9]), "{number}");
            }
        }
        system.shutdown().await;
    });
}

#[test]
fn after_a_cut_each_message_arrives_once_in_its_own_trace() {
    sweep_over(0..16, |simulation: Simulation| {
        simulation.run(async |host: Host| {
            let network = FaultyNetwork::new(host.clone(), MemoryNetwork::new());
            let place = async |name: &str| {
                let system = ActorSystem::on(host.clone()).name("bank").traces().start().unwrap();
                let joining = Network::over(network.clone()).node(name).listen(name).insecure();
                let node = joining.compress(Lz4).start(&system).await.unwrap();
                Place { system, node }
            };
            let (one, other) = (place("one").await, place("other").await);
            let (notes, heard) = Ear::of(&other.system);
            let notes = Behavior::receive(move |ctx, Bytes(bytes)| {
                notes.tell((bytes[0], seen(ctx.trace())));
                Behavior::same()
            });
            other.node.expose(&other.system.spawn(notes, "far").unwrap()).unwrap();
            let far: ActorRef<Bytes> = one.node.lookup("other", "far", secs(5)).await.unwrap();
            for round in 0..5 {
                for (number, padding) in (1..=12).zip(paddings().into_iter().cycle()) {
                    let bytes = Bytes([&[number][..], &padding].concat());
                    if traced(number) {
                        far.traced(trace(number)).tell(bytes)
                    } else {
                        far.tell(bytes)
                    }
                    if usize::from(number) == round + 5 {
                        one.system.sleep(millis(one.system.rng().below(2) as u64)).await;
                        network.cut();
                    }
                }
                for _ in 1..=12 {
                    let (number, seen) = heard.next().await;
                    assert_eq!(seen, expected(number), "{number}");
                }
                assert_eq!(heard.rest(), []);
            }
        });
    });
}
