//! An actor that listens, so that a scene can wait for what it has heard.

use alloc::format;
use alloc::vec::Vec;

use casty_core::{ActorRef, ActorSystem, AskError, Behavior, ReplyTo};

use crate::scene::Failure;
use crate::stage::PATIENCE;

/// An actor that keeps what it hears until a scene asks for it.
pub(crate) struct Ear<T: Send + 'static>(ActorRef<Heard<T>>);

enum Heard<T: Send + 'static> {
    Word(T),
    Wait(usize, ReplyTo<Vec<T>>),
}

/// What was heard and not yet asked for, and who waits for how much of it.
struct Memory<T: Send + 'static> {
    words: Vec<T>,
    waiting: Option<(usize, ReplyTo<Vec<T>>)>,
}

impl<T: Send + 'static> Ear<T> {
    /// An ear in that system.
    pub(crate) fn on(system: &ActorSystem) -> Result<Self, Failure> {
        let listening = Behavior::with_state(
            |_| Memory { words: Vec::new(), waiting: None },
            |memory: &mut Memory<T>, _, heard| {
                memory.hear(heard);
                Behavior::same()
            },
        );
        Ok(Self(system.spawn_anonymous(listening)?))
    }

    /// Whom to tell what it shall hear.
    pub(crate) fn actor(&self) -> ActorRef<T> {
        self.0.contramap(Heard::Word)
    }

    /// The next so many words, once they have all been heard.
    pub(crate) async fn hears(&self, count: usize) -> Result<Vec<T>, Failure> {
        self.0.ask(|reply| Heard::Wait(count, reply), PATIENCE).await.map_err(|error| match error {
            AskError::Timeout => format!("less than {count} words were heard within {PATIENCE:?}").into(),
            error => error.into(),
        })
    }
}

impl<T: Send + 'static> Memory<T> {
    fn hear(&mut self, heard: Heard<T>) {
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
