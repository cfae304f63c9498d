//! The plan: who is measured, in which rows, at which size, and what the goals are.

use crate::row::Row;

/// One column.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Contender {
    /// The name, as the tables and the command line have it.
    pub name: &'static str,
    /// What it is in the comparison.
    pub kind: Kind,
}

/// What a contender is in the comparison.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Whom the ratios are about.
    Subject,
    /// The same, on another executor.
    Sibling,
    /// Whom the subject is held to.
    Rival,
    /// What there is beneath a framework.
    Floor,
    /// What can be had when more is given up.
    Orientation,
}

/// All columns, in the order of the tables.
pub const CONTENDERS: [Contender; 12] = [
    Contender { name: "casty", kind: Kind::Subject },
    Contender { name: "casty-tokio", kind: Kind::Sibling },
    Contender { name: "casty-global", kind: Kind::Sibling },
    Contender { name: "actix", kind: Kind::Rival },
    Contender { name: "erlang", kind: Kind::Rival },
    Contender { name: "kameo", kind: Kind::Rival },
    Contender { name: "ractor", kind: Kind::Rival },
    Contender { name: "xtra", kind: Kind::Rival },
    Contender { name: "raw-smol", kind: Kind::Floor },
    Contender { name: "raw-tokio", kind: Kind::Floor },
    Contender { name: "floor", kind: Kind::Floor },
    Contender { name: "stakker", kind: Kind::Orientation },
];

/// The classes: worker threads.
pub const CLASSES: [usize; 2] = [2, 1];

impl Contender {
    /// The one of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        CONTENDERS.into_iter().find(|contender| contender.name == name)
    }

    /// Whether it has anything to show in a class.
    #[must_use]
    pub fn is_in(self, threads: usize) -> bool {
        threads == 1 || !matches!(self.name, "floor" | "stakker")
    }
}

/// How much a row measures.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Scale {
    /// Enough for a figure to stand.
    Full,
    /// Enough to see where it stands.
    Quick,
}

/// What the subject is to reach in a row.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Goal {
    /// At least so many times ahead of the best rival.
    Ahead(f64),
    /// At most so much, in the unit of the row.
    AtMost(f64),
    /// At most so many times what a floor takes.
    OfFloor(&'static str, f64),
}

/// What one operation of a row is.
#[must_use]
pub const fn unit(row: Row) -> &'static str {
    match row {
        Row::Tell | Row::TellActor | Row::FanIn => "ns per message",
        Row::PingPong => "ns per round trip",
        Row::Ring100 | Row::Ring10k => "ns per hop",
        Row::AskActor | Row::AskTask | Row::Ask1000 | Row::Ask1000Task => "ns per answer",
        Row::Spawn => "ns per actor",
        Row::Memory => "bytes per actor",
        Row::Skynet => "ns per leaf",
        Row::Big => "ns per ping and pong",
        Row::Chameneos => "ns per meeting",
        Row::Bank => "ns per transfer",
        Row::Bounded => "ns per item",
    }
}

/// What a row measures, in a sentence.
#[must_use]
pub const fn meaning(row: Row) -> &'static str {
    match row {
        Row::Tell => "one counting actor, told from outside of the system",
        Row::TellActor => "one counting actor, told by one other",
        Row::FanIn => "one counting actor, told by four others",
        Row::PingPong => "two actors and one ball",
        Row::Ring100 => "a token goes round 100 actors",
        Row::Ring10k => "a token goes round 10,000 actors",
        Row::AskActor => "questions one after the other, from inside an actor",
        Row::AskTask => "questions one after the other, from a task of the executor",
        Row::Ask1000 => "1,000 askers of one actor: actors in casty and Erlang, else tasks",
        Row::Ask1000Task => "1,000 askers of one actor, all of them tasks",
        Row::Spawn => "spawn, one message, stop, until the state of the last actor is dropped",
        Row::Memory => "an idle actor that has handled one message, its references not counted",
        Row::Skynet => "a tree of actors of degree 10, whose leaves are added up",
        Row::Big => "120 actors, each with one ping on its way to a random other",
        Row::Chameneos => "100 creatures that meet in a mall",
        Row::Bank => "transfers between 1,000 accounts, each confirmed before an account's next one",
        Row::Bounded => "four producers wait for room in a mailbox of 1,024, before a slower consumer",
    }
}

/// How many messages, hops, actors and so on one process measures.
#[must_use]
pub fn size(contender: Contender, row: Row, threads: usize, scale: Scale) -> u64 {
    let (full, quick) = match (contender.name, row, threads) {
        // Each message that crosses threads wakes a sleeping event loop there.
        ("actix", Row::PingPong | Row::Bounded, 2) => (20_000, 4_000),
        (_, Row::Tell | Row::TellActor, _) => (5_000_000, 1_000_000),
        (_, Row::FanIn, _) => (4_000_000, 1_000_000),
        (_, Row::PingPong, _) => (1_000_000, 200_000),
        (_, Row::Ring100 | Row::Ring10k, _) => (1_000_000, 300_000),
        (_, Row::AskActor | Row::AskTask, _) => (500_000, 100_000),
        (_, Row::Ask1000 | Row::Ask1000Task, _) => (1_000_000, 300_000),
        (_, Row::Spawn | Row::Memory | Row::Skynet, _) => (1_000_000, 100_000),
        (_, Row::Big, _) => (1_200_000, 240_000),
        (_, Row::Chameneos, _) => (400_000, 100_000),
        (_, Row::Bank, _) => (1_000_000, 100_000),
        (_, Row::Bounded, _) => (1_000_000, 200_000),
    };
    match scale {
        Scale::Full => full,
        Scale::Quick => quick,
    }
}

/// What the subject is to reach in a row of a class, where there is a goal.
#[must_use]
pub const fn goal(row: Row, threads: usize) -> Option<Goal> {
    let (two, one) = match row {
        Row::Tell | Row::PingPong | Row::Ring100 => {
            (Goal::Ahead(5.0), Goal::Ahead(if matches!(row, Row::PingPong) { 3.0 } else { 2.5 }))
        }
        Row::FanIn => (Goal::Ahead(2.5), Goal::Ahead(3.0)),
        Row::AskActor => (Goal::Ahead(1.5), Goal::Ahead(2.0)),
        Row::AskTask => (Goal::OfFloor("raw-smol", 1.5), Goal::OfFloor("raw-smol", 1.2)),
        Row::Ask1000 | Row::Big => (Goal::Ahead(2.5), Goal::Ahead(2.0)),
        Row::Ring10k | Row::Spawn | Row::Chameneos | Row::Skynet => (Goal::Ahead(3.0), Goal::Ahead(3.0)),
        Row::Memory => (Goal::AtMost(320.0), Goal::AtMost(320.0)),
        Row::TellActor | Row::Ask1000Task | Row::Bank | Row::Bounded => return None,
    };
    Some(if threads == 1 { one } else { two })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_one_subject_and_every_floor_that_a_goal_names() {
        assert_eq!(CONTENDERS.iter().filter(|contender| contender.kind == Kind::Subject).count(), 1);
        for (row, threads) in Row::ALL.into_iter().flat_map(|row| CLASSES.map(|threads| (row, threads))) {
            if let Some(Goal::OfFloor(floor, _)) = goal(row, threads) {
                assert!(Contender::named(floor).is_some_and(|contender| contender.is_in(threads)), "{floor}");
            }
        }
    }

    #[test]
    fn a_quick_run_is_smaller_in_every_row() {
        for (contender, row) in CONTENDERS.into_iter().flat_map(|one| Row::ALL.map(|row| (one, row))) {
            for threads in CLASSES {
                let [full, quick] =
                    [Scale::Full, Scale::Quick].map(|scale| size(contender, row, threads, scale));
                assert!(quick < full, "{row} of {}", contender.name);
            }
        }
    }
}
