//! One life of a cluster, drawn from a seed: what happens to it, and how it ends.

use casty::Rng;
use casty::cluster::Downing;
use casty::prelude::*;
use casty::simulation::{Host, NetworkFaults, Simulation};

use super::calm;
use super::checker::violation;
use super::deeds::LAG_MAX;
use super::leases::Mood;
use super::world::{Plan, ROLE, World};

/// Plays the life that belongs to a seed; what was wrong with it, if anything was.
pub(crate) fn play(seed: u64) -> Option<String> {
    let played = Simulation::new(seed).try_run(live);
    match played {
        Ok(outcome) => outcome.value,
        Err(stall) => Some(stall.to_string()),
    }
}

fn plan(rng: &mut Rng, lists: bool) -> Plan {
    let nodes = 3 + rng.below(7);
    let downing = match rng.below(8) {
        0 => Downing::static_quorum(nodes / 2 + 1),
        1 => Downing::keep_oldest(),
        2 => Downing::down_all(),
        3 => Downing::lease("swarm"),
        _ => Downing::keep_majority(),
    };
    Plan {
        nodes,
        downing,
        quorum: 1 + rng.below(3),
        stable_after: secs(6 + rng.below(8) as u64),
        trusts: rng.below(2) == 0,
        letters: rng.below(3) > 0,
        lists,
        skewed: rng.below(2) == 0,
        roles: false,
    }
}

/// In one of seven worlds rules hold and things happen that are rarer. None of them is a world that a test names.
const fn is_rare(seed: u64) -> bool {
    seed % 7 == 3
}

/// The same, by a rule that is rarer: for the oldest whoever is left, or by the members of a role, which every other node has.
fn rarer(seed: u64, plan: Plan) -> Plan {
    let oldest = Plan { downing: Downing::keep_oldest_even_alone(), ..plan.clone() };
    let by_role = |downing: Downing| Plan { downing: downing.of_role(ROLE), roles: true, ..plan.clone() };
    match Rng::new(!seed).below(5) {
        0 => oldest,
        1 => by_role(Downing::keep_majority()),
        2 => by_role(Downing::keep_oldest()),
        3 => by_role(Downing::static_quorum(plan.nodes.div_ceil(2) / 2 + 1)),
        _ => plan,
    }
}

async fn live(host: Host) -> Option<String> {
    let seed = casty::Executor::seed(&host);
    let mut rng = Rng::new(seed);
    // Every other one has entities too: of those that tests name, none, so that they go on as they went.
    let plan = plan(&mut rng, matches!(seed % 4, 1 | 2));
    let world = World::new(host, if is_rare(seed) { rarer(seed, plan) } else { plan });
    for node in 1..=world.plan().nodes {
        world.start(node).await;
        world.pass(millis(rng.below(600) as u64)).await;
    }
    // Each seed has its own kinds of trouble, so that each kind is met alone and with any other.
    let kinds = if is_by_lease(&world) { 10 } else { 9 };
    let mut troubles: Vec<usize> = (0..kinds).filter(|_| rng.below(3) == 0).collect();
    if is_rare(seed) {
        troubles.extend([10, 11]);
    }
    let (mut paused, mut slowness) = (Vec::new(), Slowness::of(seed));
    world.troubled();
    for _ in 0..rng.below(8) {
        trouble(&world, &mut rng, &troubles, &mut paused).await;
        if let Some(slowness) = &mut slowness {
            slowness.changes(&world);
        }
        world.pass(millis(rng.below(9_000) as u64)).await;
    }
    paused.into_iter().for_each(|node| world.resume(node));
    if let Some(slowness) = slowness {
        slowness.ends(&world);
    }
    world.heal();
    world.weather(NetworkFaults::default());
    world.good_leases();
    world.pass(secs(45)).await;
    world.calm();
    // Before anybody is killed for it.
    if let Some(unrest) = calm::violation(&world.record()) {
        return Some(unrest);
    }
    restart(&world).await;
    let all = world.running();
    if !world.settles(&all, secs(60)).await {
        return Some(format!("they do not come to agree: {:#?}", world.states()));
    }
    if let Some(silent) = world.silent().await {
        return Some(silent);
    }
    world.peace().await;
    violation(&world.record())
}

fn is_by_lease(world: &World) -> bool {
    world.plan().downing == Downing::lease("swarm")
}

/// Lets all be there again: nodes that are no members any more are started anew, and so are those that began a cluster of their
/// own, when most seeds were started again and cut off from the rest.
async fn restart(world: &World) {
    if is_by_lease(world) {
        // Whoever acts next gets none while another one's is not over.
        world.pass(world.plan().stable_after * 4).await;
    }
    let mut leader = None;
    for node in world.running() {
        let state = world.state(node);
        let is_up = state.status == Some(casty::cluster::MemberStatus::Up);
        if !is_up || *leader.get_or_insert_with(|| state.leader.clone()) != state.leader {
            world.kill(node);
        }
    }
    world.pass(secs(20)).await;
    for node in 1..=world.plan().nodes {
        world.start(node).await;
    }
}

/// Nodes of which each step is late for a while, in two of five worlds, beside all else that happens. Its chance is its own, and the worlds that tests name
/// are none of these, so that they go on as they went.
struct Slowness {
    rng: Rng,
    slow: Vec<usize>,
}

impl Slowness {
    fn of(seed: u64) -> Option<Self> {
        (seed % 5 >= 3).then(|| Self { rng: Rng::new(!seed), slow: Vec::new() })
    }

    /// One is slow from now on, or not any more.
    fn changes(&mut self, world: &World) {
        if self.rng.below(2) == 0 {
            return;
        }
        match self.slow.pop() {
            Some(node) if self.rng.below(2) == 0 => world.slow(node, millis(0)),
            other => {
                let node = 1 + self.rng.below(world.plan().nodes);
                // A little, so that it has no excuse, or so much that it may be late with everything.
                let most = if self.rng.below(3) == 0 { millis(300) } else { LAG_MAX };
                world.slow(node, most.mul_f64(self.rng.fraction()));
                self.slow.extend(other.into_iter().chain([node]));
            }
        }
    }

    fn ends(self, world: &World) {
        self.slow.into_iter().for_each(|node| world.slow(node, millis(0)));
    }
}

/// One thing that happens.
async fn trouble(world: &World, rng: &mut Rng, troubles: &[usize], paused: &mut Vec<usize>) {
    let any = 1 + rng.below(world.plan().nodes);
    let Some(kind) = troubles.get(rng.below(troubles.len())) else { return };
    match kind {
        0 => world.kill(any),
        1 => world.shut_down(any),
        2 => world.start(any).await,
        3 => {
            let side: Vec<usize> = (1..=world.plan().nodes).filter(|_| rng.below(2) == 0).collect();
            world.part(&side);
        }
        4 => world.block(any, 1 + rng.below(world.plan().nodes)),
        5 => world.heal(),
        6 => match paused.pop() {
            Some(node) => world.resume(node),
            None => {
                world.pause(any);
                paused.push(any);
            }
        },
        7 => world.weather(NetworkFaults {
            refused_permille: rng.below(400),
            cut_permille: rng.below(20),
            delay_max: millis(rng.below(80) as u64),
            ..NetworkFaults::default()
        }),
        8 => world.cut(),
        10 => world.leave(any),
        11 => {
            // Whoever gives a member up by hand is to know that it has ended.
            let gone = world.id(any);
            world.kill(any);
            let by = 1 + rng.below(world.plan().nodes);
            gone.into_iter().for_each(|id| world.down_id(by, &id));
        }
        _ => {
            let mood = match rng.below(4) {
                0 => Mood::Good,
                1 => Mood::Refuses,
                2 => Mood::Slow(rng.below(8_000) as u64),
                _ => Mood::Silent,
            };
            let all = rng.below(3) == 0;
            let whom = (1..=world.plan().nodes).filter(|node| all || *node == any);
            whom.for_each(|node| world.leases(node, mood));
        }
    }
}
