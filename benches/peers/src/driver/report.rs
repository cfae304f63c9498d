//! The page of results: what was measured, on what, and how to do it again.

use std::collections::BTreeMap;

use crate::driver::machine::{self, Machine};
use crate::driver::options::Options;
use crate::driver::plan::{CONTENDERS, Kind, Scale, meaning};
use crate::driver::results::Results;
use crate::driver::table::Table;
use crate::driver::verdict::{worst, worst_line};
use crate::row::Row;

/// What a whole run measured.
#[derive(Clone, Debug)]
pub struct Report<'a> {
    /// What was asked for.
    pub options: &'a Options,
    /// With the system's allocator.
    pub system: &'a Results,
    /// With mimalloc, where that was measured.
    pub mimalloc: Option<&'a Results>,
}

impl Report<'_> {
    /// The tables of all classes.
    #[must_use]
    pub fn tables(&self, results: &Results) -> String {
        let Options { rows, contenders, classes, .. } = self.options;
        let tables =
            classes.iter().map(|threads| Table::of_class(results, *threads, rows, contenders).markdown());
        tables.collect::<Vec<_>>().join("\n")
    }

    /// What has no figure, or not all of them; empty when there is nothing to say.
    #[must_use]
    pub fn gaps(&self) -> String {
        let mut missing: BTreeMap<(String, String), Vec<&str>> = BTreeMap::new();
        let mut failed = Vec::new();
        for (name, row, threads, cell) in
            self.system.gaps().chain(self.mimalloc.into_iter().flat_map(Results::gaps))
        {
            if let Some(reason) = &cell.cannot {
                let rows = missing.entry((name.into(), reason.clone())).or_default();
                if !rows.contains(&row.name()) {
                    rows.push(row.name());
                }
            }
            if let Some(trouble) = cell.trouble() {
                failed.push(vec![name.into(), row.name().into(), threads.to_string(), trouble]);
            }
        }
        let missing = missing.into_iter().map(|((name, reason), rows)| vec![name, rows.join(", "), reason]);
        let mut text = section(Table::of_words(&["left out", "rows", "why"], missing.collect()));
        let failures = Table::of_words(&["failed (!)", "row", "threads", "how"], failed);
        text.push_str(&section(failures));
        text
    }

    /// The whole page.
    #[must_use]
    pub fn page(&self) -> String {
        let worst = worst_line(worst(self.system, &self.options.rows, &self.options.classes));
        let rows = Row::ALL.map(|row| vec![format!("`{row}`"), meaning(row).into()]);
        let mut page = format!(
            "# Casty beside its rivals\n\n{INTRODUCTION}\n\n![How many times casty's cost](results.svg)\n\n\
             {}\n\n{HOW}\n\n## Figures\n\n{}\n**{worst}**, over all rows and both classes.\n\n{}",
            self.conditions(),
            self.tables(self.system),
            self.gaps(),
        );
        if let Some(results) = self.mimalloc {
            page += &format!("## With mimalloc\n\n{MIMALLOC}\n\n{}\n", self.tables(results));
        }
        page += &format!(
            "## Rows\n\n{}\n{NOTES}\n",
            Table::of_words(&["row", "measures"], rows.into()).markdown()
        );
        page
    }

    fn conditions(&self) -> String {
        let Machine { processor, cores, kernel, compiler } = Machine::here();
        let versions = machine::versions().into_iter().map(|(name, version)| format!("{name} {version}"));
        let versions = versions.collect::<Vec<_>>().join(", ");
        let allocators = match (self.mimalloc, machine::mimalloc_version()) {
            (Some(_), Some(version)) => format!("; a second time with mimalloc (package {version})"),
            _ => String::new(),
        };
        let scale =
            if self.options.scale == Scale::Quick { ", at the small sizes of a quick run" } else { "" };
        format!(
            "Measured on {processor}, {cores} cores, {kernel}; {compiler}, release, `lto = \"thin\"`, \
             `codegen-units = 1`; the system's allocator for all{allocators}. Medians of {} repetitions{scale}, in \
             brackets the fastest and the slowest.\n\n{versions}.",
            self.options.repetitions
        )
    }
}

fn section(table: Table) -> String {
    if table.is_empty() { String::new() } else { table.markdown() + "\n" }
}

/// The rivals, by name.
#[must_use]
pub fn rivals() -> String {
    let rivals = CONTENDERS.into_iter().filter(|contender| contender.kind == Kind::Rival);
    rivals.map(|rival| rival.name).collect::<Vec<_>>().join(", ")
}

const INTRODUCTION: &str = "\
Written by `benches/peers/run`, which measures everything anew; nothing here is written by hand. Compare figures of
one table only: machines are noisy, and a difference below 1.3x is a tie. The ratio is the best rival's median by
casty's, so below 1 casty is behind. Rivals are actix, erlang, kameo, ractor and xtra; casty-tokio, casty-global, the floors
(raw-smol, raw-tokio, floor) and stakker are there for orientation.";

const HOW: &str = "\
```sh
benches/peers/run                          # everything, and this page
benches/peers/run --quick                  # the same in a few minutes, at small sizes
benches/peers/run ring --threads 1         # rows by the beginning of their names, in one class
benches/peers/run tell --contenders casty,actix --reps 9
```

Each measurement is a fresh process without warm-up. A repetition runs each row on every contender in turn, in an order
that changes from one repetition to the next. Each process checks the result of its work, and has no figure otherwise.";

const MIMALLOC: &str = "\
The same with mimalloc as the allocator of every contender. Erlang has its own, so its figures are those from above.";

const NOTES: &str = "\
**Classes.** With two threads, these are worker threads, and the calling thread is outside: it tells, spawns, waits. With
one, all that happens is on the calling thread, and a producer from outside yields after each 256 messages. A producer
that is an actor yields so in both.

**One text for all.** Except in Erlang and in the loop called floor, a workload is written once and runs on each framework
through its own actors, addresses, handlers and mailboxes. Casty's `spawn`, `memory` and `skynet` are written with
closures, as its users would.

**Mailboxes** are unbounded, which for kameo is not the default of 64; with that, workloads whose actors answer one another
can come to a standstill. `bounded` has 1,024 for all.

**actix** has two arbiters in the class of two threads. An actor stays on its arbiter, so neighbors in a ring share one, and so do
an asker and its answerer; the partners of `ping-pong` do not. What can be awaited of its `send` is the answer, not room, so
in `bounded` its producers wait for each item to be handled.

**xtra** does not keep the order of messages, a weaker contract than that of the others.

**ractor** and **kameo** are built without their features for tracing, which are on by default.

**Erlang** is asked by `gen_server:call`, the others by what they have for it. Its runtime is given `+S 2:2` or `+S 1:1`.

**raw-smol** is async-channel and async-executor, with the oneshot of futures-channel for answers; **raw-tokio** is tokio's
channels. **floor** is a queue and an indirect call on one thread. **stakker** has one thread and one queue, and no mailboxes.";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::driver::plan::Contender;
    use crate::driver::runner::Failure;
    use crate::outcome::Outcome;

    #[test]
    fn the_page_says_what_is_missing_and_why() {
        let mut results = Results::default();
        let [ractor, actix] = ["ractor", "actix"].map(|name| Contender::named(name).unwrap());
        for threads in [1, 2] {
            let outcome = Ok(Outcome::cannot("no sender can wait for room in its mailboxes"));
            results.add((ractor, Row::Bounded, threads), outcome);
        }
        results.add((actix, Row::Tell, 2), Err(Failure::Hung(20)));
        let options = Options::read([]).unwrap();
        let report = Report { options: &options, system: &results, mimalloc: None };
        let gaps = report.gaps();
        assert_eq!(gaps.matches("no sender can wait").count(), 1, "{gaps}");
        assert!(gaps.contains("failed 1 of 1 times: ended after 20 s, and not tried again"), "{gaps}");
        let page = report.page();
        assert!(page.contains(&gaps) && page.contains("worst ratio unknown"), "{page}");
        assert!(!page.contains("With mimalloc"));
    }

    #[test]
    fn the_page_names_every_rival_and_every_row() {
        let options = Options::read([]).unwrap();
        let results = Results::default();
        let report = Report { options: &options, system: &results, mimalloc: Some(&results) };
        let page = report.page();
        assert!(page.contains("With mimalloc"));
        for name in rivals().split(", ").chain(Row::ALL.map(Row::name)) {
            assert!(page.contains(name), "{name}");
        }
    }
}
