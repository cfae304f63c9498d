//! Entities while several nodes come and go at once, or nobody gives out shards.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use casty::prelude::*;
use casty::simulation::{Host, Simulation, sweep_over};
use casty::{AskError, DeadLetter, DeadReason, Executor};

use crate::moving::{book, scene};
use crate::swarm_of_clusters::world::Plan;
use crate::town::{Town, Visit, shards};

#[test]
fn two_nodes_join_at_once_and_each_gets_its_share_of_all_that_is_told_meanwhile() {
    scene(2, &shards(), async |town| {
        town.populate(1, 24).await;
        let before = town.ledger.beginnings();
        town.flow(1, 1, 24, 2_000);
        town.start(3).await;
        town.start(4).await;
        town.handled(1, 48_000, secs(40)).await;
        town.world.pass(secs(5)).await;
        let spread = town.ledger.spread();
        assert!(spread.len() == 4 && spread.values().all(|count| *count >= 2), "{spread:?}");
        assert_eq!((town.ledger.beginnings(), town.ledger.total()), (before, 48_000));
    });
}

/// Plays a scene in which a fourth node joins three, under load of another, and one leaves while shards move there.
fn leaves_while_another_joins(leaver: usize, sender: usize) {
    scene(3, &shards().moves_max(1), async |town| {
        town.world.pass(secs(3)).await;
        town.populate(sender, 24).await;
        let before = town.ledger.beginnings();
        town.flow(sender, 1, 24, 3_000);
        town.start(4).await;
        town.world.settled(&[1, 2, 3, 4], secs(20)).await;
        town.world.pass(millis(700)).await;
        town.world.shut_down(leaver);
        town.handled(1, 72_000, secs(60)).await;
        let stay: Vec<usize> = (1..=4).filter(|node| *node != leaver).collect();
        town.world.settled(&stay, secs(40)).await;
        town.world.pass(secs(8)).await;
        let spread = town.ledger.spread();
        assert!(spread.len() == 3 && spread.values().all(|count| *count >= 3), "{spread:?}");
        assert_eq!((town.ledger.beginnings(), town.ledger.total()), (before, 72_000));
    });
}

#[test]
fn a_member_leaves_while_shards_move_to_another_and_nothing_is_lost() {
    leaves_while_another_joins(3, 1);
}

#[test]
fn who_gives_out_shards_leaves_while_some_move_and_nothing_is_lost() {
    leaves_while_another_joins(1, 2);
}

#[test]
fn who_gets_shards_leaves_before_it_has_its_share_and_nothing_is_lost() {
    leaves_while_another_joins(4, 2);
}

/// What became of questions: how many answers, and errors of each kind; and the longest that one took.
#[derive(Default, Debug)]
struct Asked {
    answered: usize,
    failed: BTreeMap<String, usize>,
    longest: Duration,
}

/// Asks one entity after the other, each for at most a second, so many times in all, 20 in each second.
fn ask(town: &Town, host: &Host, node: usize, times: usize) -> Arc<Mutex<Asked>> {
    let asked = Arc::new(Mutex::new(Asked::default()));
    for time in 0..times {
        let (entity, host) = (town.entity(node, &format!("entity-{}", time % 24)), host.clone());
        let asked = Arc::clone(&asked);
        host.clone().spawn(Box::pin(async move {
            host.sleep_until(host.now() + millis(50) * u32::try_from(time).unwrap()).await;
            let since = host.now();
            let answer: Result<u64, AskError> = entity.ask(Visit::Count, secs(1)).await;
            let mut asked = asked.lock().unwrap();
            asked.longest = asked.longest.max(host.now() - since);
            match answer {
                Ok(_) => asked.answered += 1,
                Err(error) => *asked.failed.entry(error.to_string()).or_default() += 1,
            }
        }));
    }
    asked
}

#[test]
fn while_nobody_gives_out_shards_for_a_minute_what_waits_is_bounded_and_all_goes_on_afterwards() {
    sweep_over(0..2, |simulation: Simulation| {
        simulation.steps_max(5_000_000).run(async |host: Host| {
            let plan = Plan { nodes: 4, stable_after: mins(5), trusts: false, ..Plan::default() };
            let shards = shards().buffered_messages_max(300).buffer_timeout(secs(10));
            let town = Town::new(host.clone(), plan, shards.handoff_timeout(secs(2))).of(book);
            town.form(4).await;
            town.world.pass(secs(5)).await;
            town.populate(2, 24).await;
            let letters = town.world.probe::<DeadLetter>(2);
            // The first is the oldest, and is not reached; the shards of who leaves are nowhere.
            town.world.part(&[1]);
            town.world.shut_down(4);
            town.flow(2, 9, 24, 2_000);
            let asked = ask(&town, &host, 2, 60 * 20);
            town.world.pass(secs(61)).await;
            let dead: Vec<DeadLetter> = core::iter::from_fn(|| letters.try_recv()).collect();
            let count = |reason| dead.iter().filter(|letter| letter.reason == reason).count();
            let (full, late) = (count(DeadReason::ShardBufferFull), count(DeadReason::ShardUnavailable));
            assert!(full > 1_000 && late >= 300, "{full} found no room, {late} waited too long");
            {
                let asked = asked.lock().unwrap();
                let failed: usize = asked.failed.values().sum();
                assert_eq!(asked.answered + failed, 1_200, "each question has ended");
                assert!(asked.longest <= secs(1) && asked.answered > 300, "{asked:?}");
                let known = [AskError::Timeout, AskError::Full, AskError::Unanswered, AskError::Stopped];
                let known = known.map(|error| error.to_string());
                assert!(asked.failed.keys().all(|error| known.contains(error)), "{asked:?}");
            }
            // What has waited is said once, and no more.
            town.world.heal();
            let sent = town.world.bytes_sent(2);
            town.world.pass(secs(60)).await;
            let (said, waited) = (town.world.bytes_sent(2) - sent, town.world.record().bytes_max as u64);
            assert!(waited < 1 << 20 && said < 2 * waited, "{said} bytes were said, where {waited} waited");
            // Who left while the oldest was not reached is no member any more when somebody says so, or in time.
            let members = town.world.state(2).members;
            let gone = members.iter().find(|member| member.id.name == "n4").unwrap();
            town.world.down_id(2, &gone.id);
            town.world.settled(&[1, 2, 3], secs(10)).await;
            town.populate(1, 24).await;
            town.populate(3, 24).await;
            assert_eq!(town.ledger.violation(), None);
        });
    });
}
