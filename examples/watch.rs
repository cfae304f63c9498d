//! Watch: the end of an actor, however it comes, is a message of the watcher's own type.
//!
//! Run it: `cargo run --release --example watch`.

use casty::prelude::*;

enum Harbor {
    /// A ship sets out.
    Sail(&'static str, Voyage),
    /// A ship is gone: this is what the harbor wants to be told.
    Gone(&'static str),
    /// Asks for the logbook, once no ship is at sea.
    Logbook(ReplyTo<Vec<String>>),
}

#[derive(Clone, Copy)]
enum Voyage {
    Quiet,
    MeetsAnIceberg,
}

fn ship() -> Behavior<Voyage> {
    Behavior::receive_message(|voyage| match voyage {
        Voyage::Quiet => Behavior::stopped(),
        Voyage::MeetsAnIceberg => Behavior::fail("an iceberg"),
    })
}

#[derive(Default)]
struct State {
    logbook: Vec<String>,
    at_sea: u32,
    asker: Option<ReplyTo<Vec<String>>>,
}

fn harbor() -> Behavior<Harbor> {
    Behavior::with_state(
        |_ctx| State::default(),
        |state, ctx, message| {
            match message {
                Harbor::Sail(name, voyage) => match ctx.spawn(ship(), name) {
                    Ok(ship) => {
                        ctx.watch_with(&ship, Harbor::Gone(name));
                        ship.tell(voyage);
                        state.logbook.push(format!("{name} has set out"));
                        state.at_sea += 1;
                    }
                    Err(error) => state.logbook.push(format!("{name} stays here: {error}")),
                },
                Harbor::Gone(name) => {
                    state.logbook.push(format!("{name} is gone"));
                    state.at_sea -= 1;
                }
                Harbor::Logbook(reply) => state.asker = Some(reply),
            }
            if state.at_sea == 0
                && let Some(asker) = state.asker.take()
            {
                asker.tell(state.logbook.clone());
            }
            Behavior::same()
        },
    )
}

fn main() -> casty::Result {
    casty::block_on(async {
        let system = ActorSystem::new("coast");
        let harbor = system.spawn(harbor(), "harbor")?;
        harbor.tell(Harbor::Sail("Argo", Voyage::Quiet));
        harbor.tell(Harbor::Sail("Titanic", Voyage::MeetsAnIceberg));

        let mut logbook = harbor.ask(Harbor::Logbook, secs(1)).await?;
        println!("{}", logbook.join("\n"));
        logbook.sort();
        assert_eq!(logbook, ["Argo has set out", "Argo is gone", "Titanic has set out", "Titanic is gone"]);
        system.shutdown().await;
        Ok(())
    })
}
