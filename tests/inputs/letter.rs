//! A message with all that a message may have in it, and an actor that acts on it.

use std::collections::{BTreeMap, HashMap};

use casty::Remote;
use casty::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
pub(crate) enum Letter {
    Empty,
    Numbers(u8, i16, u32, i64, u128, f32, f64, bool, char),
    Text(String),
    #[serde(with = "serde_bytes")]
    Bytes(Vec<u8>),
    List(Vec<u64>),
    Nothings(Vec<()>),
    Map(BTreeMap<String, Option<[u16; 4]>>),
    Nested(Vec<Self>),
    Boxed(Option<Box<Self>>),
    Reference(ActorRef<Self>),
    Question(ReplyTo<u64>),
    Echo {
        letter: Box<Self>,
        to: ReplyTo<Self>,
    },
    Many(Vec<ActorRef<Self>>, Vec<ReplyTo<Self>>),
    Hashed(HashMap<u16, u64>),
}

impl Remote for Letter {
    const NAME: &'static str = "test.Letter";
}

/// Answers what it can.
pub(crate) fn reader() -> Behavior<Letter> {
    Behavior::receive_message(|letter| {
        match letter {
            Letter::Reference(actor) => actor.tell(Letter::Empty),
            Letter::Question(reply) => reply.tell(7),
            Letter::Echo { letter, to } => to.tell(*letter),
            Letter::Many(actors, replies) => {
                actors.iter().for_each(|actor| actor.tell(Letter::Text("to each".into())));
                replies.into_iter().for_each(|reply| reply.tell(Letter::Empty));
            }
            _ => {}
        }
        Behavior::same()
    })
}
