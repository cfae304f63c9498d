//! What a device does, and what is said between it and its host.
//!
//! This file is part of the firmware and of the host's program. It names `casty_core`, `serde` and `alloc` alone.

extern crate alloc;

use alloc::boxed::Box;
use alloc::string::String;
use core::error::Error;

use casty_core::remote::Secret;
use casty_core::{ActorRef, ActorSystem, Behavior, Node, Remote, ReplyTo, secs};
use serde::{Deserialize, Serialize};

/// The system that both nodes are of.
pub(crate) const SYSTEM: &str = "greenhouse";
/// What the sensor measures, whenever it does.
pub(crate) const CELSIUS: i32 = 21;
/// How many notes the device makes in the host's journal.
const NOTES: u32 = 3;

/// What both know, and nobody else. A real one is long, random, and another for each greenhouse.
pub(crate) fn secret() -> Secret {
    Secret::new("only for examples")
}

/// What the device's sensor understands.
#[derive(Serialize, Deserialize)]
pub(crate) enum Sensor {
    /// How warm is it?
    Read(ReplyTo<i32>),
    /// Tells that one so many samples.
    Follow(ActorRef<Sample>, u32),
    Off,
    /// Who followed has ended: said by the device to itself, and by nobody else. It is last, as what is skipped has no number among
    /// those that are read.
    #[serde(skip)]
    Unfollowed,
}

/// Both ends know a message by this name, whatever the types are called.
impl Remote for Sensor {
    const NAME: &'static str = "greenhouse.Sensor";
}

#[derive(Serialize, Deserialize)]
pub(crate) struct Sample {
    pub(crate) number: u32,
    pub(crate) celsius: i32,
}

impl Remote for Sample {
    const NAME: &'static str = "greenhouse.Sample";
}

/// What the host's journal understands.
#[derive(Serialize, Deserialize)]
pub(crate) enum Journal {
    Note(String),
    /// How many notes are there?
    Count(ReplyTo<u32>),
}

impl Remote for Journal {
    const NAME: &'static str = "greenhouse.Journal";
}

fn sensor(journal: ActorRef<Journal>) -> Behavior<Sensor> {
    Behavior::receive(move |ctx, message| match message {
        Sensor::Read(reply) => {
            reply.tell(CELSIUS);
            Behavior::same()
        }
        Sensor::Follow(follower, samples) => {
            ctx.watch_with(&follower, Sensor::Unfollowed);
            (0..samples).for_each(|number| follower.tell(Sample { number, celsius: CELSIUS }));
            Behavior::same()
        }
        Sensor::Unfollowed => {
            journal.tell(Journal::Note("nobody follows the sensor any more".into()));
            Behavior::same()
        }
        Sensor::Off => {
            journal.tell(Journal::Note("the sensor is off".into()));
            Behavior::stopped()
        }
    })
}

/// What the keeper is told.
enum Keeper {
    /// Answers when the sensor has ended.
    Wait(ReplyTo<()>),
    Ended,
}

fn keeper(sensor: ActorRef<Sensor>) -> Behavior<Keeper> {
    Behavior::setup(move |ctx| {
        ctx.watch_with(&sensor, Keeper::Ended);
        Behavior::with_state(
            |_| (false, None),
            |(ended, waits): &mut (bool, Option<ReplyTo<()>>), _, message| {
                match message {
                    Keeper::Wait(reply) => *waits = Some(reply),
                    Keeper::Ended => *ended = true,
                }
                if let Some(reply) = waits.take_if(|_| *ended) {
                    reply.tell(());
                }
                Behavior::same()
            },
        )
    })
}

/// What a device does: it finds the host's journal, lets its sensor be used until it is switched off, and asks whether all of its
/// notes have arrived.
pub(crate) async fn run(system: &ActorSystem, node: &Node) -> Result<(), Box<dyn Error + Send + Sync>> {
    let journal = node.lookup::<Journal>("host", "journal", secs(30)).await?;
    let sensor = system.spawn(sensor(journal.clone()), "sensor")?;
    journal.tell(Journal::Note("the sensor is on".into()));
    let keeper = system.spawn(keeper(sensor.clone()), "keeper")?;
    node.expose(&sensor)?;
    keeper.ask(Keeper::Wait, secs(60)).await?;
    let notes = journal.ask(Journal::Count, secs(10)).await?;
    if notes == NOTES { Ok(()) } else { Err("not all notes have arrived".into()) }
}
