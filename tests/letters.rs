//! What a link could not carry: one dead letter each, which names whom it was for.

#![allow(clippy::unwrap_used, reason = "a scene that cannot go on fails")]

mod nodes;
mod scene;

use casty::prelude::*;
use casty::remote::NodeLost;
use casty::simulation::{FaultyNetwork, Host, NetworkFaults, Simulation};
use casty::{DeadLetter, DeadReason, MemoryNetwork, Network, Remote, RemoteLimits, RemoteLookupError};
use nodes::{Account, balance, place, place_with, played};
use scene::Ear;
use serde::{Deserialize, Serialize};

/// Takes messages of one kilobyte.
fn narrow() -> RemoteLimits {
    RemoteLimits { message_bytes_max: 1 << 10, ..RemoteLimits::default() }
}

#[test]
fn what_was_told_before_a_node_said_how_much_it_takes_is_a_dead_letter_if_it_is_too_long_and_the_rest_arrives()
 {
    played(async |host, network| {
        let one = place(&host, &network, "one").await;
        let other = place_with(&host, &network, "other", narrow()).await;
        let third = place(&host, &network, "third").await;
        other.open("alice");
        // It has never heard of the other node when it tells all of this.
        let teller = Behavior::receive_message(|message| {
            if let Account::Share(_, alice) = message {
                for (amount, bytes) in [(1, 2_000), (2, 10), (3, 200_000), (4, 1_000), (5, 1_030)] {
                    alice.tell(Account::Padding(vec![7; bytes]));
                    alice.tell(Account::Deposit(amount));
                }
            }
            Behavior::same()
        });
        one.node.expose(&one.system.spawn(teller, "teller").unwrap()).unwrap();
        let (letters, losses) = (Ear::<DeadLetter>::on(&one.system), Ear::<NodeLost>::on(&other.system));
        let alice = third.find("other", "alice").await;
        third.find("one", "teller").await.tell(Account::Share(0, alice.clone()));
        one.system.sleep(secs(5)).await;
        let history = alice.ask(Account::History, secs(10)).await;
        assert_eq!(history, Ok(vec![1, 2, 3, 4, 5]));
        let letters: Vec<_> = letters.rest().iter().map(|it| (it.reason, it.recipient.to_string())).collect();
        assert_eq!(letters, vec![(DeadReason::Unencodable, "casty://bank@other/alice".into()); 3]);
        assert!(losses.rest().is_empty());
        // From then on it is known.
        let alice = one.find("other", "alice").await;
        let long = alice.send(Account::Padding(vec![7; 2_000])).await;
        assert!(matches!(long, Err(SendError::Unencodable(_))));
    });
}

#[test]
fn a_node_that_takes_only_short_messages_is_asked_for_actors_with_long_paths() {
    played(async |host, network| {
        let one = place(&host, &network, "one").await;
        let other = place_with(&host, &network, "other", narrow()).await;
        other.open("alice");
        let losses = Ear::<NodeLost>::on(&other.system);
        let path = "nobody/".repeat(600);
        let found = one.node.lookup::<Account>("other", &path, secs(10)).await;
        assert!(matches!(found, Err(RemoteLookupError::NotFound)), "{found:?}");
        assert_eq!(balance(&one.find("other", "alice").await).await, Ok(0));
        assert!(losses.rest().is_empty());
    });
}

/// How many have an alias at a time.
const ALIASES: u64 = 1 << 16;

#[derive(Serialize, Deserialize)]
enum Crowd {
    All(u64, ReplyTo<Vec<ActorRef<Account>>>),
}

impl Remote for Crowd {
    const NAME: &'static str = "test.Crowd";
}

/// Says whom it has spawned, from that one on.
fn crowd() -> Behavior<Crowd> {
    Behavior::setup(|ctx| {
        let all: Vec<_> = (0..ALIASES + 500)
            .map(|nth| ctx.spawn(Behavior::<Account>::ignore(), &format!("a{nth}")).unwrap())
            .collect();
        Behavior::receive_message(move |Crowd::All(from, reply)| {
            reply.tell(all[from as usize..].iter().take(5_000).cloned().collect());
            Behavior::same()
        })
    })
}

#[test]
fn dead_letters_name_whom_they_were_for_also_when_so_many_were_told_that_all_aliases_were_given_up() {
    Simulation::new(1).run(async |host: Host| {
        let network = FaultyNetwork::new(host.clone(), MemoryNetwork::new());
        let place = async |name: &str| {
            let system = ActorSystem::on(host.clone()).name("bank").start().unwrap();
            let joining = Network::over(network.clone()).node(name).listen(name).insecure();
            let limits = RemoteLimits { link_bytes_max: 64 << 20, ..RemoteLimits::default() };
            (joining.limits(limits).start(&system).await.unwrap(), system)
        };
        let ((one, here), (other, there)) = (place("one").await, place("other").await);
        other.expose(&there.spawn(crowd(), "crowd").unwrap()).unwrap();
        let crowd = one.lookup::<Crowd>("other", "crowd", secs(60)).await.unwrap();
        let mut all = Vec::new();
        while (all.len() as u64) < ALIASES + 500 {
            let from = all.len() as u64;
            all.extend(crowd.ask(|to| Crowd::All(from, to), secs(60)).await.unwrap());
        }
        let letters = Ear::<DeadLetter>::on(&here);
        // What these were told before was heard, so that all aliases are given up in the midst of what is not.
        all[..100].iter().for_each(|actor| actor.tell(Account::Deposit(1)));
        here.sleep(secs(5)).await;
        network.set(NetworkFaults { deaf: true, refused_permille: 1_000, ..NetworkFaults::default() });
        all.iter().for_each(|actor| actor.tell(Account::Deposit(2)));
        here.sleep(mins(2)).await;
        let letters = letters.rest();
        assert_eq!(letters.len(), all.len());
        for (nth, letter) in letters.iter().enumerate() {
            let name = format!("casty://bank@other/crowd/a{nth}");
            assert_eq!((letter.reason, letter.recipient.to_string()), (DeadReason::NodeLost, name));
        }
    });
}
