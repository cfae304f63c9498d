//! Spy: looks over an actor's shoulder, without touching its code.
//!
//! Run it: `cargo run --release --example spy`.

use casty::prelude::*;
use casty::{Heard, SpyEvent};

#[derive(Debug)]
enum Vault {
    Open { code: u32 },
    Leave,
}

/// Knows nothing of spies.
fn vault() -> Behavior<Vault> {
    Behavior::receive_message(|message| match message {
        Vault::Open { code: 1234 } | Vault::Leave => Behavior::same(),
        Vault::Open { code } => Behavior::fail(format!("{code} is wrong")),
    })
}

enum Agent {
    Saw(SpyEvent),
    Report(ReplyTo<Vec<String>>),
}

fn agent() -> Behavior<Agent> {
    Behavior::with_state(
        |_ctx| Vec::new(),
        |notes, _ctx, message| {
            match message {
                Agent::Saw(SpyEvent { path, heard, .. }) => notes.push(match heard {
                    Heard::Message(message) => format!("{} hears {message}", path.name()),
                    Heard::Signal(signal) => format!("{} is told {signal}", path.name()),
                }),
                Agent::Report(reply) => reply.tell(std::mem::take(notes)),
            }
            Behavior::same()
        },
    )
}

fn main() -> casty::Result {
    casty::block_on(async {
        let system = ActorSystem::new("bank");
        let agent = system.spawn(agent(), "agent")?;
        // The agent takes messages of its own type; this turns what a spy reports into one.
        let bug = agent.contramap(Agent::Saw);

        let vault = system.spawn(vault().supervised(OneForOne::restarts(1, mins(1))).spy(bug), "vault")?;
        vault.tell(Vault::Open { code: 1 });
        vault.tell(Vault::Open { code: 1234 });
        vault.tell(Vault::Leave);

        let mut report = Vec::new();
        while report.len() < 6 {
            report.extend(agent.ask(Agent::Report, secs(1)).await?);
        }
        println!("{}", report.join("\n"));
        assert_eq!(
            report,
            [
                "vault is told Started",
                "vault hears Open { code: 1 }",
                r#"vault is told Restarting(Failure("1 is wrong"))"#,
                "vault is told Restarted",
                "vault hears Open { code: 1234 }",
                "vault hears Leave",
            ]
        );
        system.shutdown().await;
        Ok(())
    })
}
