//! What is measured, on both sides alike.

/// A row of the table.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Row {
    SmallTells,
    KibTells,
    AsksInFlight,
    SequentialAsks,
}

/// Who runs it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Side {
    Casty,
    /// Casty over UDP instead of TCP.
    Udp,
    Raw,
}

impl Side {
    pub(crate) const ALL: [Self; 3] = [Self::Casty, Self::Udp, Self::Raw];

    /// The side of that name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|side| side.name() == name)
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Casty => "casty",
            Self::Udp => "udp",
            Self::Raw => "raw",
        }
    }
}

/// How many asks wait for their reply at a time.
pub(crate) const IN_FLIGHT: usize = 1_000;

impl Row {
    pub(crate) const ALL: [Self; 4] =
        [Self::SmallTells, Self::KibTells, Self::AsksInFlight, Self::SequentialAsks];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::SmallTells => "tell-small",
            Self::KibTells => "tell-1KiB",
            Self::AsksInFlight => "ask-1000-in-flight",
            Self::SequentialAsks => "ask-sequential",
        }
    }

    pub(crate) const fn count(self) -> usize {
        match self {
            Self::SmallTells => 3_000_000,
            Self::KibTells => 500_000,
            Self::AsksInFlight => 400_000,
            Self::SequentialAsks => 5_000,
        }
    }

    /// Nanoseconds for each, in a unit that people read.
    pub(crate) fn show(self, nanos: f64) -> String {
        match self {
            Self::SequentialAsks => format!("{:.1} us", nanos / 1e3),
            Self::KibTells => format!("{:.0} MB/s", 1_024e3 / nanos),
            Self::SmallTells | Self::AsksInFlight => format!("{:.2} M/s", 1e3 / nanos),
        }
    }
}
