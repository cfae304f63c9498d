//! `casty members`: who is in the cluster of a node, once or whenever that changes.

use std::fmt::Write as _;
use std::io::Write as _;
use std::time::Duration;

use async_io::Timer;
use casty_core::cluster::Member;
use casty_core::inspect::{Inspect, MembersPage, PAGE_MEMBERS_MAX};
use clap::Args;
use serde::Serialize;

use crate::files::{Failure, Outcome};
use crate::reach::{Reach, Session, seconds};
use crate::said;

#[derive(Args)]
pub(crate) struct Members {
    #[command(flatten)]
    reach: Reach,
    /// Shows them again whenever something has changed, until the node is gone; with --json in one line each time.
    #[arg(long)]
    watch: bool,
    /// How many seconds are between two looks.
    #[arg(long, default_value_t = 1.0, value_parser = seconds, requires = "watch")]
    interval: f64,
}

/// A cluster, as one node knows it.
#[derive(PartialEq, Eq, Serialize)]
struct Shown {
    /// How far the node itself has come.
    status: Option<String>,
    leader: Option<String>,
    converged: bool,
    members: Vec<Line>,
}

/// A member.
#[derive(PartialEq, Eq, Serialize)]
struct Line {
    node: String,
    incarnation: u64,
    address: String,
    status: String,
    reachable: bool,
    leader: bool,
    /// As which it became a member; null while it has not.
    age: Option<u64>,
    roles: Vec<String>,
    version: String,
    /// The first and the last version of the protocol that it speaks.
    protocols: (u8, u8),
}

impl Members {
    pub(crate) async fn run(self, json: bool) -> Outcome<String> {
        let session = self.reach.inspect().await?;
        let shown = if self.watch { self.follow(&session, json).await } else { look(&session).await };
        session.close().await;
        let shown = shown?;
        if json { said::json(&shown) } else { Ok(for_people(&shown)) }
    }

    /// Says what there is whenever that has changed. It ends only with the node, or with who listens.
    async fn follow(&self, session: &Session<Inspect>, json: bool) -> Outcome<Shown> {
        let mut last = None;
        loop {
            let shown = look(session).await?;
            if last.as_ref() != Some(&shown) {
                let said = if json { said::json_line(&shown)? } else { format!("{}\n", for_people(&shown)) };
                let mut out = std::io::stdout().lock();
                let written = writeln!(out, "{said}").and_then(|()| out.flush());
                written.map_err(|error| Failure::new("what is shown", error))?;
                last = Some(shown);
            }
            Timer::after(Duration::from_secs_f64(self.interval)).await;
        }
    }
}

/// Asks for all pages.
async fn look(session: &Session<Inspect>) -> Outcome<Shown> {
    let (mut members, mut after) = (Vec::new(), 0);
    loop {
        let page = session.ask(|reply| Inspect::Members { after, max: PAGE_MEMBERS_MAX, reply }).await?;
        let mut page = page.map_err(|error| session.failed(error))?;
        let last = page.members.last().map_or(after, |last: &Member| last.id.incarnation);
        members.append(&mut page.members);
        if !page.more {
            return Ok(shown(page, members));
        }
        after = beyond(after, last).ok_or_else(|| session.failed(ENDLESS))?;
    }
}

/// What a node says that has more pages, and never others.
const ENDLESS: &str = "the node answers with the same members again and again";

/// After whom the next page begins, if that leads anywhere.
fn beyond(after: u64, last: u64) -> Option<u64> {
    (last > after).then_some(last)
}

/// The oldest first; those that are not up yet come last.
fn shown(page: MembersPage, mut members: Vec<Member>) -> Shown {
    members.sort_by_key(|member| (member.age.wrapping_sub(1), member.id.clone()));
    let leader = page.leader;
    let lines = members.into_iter().map(|member| Line {
        leader: leader.as_ref() == Some(&member.id),
        node: member.id.name,
        incarnation: member.id.incarnation,
        address: member.address,
        status: member.status.to_string(),
        reachable: member.reachable,
        age: (member.age > 0).then_some(member.age),
        roles: member.roles,
        version: member.version,
        protocols: member.protocols,
    });
    Shown {
        members: lines.collect(),
        status: page.status.map(|status| status.to_string()),
        leader: leader.map(|leader| leader.to_string()),
        converged: page.converged,
    }
}

fn for_people(shown: &Shown) -> String {
    let mut rows = vec![["NODE", "STATUS", "AGE", "ADDRESS", "ROLES", "VERSION"].map(String::from)];
    rows.extend(shown.members.iter().map(row));
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0).min(60);
    let widths: [usize; 6] = core::array::from_fn(width);
    let mut table = String::new();
    for row in &rows {
        let cells: Vec<String> =
            row.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        // To a text nothing fails to be written.
        let _ = writeln!(table, "{}", cells.join("  ").trim_end());
    }
    let agree = if shown.converged { "all know the same" } else { "not all know the same" };
    let _ = match &shown.status {
        None => writeln!(table, "the node is in no cluster yet"),
        Some(status) if shown.members.is_empty() => {
            writeln!(table, "the node is in no cluster any more: {status}")
        }
        Some(status) => writeln!(table, "the node is {status}; {agree}"),
    };
    table.trim_end().into()
}

fn row(line: &Line) -> [String; 6] {
    // What nodes call themselves is no text for a terminal to obey.
    let plain = |said: &str| said.escape_debug().to_string();
    let unreachable = if line.reachable { "" } else { ", unreachable" };
    let leads = if line.leader { ", leader" } else { "" };
    [
        plain(&format!("{}#{}", line.node, line.incarnation)),
        format!("{}{unreachable}{leads}", line.status),
        line.age.map_or_else(|| "-".into(), |age| age.to_string()),
        plain(&line.address),
        plain(&line.roles.join(",")),
        plain(&line.version),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_that_has_always_more_of_the_same_is_not_asked_for_ever() {
        assert_eq!(beyond(0, 7), Some(7));
        assert_eq!((beyond(7, 7), beyond(7, 0)), (None, None));
    }
}
