//! A day of the bank in one process: of its nodes one is killed, one joins, one leaves.

use std::time::Duration;

use casty::journal::MemoryJournal;
use casty::prelude::*;

use crate::branch::{Branch, News};
use crate::clerks::Clerks;

/// How often is looked where accounts live.
const LOOK: Duration = millis(250);

/// With a thief, to see that the audit finds it.
pub(crate) async fn day(thief: bool) -> casty::Result {
    let (news, journal) = (News::new(), MemoryJournal::new());
    let mut branches = Vec::new();
    for number in 1..=3 {
        open(&mut branches, number, &journal, news).await?;
    }
    branches[0].cluster()?.wait_for(3, secs(30)).await?;
    // They work at the first node, which stays.
    let clerks = Clerks::at(&branches[0], 1);
    let ((), events) = futures::join!(clerks.work(), events(&clerks, &mut branches, &journal, news));
    events?;
    if thief {
        clerks.steal().await;
    }
    news.say(&clerks.audit().await?);
    for branch in branches.into_iter().rev() {
        branch.system.shutdown().await;
    }
    Ok(())
}

/// What happens while the clerks work.
async fn events(
    clerks: &Clerks,
    branches: &mut Vec<Branch>,
    journal: &MemoryJournal,
    news: News,
) -> casty::Result {
    // However it ends, they are not to work for ever.
    let outcome = troubles(clerks, branches, journal, news).await;
    clerks.close();
    outcome
}

async fn troubles(
    clerks: &Clerks,
    branches: &mut Vec<Branch>,
    journal: &MemoryJournal,
    news: News,
) -> casty::Result {
    pass(branches, secs(3), news).await;
    news.say(&clerks.report());

    news.say("--- node-3 is killed: it hands nothing over, and tells nobody");
    drop(branches.remove(2));
    pass(branches, secs(3), news).await;
    news.say(&clerks.report());

    news.say("--- node-4 is added");
    open(branches, 4, journal, news).await?;
    pass(branches, secs(4), news).await;
    news.say(&clerks.report());

    news.say("--- node-2 shuts down: it hands its accounts over first");
    branches.remove(1).system.shutdown().await;
    pass(branches, secs(2), news).await;
    news.say(&clerks.report());
    Ok(())
}

/// Opens a branch at a free port, which finds the others that are there.
async fn open(
    branches: &mut Vec<Branch>,
    number: usize,
    journal: &MemoryJournal,
    news: News,
) -> casty::Result {
    let others: Vec<String> = branches.iter().map(|branch| branch.node.address().to_string()).collect();
    let branch = Branch::open(number, "127.0.0.1:0", &others, journal).await?;
    news.say(&format!("node-{number} listens at {}", branch.node.address()));
    if others.is_empty() {
        branch.announce(news)?;
    }
    branches.push(branch);
    Ok(())
}

/// Lets time pass, and prints where accounts live whenever that has changed.
async fn pass(branches: &[Branch], duration: Duration, news: News) {
    let system = &branches[0].system;
    let (end, mut before) = (system.now() + duration, String::new());
    while system.now() < end {
        let lives: Vec<String> =
            branches.iter().map(|branch| format!("{} at node-{}", branch.lives(), branch.number)).collect();
        let lives = lives.join(", ");
        if lives != before {
            news.say(&format!("accounts: {lives}"));
        }
        before = lives;
        system.sleep(LOOK).await;
    }
}
