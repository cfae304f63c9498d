//! Entities that write and write, and note what was acknowledged.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::{self, JoinHandle};

use async_executor::LocalExecutor;
use casty_core::journal::{EntityId, Fault, Journal};
use casty_postgres::PostgresJournal;
use futures_lite::future::block_on;

use crate::{bytes, write};

/// What was acknowledged: the entity, the place, and a value that is never written twice.
pub(crate) type Acknowledged = (String, u64, u64);

pub(crate) struct Load {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<Vec<String>>,
    heard: Receiver<Acknowledged>,
    acknowledged: Vec<Acknowledged>,
}

impl Load {
    /// That many entities begin to write, values from `first` on; nobody else writes them.
    pub(crate) fn start(journal: PostgresJournal, entities: usize, first: u64) -> Self {
        let (say, heard) = mpsc::channel();
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = thread::spawn(move || {
            let executor = LocalExecutor::new();
            let entities = (0..entities).map(|number| {
                let (journal, say, stopped) = (journal.clone(), say.clone(), Arc::clone(&stopped));
                let entity = format!("entity-{number}");
                executor.spawn(async move { live(&journal, &entity, first, (&say, &stopped)).await })
            });
            let entities: Vec<_> = entities.collect();
            drop(say);
            block_on(executor.run(async {
                let mut errors = Vec::new();
                for entity in entities {
                    errors.extend(entity.await);
                }
                errors
            }))
        });
        Self { stop, thread, heard, acknowledged: Vec::new() }
    }

    /// Waits until that many more writes have been acknowledged.
    pub(crate) fn goes_on(&mut self, writes: usize) {
        for _ in 0..writes {
            let next = self.next();
            self.acknowledged.push(next);
        }
    }

    /// What is acknowledged next.
    pub(crate) fn next(&self) -> Acknowledged {
        self.heard.recv().expect("the load goes on")
    }

    /// Stops, and returns what was acknowledged, and the errors there were.
    pub(crate) fn stop(mut self) -> (Vec<Acknowledged>, Vec<String>) {
        self.stop.store(true, Ordering::Relaxed);
        let errors = self.thread.join().expect("the load ends");
        self.acknowledged.extend(self.heard.try_iter());
        (self.acknowledged, errors)
    }
}

/// Writes until it is stopped; after an error it begins anew, as an actor does.
async fn live(
    journal: &PostgresJournal,
    entity: &str,
    first: u64,
    (say, stop): (&Sender<Acknowledged>, &AtomicBool),
) -> Vec<String> {
    let (mut value, mut errors) = (first, Vec::new());
    while !stop.load(Ordering::Relaxed) {
        let mut opened = match journal.open(&EntityId::new(entity)).await {
            Ok(opened) => opened,
            Err(error) => {
                errors.push(error.to_string());
                continue;
            }
        };
        while !stop.load(Ordering::Relaxed) {
            value += 1;
            match journal.append(write(entity, opened, &value.to_le_bytes())).await {
                Ok(()) => {
                    opened.last = opened.last.plus(1);
                    let _ = say.send((entity.into(), opened.last.number(), value));
                }
                Err(error) => {
                    let stale = matches!(error.fault, Fault::StaleSequence { .. } | Fault::StaleEpoch { .. });
                    assert!(!stale, "nobody else writes: {error}");
                    errors.push(error.to_string());
                    break;
                }
            }
        }
    }
    errors
}

/// Every acknowledged event is there, in its place, and none twice.
pub(crate) fn check(journal: &PostgresJournal, acknowledged: &[Acknowledged]) {
    let entities: HashSet<_> = acknowledged.iter().map(|(entity, ..)| entity.as_str()).collect();
    for entity in entities {
        let values: Vec<u64> = bytes(journal, entity)
            .into_iter()
            .map(|bytes| u64::from_le_bytes(bytes.try_into().expect("eight bytes")))
            .collect();
        let different: HashSet<_> = values.iter().collect();
        assert_eq!(different.len(), values.len(), "{entity} has an event twice");
        for (_, place, value) in acknowledged.iter().filter(|(name, ..)| name == entity) {
            let there = usize::try_from(*place - 1).ok().and_then(|at| values.get(at));
            assert_eq!(there, Some(value), "{entity} has lost event {place}");
        }
    }
}
