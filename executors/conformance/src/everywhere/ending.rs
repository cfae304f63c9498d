//! The end of a system: by shutdown, or because nobody holds it any more.

use casty_core::{ActorRef, Behavior};

use crate::ear::Ear;
use crate::scene::{Subject, Verdict, ensure};
use crate::stage::{start, telling};

const ACTORS: usize = 10;
const MESSAGES: usize = 100;

const CHILD_BEGINS: usize = 1;
const CHILD_ENDS: usize = 2;
const PARENT_ENDS: usize = 3;

/// What was told before a shutdown is handled, then everyone ends.
pub async fn a_shutdown_delivers_what_was_told(executor: Subject) -> Verdict {
    let (busy, observing) = (start(executor.clone())?, start(executor)?);
    let ear = Ear::on(&observing)?;
    for _ in 0..ACTORS {
        let telling = busy.spawn_anonymous(telling(ear.actor()))?;
        (0..MESSAGES).for_each(|number| telling.tell(number));
    }
    ensure(busy.shutdown().await.is_clean(), "an actor did not end")?;
    ensure(busy.actors() == 0, "an actor is left")?;
    ear.hears(ACTORS * MESSAGES).await.map(drop)
}

/// When the last handle is dropped, the actors stop, children first.
pub async fn a_system_that_is_dropped_stops_its_actors(executor: Subject) -> Verdict {
    let (dropped, observing) = (start(executor.clone())?, start(executor)?);
    let ear = Ear::on(&observing)?;
    let (parent_told, child_told) = (ear.actor(), ear.actor());
    let parent = Behavior::setup(move |ctx| {
        let child = telling_of_its_life(&child_told, [CHILD_BEGINS, CHILD_ENDS]);
        match ctx.spawn_anonymous(child) {
            Ok(_) => Behavior::ignore(),
            Err(error) => Behavior::fail(error),
        }
    });
    let parent = parent.on_stop(move |_| parent_told.tell(PARENT_ENDS));
    dropped.spawn_anonymous::<()>(parent)?;
    // One that never began has no end to tell of.
    ensure(ear.hears(1).await? == [CHILD_BEGINS], "an actor ended before it began")?;
    drop(dropped);
    ensure(ear.hears(2).await? == [CHILD_ENDS, PARENT_ENDS], "actors stopped in another order")
}

/// An actor that does nothing but say when it begins and when it ends.
fn telling_of_its_life(told: &ActorRef<usize>, [begins, ends]: [usize; 2]) -> Behavior<()> {
    let (at_start, at_end) = (told.clone(), told.clone());
    Behavior::ignore().on_start(move |_| at_start.tell(begins)).on_stop(move |_| at_end.tell(ends))
}
