//! The pipeline: parent of all the others, from the first file to the total.
//!
//! ```text
//! Run ─▶ reading ── every reader has ended ─▶ draining ── every seat has ended ─▶ total ─▶ reply
//! ```

use std::path::PathBuf;

use casty::prelude::*;
use casty::{ActorRestarted, SpawnError};

use crate::counts::Counts;
use crate::options::Options;
use crate::pool::{self, Seats};
use crate::reader::reader;
use crate::tally::{self, Tally, tally};

/// What the pipeline hears.
pub(crate) enum Pipeline {
    /// Asks it to run, and for what it came to.
    Run(ReplyTo<Result<Outcome, String>>),
    /// A file could not be read.
    Skipped(String),
    /// A reader has read all its files.
    ReadAll,
    /// A seat found a batch that cannot be counted.
    GaveUp(String),
    /// A worker is back after a failure.
    Restarted,
    /// A child has ended.
    ReaderEnded,
    SeatEnded,
    TallyEnded,
    /// All of it.
    Total(Result<Counts, AskError>),
}

/// What the pipeline came to.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) counts: Counts,
    pub(crate) restarts: u64,
    pub(crate) skipped: u64,
}

/// How many files are read at a time.
const READERS: usize = 2;

/// A pipeline at work.
struct Running {
    outcome: Outcome,
    reply: ReplyTo<Result<Outcome, String>>,
    tally: ActorRef<Tally>,
    seats: Seats,
    /// Readers that have not yet read everything.
    reading: usize,
    /// Readers and seats that live.
    readers: usize,
    draining: usize,
}

/// Counts `files` once it is asked to.
pub(crate) fn pipeline(options: Options, files: Vec<PathBuf>) -> Behavior<Pipeline> {
    Behavior::with_state(
        |_ctx| None,
        move |running, ctx, message| match (message, running.take()) {
            (Pipeline::Run(reply), None) => match Running::start(ctx, &options, &files, reply) {
                Ok(started) => {
                    *running = Some(started);
                    Behavior::same()
                }
                Err(error) => Behavior::fail(error),
            },
            (message, Some(before)) => {
                *running = before.hear(ctx, message);
                if running.is_some() { Behavior::same() } else { Behavior::stopped() }
            }
            (_, None) => Behavior::unhandled(),
        },
    )
}

impl Running {
    /// Spawns everyone, from the end of the pipeline to its beginning.
    fn start(
        ctx: &mut Context<Pipeline>,
        options: &Options,
        files: &[PathBuf],
        reply: ReplyTo<Result<Outcome, String>>,
    ) -> Result<Self, SpawnError> {
        let restarts = ctx.adapter(|_: ActorRestarted| Pipeline::Restarted);
        ctx.system().subscribe(&restarts);

        let bounded = Mailbox::bounded(tally::WAITING_MAX, Overflow::Reject);
        let tally = ctx.spawn_with(tally(), SpawnOptions::named("tally").mailbox(bounded))?;
        ctx.watch_with(&tally, Pipeline::TallyEnded);

        let seats = pool::spawn(ctx, options.workers, options.fail_every, &tally)?;
        seats.iter().for_each(|seat| ctx.watch_with(seat, Pipeline::SeatEnded));

        for number in 0..READERS {
            let share = files.iter().skip(number).step_by(READERS).cloned().collect();
            let reader = reader(share, seats.clone(), ctx.me());
            let reader = ctx.spawn(reader, &format!("reader-{}", number + 1))?;
            ctx.watch_with(&reader, Pipeline::ReaderEnded);
        }
        let (outcome, reading, readers, draining) = (Outcome::default(), READERS, READERS, seats.len());
        Ok(Self { outcome, reply, tally, seats, reading, readers, draining })
    }

    /// Goes on after `message`; `None` at the end.
    fn hear(mut self, ctx: &mut Context<Pipeline>, message: Pipeline) -> Option<Self> {
        match message {
            Pipeline::Restarted => self.outcome.restarts += 1,
            Pipeline::ReadAll => self.reading -= 1,
            Pipeline::Skipped(file) => {
                eprintln!("skipped {file}");
                self.outcome.skipped += 1;
            }
            Pipeline::ReaderEnded => {
                self.readers -= 1;
                if self.readers < self.reading {
                    return self.failed("a reader failed");
                }
                if self.readers == 0 {
                    self.seats.iter().for_each(|seat| ctx.system().drain(seat));
                }
            }
            Pipeline::SeatEnded => {
                self.draining -= 1;
                if self.readers > 0 {
                    return self.failed("a seat failed");
                }
                if self.draining == 0 {
                    ctx.ask(&self.tally, Tally::Total, mins(1), Pipeline::Total);
                }
            }
            Pipeline::TallyEnded => return self.failed("the tally failed"),
            Pipeline::GaveUp(reason) => return self.failed(&reason),
            Pipeline::Total(Err(error)) => return self.failed(&error.to_string()),
            Pipeline::Total(Ok(counts)) => {
                self.outcome.counts = counts;
                self.reply.tell(Ok(self.outcome));
                return None;
            }
            // Once is enough.
            Pipeline::Run(_) => {}
        }
        Some(self)
    }

    fn failed(self, reason: &str) -> Option<Self> {
        self.reply.tell(Err(reason.into()));
        None
    }
}
