//! Leases on a real server: one owner at a time, by the server's clock.

use std::thread;
use std::time::Duration;

use casty_core::lease::{Claim, LeaseError, Leases};
use casty_postgres::{ConnectError, PostgresLeases, Settings};
use futures_lite::future::block_on;

use crate::server::Server;

/// Longer than any test takes.
const LONG: Duration = Duration::from_secs(3_600);

fn claim(owner: &str, ttl: Duration) -> Claim {
    Claim { name: "shop".into(), owner: owner.into(), ttl }
}

pub(crate) fn leases(settings: &Settings) -> PostgresLeases {
    block_on(PostgresLeases::migrate(settings)).unwrap();
    block_on(PostgresLeases::connect(settings.clone())).unwrap()
}

#[test]
#[ignore = "needs PostgreSQL: run with --ignored"]
fn a_lease_has_one_owner_at_a_time_and_each_new_one_a_larger_epoch() {
    let settings = Server::shared().fresh();
    let refused = block_on(PostgresLeases::connect(settings.clone())).unwrap_err();
    assert!(matches!(refused, ConnectError::NotMigrated(_)), "{refused}");
    let (one, other) = (leases(&settings), leases(&settings));
    let (a, b) = (claim("a", LONG), claim("b", LONG));
    let first = block_on(one.acquire(&a)).unwrap();
    assert_eq!(block_on(one.acquire(&a)), Ok(first), "it is held on");
    assert_eq!(block_on(other.acquire(&b)), Err(LeaseError::Held { owner: "a".into() }));
    assert_eq!(block_on(other.renew(&b, first)), Err(LeaseError::Lost));
    assert_eq!(block_on(other.release(&b, first)), Ok(()), "it was not its own, and stays");
    assert_eq!(block_on(one.renew(&a, first)), Ok(()));
    assert_eq!(block_on(one.release(&a, first)), Ok(()));
    assert_eq!(block_on(one.renew(&a, first)), Err(LeaseError::Lost));
    let second = block_on(other.acquire(&b)).unwrap();
    assert!(second > first);
    // Its time is over as soon as it is given.
    let shortly = claim("b", Duration::ZERO);
    assert_eq!(block_on(other.acquire(&shortly)), Ok(second));
    assert_eq!(block_on(other.renew(&b, second)), Err(LeaseError::Lost));
    assert!(block_on(one.acquire(&a)).unwrap() > second);
    let another = Claim { name: "another".into(), ..b };
    assert!(block_on(other.acquire(&another)).is_ok(), "of another name it is another one");
}

#[test]
#[ignore = "needs PostgreSQL: run with --ignored"]
fn of_many_who_want_a_lease_at_once_exactly_one_gets_it() {
    let settings = Server::shared().fresh();
    let leases = leases(&settings);
    for _ in 0..10 {
        let granted = thread::scope(|scope| {
            let tries: Vec<_> = (0..8)
                .map(|number| {
                    let leases = leases.clone();
                    scope.spawn(move || {
                        let claim = claim(&format!("{number}"), LONG);
                        block_on(leases.acquire(&claim)).ok().map(|epoch| (claim, epoch))
                    })
                })
                .collect();
            tries.into_iter().filter_map(|one| one.join().unwrap()).collect::<Vec<_>>()
        });
        let [(claim, epoch)] = granted.as_slice() else { panic!("{granted:?}") };
        block_on(leases.release(claim, *epoch)).unwrap();
    }
}

#[test]
#[ignore = "needs PostgreSQL: run with --ignored"]
fn a_server_that_is_gone_gives_no_lease_and_one_that_is_back_has_kept_them() {
    let server = Server::start(&[]);
    let settings = server.fresh();
    let leases = leases(&settings);
    let epoch = block_on(leases.acquire(&claim("a", LONG))).unwrap();
    server.crash();
    let refused = block_on(leases.acquire(&claim("b", LONG))).unwrap_err();
    assert!(matches!(refused, LeaseError::Failed(_)), "{refused}");
    server.again();
    assert_eq!(block_on(leases.acquire(&claim("b", LONG))), Err(LeaseError::Held { owner: "a".into() }));
    assert_eq!(block_on(leases.renew(&claim("a", LONG), epoch)), Ok(()));
}
