//! Entities under journal faults, crashes and takeovers lose and double nothing.

use std::sync::Arc;

use casty::journal::{EntityId, Journal, MemoryJournal, Sequence, StoredEvent};
use casty::persist::{Codec, Decision, EventSourced, Postcard, Snapshots, Stored};
use casty::prelude::*;
use casty::simulation::{Faults, FaultyJournal, Host, sweep, sweep_over};
use casty::{Executor, Rng};
use serde::{Deserialize, Serialize};

use crate::careless::{Careless, Flaw};
use crate::entity_checker::{self, Done, Operation};
use crate::world::{Seen, patient, system};

const ENTITIES: usize = 3;
const CLIENTS: usize = 4;
const OPERATIONS: usize = 12;

enum Command {
    /// Adds these together, or none of them.
    Add(Vec<u64>, ReplyTo<Vec<u64>>),
    Read(ReplyTo<Vec<u64>>),
    Crash,
}

#[derive(Serialize, Deserialize, Clone)]
struct Added(u64);

impl Stored for Added {
    const NAME: &'static str = "simulation.Added";
}

/// Everything that was ever added, in its order.
#[derive(Serialize, Deserialize, Clone, Default)]
struct Sums(Vec<u64>);

impl Stored for Sums {
    const NAME: &'static str = "simulation.Sums";
}

fn entity(number: usize, journal: impl Journal) -> Behavior<Command> {
    let name = format!("entity-{number}");
    let add = |Sums(mut all): Sums, Added(number): &Added| {
        all.push(*number);
        Sums(all)
    };
    let kept = EventSourced::new(name, journal, Sums::default(), add)
        .snapshots(Snapshots::every(3).keeping(2))
        .replay_events_max(2)
        .recovery_timeout(millis(200));
    Behavior::event_sourced(kept, |_, _, command| match command {
        Command::Add(numbers, reply) => {
            let events = numbers.into_iter().map(Added);
            Decision::persist_all(events).reply(reply, |all: &Sums| all.0.clone())
        }
        Command::Read(reply) => Decision::none().reply(reply, |all: &Sums| all.0.clone()),
        // The panic leaves no trace on the standard error.
        Command::Crash => std::panic::resume_unwind(Box::new("planned")),
    })
    .supervised(patient())
}

/// What the clients saw, and what the journal has in the end.
struct History {
    operations: Vec<Operation>,
    logs: Vec<Vec<(u64, u64)>>,
}

/// One client: asks one entity after the other, and notes when and how each question ended.
struct Client {
    system: ActorSystem,
    entities: Vec<Vec<ActorRef<Command>>>,
    moments: Seen<()>,
    operations: Seen<Operation>,
    reads: bool,
    crash: Arc<dyn Fn() + Send + Sync>,
}

impl Client {
    async fn work(&self, me: usize, mut rng: Rng) {
        for number in 0..OPERATIONS {
            let entity = rng.below(ENTITIES);
            let actors = &self.entities[entity];
            let actor = &actors[rng.below(actors.len())];
            let id = 2 * (me * OPERATIONS + number) as u64;
            match rng.below(10) {
                0 => actor.tell(Command::Crash),
                1 if rng.below(4) == 0 => (self.crash)(),
                2 | 3 if self.reads => self.ask(entity, vec![], actor).await,
                4..=6 => self.ask(entity, vec![id, id + 1], actor).await,
                _ => self.ask(entity, vec![id], actor).await,
            }
            self.system.sleep(millis(rng.below(30) as u64)).await;
        }
    }

    async fn ask(&self, entity: usize, added: Vec<u64>, actor: &ActorRef<Command>) {
        let begun = self.now();
        let numbers = added.clone();
        let question = |reply| match numbers[..] {
            [] => Command::Read(reply),
            _ => Command::Add(numbers, reply),
        };
        let answer = actor.ask(question, millis(500)).await;
        let done = answer.ok().map(|seen| Done { at: self.now(), seen });
        self.operations.note(Operation { entity, added, begun, done });
    }

    /// A number for this moment, larger than those of all before.
    fn now(&self) -> usize {
        self.moments.note(());
        self.moments.len()
    }
}

async fn play(host: Host, takeovers: bool) -> History {
    let memory = MemoryJournal::new();
    play_on(host, &memory, memory.clone(), takeovers).await
}

/// Plays with a journal that keeps what it keeps in `memory`.
async fn play_on<J>(host: Host, memory: &MemoryJournal, journal: J, takeovers: bool) -> History
where
    J: Journal + Clone,
{
    let journal = FaultyJournal::new(host.clone(), journal);
    let system = system(host.clone(), "entities");
    let mut rng = system.rng();
    journal.set(Faults {
        failed_permille: rng.below(150),
        unknown_permille: rng.below(150),
        late_permille: rng.below(150),
        delay_max: millis(rng.below(8) as u64),
    });
    let writers = if takeovers { 2 } else { 1 };
    let spawn = |entity: usize, writer: usize| {
        let name = format!("entity-{entity}-{writer}");
        system.spawn(self::entity(entity, journal.clone()), &name).unwrap()
    };
    let entities = (0..ENTITIES).map(|one| (0..writers).map(|writer| spawn(one, writer)).collect()).collect();
    let operations = Seen::new();
    let client = Client {
        system: system.clone(),
        entities,
        moments: Seen::new(),
        operations: operations.clone(),
        // A writer that was overtaken and has not noticed answers from what it knows.
        reads: !takeovers,
        crash: Arc::new({
            let journal = journal.clone();
            move || journal.crash()
        }),
    };
    futures::future::join_all((0..CLIENTS).map(|me| client.work(me, system.rng()))).await;
    drop(client);
    assert!(system.shutdown().await.is_clean());
    // What is late comes now, if it may come at all.
    host.sleep_until(host.now() + secs(10)).await;
    let logs = futures::future::join_all((0..ENTITIES).map(|entity| log(memory, entity))).await;
    History { operations: operations.all(), logs }
}

/// The sequence and the number of each event that the journal has.
async fn log(memory: &MemoryJournal, entity: usize) -> Vec<(u64, u64)> {
    let entity = EntityId::new(format!("entity-{entity}"));
    let events = memory.replay(&entity, Sequence::START, usize::MAX).await.unwrap();
    events.iter().map(|event| (event.sequence.number(), number(event))).collect()
}

fn number(event: &StoredEvent) -> u64 {
    let Added(number) = Postcard.decode(&event.encoded).unwrap();
    number
}

#[test]
fn what_an_entity_has_acknowledged_is_there_once_and_in_one_order() {
    sweep(|simulation| {
        let History { operations, logs } = simulation.run(|host| play(host, false)).value;
        entity_checker::linearizable(&operations, &logs);
    });
}

#[test]
fn two_actors_with_one_entity_never_interleave_nor_lose_what_they_acknowledged() {
    sweep(|simulation| {
        let History { operations, logs } = simulation.run(|host| play(host, true)).value;
        entity_checker::linearizable(&operations, &logs);
    });
}

#[test]
fn entities_get_something_done_between_the_faults() {
    let acknowledged = Seen::new();
    sweep(|simulation| {
        let History { operations, .. } = simulation.run(|host| play(host, false)).value;
        acknowledged.note(operations.iter().filter(|operation| operation.done.is_some()).count());
    });
    let (runs, all) = (acknowledged.len(), acknowledged.all().iter().sum::<usize>());
    assert!(all > runs * CLIENTS * OPERATIONS / 4, "{all} acknowledged in {runs} runs");
}

#[test]
fn a_journal_that_breaks_its_word_is_found_out_by_the_checker() {
    let flaws =
        [(Flaw::TakesEveryone, true), (Flaw::Forgets, false), (Flaw::Repeats, false), (Flaw::Tears, false)];
    for (flaw, takeovers) in flaws {
        let violations = Seen::new();
        sweep_over(0..20, |simulation| {
            let play = async |host| {
                let memory = MemoryJournal::new();
                play_on(host, &memory, Careless::new(memory.clone(), flaw), takeovers).await
            };
            let History { operations, logs } = simulation.run(play).value;
            entity_checker::violation(&operations, &logs).into_iter().for_each(|it| violations.note(it));
        });
        assert!(violations.len() > 0, "{flaw:?} is not found out");
    }
}
