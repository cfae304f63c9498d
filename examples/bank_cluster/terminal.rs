//! One node of the bank in a terminal of its own, with a bank of its own on it.

use std::time::Duration;

use casty::journal::Journal;
use casty::prelude::*;

use crate::branch::{Branch, News};
use crate::clerks::Clerks;

/// The first three are seeds: the first of them begins the cluster, with another one.
const SEEDS: usize = 3;

/// How often is said what goes on.
const REPORT: Duration = secs(5);

fn address(number: usize) -> String {
    format!("127.0.0.1:{}", 25530 + number)
}

/// Is the node of that number until something is entered: then its clerks end, it counts its bank's money, and leaves.
pub(crate) async fn run(number: usize, journal: impl Journal + Clone) -> casty::Result {
    let (news, seeds) = (News::new(), (1..=SEEDS).map(address).collect::<Vec<_>>());
    let branch = Branch::open(number, &address(number), &seeds, &journal).await?;
    branch.announce(news)?;
    news.say(&format!(
        "node-{number} listens at {}; Enter: it leaves, Ctrl-C: it is killed",
        address(number)
    ));
    news.say("waits for others: a cluster begins with node 1 and one of 2 and 3");
    branch.cluster()?.wait_for(1, secs(30)).await?;
    let clerks = Clerks::at(&branch, number);
    let entered = smol::unblock(|| std::io::stdin().read_line(&mut String::new()));
    let watch = async {
        let reports = async {
            loop {
                branch.system.sleep(REPORT).await;
                news.say(&format!("{} accounts here; {}", branch.lives(), clerks.report()));
            }
        };
        let entered = smol::future::or(async { entered.await.map(|_| ()) }, reports).await;
        clerks.close();
        entered
    };
    let ((), entered) = futures::join!(clerks.work(), watch);
    entered?;
    news.say(&clerks.report());
    news.say(&clerks.audit().await?);
    branch.system.shutdown().await;
    Ok(())
}
