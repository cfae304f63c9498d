//! Tables in Markdown that can be read as they are, too.

use std::fmt::Write;

use crate::driver::plan::{Contender, unit};
use crate::driver::results::Results;
use crate::driver::statistics::{Summary, figure};
use crate::driver::verdict::{Judgement, Standing};
use crate::row::Row;

/// A table: its head, and rows of as many cells.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Table {
    head: Vec<String>,
    rows: Vec<Vec<String>>,
    /// Whether all columns but the first hold figures.
    figures: bool,
}

impl Table {
    /// Of words.
    #[must_use]
    pub fn of_words(head: &[&str], rows: Vec<Vec<String>>) -> Self {
        Self { head: head.iter().map(ToString::to_string).collect(), rows, figures: false }
    }

    /// Of the figures of one class: a row for each workload, a column for each contender.
    #[must_use]
    pub fn of_class(results: &Results, threads: usize, rows: &[Row], contenders: &[Contender]) -> Self {
        let columns: Vec<Contender> = contenders.iter().copied().filter(|one| one.is_in(threads)).collect();
        let names = columns.iter().map(|contender| contender.name.to_owned());
        let mut head: Vec<String> =
            std::iter::once(format!("{threads} thread{}", plural(threads))).chain(names).collect();
        head.extend(["ratio, best rival".into(), "goal".into()]);
        let line = |row: &Row| {
            let mut line = vec![format!("{row}, {}", unit(*row))];
            line.extend(columns.iter().map(|contender| cell(results, *contender, *row, threads)));
            let standing = Standing::of(results, *row, threads);
            line.push(standing.map_or_else(none, |one| format!("{:.2}x {}", one.ratio, one.rival.name)));
            line.push(Judgement::of(results, *row, threads).map_or_else(none, |one| one.to_string()));
            line
        };
        Self { head, rows: rows.iter().map(line).collect(), figures: true }
    }

    /// Whether there is nothing but the head.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The table as Markdown, its columns aligned.
    #[must_use]
    pub fn markdown(&self) -> String {
        let lines = || std::iter::once(&self.head).chain(&self.rows);
        let width =
            |column: usize| lines().map(|line| line[column].chars().count()).max().unwrap_or(0).max(3);
        let widths: Vec<usize> = (0..self.head.len()).map(width).collect();
        let mut text = String::new();
        for (index, line) in lines().enumerate() {
            for (column, (word, width)) in line.iter().zip(&widths).enumerate() {
                let written = if self.figures && column > 0 {
                    write!(text, "| {word:>width$} ")
                } else {
                    write!(text, "| {word:<width$} ")
                };
                debug_assert!(written.is_ok());
            }
            text.push_str("|\n");
            if index == 0 {
                text.push_str(&self.rule(&widths));
            }
        }
        text
    }

    fn rule(&self, widths: &[usize]) -> String {
        let dashes = widths.iter().enumerate().map(|(column, width)| {
            if self.figures && column > 0 {
                format!("|{}:", "-".repeat(width + 1))
            } else {
                format!("|{}", "-".repeat(width + 2))
            }
        });
        dashes.collect::<String>() + "|\n"
    }
}

/// The median and the range; a mark where there is trouble, and a dash where there is nothing.
fn cell(results: &Results, contender: Contender, row: Row, threads: usize) -> String {
    let trouble = !results.cell(contender, row, threads).failures.is_empty();
    match results.summary(contender, row, threads) {
        Some(Summary { median, min, max }) => {
            let mark = if trouble { " (!)" } else { "" };
            format!("{} [{}-{}]{mark}", figure(median), figure(min), figure(max))
        }
        None if trouble => "failed (!)".into(),
        None => none(),
    }
}

fn none() -> String {
    "-".into()
}

const fn plural(count: usize) -> &'static str {
    if count == 1 { "" } else { "s" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::driver::plan::CONTENDERS;
    use crate::driver::runner::Failure;
    use crate::outcome::Outcome;

    fn measured() -> Results {
        let mut results = Results::default();
        let [casty, actix] = ["casty", "actix"].map(|name| Contender::named(name).unwrap());
        for nanoseconds in [20, 30, 25] {
            let outcome = Outcome::Time { operations: 1, nanoseconds };
            results.add((casty, Row::Tell, 2), Ok(outcome));
        }
        results.add((actix, Row::Tell, 2), Ok(Outcome::Time { operations: 1, nanoseconds: 100 }));
        results.add((actix, Row::Tell, 2), Err(Failure::Hung(20)));
        results.add((actix, Row::Bank, 2), Err(Failure::Crashed("it did".into())));
        results
    }

    #[test]
    fn a_row_has_the_median_the_range_the_ratio_and_the_goal() {
        let contenders = ["casty", "actix", "floor"].map(|name| Contender::named(name).unwrap());
        let table = Table::of_class(&measured(), 2, &[Row::Tell, Row::Bank], &contenders).markdown();
        let lines: Vec<&str> = table.lines().collect();
        assert!(lines[0].starts_with("| 2 threads"), "{table}");
        assert!(!lines[0].contains("floor"), "a loop has no second thread\n{table}");
        for part in
            ["tell, ns per message", "25.0 [20.0-30.0]", "100 [100-100] (!)", "4.00x actix", "5x: **missed**"]
        {
            assert!(lines[2].contains(part), "{part} is not in\n{table}");
        }
        assert!(lines[3].contains("failed (!)"), "{table}");
    }

    #[test]
    fn every_line_is_of_the_same_width_and_has_the_same_columns() {
        let table = Table::of_class(&measured(), 1, &Row::ALL, &CONTENDERS).markdown();
        let shapes = table.lines().map(|line| (line.chars().count(), line.matches('|').count()));
        let shapes: std::collections::BTreeSet<_> = shapes.collect();
        assert_eq!(shapes.len(), 1, "{table}");
        assert_eq!(table.lines().count(), Row::ALL.len() + 2);
    }
}
