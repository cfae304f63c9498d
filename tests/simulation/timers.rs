//! A timer that was replaced, cancelled or left behind by a restart never fires.

use casty::prelude::*;
use casty::simulation::{Host, sweep};

use crate::world::{Seen, fails, patient, system};

/// One tick: of which timer, and which setting of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Act {
    Change,
    Tick { key: usize, setting: usize },
}

const KEYS: [&str; 3] = ["a", "b", "c"];

#[test]
fn a_timer_that_was_replaced_or_cancelled_never_fires() {
    sweep(|simulation| {
        let fired = simulation.lag(millis(2)).run(change_timers).value;
        assert!(fired > 0, "no timer ever fired");
    });
}

async fn change_timers(host: Host) -> usize {
    let system = system(host, "timers");
    let (fired, mut rng) = (Seen::new(), system.rng());
    let actor = system.spawn(changing(fired.clone()).supervised(patient()), "actor").unwrap();
    for _ in 0..100 {
        actor.tell(Act::Change);
        if rng.below(2) == 0 {
            system.sleep(millis(rng.below(15) as u64)).await;
        }
    }
    system.sleep(secs(10)).await;
    system.stop(&actor);
    system.sleep(secs(1)).await;
    let after_stop = fired.len();
    system.sleep(secs(10)).await;
    assert_eq!(fired.len(), after_stop, "a timer fired after the stop");
    assert_eq!(system.timers(), 0, "a timer outlived its actor");
    assert!(system.shutdown().await.is_clean());
    fired.len()
}

/// Sets, replaces and cancels timers by chance, and knows which ticks may come.
fn changing(fired: Seen<(usize, usize)>) -> Behavior<Act> {
    Behavior::with_state(
        |_| ([None; KEYS.len()], 0),
        move |(wanted, settings), ctx, act| {
            let mut rng = ctx.rng();
            match act {
                Act::Change => {
                    let key = rng.below(KEYS.len());
                    *settings += 1;
                    wanted[key] = change(ctx, key, *settings, rng.below(4));
                }
                Act::Tick { key, setting } => {
                    assert_eq!(
                        wanted[key].map(|(wanted, _)| wanted),
                        Some(setting),
                        "a stale tick of {}",
                        KEYS[key]
                    );
                    fired.note((key, setting));
                    if matches!(wanted[key], Some((_, true))) {
                        wanted[key] = None;
                    }
                }
            }
            // A restart loses the state, and must lose the timers with it.
            if rng.below(20) == 0 { fails(rng.below(2) == 0) } else { Behavior::same() }
        },
    )
}

/// What may tick now under that key, and whether only once.
fn change(ctx: &mut Context<Act>, key: usize, setting: usize, how: usize) -> Option<(usize, bool)> {
    let (name, pause, tick) = (KEYS[key], millis(1 + setting as u64 % 9), Act::Tick { key, setting });
    match how {
        0 => {
            ctx.cancel_timer(name);
            return None;
        }
        1 => ctx.schedule_with_fixed_delay(name, pause, move || tick),
        2 => ctx.schedule_at_fixed_rate(name, pause, move || tick),
        _ => ctx.schedule_once(name, pause, tick),
    }
    Some((setting, how == 3))
}

#[test]
fn a_fixed_rate_keeps_its_beat_on_a_busy_machine() {
    sweep(|simulation| {
        let ticks = simulation.lag(millis(7)).run(|host| async move {
            let system = system(host, "rate");
            let (ticks, begun) = (Seen::new(), system.now());
            let keep = ticks.clone();
            let metronome: Behavior<()> = Behavior::setup(move |ctx| {
                ctx.schedule_at_fixed_rate("tick", millis(10), || ());
                let (keep, begun) = (keep.clone(), ctx.now());
                Behavior::receive(move |ctx, ()| {
                    keep.note(ctx.now() - begun);
                    Behavior::same()
                })
            });
            system.spawn(metronome, "metronome").unwrap();
            system.sleep(secs(1)).await;
            assert!(system.now() - begun >= secs(1));
            ticks.all()
        });
        let ticks = ticks.value;
        assert!((20..=103).contains(&ticks.len()), "{} ticks in a second", ticks.len());
        // Never early, and never two for one beat.
        let beats: Vec<u128> = ticks.iter().map(|at| at.as_millis() / 10).collect();
        assert!(beats.iter().all(|beat| *beat > 0), "{ticks:?}");
        assert!(beats.windows(2).all(|pair| pair[0] < pair[1]), "{ticks:?}");
    });
}
