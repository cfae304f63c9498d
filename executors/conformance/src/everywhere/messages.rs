//! Messages: in order, answered, and within their system.

use alloc::vec::Vec;

use crate::ear::Ear;
use crate::scene::{Subject, Verdict, ensure};
use crate::stage::{call, echo, ensure_order, start, telling};

const SENDERS: usize = 4;
const MESSAGES: usize = 500;
const SYSTEMS: usize = 3;
const ROUNDS: usize = 50;

/// Messages arrive once each, and those of one sender in the order in which it told them.
pub async fn messages_of_each_sender_arrive_in_its_order(executor: Subject) -> Verdict {
    let system = start(executor)?;
    let ear = Ear::on(&system)?;
    for sender in 0..SENDERS {
        let sending = system.spawn_anonymous(telling(ear.actor()))?;
        (0..MESSAGES).for_each(|number| sending.tell(sender * MESSAGES + number));
    }
    ensure_order(&ear.hears(SENDERS * MESSAGES).await?, SENDERS)
}

/// A question is answered, again and again.
pub async fn an_answer_comes_back(executor: Subject) -> Verdict {
    let system = start(executor)?;
    let echo = echo(&system)?;
    for word in 0..100 {
        call(&echo, word).await?;
    }
    Ok(())
}

/// Several systems on one executor tell each other, and one that ends leaves the others as they are.
pub async fn several_systems_on_one_executor_do_not_meet(executor: Subject) -> Verdict {
    let systems: Vec<_> = (0..SYSTEMS).map(|_| start(executor.clone())).collect::<Result<_, _>>()?;
    let (first, others) = systems.split_first().ok_or("no system")?;
    let ear = Ear::on(first)?;
    let mut ring = ear.actor();
    for system in &systems {
        // In each system under the same name.
        ring = system.spawn(telling(ring), "passing-on")?;
    }
    (0..ROUNDS).for_each(|number| ring.tell(number));
    ensure(ear.hears(ROUNDS).await?.into_iter().eq(0..ROUNDS), "messages changed places between systems")?;
    for system in others {
        ensure(system.shutdown().await.is_clean(), "an actor did not end")?;
        call(&echo(first)?, 7).await?;
    }
    ensure(first.shutdown().await.is_clean(), "an actor did not end")
}
