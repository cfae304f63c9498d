//! What is offered in the cluster: told to members, heard from them, and gone with them.

use super::{Council, Output};
use crate::cluster::registry::{FANOUT, News, Said};
use crate::cluster::view::View;
use crate::cluster::word::Word;
use crate::time::Instant;

impl Council {
    /// A member has said what is offered.
    pub(super) fn hear_offers(&mut self, from: u64, said: Said) {
        let view = &self.view;
        self.book.hear(from, said, |owner| is_there(view, owner));
    }

    /// Says what there is to say of it, and notes what has changed.
    pub(super) fn tell_offers(&mut self, now: Instant) {
        let Self { book, view, gossip, .. } = self;
        book.retain(view.hash(), |owner| is_there(view, owner));
        book.pass_on(now, || gossip.choose(view, FANOUT));
        while let Some((to, said)) = self.book.poll() {
            self.say(to, Word::Offers(said));
        }
        while let Some(news) = self.book.change() {
            match news {
                News::Came(owner, entry) => {
                    // Who has gone meanwhile has taken it along.
                    let Some(record) = self.view.get(owner) else { continue };
                    let (id, address) = (record.card.id.clone(), record.card.address.clone());
                    self.output.push_back(Output::Came(id, address, entry));
                }
                News::Gone(owner, entry) => self.output.push_back(Output::Gone(owner, entry)),
            }
        }
    }
}

fn is_there(view: &View, key: u64) -> bool {
    view.status(key).is_some_and(|status| !status.is_out())
}
