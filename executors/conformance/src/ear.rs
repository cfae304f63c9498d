//! An actor that listens, so that a scene can wait for what it has heard.

use alloc::format;
use alloc::vec::Vec;

use casty_core::{ActorRef, ActorSystem, AskError, Behavior, ReplyTo};

use crate::scene::{Failure, Verdict, ensure};
use crate::stage::PATIENCE;

/// An actor that keeps what it hears until a scene asks for it.
///
/// It hears numbers, whatever they mean: an actor for each type of word is what would take longest to compile.
pub(crate) struct Ear(ActorRef<Heard>);

enum Heard {
    Word(usize),
    Wait(usize, ReplyTo<Vec<usize>>),
}

/// What was heard and not yet asked for, and who waits for how much of it.
struct Memory {
    words: Vec<usize>,
    waiting: Option<(usize, ReplyTo<Vec<usize>>)>,
}

impl Ear {
    /// An ear in that system.
    pub(crate) fn on(system: &ActorSystem) -> Result<Self, Failure> {
        let listening = Behavior::with_state(
            |_| Memory { words: Vec::new(), waiting: None },
            |memory: &mut Memory, _, heard| {
                memory.hear(heard);
                Behavior::same()
            },
        );
        Ok(Self(system.spawn_anonymous(listening)?))
    }

    /// Whom to tell what it shall hear.
    pub(crate) fn actor(&self) -> ActorRef<usize> {
        self.0.contramap(Heard::Word)
    }

    /// The next so many words, once they have all been heard.
    pub(crate) async fn hears(&self, count: usize) -> Result<Vec<usize>, Failure> {
        self.0.ask(|reply| Heard::Wait(count, reply), PATIENCE).await.map_err(|error| match error {
            AskError::Timeout => format!("less than {count} words were heard within {PATIENCE:?}").into(),
            error => error.into(),
        })
    }

    /// Waits until it has heard so many words, each of which must be [`TRUE`].
    pub(crate) async fn hears_true(&self, count: usize, otherwise: &str) -> Verdict {
        ensure(self.hears(count).await?.into_iter().all(|word| word == TRUE), otherwise)
    }
}

/// The word for what is true; [`word`] makes it.
const TRUE: usize = 1;

/// Whether something is true, as a word.
pub(crate) fn word(truth: bool) -> usize {
    usize::from(truth)
}

impl Memory {
    fn hear(&mut self, heard: Heard) {
        match heard {
            Heard::Word(word) => self.words.push(word),
            Heard::Wait(count, reply) => self.waiting = Some((count, reply)),
        }
        let words = self.words.len();
        if let Some((count, reply)) = self.waiting.take_if(|(count, _)| *count <= words) {
            reply.tell(self.words.drain(..count).collect());
        }
    }
}
