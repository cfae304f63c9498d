//! Entities while several nodes come and go at once, or nobody gives out shards.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use casty::prelude::*;
use casty::simulation::{Host, Simulation, sweep_over};
use casty::testkit::Probe;
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

/// Those that are told numbers, and as many others that are asked.
const ENTITIES: u64 = 24;
/// So often each is told one.
const TELLS: Duration = millis(50);
/// So often one of the others is asked.
const ASKS: Duration = millis(50);
/// A message waits for so long, and so many do.
const WAITS: Duration = secs(10);
const WAITING_MAX: usize = 300;
/// A question waits for less, or for longer than a message may.
const DEADLINES: [Duration; 2] = [secs(1), secs(15)];
/// Who tells.
const SENDER: u64 = 9;

fn told(entity: u64) -> String {
    format!("entity-{entity}")
}

fn asked(entity: u64) -> String {
    format!("asked-{entity}")
}

/// What was offered from one node, and what came of it.
#[derive(Default, Debug)]
struct Offered {
    /// How often each entity was told a number.
    tells: usize,
    /// How many questions each entity was asked.
    asks: BTreeMap<String, usize>,
    /// How many of these were refused at once.
    refused: BTreeMap<String, usize>,
    answered: usize,
    /// How many ended without an answer, of each deadline and for each reason.
    failed: BTreeMap<(Duration, String), usize>,
    /// One that ended at another time than its end says.
    late: Option<String>,
}

/// Tells and asks from a node, until so many seconds are over.
fn offer(town: &Town, host: &Host, node: usize, seconds: u32) -> Arc<Mutex<Offered>> {
    let offered = Arc::new(Mutex::new(Offered::default()));
    let (tells, clock) = (Arc::clone(&offered), host.clone());
    let entities: Vec<_> = (0..ENTITIES).map(|entity| town.entity(node, &told(entity))).collect();
    host.spawn(Box::pin(async move {
        let end = clock.now() + secs(1) * seconds;
        for number in 1.. {
            if clock.now() >= end {
                return;
            }
            tells.lock().unwrap().tells += 1;
            entities.iter().for_each(|entity| entity.tell(Visit::Note(SENDER, number)));
            clock.sleep_until(clock.now() + TELLS).await;
        }
    }));
    for time in 0..seconds * 20 {
        let name = asked(u64::from(time) % ENTITIES);
        let deadline = DEADLINES[(u64::from(time) / ENTITIES) as usize % 2];
        let (entity, host, offered) = (town.entity(node, &name), host.clone(), Arc::clone(&offered));
        host.clone().spawn(Box::pin(async move {
            host.sleep_until(host.now() + ASKS * time).await;
            *offered.lock().unwrap().asks.entry(name.clone()).or_default() += 1;
            let since = host.now();
            let answer = entity.ask(Visit::Count, deadline).await;
            offered.lock().unwrap().ended(name, (deadline, host.now() - since), answer);
        }));
    }
    offered
}

impl Offered {
    fn ended(&mut self, name: String, (deadline, took): (Duration, Duration), answer: Result<u64, AskError>) {
        let ends = match answer {
            Err(AskError::Full) => (millis(0), millis(0)),
            Err(AskError::Timeout) => (deadline, deadline),
            Err(AskError::Unanswered) => (WAITS, WAITS + secs(1)),
            _ => (millis(0), deadline),
        };
        if took < ends.0 || took > ends.1 {
            self.late = Some(format!("a question of {name} took {took:?} of {deadline:?}: {answer:?}"));
        }
        match answer {
            Ok(_) => self.answered += 1,
            Err(error) => {
                *self.refused.entry(name).or_default() += usize::from(error == AskError::Full);
                *self.failed.entry((deadline, error.to_string())).or_default() += 1;
            }
        }
    }
}

/// What waits on a node for others, as it is seen from outside: what was offered, and neither handled nor dead.
struct Waiting<'town> {
    town: &'town Town,
    offered: Arc<Mutex<Offered>>,
    /// What is dead on the node from which all is offered, and on the one that leaves.
    letters: [Probe<DeadLetter>; 2],
    /// Those that live on the node that is not reached, and those on the one that leaves, which are nowhere then.
    apart: BTreeSet<String>,
    nowhere: BTreeSet<String>,
    dead: RefCell<Vec<DeadLetter>>,
}

impl Waiting<'_> {
    /// How many messages wait for entities that have not begun afresh since.
    fn count(&self, entities: &BTreeSet<String>) -> usize {
        let mut dead = self.dead.borrow_mut();
        dead.extend(self.letters.iter().flat_map(|letters| core::iter::from_fn(|| letters.try_recv())));
        let dead = dead.iter().filter(|letter| entities.contains(letter.recipient.name())).count();
        let offered = self.offered.lock().unwrap();
        let ledger = &self.town.ledger;
        let of = |name: &String| match offered.asks.get(name) {
            Some(asks) => {
                let refused = offered.refused.get(name).copied().unwrap_or(0);
                asks - refused - usize::try_from(ledger.count_to(name)).unwrap()
            }
            None => offered.tells - ledger.count_of(name, SENDER),
        };
        entities.iter().map(of).sum::<usize>() - dead
    }

    /// How many dead letters there are for a reason.
    fn dead(&self, reason: DeadReason) -> usize {
        self.dead.borrow().iter().filter(|letter| letter.reason == reason).count()
    }

    /// How many questions have failed so far.
    fn failed(&self) -> usize {
        self.offered.lock().unwrap().failed.values().sum()
    }
}

/// How long messages are offered, until it heals and afterwards; and how many of them in each second, with an answer to each question.
const APART: u32 = 61;
const AFTERWARDS: u32 = 10;
const OFFERED: u64 = ENTITIES * 20 + 2 * 20;

#[test]
fn while_nobody_gives_out_shards_for_a_minute_what_waits_is_bounded_and_all_goes_on_afterwards() {
    sweep_over(0..2, |simulation: Simulation| {
        simulation.steps_max(5_000_000).run(async |host: Host| {
            let plan = Plan { nodes: 4, stable_after: mins(5), trusts: false, ..Plan::default() };
            let shards = shards().buffered_messages_max(WAITING_MAX).buffer_timeout(WAITS);
            let town = Town::new(host.clone(), plan, shards.handoff_timeout(secs(2))).of(book);
            town.form(4).await;
            town.world.pass(secs(5)).await;
            for name in (0..ENTITIES).flat_map(|entity| [told(entity), asked(entity)]) {
                town.answers(2, &name, secs(10)).await;
            }
            let homes = town.ledger.homes();
            let of = |node| {
                let on = homes.iter().filter(|(name, home)| **home == town.process(node) && *name != "first");
                on.map(|(name, _)| name.clone()).collect()
            };
            let (apart, nowhere) = (of(1), of(4));
            let letters = [2, 4].map(|node| town.world.probe::<DeadLetter>(node));
            // The first is the oldest, and is not reached; the shards of who leaves are nowhere.
            town.world.part(&[1]);
            town.world.shut_down(4);
            let offered = offer(&town, &host, 2, APART + AFTERWARDS);
            let waiting = Waiting { town: &town, offered, letters, apart, nowhere, dead: RefCell::default() };
            nobody_gives_out_shards(&waiting).await;
            recovers(&waiting).await;
            all_ended(&waiting.offered.lock().unwrap());
            town.populate(1, ENTITIES).await;
            town.populate(3, ENTITIES).await;
            assert_eq!(town.ledger.violation(), None);
        });
    });
}

/// What waits is bounded all the time, and there is no room when the time is over.
async fn nobody_gives_out_shards(waiting: &Waiting<'_>) {
    let mut last = 0;
    // Not just when something is offered, which may be neither here nor there then.
    waiting.town.world.pass(TELLS / 2).await;
    for _ in 1..APART * 20 {
        waiting.town.world.pass(TELLS).await;
        last = waiting.count(&waiting.nowhere);
        assert!(last <= WAITING_MAX, "{last} wait");
    }
    assert!(last > WAITING_MAX * 9 / 10, "only {last} wait at the end");
    let bytes = waiting.town.world.record().bytes_max;
    assert!(bytes < 1 << 20, "{bytes} bytes wait for who is not reached");
    let (full, late) =
        (waiting.dead(DeadReason::ShardBufferFull), waiting.dead(DeadReason::ShardUnavailable));
    assert!(full > 1_000 && late >= WAITING_MAX, "{full} found no room, {late} waited too long");
}

/// It heals, and is said that the one that left is gone: what has waited is said once, and no more, and no question fails any more.
async fn recovers(waiting: &Waiting<'_>) {
    let world = &waiting.town.world;
    let waited = (waiting.count(&waiting.apart) + waiting.count(&waiting.nowhere)) as u64;
    // Who left while the oldest was not reached is no member any more when somebody says so, or in time.
    let members = world.state(2).members;
    let gone = members.iter().find(|member| member.id.name == "n4").unwrap();
    world.heal();
    world.down_id(2, &gone.id);
    let (mut failed, bytes) = (0, world.bytes_sent(2));
    for second in 0..AFTERWARDS + 20 {
        let before = world.messages_sent();
        world.pass(secs(1)).await;
        let (sent, once) = (world.messages_sent() - before, if second == 0 { waited } else { 0 });
        assert!(sent <= OFFERED + once, "{sent} were said in second {second}, where {once} waited");
        if second == 1 {
            failed = waiting.failed();
        }
    }
    assert_eq!(waiting.failed(), failed, "no question fails two seconds after it has healed");
    let (said, waited) = (world.bytes_sent(2) - bytes, world.record().bytes_max as u64);
    assert!(said < 2 * waited, "{said} bytes were said, where {waited} waited");
    let told: BTreeSet<String> =
        waiting.nowhere.iter().filter(|name| name.starts_with("entity")).cloned().collect();
    assert_eq!(waiting.count(&told), 0, "what has waited has come, or is dead");
    world.settled(&[1, 2, 3], secs(10)).await;
}

/// Each question has ended in its time, for a reason that says what has become of it.
fn all_ended(offered: &Offered) {
    let failed: usize = offered.failed.values().sum();
    let asks: usize = offered.asks.values().sum();
    assert_eq!((asks, asks), ((APART + AFTERWARDS) as usize * 20, offered.answered + failed));
    assert_eq!(offered.late, None);
    let [short, long] = DEADLINES;
    // There is no room to wait; its own time is over, or that of all that waits.
    let known = [
        (short, AskError::Full),
        (short, AskError::Timeout),
        (long, AskError::Full),
        (long, AskError::Timeout),
        (long, AskError::Unanswered),
    ];
    let known: BTreeSet<_> =
        known.into_iter().map(|(deadline, error)| (deadline, error.to_string())).collect();
    assert_eq!(offered.failed.keys().cloned().collect::<BTreeSet<_>>(), known);
    assert!(offered.answered > 300, "{offered:?}");
}
