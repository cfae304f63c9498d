//! What is before the message of a letter in postcard, written and read without serde.

use super::name::EntityName;
use crate::remote::varint::{self, Read};

/// What stands before a message, for which serde would take longer than for most messages.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Head<'a> {
    pub(super) epoch: u64,
    pub(super) again: bool,
    /// The name of the entity, which may be no text where it was read.
    pub(super) entity: &'a [u8],
}

/// A letter, of all that a region is told.
const LETTER: u8 = 0;

/// How all letters of an epoch begin.
pub(super) struct Begins {
    bytes: [u8; 1 + varint::BYTES_MAX],
    length: usize,
}

impl Begins {
    pub(super) fn of(epoch: u64) -> Self {
        let mut bytes = [LETTER; 1 + varint::BYTES_MAX];
        varint::put_at(&mut bytes[1..], epoch);
        Self { bytes, length: 1 + varint::size(epoch) }
    }

    /// Writes what stands before a message, where there is room for it, and says how much that is.
    #[inline]
    pub(super) fn write(&self, again: bool, entity: &EntityName, room: &mut [u8]) -> Option<usize> {
        // All of them, which is faster than so many.
        room.first_chunk_mut()?.clone_from(&self.bytes);
        *room.get_mut(self.length)? = u8::from(again);
        let named = self.length + 1;
        Some(named + entity.write(room.get_mut(named..)?)?)
    }
}

impl<'a> Head<'a> {
    /// What is at the beginning of these bytes, and the message behind it; nothing where that is for serde to say.
    #[inline]
    pub(super) fn read(bytes: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let (LETTER, rest) = bytes.split_first().map(|(first, rest)| (*first, rest))? else { return None };
        let (epoch, rest) = number(rest)?;
        let (again, rest) = rest.split_first()?;
        let (length, rest) = number(rest)?;
        let (entity, message) = rest.split_at_checked(usize::try_from(length).ok()?)?;
        (*again <= 1).then_some((Self { epoch, again: *again == 1, entity }, message))
    }
}

#[inline]
fn number(bytes: &[u8]) -> Option<(u64, &[u8])> {
    match varint::read(bytes) {
        Read::Number(number, length) => Some((number, bytes.get(length..)?)),
        Read::Short | Read::Malformed => None,
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::String;
    use alloc::vec::Vec;

    use super::*;
    use crate::node::sharding::envelope::{Form, Letter, ShardEnvelope, Spoken};
    use crate::node::sharding::model::Told;
    use crate::node_id::NodeId;

    const MESSAGE: Told = Told(7);

    fn letters() -> impl Iterator<Item = (u64, bool, EntityName)> {
        let names = [0, 1, 3, 22, 23, 40, 63, 64, 127, 128, 255].map(|length| "x".repeat(length));
        let epochs = [0, 1, 127, 128, 1 << 40, u64::MAX];
        names.into_iter().flat_map(move |name| {
            epochs.into_iter().flat_map(move |epoch| {
                let name = EntityName::new(&name);
                [false, true].map(|again| (epoch, again, name.clone()))
            })
        })
    }

    fn written(epoch: u64, again: bool, entity: &EntityName) -> Vec<u8> {
        let mut room = [9; 300];
        let length = Begins::of(epoch).write(again, entity, &mut room).unwrap();
        room[..length].to_vec()
    }

    #[test]
    fn a_letter_is_the_same_bytes_whoever_writes_it_and_is_read_as_it_was() {
        for (epoch, again, entity) in letters() {
            let spoken = Spoken::tell(epoch, again, &entity, &MESSAGE);
            let spoken = postcard::to_allocvec(&spoken).unwrap();
            let letter = Letter { epoch, again, entity: entity.clone(), message: MESSAGE };
            let whole = postcard::to_allocvec(&ShardEnvelope(Form::Tell(letter))).unwrap();
            assert_eq!(spoken, whole);
            let message = postcard::to_allocvec(&MESSAGE).unwrap();
            assert_eq!([written(epoch, again, &entity), message.clone()].concat(), whole);
            let head = Head { epoch, again, entity: entity.bytes() };
            assert_eq!(Head::read(&whole), Some((head, &message[..])));
        }
    }

    #[test]
    fn what_finds_no_room_is_not_written() {
        for (epoch, again, entity) in letters() {
            let length = written(epoch, again, &entity).len();
            let mut room = [9; 300];
            let few = Begins::of(epoch).write(again, &entity, &mut room[..length - 1]);
            assert_eq!(few, None);
        }
    }

    #[test]
    fn what_is_no_letter_or_is_not_whole_is_not_read() {
        let from = NodeId { name: String::from("one"), incarnation: 1 };
        let words = ShardEnvelope::<Told>(Form::Words(from, Vec::new()));
        assert_eq!(Head::read(&postcard::to_allocvec(&words).unwrap()), None);
        let whole = written(300, true, &EntityName::new("one"));
        for length in 0..whole.len() {
            assert_eq!(Head::read(&whole[..length]), None, "{length}");
        }
        assert!(Head::read(&whole).is_some());
        assert_eq!(Head::read(&[LETTER, 1, 2, 0]), None, "that is no truth value");
        assert_eq!(Head::read(&[&[LETTER][..], &[0xff; 10], &[0, 0]].concat()), None, "that is no number");
    }
}
