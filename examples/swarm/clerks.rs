//! Actors of all nodes that are found by what they do: they come and go, and are asked.

use std::sync::Weak;

use casty::prelude::*;
use casty::simulation::Pausable;
use casty::{Executor, Node, Remote, Rng, ServiceKey};
use serde::{Deserialize, Serialize};

use super::deeds::{Life, Log};

/// What a clerk understands.
#[derive(Serialize, Deserialize)]
pub(crate) enum Errand {
    Run(ReplyTo<()>),
    Go,
}

impl Remote for Errand {
    const NAME: &'static str = "swarm.Errand";
}

const CLERKS: ServiceKey<Errand> = ServiceKey::new("clerks");
/// Those of each node.
const COUNT: usize = 3;
/// One in so many turns replaces one.
const REPLACED: usize = 8;

/// With what the names of clerks begin; each has another.
pub(crate) const NAME: &str = "clerk-";

/// A clerk of that name.
fn clerk(name: &str, log: &Log, node: u64) -> Behavior<Errand> {
    let (log, name) = (log.clone(), String::from(name));
    let works = Behavior::setup(move |_| {
        let life = Life::begins(&log, &name, node);
        Behavior::receive_message(move |errand| {
            // It is there as long as its life.
            let _ = &life;
            match errand {
                Errand::Run(reply) => reply.tell(()),
                Errand::Go => return Behavior::stopped(),
            }
            Behavior::same()
        })
    });
    works.discoverable(&CLERKS)
}

/// Lets clerks of a node come and go, and ask each other, until `alive` is dropped.
pub(crate) fn open(
    log: &Log,
    (system, node, machine): (&ActorSystem, &Node, &Pausable),
    alive: Weak<()>,
) -> casty::Result {
    let (log, node, machine) = (log.clone(), node.id().incarnation, machine.clone());
    // A handle that an actor has does not keep a node alive that is killed.
    let office = Behavior::<()>::setup(move |ctx| {
        let mut office = Office { system: ctx.system(), log: log.clone(), node, clerks: Vec::new() };
        if let Err(error) = (0..COUNT).try_for_each(|_| office.hire()) {
            return Behavior::fail(error.to_string());
        }
        machine.spawn(Box::pin(office.work(machine.clone(), alive.clone())));
        Behavior::ignore()
    });
    system.spawn(office, "office")?;
    Ok(())
}

/// The clerks of a node.
struct Office {
    system: ActorSystem,
    log: Log,
    node: u64,
    clerks: Vec<ActorRef<Errand>>,
}

impl Office {
    fn hire(&mut self) -> casty::Result {
        let name = format!("{NAME}{}", self.log.number());
        self.clerks.push(self.system.spawn(clerk(&name, &self.log, self.node), &name)?);
        Ok(())
    }

    async fn work(mut self, machine: Pausable, alive: Weak<()>) {
        let mut rng = Rng::new(machine.seed());
        while alive.upgrade().is_some() {
            machine.sleep_until(machine.now() + rng.lengthen(millis(300), 5.0)).await;
            if rng.below(REPLACED) == 0 {
                let gone = self.clerks.remove(rng.below(COUNT));
                gone.tell(Errand::Go);
                if self.hire().is_err() {
                    // The system ends.
                    return;
                }
            }
            let Ok(found) = self.system.services().find(&CLERKS) else { continue };
            let Some(one) = found.iter().nth(rng.below(found.len().max(1))).cloned() else { continue };
            let answer = one.ask(Errand::Run, secs(2));
            _ = self.log.asks((self.node, &machine), secs(2), answer).await;
        }
    }
}

/// The names of the clerks that a node knows of, in their order.
pub(crate) fn listed(system: &ActorSystem) -> Vec<String> {
    let found = system.services().find(&CLERKS);
    let names = found.iter().flat_map(casty::Listing::iter).map(|clerk| clerk.path().name().into());
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}
