//! Actors that run anywhere: a meter that jams, and a ledger of its readings.
//!
//! This file is part of every program that runs it, unchanged: on smol, on tokio, in the simulator, in node and on a device. It
//! names `casty_core` and `alloc` alone. A panic aborts on some of them, so the meter fails by a value.

extern crate alloc;

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::error::Error;

use casty_core::{ActorRef, ActorSystem, Behavior, OneForOne, ReplyTo, millis, mins, secs};

/// What `run` returns, wherever it runs.
pub(crate) const EXPECTED: &str = include_str!("expected.txt");

/// What the meter is told.
enum Meter {
    /// It is time to read.
    Tick,
    /// What is the next reading?
    Next(ReplyTo<u32>),
}

/// Reads every two milliseconds, jams after the third reading, and begins again when it is restarted.
fn meter(ledger: ActorRef<Ledger>) -> Behavior<Meter> {
    let meter = Behavior::setup(move |ctx| {
        ledger.tell(Ledger::Started);
        ctx.schedule_with_fixed_delay("tick", millis(2), || Meter::Tick);
        reading(1, ledger.clone())
    });
    meter.supervised(OneForOne::restarts(2, mins(1)))
}

fn reading(next: u32, ledger: ActorRef<Ledger>) -> Behavior<Meter> {
    Behavior::receive_message(move |message| match message {
        Meter::Tick if next > 3 => Behavior::fail("the meter jams"),
        Meter::Tick => {
            ledger.tell(Ledger::Read(next));
            reading(next + 1, ledger.clone())
        }
        Meter::Next(reply) => {
            reply.tell(next);
            Behavior::same()
        }
    })
}

/// What the ledger is told.
enum Ledger {
    /// The meter has started, or has been restarted.
    Started,
    /// The meter has read this.
    Read(u32),
    /// The meter failed once too often.
    Broken,
    /// What is written, once the meter is broken.
    Close(ReplyTo<Closed>),
}

/// What a closed ledger says, and the meter that it was about.
struct Closed {
    lines: Vec<String>,
    meter: ActorRef<Meter>,
}

/// What the ledger keeps while it is open.
struct Pages {
    lines: Vec<String>,
    broken: bool,
    asked: Option<ReplyTo<Closed>>,
}

/// Has a meter, and answers when that is broken.
fn ledger() -> Behavior<Ledger> {
    let ledger = Behavior::setup(|ctx| {
        let meter = match ctx.spawn(meter(ctx.me()), "meter") {
            Ok(meter) => meter,
            Err(error) => return Behavior::fail(error),
        };
        ctx.watch_with(&meter, Ledger::Broken);
        Behavior::with_state(
            |_| Pages { lines: Vec::new(), broken: false, asked: None },
            move |pages: &mut Pages, _, message| {
                pages.note(message, &meter);
                Behavior::same()
            },
        )
    });
    ledger.supervised(OneForOne::restarts(1, mins(1)))
}

impl Pages {
    fn note(&mut self, message: Ledger, meter: &ActorRef<Meter>) {
        match message {
            Ledger::Started => self.lines.push("the meter starts".into()),
            Ledger::Read(value) => self.lines.push(format!("it reads {value}")),
            Ledger::Broken => {
                self.lines.push("it is broken for good".into());
                self.broken = true;
            }
            Ledger::Close(reply) => self.asked = Some(reply),
        }
        if let Some(reply) = self.asked.take_if(|_| self.broken) {
            reply.tell(Closed { lines: core::mem::take(&mut self.lines), meter: meter.clone() });
        }
    }
}

/// Lets the meter jam until it is broken, asks what was written, and ends the system.
pub(crate) async fn run(system: ActorSystem) -> Result<Vec<String>, Box<dyn Error + Send + Sync>> {
    let ledger = system.spawn(ledger(), "ledger")?;
    let Closed { mut lines, meter } = ledger.ask(Ledger::Close, secs(30)).await?;
    let question = meter.ask(Meter::Next, secs(30)).await;
    lines.push(match question {
        Ok(next) => format!("asked, it says {next}"),
        Err(error) => format!("asked, it says nothing: {error}"),
    });
    let report = system.shutdown().await;
    lines.push(format!("all have ended: {}", report.is_clean()));
    Ok(lines)
}
