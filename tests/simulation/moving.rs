//! Entities whose state moves along: nothing of it is lost, and nothing done twice.

use casty::prelude::*;
use casty::simulation::{Host, Simulation, sweep_over};
use casty::{ActorFailed, EntityRef, Membership, Shards, StateLeftBehind};
use serde::ser::Error;
use serde::{Deserialize, Serialize, Serializer};

use crate::shard_checker::Ledger;
use crate::swarm_of_clusters::world::Plan;
use crate::town::{Town, Visit, shards, visited};

/// What an entity of these scenes has.
#[derive(Serialize, Deserialize, Default)]
pub(crate) struct Book {
    count: u64,
    closed: bool,
    bytes: Vec<u8>,
    questions: Vec<ReplyTo<u64>>,
    shape: Shape,
}

/// What can be written, or cannot, or panics when it is.
#[derive(Deserialize, Default)]
struct Shape(u8);

impl Serialize for Shape {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            0 => serializer.serialize_newtype_struct("Shape", &0_u8),
            1 => Err(S::Error::custom("it is out of shape")),
            _ => std::panic::resume_unwind(Box::new("planned")),
        }
    }
}

/// An entity that counts what it is told.
pub(crate) fn book(id: &str, process: u64, ledger: &Ledger) -> Behavior<Visit> {
    let (id, ledger) = (String::from(id), ledger.clone());
    Behavior::setup(move |_| {
        let life = ledger.begins(&id, process);
        let (id, ledger, end) = (id.clone(), ledger.clone(), ledger.clone());
        let begin = {
            let (id, ledger) = (id.clone(), ledger.clone());
            move |_: &mut Context<Visit>| {
                ledger.afresh(&id);
                Book::default()
            }
        };
        let book = Behavior::movable(begin, move |book: &mut Book, ctx, visit| {
            match visit {
                Visit::Note(..) | Visit::Count(_) if book.closed => return set_aside(ctx, visit),
                Visit::Note(sender, number) => {
                    ledger.handled(&id, sender, number);
                    book.count(&id, &ledger);
                }
                Visit::Count(reply) => reply.tell(book.count(&id, &ledger)),
                Visit::Again => drop(book.count(&id, &ledger)),
                Visit::Closed(closed) => {
                    book.closed = closed;
                    if !closed {
                        ctx.unstash_all();
                    }
                }
                Visit::Later(ms, sender, number) => {
                    ctx.schedule_once(format!("{sender}-{number}"), millis(ms), Visit::Note(sender, number));
                }
                Visit::Every(ms) => ctx.schedule_at_fixed_rate("again", millis(ms), || Visit::Again),
                Visit::Grow(bytes) => book.bytes = vec![7; usize::try_from(bytes).unwrap()],
                Visit::Keep(reply) => book.questions.push(reply),
                Visit::Answer => {
                    let count = book.count(&id, &ledger);
                    book.questions.drain(..).for_each(|reply| reply.tell(count));
                }
                Visit::Spoil(shape) => book.shape = Shape(shape),
                Visit::Bear => return bear(ctx),
                Visit::Where(reply) => reply.tell((process, life)),
                Visit::Stop => return Behavior::stopped(),
                Visit::Fail => return Behavior::fail("told to"),
                Visit::Pass(..) | Visit::Burst(_) => {}
            }
            Behavior::same()
        });
        book.on_stop(move |_| end.ends(life))
    })
}

impl Book {
    fn count(&mut self, id: &str, ledger: &Ledger) -> u64 {
        self.count += 1;
        ledger.counted(id, self.count);
        self.count
    }
}

fn set_aside(ctx: &mut Context<Visit>, visit: Visit) -> Behavior<Visit> {
    ctx.stash(visit).map_or_else(|_| Behavior::fail("too much is set aside"), |()| Behavior::same())
}

fn bear(ctx: &mut Context<Visit>) -> Behavior<Visit> {
    let sleeps = Behavior::receive_async(|ctx, ()| async move {
        ctx.sleep(secs(60)).await;
        Behavior::same()
    });
    ctx.spawn(sleeps, "child").map_or_else(Behavior::fail, |child| {
        child.tell(());
        Behavior::same()
    })
}

/// Plays a scene in a town of such entities, on so many nodes that are up.
pub(crate) fn scene(nodes: usize, shards: &Shards, scene: impl AsyncFn(&Town)) {
    sweep_over(0..2, |simulation: Simulation| {
        simulation.steps_max(3_000_000).run(async |host: Host| {
            let town = Town::new(host, Plan { nodes, ..Plan::default() }, shards.clone()).of(book);
            town.form(nodes).await;
            scene(&town).await;
            assert_eq!(town.ledger.violation(), None);
        });
    });
}

pub(crate) fn entities(town: &Town, node: usize, count: u64) -> Vec<EntityRef<Visit>> {
    (0..count).map(|entity| town.entity(node, &format!("entity-{entity}"))).collect()
}

/// Asks all entities to count, and what they say.
pub(crate) async fn counts(town: &Town, node: usize, count: u64) -> Vec<u64> {
    let mut counts = Vec::new();
    for entity in entities(town, node, count) {
        counts.push(entity.ask(Visit::Count, secs(20)).await.unwrap());
    }
    counts
}

#[test]
fn state_moves_to_a_node_that_joins_and_nothing_acknowledged_is_lost_under_load() {
    scene(2, &shards(), async |town| {
        town.populate(1, 24).await;
        let before = town.ledger.beginnings();
        town.flow(1, 1, 24, 2_000);
        town.flow(2, 2, 24, 2_000);
        town.start(3).await;
        town.handled(1, 48_000, secs(30)).await;
        town.handled(2, 48_000, secs(30)).await;
        let spread = town.ledger.spread();
        assert!(spread.get(&town.process(3)).is_some_and(|count| *count >= 4), "{spread:?}");
        assert_eq!((town.ledger.beginnings(), town.ledger.total()), (before, 96_000));
    });
}

#[test]
fn state_moves_from_a_node_that_leaves_also_from_the_oldest() {
    scene(3, &shards(), async |town| {
        town.world.pass(secs(5)).await;
        town.populate(2, 24).await;
        let before = town.ledger.beginnings();
        town.flow(2, 1, 24, 4_000);
        town.world.pass(secs(1)).await;
        town.world.shut_down(3);
        town.world.pass(secs(3)).await;
        town.world.shut_down(1);
        town.handled(1, 24 * 4_000, secs(30)).await;
        town.world.settled(&[2], secs(20)).await;
        assert_eq!(town.ledger.spread().keys().collect::<Vec<_>>(), [&town.process(2)]);
        assert_eq!((town.ledger.beginnings(), town.ledger.total()), (before, 96_000));
    });
}

#[test]
fn state_survives_a_rolling_restart_of_all_nodes() {
    scene(3, &shards(), async |town| {
        town.world.pass(secs(5)).await;
        assert_eq!(counts(town, 1, 24).await, [1; 24]);
        let before = town.ledger.beginnings();
        for (round, node) in (2..).zip([1, 2, 3]) {
            town.world.shut_down(node);
            town.world.pass(secs(4)).await;
            town.start(node).await;
            town.world.settled(&[1, 2, 3], secs(20)).await;
            assert_eq!(counts(town, node, 24).await, [round; 24]);
        }
        assert_eq!(town.ledger.beginnings(), before);
    });
}

#[test]
fn a_stash_moves_along_and_its_order_is_kept() {
    scene(2, &shards(), async |town| {
        town.world.pass(secs(5)).await;
        for entity in entities(town, 1, 12) {
            entity.tell(Visit::Closed(true));
            (1..=5).for_each(|number| entity.tell(Visit::Note(1, number)));
        }
        town.world.pass(secs(1)).await;
        town.world.shut_down(2);
        town.world.pass(secs(5)).await;
        assert_eq!(town.ledger.count(1), 0);
        for entity in entities(town, 1, 12) {
            entity.tell(Visit::Note(1, 6));
            entity.tell(Visit::Closed(false));
            entity.tell(Visit::Note(1, 7));
        }
        town.handled(1, 12 * 7, secs(5)).await;
    });
}

#[test]
fn a_question_that_is_set_aside_moves_along_and_is_answered_from_there() {
    scene(2, &shards(), async |town| {
        town.world.pass(secs(5)).await;
        let books = entities(town, 1, 12);
        books.iter().for_each(|entity| entity.tell(Visit::Closed(true)));
        let questions = books.iter().map(|entity| entity.ask(Visit::Count, secs(60)));
        let moves = async {
            town.start(3).await;
            town.world.pass(secs(10)).await;
            books.iter().for_each(|entity| entity.tell(Visit::Closed(false)));
        };
        let (answers, ()) = futures::join!(futures::future::join_all(questions), moves);
        assert!(answers.iter().all(|answer| *answer == Ok(1)), "{answers:?}");
        assert!(town.ledger.spread().contains_key(&town.process(3)));
    });
}

#[test]
fn a_timer_moves_along_and_fires_once_when_it_would_have() {
    scene(2, &shards(), async |town| {
        town.world.pass(secs(5)).await;
        for entity in entities(town, 1, 12) {
            entity.tell(Visit::Later(10_000, 1, 1));
            entity.tell(Visit::Later(2_000, 2, 1));
        }
        let set = town.world.now();
        town.world.pass(secs(4)).await;
        town.world.shut_down(2);
        while town.world.now() - set < millis(9_900) {
            assert_eq!(town.ledger.count(1), 0, "too early");
            town.world.pass(millis(100)).await;
        }
        town.world.pass(millis(300)).await;
        assert_eq!((town.ledger.count(1), town.ledger.count(2)), (12, 12));
        assert_eq!(town.ledger.spread().keys().collect::<Vec<_>>(), [&town.process(1)]);
        town.world.pass(secs(20)).await;
        assert_eq!(town.ledger.total(), 24);
    });
}

#[test]
fn a_timer_that_repeats_goes_on_in_its_beat() {
    scene(2, &shards(), async |town| {
        town.world.pass(secs(5)).await;
        entities(town, 1, 12).iter().for_each(|entity| entity.tell(Visit::Every(1_000)));
        town.world.pass(millis(4_500)).await;
        assert_eq!(town.ledger.total(), 48);
        town.world.shut_down(2);
        town.world.pass(secs(6)).await;
        assert_eq!(town.ledger.total(), 120, "one each second, whoever has moved");
    });
}

#[test]
fn an_entity_that_does_not_end_in_time_is_stopped_and_its_state_moves_along() {
    scene(2, &shards().handoff_timeout(secs(2)), async |town| {
        town.world.pass(secs(5)).await;
        for entity in entities(town, 1, 12) {
            entity.tell(Visit::Bear);
            entity.tell(Visit::Note(1, 1));
        }
        town.flow(1, 2, 12, 4_000);
        town.world.pass(secs(1)).await;
        let before = town.ledger.beginnings();
        town.start(3).await;
        town.handled(2, 48_000, secs(30)).await;
        let spread = town.ledger.spread();
        assert!(spread.get(&town.process(3)).is_some_and(|count| *count >= 2), "{spread:?}");
        assert_eq!((town.ledger.beginnings(), town.ledger.total()), (before, 12 + 48_000));
    });
}

#[test]
fn an_entity_that_stops_itself_fails_or_was_idle_begins_afresh() {
    scene(1, &shards().idle_after(secs(2)), async |town| {
        for end in [Visit::Stop, Visit::Fail] {
            assert_eq!(counts(town, 1, 1).await, [1]);
            entities(town, 1, 1)[0].tell(end);
            town.world.pass(secs(1)).await;
        }
        assert_eq!(counts(town, 1, 1).await, [1]);
        town.world.pass(secs(6)).await;
        assert_eq!(counts(town, 1, 1).await, [1]);
    });
}

#[test]
fn the_luggage_of_thousands_of_entities_of_one_shard_is_fetched_in_pieces() {
    sweep_over(0..1, |simulation: Simulation| {
        simulation.steps_max(5_000_000).run(async |host: Host| {
            let town = Town::new(host, Plan { nodes: 2, ..Plan::default() }, Shards::new(1)).of(book);
            town.form(2).await;
            entities(&town, 1, 3_000).iter().for_each(|entity| entity.tell(Visit::Note(1, 1)));
            town.handled(1, 3_000, secs(20)).await;
            let (owner, before) = (town.ledger.spread(), town.ledger.beginnings());
            let owner = if owner.contains_key(&town.process(1)) { 1 } else { 2 };
            town.world.shut_down(owner);
            let other = 3 - owner;
            entities(&town, other, 3_000).iter().for_each(|entity| entity.tell(Visit::Note(1, 2)));
            town.handled(1, 6_000, secs(30)).await;
            assert_eq!(town.ledger.spread().keys().collect::<Vec<_>>(), [&town.process(other)]);
            assert_eq!((town.ledger.beginnings(), town.ledger.violation()), (before, None));
        });
    });
}

#[test]
fn a_large_state_moves_in_pieces_and_one_that_no_message_could_be_stays_behind_and_is_named() {
    scene(2, &shards(), async |town| {
        town.world.pass(secs(5)).await;
        assert_eq!(counts(town, 1, 12).await, [1; 12]);
        let spread = town.ledger.spread();
        let left = town.world.probe::<StateLeftBehind>(2);
        for (entity, number) in entities(town, 1, 12).into_iter().zip(0..) {
            entity.tell(Visit::Grow(if number % 2 == 0 { 300_000 } else { 17 << 20 }));
        }
        town.world.pass(secs(1)).await;
        town.world.shut_down(2);
        town.world.pass(secs(8)).await;
        let after = counts(town, 1, 12).await;
        assert!(after.iter().step_by(2).all(|count| *count == 2), "{after:?}");
        let afresh = after.iter().filter(|count| **count == 1).count();
        let left: Vec<StateLeftBehind> = core::iter::from_fn(|| left.try_recv()).collect();
        assert!(afresh > 0 && left.len() == afresh, "{spread:?} {left:?} {after:?}");
        assert!(left[0].cause.starts_with("it has more than 16777216 bytes"), "{left:?}");
    });
}

/// An entity of another version of the program, whose state is another.
fn other_book(id: &str, process: u64, ledger: &Ledger) -> Behavior<Visit> {
    let (id, ledger) = (String::from(id), ledger.clone());
    Behavior::movable(
        move |_| {
            ledger.afresh(&id);
            String::new()
        },
        move |_: &mut String, _, visit| {
            if let Visit::Where(reply) = visit {
                reply.tell((process, 0));
            }
            Behavior::same()
        },
    )
}

#[test]
fn a_state_that_cannot_be_read_is_kept_and_named_until_the_shard_is_where_it_can_be_read() {
    for entity in [other_book, visited] {
        scene(1, &shards(), async |town| {
            assert_eq!(counts(town, 1, 6).await, [1; 6]);
            let before = town.ledger.beginnings();
            town.world.start(2).await;
            let failed = town.world.probe::<ActorFailed>(2);
            town.open_with(2, shards(), entity);
            town.world.settled(&[1, 2], secs(20)).await;
            town.world.shut_down(1);
            town.world.pass(secs(8)).await;
            for entity in entities(town, 2, 6) {
                assert_eq!(entity.ask(Visit::Count, secs(2)).await, Err(AskError::Unanswered));
            }
            let failed: Vec<ActorFailed> = core::iter::from_fn(|| failed.try_recv()).collect();
            assert!(failed.len() >= 12, "at their arrival, and at each message: {failed:?}");
            let said = format!("{}: {}", failed[0].path, failed[0].failure);
            assert!(said.contains("casty://swarm/town/") && said.contains("has come along"), "{said}");
            // And on to one that can.
            town.start_with(3, Some(Membership::seeds(["n2"])), shards()).await;
            town.world.settled(&[2, 3], secs(20)).await;
            town.world.shut_down(2);
            town.world.pass(secs(8)).await;
            assert_eq!(counts(town, 3, 6).await, [2; 6]);
            assert_eq!(town.ledger.beginnings(), before);
        });
    }
}
