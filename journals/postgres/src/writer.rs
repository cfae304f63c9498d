//! What writes on one connection: each batch until it is known what became of it.
//!
//! ```text
//! waiting ─▶ batch ─▶ sent ─▶ answered
//!              ▲        │ connection lost: in doubt, sent again; who is refused then is looked for
//!              └────────┘ something in it at fault: one by one
//! ```

use core::time::Duration;
use std::collections::VecDeque;
use std::time::Instant;

use async_channel::Receiver;
use async_io::Timer;

use crate::batch::{Refused, Verdict, ask, fault, next_batch};
use crate::change::Waiting;
use crate::doubt;
use crate::fault::Trouble;
use crate::line::{Line, Link, within};
use crate::statements::Changing;

/// How much longer than the server itself we wait for its answer.
const GRACE: Duration = Duration::from_secs(1);

pub(crate) struct Writer {
    line: Line<Changing>,
    incoming: Receiver<Waiting>,
    waiting: VecDeque<Waiting>,
}

/// What is left to do of a batch.
enum Left {
    /// The same again.
    Again(Vec<Waiting>),
    /// One by one.
    Apart(Vec<Waiting>),
}

impl Writer {
    pub(crate) const fn new(line: Line<Changing>, incoming: Receiver<Waiting>) -> Self {
        Self { line, incoming, waiting: VecDeque::new() }
    }

    /// Writes until nobody can ask for more, and all is answered.
    pub(crate) async fn run(mut self) {
        loop {
            if self.waiting.is_empty() {
                let Ok(first) = self.incoming.recv().await else { break };
                self.waiting.push_back(first);
            }
            while let Ok(more) = self.incoming.try_recv() {
                self.waiting.push_back(more);
            }
            let batch = next_batch(&mut self.waiting);
            self.carry_out(batch).await;
        }
        self.line.close().await;
    }

    async fn carry_out(&mut self, batch: Vec<Waiting>) {
        let mut parts = vec![batch];
        while let Some(part) = parts.pop() {
            match self.attempt(part).await {
                Left::Again(rest) if rest.is_empty() => {}
                Left::Again(rest) => parts.push(rest),
                Left::Apart(rest) => parts.extend(rest.into_iter().rev().map(|alone| vec![alone])),
            }
        }
    }

    async fn attempt(&mut self, batch: Vec<Waiting>) -> Left {
        let (late, mut batch): (Vec<_>, Vec<_>) =
            batch.into_iter().partition(|waiting| waiting.deadline <= Instant::now());
        late.into_iter().for_each(|waiting| waiting.give_up(self.line.cause()));
        let Some(until) = batch.iter().map(|waiting| waiting.deadline).min() else {
            return Left::Again(Vec::new());
        };
        let limit = self.line.settings.statement_timeout + GRACE;
        let Some(link) = self.line.ready(until).await else { return Left::Again(batch) };
        let trouble = match within(limit, ask(link, &batch)).await {
            Some(Ok(verdicts)) => {
                let mut doubtful = answer(batch, verdicts);
                let looked = within(limit, look(link, &mut doubtful)).await;
                batch = doubtful.into_iter().map(|(waiting, _)| waiting).collect();
                match looked {
                    Some(Ok(())) => {
                        self.line.proved();
                        return Left::Again(batch);
                    }
                    Some(Err(error)) => Trouble::of(&error),
                    None => silence(limit),
                }
            }
            Some(Err(error)) => Trouble::of(&error),
            None => silence(limit),
        };
        self.consequence(batch, trouble).await
    }

    async fn consequence(&mut self, mut batch: Vec<Waiting>, trouble: Trouble) -> Left {
        match trouble {
            Trouble::Lost(cause) => {
                self.line.lost(&cause);
                batch.iter_mut().for_each(|waiting| waiting.in_doubt = true);
                Left::Again(batch)
            }
            Trouble::Again(cause) => {
                self.line.note(cause);
                Timer::after(Duration::from_micros(fastrand::u64(1_000..20_000))).await;
                Left::Again(batch)
            }
            Trouble::Part(_) if batch.len() > 1 => Left::Apart(batch),
            Trouble::Part(cause) | Trouble::Whole(cause) => {
                batch.into_iter().for_each(|waiting| waiting.give_up(&cause));
                Left::Again(Vec::new())
            }
        }
    }
}

fn silence(limit: Duration) -> Trouble {
    Trouble::Lost(format!("the server gave no answer within {limit:?}"))
}

/// Answers everyone of whom all is known; those who are left were refused, and may have been taken when they were sent before.
fn answer(batch: Vec<Waiting>, verdicts: Vec<Verdict>) -> Vec<(Waiting, Refused)> {
    let mut doubtful = Vec::new();
    for (waiting, verdict) in batch.into_iter().zip(verdicts) {
        match verdict {
            Ok(outcome) => waiting.answer(Ok(outcome)),
            Err(refused) if waiting.in_doubt => doubtful.push((waiting, refused)),
            Err(refused) => {
                let fault = fault(&waiting.change, refused);
                waiting.answer(Err(fault));
            }
        }
    }
    doubtful
}

/// Looks whether they are there, and answers; those are left whom nobody could look for.
async fn look(
    link: &Link<Changing>,
    doubtful: &mut Vec<(Waiting, Refused)>,
) -> Result<(), tokio_postgres::Error> {
    while let Some((waiting, refused)) = doubtful.last() {
        let settled = doubt::settle(link, &waiting.change, *refused).await?;
        if let Some((waiting, _)) = doubtful.pop() {
            waiting.answer(settled.map(|()| None));
        }
    }
    Ok(())
}
