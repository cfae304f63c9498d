//! What is measured, on both sides alike.

/// A row of the table.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Row {
    SmallTells,
    /// The same, to so many actors in turns: a bare program has none.
    TellsTo10,
    TellsTo100,
    TellsTo1000,
    KibTells,
    AsksInFlight,
    SequentialAsks,
    /// The same, with all processes on one core.
    PinnedAsks,
}

/// As many actors as are ever told.
pub(crate) const ACTORS_MAX: usize = 1_000;

/// How many asks wait for their reply at a time.
pub(crate) const IN_FLIGHT: usize = 1_000;

impl Row {
    pub(crate) const ALL: [Self; 8] = [
        Self::SmallTells,
        Self::TellsTo10,
        Self::TellsTo100,
        Self::TellsTo1000,
        Self::KibTells,
        Self::AsksInFlight,
        Self::SequentialAsks,
        Self::PinnedAsks,
    ];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::SmallTells => "tell-small",
            Self::TellsTo10 => "tell-small-10-actors",
            Self::TellsTo100 => "tell-small-100-actors",
            Self::TellsTo1000 => "tell-small-1000-actors",
            Self::KibTells => "tell-1KiB",
            Self::AsksInFlight => "ask-1000-in-flight",
            Self::SequentialAsks => "ask-sequential",
            Self::PinnedAsks => "ask-sequential-pinned",
        }
    }

    /// What a process is to do for it.
    pub(crate) const fn drives(self) -> &'static str {
        match self {
            Self::PinnedAsks => Self::SequentialAsks.name(),
            _ => self.name(),
        }
    }

    /// Whether all processes are to be on one core: there the way through the programs is seen, and no core is waited for.
    pub(crate) const fn is_pinned(self) -> bool {
        matches!(self, Self::PinnedAsks)
    }

    /// How many actors are told, in turns.
    pub(crate) const fn actors(self) -> usize {
        match self {
            Self::TellsTo10 => 10,
            Self::TellsTo100 => 100,
            Self::TellsTo1000 => ACTORS_MAX,
            _ => 1,
        }
    }

    pub(crate) const fn count(self) -> usize {
        match self {
            Self::SmallTells | Self::TellsTo10 | Self::TellsTo100 | Self::TellsTo1000 => 3_000_000,
            Self::KibTells => 500_000,
            Self::AsksInFlight => 400_000,
            Self::SequentialAsks | Self::PinnedAsks => 5_000,
        }
    }

    /// Nanoseconds for each, in a unit that people read.
    pub(crate) fn show(self, nanos: f64) -> String {
        match self {
            Self::SequentialAsks | Self::PinnedAsks => format!("{:.1} us", nanos / 1e3),
            Self::KibTells => format!("{:.0} MB/s", 1_024e3 / nanos),
            _ => format!("{:.2} M/s", 1e3 / nanos),
        }
    }
}
