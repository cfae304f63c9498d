//! How much may wait: who finds no place waits, and is told when it was in vain.

use std::time::Duration;

use casty_core::journal::{Journal, NewEvent, Sequence};
use futures_lite::future::{block_on, poll_once};
use futures_lite::pin;

use crate::server::Server;
use crate::{append, bytes, connect, failed, open, write};

#[test]
#[ignore = "needs PostgreSQL: run with --ignored"]
fn beyond_the_limit_requests_wait_for_a_place_and_fail_at_their_deadline() {
    let server = Server::shared();
    let settings = server.fresh().requests_max(2).deadline(Duration::from_secs(2));
    let schema = settings.to_string().split(' ').nth(1).unwrap().to_owned();
    let journal = connect(settings);
    let opened: Vec<_> = ["a", "b", "c"].iter().map(|name| open(&journal, name)).collect();
    let holder =
        server.session(&format!("BEGIN; SELECT 1 FROM {schema}.entities WHERE entity = 'a' FOR UPDATE;"));
    block_on(async {
        let first = journal.append(write("a", opened[0], b"x"));
        let second = journal.append(write("b", opened[1], b"x"));
        pin!(first, second);
        assert!(poll_once(&mut first).await.is_none() && poll_once(&mut second).await.is_none());
        let third = journal.append(write("c", opened[2], b"x")).await.unwrap_err();
        assert!(failed(&third).contains("no place"), "{third}");
        // A question has places of its own.
        assert_eq!(journal.replay(&"c".into(), Sequence::START, 1).await, Ok(Vec::new()));
        holder.finish("COMMIT;");
        assert_eq!(first.await, Ok(()));
        drop(second.await);
    });
    assert_eq!(append(&journal, write("c", opened[2], b"x")), Ok(()), "there are places again");
}

#[test]
#[ignore = "needs PostgreSQL: run with --ignored"]
fn a_write_that_can_never_have_a_place_is_refused_at_once() {
    let journal = connect(Server::shared().fresh().write_bytes_max(10_000));
    let opened = open(&journal, "a");
    let error = append(&journal, write("a", opened, &[0; 10_000])).unwrap_err();
    assert!(failed(&error).contains("10000 is the limit"), "{error}");
    assert_eq!(append(&journal, write("a", opened, &[0; 9_000])), Ok(()));
}

#[test]
#[ignore = "needs PostgreSQL: run with --ignored"]
fn an_answer_ends_where_its_bytes_would_be_too_many() {
    let journal = connect(Server::shared().fresh().read_max(100, 25_000));
    let mut large = write("a", open(&journal, "a"), b"");
    large.events =
        [10_000, 10_000, 10_000, 60_000, 1].map(|size| NewEvent::new("x", 1, vec![0; size])).into();
    append(&journal, large).unwrap();
    let count = |after| block_on(journal.replay(&"a".into(), Sequence::new(after), 100)).unwrap().len();
    assert_eq!([count(0), count(2), count(3), count(4), count(5)], [2, 1, 1, 1, 0]);
    assert_eq!(bytes(&journal, "a").len(), 5);
}

#[test]
#[ignore = "needs PostgreSQL: run with --ignored"]
fn an_entity_that_another_transaction_holds_fails_after_a_while_and_alone() {
    let server = Server::shared();
    let settings = server.fresh().statement_timeout(Duration::from_millis(600));
    let schema = settings.to_string().split(' ').nth(1).unwrap().to_owned();
    let journal = connect(settings);
    let opened: Vec<_> = ["a", "b"].iter().map(|name| open(&journal, name)).collect();
    let _holder =
        server.session(&format!("BEGIN; SELECT 1 FROM {schema}.entities WHERE entity = 'a' FOR UPDATE;"));
    let together = futures_lite::future::zip(
        journal.append(write("a", opened[0], b"x")),
        journal.append(write("b", opened[1], b"x")),
    );
    let (held, free) = block_on(together);
    assert!(failed(&held.unwrap_err()).contains("holds a lock"));
    assert_eq!(free, Ok(()));
}
