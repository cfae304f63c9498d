//! What was measured: the samples of each contender in each row of each class.

use std::collections::BTreeMap;

use crate::driver::plan::Contender;
use crate::driver::runner::Failure;
use crate::driver::statistics::Summary;
use crate::outcome::Outcome;
use crate::row::Row;

/// All cells of all tables, for one allocator.
#[derive(Clone, Default, Debug)]
pub struct Results(BTreeMap<(&'static str, Row, usize), Cell>);

/// What one contender did in one row of one class.
#[derive(Clone, Default, PartialEq, Debug)]
pub struct Cell {
    /// Nanoseconds for an operation, or bytes for an actor, one for each repetition.
    pub samples: Vec<f64>,
    /// The repetitions that measured nothing.
    pub failures: Vec<Failure>,
    /// Why it cannot do this.
    pub cannot: Option<String>,
}

impl Results {
    /// The cell of a contender, empty when there was no repetition.
    #[must_use]
    pub fn cell(&self, contender: Contender, row: Row, threads: usize) -> Cell {
        self.0.get(&(contender.name, row, threads)).cloned().unwrap_or_default()
    }

    /// What the samples come down to.
    #[must_use]
    pub fn summary(&self, contender: Contender, row: Row, threads: usize) -> Option<Summary> {
        Summary::of(&self.0.get(&(contender.name, row, threads))?.samples)
    }

    /// Adds what a repetition came to.
    pub fn add(&mut self, at: (Contender, Row, usize), outcome: Result<Outcome, Failure>) {
        let (contender, row, threads) = at;
        let cell = self.0.entry((contender.name, row, threads)).or_default();
        match outcome {
            Ok(Outcome::Time { operations, nanoseconds }) => {
                cell.samples.push(nanoseconds as f64 / operations as f64);
            }
            Ok(Outcome::Memory { actors, bytes }) => cell.samples.push(bytes as f64 / actors as f64),
            Ok(Outcome::Cannot(reason)) => cell.cannot = Some(reason),
            Err(failure) => cell.failures.push(failure),
        }
    }

    /// Whether another repetition would tell anything: not of what cannot be done, or takes for ever.
    #[must_use]
    pub fn wants(&self, contender: Contender, row: Row, threads: usize) -> bool {
        let cell = self.cell(contender, row, threads);
        let hung = cell.failures.iter().any(|failure| matches!(failure, Failure::Hung(_)));
        cell.cannot.is_none() && !hung
    }

    /// Takes over the cells of a contender for which it makes no difference.
    pub fn adopt(&mut self, contender: Contender, from: &Self) {
        let same = from.0.iter().filter(|((name, ..), _)| *name == contender.name);
        self.0.extend(same.map(|(key, cell)| (*key, cell.clone())));
    }

    /// Every cell that has no figure or not all of them, in the order of the names.
    pub fn gaps(&self) -> impl Iterator<Item = (&'static str, Row, usize, &Cell)> {
        let cells = self.0.iter().filter(|(_, cell)| cell.cannot.is_some() || !cell.failures.is_empty());
        cells.map(|((name, row, threads), cell)| (*name, *row, *threads, cell))
    }
}

impl Cell {
    /// How the repetitions failed, in words.
    #[must_use]
    pub fn trouble(&self) -> Option<String> {
        let last = match self.failures.last()? {
            Failure::Hung(seconds) => format!("ended after {seconds} s, and not tried again"),
            Failure::Crashed(what) => what.clone(),
        };
        let tries = self.failures.len() + self.samples.len();
        Some(format!("failed {} of {tries} times: {last}", self.failures.len()))
    }
}
