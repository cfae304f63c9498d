//! The process that is killed: entities that persist number after number.

use std::io::{self, Write};
use std::process;

use casty_core::journal::{EntityId, Journal};
use casty_core::persist::{Decision, EntityFailed, EventSourced, Snapshots, Stored};
use casty_core::{ActorSystem, Behavior, SpawnError};
use serde::{Deserialize, Serialize};

use super::line::Line;

/// How many entities write at the same time.
pub(super) const ENTITIES: usize = 8;
/// How many numbers one command persists at most.
pub(super) const NUMBERS_MAX: u64 = 3;
/// What every event can be found by.
pub(super) const TAG: &str = "crash";
/// How many numbers there are between two snapshots of an entity that has any.
const SNAPSHOT_NUMBERS: u64 = 10;

/// The event of that number: the first of an entity has 1.
#[derive(Serialize, Deserialize)]
pub(super) struct Numbered(pub(super) u64);

impl Stored for Numbered {
    const NAME: &'static str = "crash.Numbered";
}

/// The last number.
#[derive(Serialize, Deserialize, Clone)]
pub(super) struct Last(pub(super) u64);

impl Stored for Last {
    const NAME: &'static str = "crash.Last";
}

/// Persists numbers, and says so when they are durable, until the process is killed or nobody listens any more.
///
/// The answer comes when all entities have begun; they go on in `system`.
///
/// # Errors
/// [`SpawnError`], when the system takes no more actors.
pub fn persist(system: &ActorSystem, journal: impl Journal + Clone) -> Result<(), SpawnError> {
    let failures = Behavior::receive_message(|EntityFailed { error, .. }| {
        say(&Line::Failed(error.to_string()));
        Behavior::same()
    });
    system.subscribe(&system.spawn(failures, "failures")?);
    for number in 0..ENTITIES {
        let name = format!("entity-{number}");
        system.spawn(entity(&name, number, journal.clone()), &name)?.tell(());
    }
    Ok(())
}

fn entity(name: &str, number: usize, journal: impl Journal) -> Behavior<()> {
    let entity = EntityId::new(name);
    let mut kept = EventSourced::new(name, journal, Last(0), |_, Numbered(number)| Last(*number))
        .tagged(|_| vec![TAG.into()]);
    if number.is_multiple_of(2) {
        kept = kept.snapshots(Snapshots::every(SNAPSHOT_NUMBERS).keeping(2));
    }
    Behavior::event_sourced(kept, move |Last(last), ctx, ()| {
        let (me, entity) = (ctx.me(), entity.clone());
        let count = 1 + last % NUMBERS_MAX;
        Decision::persist_all((1..=count).map(|step| Numbered(last + step))).then(move |Last(last)| {
            say(&Line::Acknowledged(entity, *last));
            me.tell(());
        })
    })
}

/// Says a line, whole. Where nobody listens any more, there is nothing left to live for.
fn say(line: &Line) {
    if writeln!(io::stdout().lock(), "{line}").is_err() {
        process::exit(1);
    }
}
