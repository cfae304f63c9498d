//! The same seed gives the same run, and other seeds give others.

use std::collections::BTreeSet;

use casty::prelude::*;
use casty::simulation::{Host, Outcome, Simulation};

use crate::world::{fails, patient, system};

fn play(seed: u64) -> Outcome<Vec<u64>> {
    Simulation::new(seed).lag(millis(1)).run(mixture)
}

#[test]
fn the_same_seed_gives_the_same_run() {
    for seed in 0..20 {
        assert_eq!(play(seed), play(seed));
    }
}

#[test]
fn other_seeds_give_other_runs() {
    let runs: Vec<_> = (0..100).map(play).collect();
    let traces: BTreeSet<String> = runs.iter().map(|run| run.trace.to_string()).collect();
    assert_eq!(traces.len(), runs.len(), "two seeds led to one run");
    let orders: BTreeSet<&Vec<u64>> = runs.iter().map(|run| &run.value).collect();
    assert!(orders.len() > 90, "only {} orders of messages", orders.len());
}

#[test]
fn without_lag_too_seeds_differ_in_the_order_of_messages() {
    let orders: BTreeSet<Vec<u64>> = (0..100).map(|seed| Simulation::new(seed).run(mixture).value).collect();
    assert!(orders.len() > 90, "only {} orders of messages", orders.len());
}

/// A bit of everything; gives the order in which messages came to one actor.
async fn mixture(host: Host) -> Vec<u64> {
    let (system, other) = (system(host.clone(), "one"), system(host, "other"));
    let seen = crate::world::Seen::new();
    let keep = seen.clone();
    let sink = Behavior::receive_message(move |number| {
        keep.note(number);
        Behavior::same()
    });
    let sink = other.spawn(sink, "sink").unwrap();
    for me in 0..6 {
        let sink = sink.clone();
        let source = Behavior::receive(move |ctx: &mut Context<u64>, left| {
            sink.tell(me);
            if left > 0 {
                match ctx.rng().below(4) {
                    0 => ctx.me().tell(left - 1),
                    1 => _ = ctx.spawn_blocking(|| (), move |_| left - 1),
                    2 => _ = ctx.pipe_to_self(async {}, move |_| left - 1),
                    _ => ctx.schedule_once("next", millis(left), left - 1),
                }
            }
            if ctx.rng().below(9) == 0 { fails(false) } else { Behavior::same() }
        });
        system.spawn(source.supervised(patient()), &format!("source-{me}")).unwrap().tell(8);
    }
    system.sleep(secs(5)).await;
    assert!(system.shutdown().await.is_clean());
    assert!(other.shutdown().await.is_clean());
    seen.all()
}
