//! Writes whose answer was lost: what became of them is found out.

use std::time::Duration;

use casty_core::journal::{Fault, Journal, Write};
use casty_postgres::{PostgresJournal, Settings};
use futures_lite::future::{block_on, poll_once};
use futures_lite::pin;

use crate::proxy::Proxy;
use crate::server::Server;
use crate::{append, bytes, connect, open, until, write};

/// A journal behind a proxy, and another one that goes straight to the server.
struct Scene {
    proxy: Proxy,
    schema: String,
    journal: PostgresJournal,
    other: PostgresJournal,
}

fn scene(deadline: Duration) -> Scene {
    let server = Server::shared();
    let direct = server.fresh();
    let schema = direct.to_string().split(' ').nth(1).unwrap().to_owned();
    let proxy = Proxy::before(server.port());
    let url = format!("postgres://casty:secret@127.0.0.1:{}/postgres", proxy.port());
    let settings = Settings::parse(&url).unwrap().schema(schema.clone()).unwrap().deadline(deadline);
    Scene { proxy, schema, journal: connect(settings), other: connect(direct) }
}

impl Scene {
    /// Sends a write whose answer is lost after it was committed, and does `meanwhile` before the journal can ask.
    fn loses_the_answer(&self, lost: Write, meanwhile: impl FnOnce()) -> Result<(), Fault> {
        block_on(async {
            let answer = self.journal.append(lost);
            pin!(answer);
            self.proxy.swallow_answers();
            assert!(poll_once(&mut answer).await.is_none());
            let count = format!("SELECT count(*) FROM {}.events", self.schema);
            until(Server::shared(), &count, "1");
            self.proxy.close();
            meanwhile();
            answer.await.map_err(|error| error.fault)
        })
    }
}

const LONG: Duration = Duration::from_secs(60);

#[test]
#[ignore = "needs PostgreSQL: run with --ignored"]
fn a_write_whose_answer_was_lost_is_found_and_not_written_twice() {
    let scene = scene(LONG);
    let opened = open(&scene.journal, "a");
    let answer = scene.loses_the_answer(write("a", opened, b"once"), || scene.proxy.reopen());
    assert_eq!(answer, Ok(()));
    assert_eq!(bytes(&scene.other, "a"), [b"once"]);
}

#[test]
#[ignore = "needs PostgreSQL: run with --ignored"]
fn a_write_whose_answer_was_lost_is_found_even_after_another_writer_came() {
    let scene = scene(LONG);
    let opened = open(&scene.journal, "a");
    let answer = scene.loses_the_answer(write("a", opened, b"mine"), || {
        let taken = open(&scene.other, "a");
        append(&scene.other, write("a", taken, b"theirs")).unwrap();
        scene.proxy.reopen();
    });
    assert_eq!(answer, Ok(()));
    assert_eq!(bytes(&scene.other, "a"), [b"mine".as_slice(), b"theirs"]);
}

#[test]
#[ignore = "needs PostgreSQL: run with --ignored"]
fn a_write_that_was_lost_is_not_taken_for_the_equal_one_of_another_writer() {
    let scene = scene(LONG);
    let opened = open(&scene.journal, "a");
    block_on(async {
        let answer = scene.journal.append(write("a", opened, b"same"));
        pin!(answer);
        scene.proxy.lose_requests();
        assert!(poll_once(&mut answer).await.is_none());
        scene.proxy.has_lost();
        let taken = scene.other.open(&"a".into()).await.unwrap();
        scene.other.append(write("a", taken, b"same")).await.unwrap();
        scene.proxy.close();
        scene.proxy.reopen();
        let fault = answer.await.unwrap_err().fault;
        assert_eq!(fault, Fault::StaleEpoch { current: taken.epoch });
    });
    assert_eq!(bytes(&scene.other, "a"), [b"same"]);
}

#[test]
#[ignore = "needs PostgreSQL: run with --ignored"]
fn a_write_of_which_nothing_can_be_found_out_is_unknown() {
    let scene = scene(Duration::from_secs(2));
    let opened = open(&scene.journal, "a");
    let answer = scene.loses_the_answer(write("a", opened, b"there"), || {});
    assert!(matches!(answer, Err(Fault::Unknown(_))), "{answer:?}");
    let error = append(&scene.journal, write("a", opened, b"unsent")).unwrap_err();
    assert!(matches!(error.fault, Fault::Failed(_)), "nothing was sent: {error}");
}

#[test]
#[ignore = "needs PostgreSQL: run with --ignored"]
fn a_write_that_was_deleted_before_it_could_be_found_is_unknown() {
    let scene = scene(LONG);
    let opened = open(&scene.journal, "a");
    let answer = scene.loses_the_answer(write("a", opened, b"gone"), || {
        let taken = open(&scene.other, "a");
        block_on(scene.other.delete_events(&"a".into(), taken.epoch, taken.last)).unwrap();
        scene.proxy.reopen();
    });
    assert!(matches!(answer, Err(Fault::Unknown(_))), "{answer:?}");
}
