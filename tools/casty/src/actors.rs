//! `casty actors`: the tree of actors of a node, asked for a page at a time.

use std::collections::VecDeque;
use std::fmt::Write;

use casty_core::inspect::{ActorReport, ActorState, Inspect, InspectError, PAGE_ACTORS_MAX};
use clap::Args;
use serde::Serialize;

use crate::files::{Failure, Outcome};
use crate::reach::{Reach, Session};
use crate::said;

#[derive(Args)]
pub(crate) struct Actors {
    #[command(flatten)]
    reach: Reach,
    /// Only what is below that actor, given by its path from the root down.
    #[arg(long, default_value = "")]
    path: String,
    /// How many levels are shown.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    depth: u32,
    /// How many actors are shown at most.
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..))]
    max: u32,
}

/// What is shown of a node.
#[derive(Serialize)]
struct Shown {
    actors: Vec<Line>,
    /// All of them, down to the depth, are there.
    complete: bool,
}

/// An actor.
#[derive(Serialize)]
struct Line {
    path: String,
    #[serde(skip)]
    level: usize,
    #[serde(skip)]
    name: String,
    takes: String,
    state: String,
    waiting: u64,
    restarts: Option<u64>,
    children: Option<u64>,
}

/// The children of an actor, as far as they are known and not shown yet.
struct Level {
    path: String,
    reports: VecDeque<ActorReport>,
    after: u64,
    more: bool,
}

impl Level {
    const fn new(path: String) -> Self {
        Self { path, reports: VecDeque::new(), after: 0, more: true }
    }
}

impl Actors {
    pub(crate) async fn run(self, json: bool) -> Outcome<String> {
        let session = self.reach.inspect().await?;
        let shown = self.walk(&session).await;
        session.close().await;
        let shown = shown?;
        if json { said::json(&shown) } else { Ok(for_people(&shown)) }
    }

    /// Parents before their children, the oldest first.
    async fn walk(&self, session: &Session<Inspect>) -> Outcome<Shown> {
        let top = self.path.trim_matches('/');
        let mut shown = Shown { actors: Vec::new(), complete: true };
        let mut levels = vec![Level::new(top.into())];
        while let Some(level) = levels.last_mut() {
            if level.reports.is_empty() && level.more {
                match fetch(session, level).await? {
                    Ok(()) => {}
                    Err(error) if levels.len() == 1 => return Err(Failure::new(format!("`{top}`"), error)),
                    // It has ended since, or is at work for long.
                    Err(error) => {
                        shown.complete &= error == InspectError::NotFound;
                        levels.pop();
                        continue;
                    }
                }
            }
            let Some(report) = level.reports.pop_front() else {
                levels.pop();
                continue;
            };
            if shown.actors.len() == self.max as usize {
                shown.complete = false;
                break;
            }
            let path = format!("{}/{}", level.path, report.name);
            let path = String::from(path.trim_start_matches('/'));
            let goes_on = report.children != Some(0) && levels.len() < self.depth as usize;
            shown.complete &= report.state != ActorState::Blocked || levels.len() >= self.depth as usize;
            let below = (goes_on && report.state != ActorState::Blocked).then(|| Level::new(path.clone()));
            shown.actors.push(line(report, path, levels.len() - 1));
            levels.extend(below);
        }
        Ok(shown)
    }
}

/// Asks for the next page of a level.
async fn fetch(session: &Session<Inspect>, level: &mut Level) -> Outcome<Result<(), InspectError>> {
    let (of, after) = (level.path.clone(), level.after);
    let page = session.ask(|reply| Inspect::Children { of, after, max: PAGE_ACTORS_MAX, reply }).await?;
    Ok(page.map(|page| {
        level.after = page.actors.last().map_or(level.after, |last| last.number);
        level.more = page.more && !page.actors.is_empty();
        level.reports = page.actors.into();
    }))
}

fn line(report: ActorReport, path: String, level: usize) -> Line {
    let ActorReport { name, takes, state, waiting, restarts, children, .. } = report;
    Line { path, level, name, takes, state: state.to_string(), waiting, restarts, children }
}

fn for_people(shown: &Shown) -> String {
    let names = shown.actors.iter().map(|line| 2 * line.level + line.name.chars().count());
    let width = names.max().unwrap_or(0).clamp(5, 60);
    let mut table =
        format!("{:<width$}  {:<10}  {:>8}  {:>8}  TAKES\n", "ACTOR", "STATE", "WAITING", "RESTARTS");
    for line in &shown.actors {
        // What a node calls its own is no text for a terminal to obey.
        let name = format!("{:indent$}{}", "", line.name.escape_debug(), indent = 2 * line.level);
        let restarts = line.restarts.map_or_else(|| "?".into(), |restarts| restarts.to_string());
        let Line { state, waiting, .. } = line;
        let takes = line.takes.escape_debug();
        // To a text nothing fails to be written.
        let _ = writeln!(table, "{name:<width$}  {state:<10}  {waiting:>8}  {restarts:>8}  {takes}");
    }
    if !shown.complete {
        table.push_str("... and more, which is not shown\n");
    }
    table.trim_end().into()
}
