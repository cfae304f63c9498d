//! What members have said, and what can be told from it.

use std::collections::BTreeMap;
use std::time::Duration;

/// One thing that a member has said: when, who, what, and of whom.
#[derive(Clone, Debug)]
pub(crate) struct Said {
    pub(crate) at: Duration,
    pub(crate) by: usize,
    pub(crate) what: String,
    pub(crate) whom: String,
}

/// All of it, in the order in which it was read.
#[derive(Default)]
pub(crate) struct Log(Vec<Said>);

impl Log {
    pub(crate) fn add(&mut self, said: Said) {
        self.0.push(said);
    }

    /// When a member said that last of somebody, not before that time.
    pub(crate) fn when(&self, by: usize, what: &str, whom: &str, after: Duration) -> Option<Duration> {
        let said = |said: &&Said| said.by == by && said.what == what && said.whom == whom && said.at >= after;
        self.0.iter().find(said).map(|said| said.at)
    }

    /// When the last of these said one of those things first.
    pub(crate) fn when_all(
        &self,
        members: &[usize],
        what: &[&str],
        whom: &str,
        after: Duration,
    ) -> Option<Duration> {
        let first = |by: &usize| what.iter().filter_map(|what| self.when(*by, what, whom, after)).min();
        members.iter().map(first).try_fold(Duration::ZERO, |last, first| Some(last.max(first?)))
    }

    /// Which incarnation a member is now, and since when it listens.
    pub(crate) fn id(&self, number: usize) -> Option<(String, Duration)> {
        let listens = |said: &&Said| said.by == number && said.what == "listens";
        self.0.iter().rfind(listens).map(|said| (said.whom.clone(), said.at))
    }

    /// Whether somebody said that of anybody.
    pub(crate) fn has(&self, what: &str) -> bool {
        self.0.iter().any(|said| said.what == what)
    }

    /// The longest time in which a member knew no leader, or took somebody for it whose process had ended.
    pub(crate) fn longest_without_leader(&self) -> Duration {
        let mut said = self.0.clone();
        // It was read from many processes.
        said.sort_by_key(|said| said.at);
        let ended: BTreeMap<&str, Duration> = said
            .iter()
            .filter(|said| said.what == "ended")
            .map(|said| (said.whom.as_str(), said.at))
            .collect();
        let last = said.last().map(|said| said.at).unwrap_or_default();
        let gap = |(at, leader): (usize, &Said)| {
            let begins =
                if leader.whom == "nobody" { leader.at } else { *ended.get(leader.whom.as_str())? };
            // Until it has another one, or goes itself; one that never ends has lasted as long as anything was said.
            let goes =
                |later: &&Said| later.by == leader.by && (later.what == "leader" || later.what == "goes");
            said[at + 1..].iter().find(goes).map_or(last, |later| later.at).checked_sub(begins)
        };
        let leaders = said.iter().enumerate().filter(|(_, said)| said.what == "leader");
        leaders.filter_map(gap).max().unwrap_or_default()
    }
}
