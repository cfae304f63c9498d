//! The rows of the tables: the names of the workloads.

use std::fmt;

/// One workload.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Row {
    /// Counting, told from outside of the system.
    Tell,
    /// Counting, told by an actor.
    TellActor,
    /// Counting, told by four actors.
    FanIn,
    /// Two actors and one ball.
    PingPong,
    /// A token that goes round 100 actors.
    Ring100,
    /// A token that goes round 10,000 actors.
    Ring10k,
    /// Questions, one after the other, from inside an actor.
    AskActor,
    /// Questions, one after the other, from a task of the executor.
    AskTask,
    /// A thousand askers of one actor: actors, where actors can ask.
    Ask1000,
    /// A thousand askers of one actor: tasks.
    Ask1000Task,
    /// Actors that live for one message.
    Spawn,
    /// Resident bytes of an idle actor.
    Memory,
    /// A tree of actors of degree ten.
    Skynet,
    /// 120 actors, each with one ping on its way to a random other.
    Big,
    /// 100 creatures that meet in a mall.
    Chameneos,
    /// Transfers between accounts, each with a confirmation.
    Bank,
    /// Four producers that wait for room in a mailbox of 1,024.
    Bounded,
}

impl Row {
    /// All, in the order of the tables.
    pub const ALL: [Self; 17] = [
        Self::Tell,
        Self::TellActor,
        Self::FanIn,
        Self::PingPong,
        Self::Ring100,
        Self::Ring10k,
        Self::AskActor,
        Self::AskTask,
        Self::Ask1000,
        Self::Ask1000Task,
        Self::Spawn,
        Self::Memory,
        Self::Skynet,
        Self::Big,
        Self::Chameneos,
        Self::Bank,
        Self::Bounded,
    ];

    /// The name, as the tables and the command line have it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tell => "tell",
            Self::TellActor => "tell-actor",
            Self::FanIn => "fan-in",
            Self::PingPong => "ping-pong",
            Self::Ring100 => "ring-100",
            Self::Ring10k => "ring-10k",
            Self::AskActor => "ask-actor",
            Self::AskTask => "ask-task",
            Self::Ask1000 => "ask-1000",
            Self::Ask1000Task => "ask-1000-task",
            Self::Spawn => "spawn",
            Self::Memory => "memory",
            Self::Skynet => "skynet",
            Self::Big => "big",
            Self::Chameneos => "chameneos",
            Self::Bank => "bank",
            Self::Bounded => "bounded",
        }
    }

    /// The row of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|row| row.name() == name)
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
