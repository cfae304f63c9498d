//! Timers: once, again and again, replaced by their key, and when nothing happens.
//!
//! Run it: `cargo run --release --example timers`.

use casty::prelude::*;

enum Kitchen {
    /// Sets the egg timer; a second time sets it anew.
    Egg(&'static str),
    EggIsDone(&'static str),
    Tick,
    Idle,
    /// Asks for the log, once nothing happens any more.
    Log(ReplyTo<Vec<String>>),
}

#[derive(Default)]
struct State {
    ticks: u32,
    log: Vec<String>,
    asker: Option<ReplyTo<Vec<String>>>,
}

fn kitchen() -> Behavior<Kitchen> {
    let start = |ctx: &mut Context<Kitchen>| {
        ctx.schedule_at_fixed_rate("clock", millis(20), || Kitchen::Tick);
        State::default()
    };
    Behavior::with_state(start, |state, ctx, message| {
        match message {
            Kitchen::Egg(how) => ctx.schedule_once("egg", millis(50), Kitchen::EggIsDone(how)),
            Kitchen::EggIsDone(how) => state.log.push(format!("a {how} egg is done")),
            Kitchen::Tick => {
                state.ticks += 1;
                if state.ticks == 5 {
                    state.log.push("the clock has ticked five times".into());
                    assert!(ctx.cancel_timer("clock"));
                    // From now on nothing comes by itself: wait for a silence.
                    ctx.set_receive_timeout(millis(50), || Kitchen::Idle);
                }
            }
            Kitchen::Idle => {
                state.log.push("nothing happens any more".into());
                ctx.cancel_receive_timeout();
                state.asker.take().into_iter().for_each(|asker| asker.tell(state.log.clone()));
            }
            Kitchen::Log(reply) => state.asker = Some(reply),
        }
        Behavior::same()
    })
}

fn main() -> casty::Result {
    casty::block_on(async {
        let system = ActorSystem::new("house");
        let kitchen = system.spawn(kitchen(), "kitchen")?;
        kitchen.tell(Kitchen::Egg("soft"));
        kitchen.tell(Kitchen::Egg("hard")); // the same key: the soft egg will never be done

        let log = kitchen.ask(Kitchen::Log, secs(5)).await?;
        log.iter().for_each(|line| println!("{line}"));
        assert_eq!(
            log,
            ["a hard egg is done", "the clock has ticked five times", "nothing happens any more"]
        );
        system.shutdown().await;
        Ok(())
    })
}
