//! Two writers of one entity, on connections of their own.

use std::thread;

use casty_core::journal::{EntityId, Fault, Journal, Opened};
use futures_lite::future::block_on;

use crate::server::Server;
use crate::{append, bytes, connect, open, write};

#[test]
#[ignore = "needs PostgreSQL: run with --ignored"]
fn of_two_writers_on_two_connections_the_first_is_refused_and_they_never_interleave() {
    let settings = Server::shared().fresh();
    let (first, second) = (connect(settings.clone()), connect(settings));
    let old = open(&first, "a");
    append(&first, write("a", old, b"1")).unwrap();
    let new = open(&second, "a");
    assert_eq!(new.last, old.last.plus(1));
    let stale = Opened { epoch: old.epoch, last: new.last };
    let error = append(&first, write("a", stale, b"x")).unwrap_err();
    assert_eq!(error.fault, Fault::StaleEpoch { current: new.epoch });
    assert_eq!((error.entity, error.sequence), (Some(EntityId::new("a")), Some(new.last.plus(1))));
    append(&second, write("a", new, b"2")).unwrap();
    assert_eq!(bytes(&second, "a"), [b"1", b"2"]);
}

#[test]
#[ignore = "needs PostgreSQL: run with --ignored"]
fn entities_that_are_taken_over_all_the_time_have_whole_runs_of_each_writer() {
    let settings = Server::shared().fresh();
    let run = |number: u8, takeovers: usize| {
        let journal = connect(settings.clone());
        move || {
            for _ in 0..takeovers {
                let mut opened = open(&journal, "contended");
                for round in 0..5 {
                    // The writer and its epoch, so that each event says whose it is.
                    let said = [&[number][..], &opened.epoch.number().to_le_bytes()].concat();
                    let mut next = write("contended", opened, &said);
                    if round % 2 == 1 {
                        // Another statement than that of an event alone.
                        next.events[0].tags.push("t".into());
                    }
                    match append(&journal, next) {
                        Ok(()) => opened.last = opened.last.plus(1),
                        Err(error) => {
                            assert!(matches!(error.fault, Fault::StaleEpoch { .. }), "{error}");
                            break;
                        }
                    }
                }
            }
        }
    };
    thread::scope(|scope| {
        scope.spawn(run(1, 100));
        scope.spawn(run(2, 100));
    });
    let events = bytes(&connect(settings), "contended");
    assert!(events.len() > 100, "{}", events.len());
    let mut runs: Vec<Vec<u8>> = events;
    runs.dedup();
    let count = runs.len();
    runs.sort_unstable();
    runs.dedup();
    // An epoch that came back after another had written would be two runs.
    assert_eq!(runs.len(), count);
}

#[test]
#[ignore = "needs PostgreSQL: run with --ignored"]
fn a_write_that_is_refused_costs_the_others_of_its_batch_nothing() {
    let journal = connect(Server::shared().fresh());
    let names: Vec<String> = (0..50).map(|number| format!("e{number}")).collect();
    let opened: Vec<_> = names.iter().map(|name| open(&journal, name)).collect();
    open(&journal, "e7");
    let executor = async_executor::LocalExecutor::new();
    let answers: Vec<_> = names
        .iter()
        .zip(&opened)
        .map(|(name, opened)| executor.spawn(journal.append(write(name, *opened, b"x"))))
        .collect();
    let answers = block_on(executor.run(async {
        let mut all = Vec::new();
        for answer in answers {
            all.push(answer.await);
        }
        all
    }));
    let refused: Vec<_> = (0..50).filter(|at| answers[*at].is_err()).collect();
    assert_eq!(refused, [7]);
    let written = names.iter().filter(|name| bytes(&journal, name).len() == 1).count();
    assert_eq!(written, 49);
}
