//! How the subject stands against its rivals and its goals.

use std::fmt;

use crate::driver::plan::{CONTENDERS, Contender, Goal, Kind, goal};
use crate::driver::results::Results;
use crate::driver::statistics::figure;
use crate::row::Row;

/// The best rival of a row, and how many times what the subject takes it takes: below 1, the subject is behind.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Standing {
    /// The row.
    pub row: Row,
    /// The class.
    pub threads: usize,
    /// The best rival.
    pub rival: Contender,
    /// Its median by that of the subject; 0 when the subject has none.
    pub ratio: f64,
}

impl Standing {
    /// In a row of a class, where a rival has a figure and the subject was measured.
    #[must_use]
    pub fn of(results: &Results, row: Row, threads: usize) -> Option<Self> {
        let rivals = CONTENDERS.into_iter().filter(|contender| contender.kind == Kind::Rival);
        let medians = rivals.filter_map(|rival| Some((rival, results.summary(rival, row, threads)?.median)));
        let (rival, best) = medians.min_by(|(_, one), (_, other)| one.total_cmp(other))?;
        let ratio = match results.summary(subject(), row, threads) {
            Some(own) => best / own.median,
            None if results.cell(subject(), row, threads).failures.is_empty() => return None,
            None => 0.0,
        };
        Some(Self { row, threads, rival, ratio })
    }
}

/// Where the subject stands worst.
#[must_use]
pub fn worst(results: &Results, rows: &[Row], classes: &[usize]) -> Option<Standing> {
    let all = rows.iter().flat_map(|row| classes.iter().map(move |threads| (*row, *threads)));
    let standings = all.filter_map(|(row, threads)| Standing::of(results, row, threads));
    standings.min_by(|one, other| one.ratio.total_cmp(&other.ratio))
}

/// The last line of a run.
#[must_use]
pub fn worst_line(worst: Option<Standing>) -> String {
    match worst {
        Some(Standing { row, rival, ratio, .. }) => format!("worst ratio {ratio:.2} ({row}, {})", rival.name),
        None => "worst ratio unknown (nothing to compare)".into(),
    }
}

/// Whether a goal was met, and by which figure.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Judgement {
    /// What was to be reached.
    pub goal: Goal,
    /// What was reached, where it was measured.
    pub reached: Option<f64>,
}

impl Judgement {
    /// In a row of a class that has a goal.
    #[must_use]
    pub fn of(results: &Results, row: Row, threads: usize) -> Option<Self> {
        let goal = goal(row, threads)?;
        let own = results.summary(subject(), row, threads).map(|summary| summary.median);
        let reached = match goal {
            Goal::Ahead(_) => Standing::of(results, row, threads).map(|standing| standing.ratio),
            Goal::AtMost(_) => own,
            Goal::OfFloor(name, _) => Contender::named(name)
                .and_then(|floor| results.summary(floor, row, threads))
                .and_then(|floor| Some(own? / floor.median)),
        };
        Some(Self { goal, reached })
    }

    /// Whether it was met; unknown when it was not measured.
    #[must_use]
    pub fn met(self) -> Option<bool> {
        let reached = self.reached?;
        Some(match self.goal {
            Goal::Ahead(times) => reached >= times,
            Goal::AtMost(most) | Goal::OfFloor(_, most) => reached <= most,
        })
    }
}

impl fmt::Display for Judgement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.goal {
            Goal::Ahead(times) => write!(f, "{times}x: ")?,
            Goal::AtMost(most) => write!(f, "at most {}: ", figure(most))?,
            Goal::OfFloor(floor, most) => write!(f, "at most {most}x {floor}: ")?,
        }
        match (self.met(), self.goal, self.reached) {
            (Some(true), Goal::OfFloor(..), Some(reached)) => write!(f, "met ({reached:.2}x)"),
            (Some(true), ..) => f.write_str("met"),
            (Some(false), Goal::OfFloor(..), Some(reached)) => write!(f, "**missed** ({reached:.2}x)"),
            (Some(false), ..) => f.write_str("**missed**"),
            (None, ..) => f.write_str("not measured"),
        }
    }
}

/// Whom the ratios are about.
#[must_use]
pub fn subject() -> Contender {
    CONTENDERS[0]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::driver::runner::Failure;
    use crate::outcome::Outcome;

    fn results(cells: &[(&str, Row, u64)]) -> Results {
        let mut results = Results::default();
        for (name, row, nanoseconds) in cells {
            let outcome = Outcome::Time { operations: 1, nanoseconds: *nanoseconds };
            results.add((Contender::named(name).unwrap(), *row, 2), Ok(outcome));
        }
        results
    }

    #[test]
    fn the_ratio_is_that_of_the_best_rival_and_of_no_floor() {
        let results = results(&[
            ("casty", Row::Tell, 20),
            ("actix", Row::Tell, 100),
            ("ractor", Row::Tell, 300),
            ("raw-smol", Row::Tell, 10),
            ("casty-tokio", Row::Tell, 5),
        ]);
        let standing = Standing::of(&results, Row::Tell, 2).unwrap();
        assert_eq!((standing.rival.name, standing.ratio), ("actix", 5.0));
        assert_eq!(Judgement::of(&results, Row::Tell, 2).unwrap().to_string(), "5x: met");
    }

    #[test]
    fn the_worst_row_ends_the_run() {
        let results = results(&[
            ("casty", Row::Tell, 20),
            ("actix", Row::Tell, 100),
            ("casty", Row::Bank, 200),
            ("xtra", Row::Bank, 150),
        ]);
        let worst = worst(&results, &Row::ALL, &[2, 1]);
        assert_eq!(worst_line(worst), "worst ratio 0.75 (bank, xtra)");
        assert_eq!(worst_line(None), "worst ratio unknown (nothing to compare)");
    }

    #[test]
    fn a_subject_that_fails_has_the_worst_ratio() {
        let mut results = results(&[("actix", Row::Tell, 100)]);
        assert_eq!(Standing::of(&results, Row::Tell, 2), None);
        results.add((subject(), Row::Tell, 2), Err(Failure::Hung(20)));
        assert_eq!(Standing::of(&results, Row::Tell, 2).unwrap().ratio, 0.0);
    }

    #[test]
    fn a_goal_may_be_about_a_floor_or_a_figure() {
        let results = results(&[("casty", Row::AskTask, 160), ("raw-smol", Row::AskTask, 100)]);
        let judgement = Judgement::of(&results, Row::AskTask, 2).unwrap();
        assert_eq!(judgement.to_string(), "at most 1.5x raw-smol: **missed** (1.60x)");
        let judgement = Judgement::of(&results, Row::Memory, 2).unwrap();
        assert_eq!(judgement.to_string(), "at most 320: not measured");
        assert_eq!(Judgement::of(&results, Row::Bank, 2), None);
    }
}
