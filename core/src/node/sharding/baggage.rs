//! What moves with the entities of a shard, as bytes: kept, and fetched in pieces.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::name::EntityName;
use crate::actor::{Luggage, Parcel};
use crate::cluster::sharding::{Key, Piece, Word};
use crate::sync::Arc;
use crate::time::Instant;

/// The luggage of shards that were here or will be.
#[derive(Default)]
pub(super) struct Baggage {
    /// That of those that were here.
    kept: BTreeMap<u32, Trunk>,
    /// That of those that will be.
    coming: BTreeMap<u32, Coming>,
}

struct Trunk {
    epoch: u64,
    since: Instant,
    bytes: Vec<u8>,
}

struct Coming {
    from: Key,
    epoch: u64,
    /// The next piece was asked for.
    asked: bool,
    /// All of it is here, and stands still since then.
    since: Option<Instant>,
    bytes: Vec<u8>,
}

/// Small enough for any link, and large enough for a hundred entities or so.
const PIECE_BYTES: usize = 16 << 10;
/// So many pieces are waited for at a time: beyond that a node that leaves would have to write them all at once.
const PIECES_MAX: usize = 8;

/// What came along cannot be read at all.
pub(super) struct Garbled;

impl Baggage {
    /// Keeps what goes along with a shard that has left.
    pub(super) fn keep(
        &mut self,
        now: Instant,
        (shard, epoch): (u32, u64),
        parcels: &BTreeMap<EntityName, Arc<Parcel>>,
    ) {
        let all: Vec<(&EntityName, Luggage)> =
            parcels.iter().map(|(name, parcel)| (name, parcel.aged(now))).collect();
        // Names, bytes and numbers always have a form as bytes.
        let bytes = postcard::to_allocvec(&all).unwrap_or_default();
        self.kept.insert(shard, Trunk { epoch, since: now, bytes });
    }

    /// Whether something is kept of a shard.
    pub(super) fn keeps(&self, shard: u32) -> bool {
        self.kept.contains_key(&shard)
    }

    /// What was kept of a shard is of no use any more.
    pub(super) fn discard(&mut self, shard: u32) {
        self.kept.remove(&shard);
    }

    /// What is there for a shard is to come here.
    pub(super) fn fetch(&mut self, shard: u32, from: Key, epoch: u64) {
        let coming = Coming { from, epoch, asked: false, since: None, bytes: Vec::new() };
        self.coming.insert(shard, coming);
    }

    /// It is not, any more.
    pub(super) fn abandon(&mut self, shard: u32) {
        self.coming.remove(&shard);
    }

    /// What to ask for next.
    pub(super) fn poll(&mut self) -> Option<(Key, Word)> {
        if self.coming.values().filter(|coming| coming.asked).count() >= PIECES_MAX {
            return None;
        }
        let mut coming = self.coming.iter_mut();
        let (shard, next) = coming.find(|(_, coming)| !coming.asked && coming.since.is_none())?;
        next.asked = true;
        Some((next.from, Word::Want(*shard, next.epoch, next.bytes.len() as u64)))
    }

    /// The piece that somebody asks for.
    pub(super) fn piece(&self, now: Instant, (shard, epoch): (u32, u64), at: u64) -> Piece {
        let trunk = self.kept.get(&shard).filter(|trunk| trunk.epoch == epoch);
        let rest = trunk.and_then(|trunk| trunk.bytes.get(usize::try_from(at).ok()?..)).unwrap_or_default();
        let bytes = rest[..rest.len().min(PIECE_BYTES)].to_vec();
        let (last, age) =
            (bytes.len() == rest.len(), trunk.map_or_else(Default::default, |it| now - it.since));
        Piece { shard, epoch, at, bytes, last, age }
    }

    /// A piece has come; the shard, if that was all of it.
    pub(super) fn arrived(&mut self, now: Instant, from: Key, piece: Piece) -> Option<u32> {
        let coming = self.coming.get_mut(&piece.shard)?;
        let expected = (coming.from, coming.epoch, coming.bytes.len() as u64);
        if expected != (from, piece.epoch, piece.at) || coming.since.is_some() {
            return None;
        }
        coming.asked = false;
        coming.bytes.extend_from_slice(&piece.bytes);
        if piece.last {
            let age = u64::try_from(piece.age.as_nanos()).unwrap_or(u64::MAX);
            coming.since = Some(Instant::from_nanos(now.as_nanos().saturating_sub(age)));
        }
        piece.last.then_some(piece.shard)
    }

    /// What there is for a shard that begins here: what has come, or what was kept.
    pub(super) fn take(&mut self, shard: u32) -> Result<Vec<(EntityName, Parcel)>, Garbled> {
        let kept = self.kept.remove(&shard).map(|trunk| (trunk.since, trunk.bytes));
        let come = self.coming.remove(&shard).and_then(|coming| Some((coming.since?, coming.bytes)));
        let Some((since, bytes)) = come.or(kept).filter(|(_, bytes)| !bytes.is_empty()) else {
            return Ok(Vec::new());
        };
        let all: Vec<(EntityName, Luggage)> = postcard::from_bytes(&bytes).map_err(|_| Garbled)?;
        Ok(all.into_iter().map(|(name, luggage)| (name, Parcel { since, luggage })).collect())
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::String;
    use alloc::vec;
    use core::time::Duration;

    use super::*;
    use crate::actor::Alarm;
    use crate::time::secs;

    const NOW: Instant = Instant::ORIGIN;

    fn parcel(state: usize, left: Duration) -> Arc<Parcel> {
        let alarm = Alarm { key: "tick".into(), left, again: None, message: vec![1] };
        let luggage = Luggage {
            codec: String::from("postcard"),
            state: vec![7; state],
            stash: vec![vec![1], vec![2]],
            unread: Vec::new(),
            timers: vec![alarm],
            silence: None,
        };
        Arc::new(Parcel { since: NOW, luggage })
    }

    fn kept(count: usize, state: usize) -> Baggage {
        let mut there = Baggage::default();
        let name = |number| EntityName::new(&alloc::format!("entity-{number}"));
        let parcels = (0..count).map(|number| (name(number), parcel(state, secs(60))));
        there.keep(NOW + secs(10), (3, 5), &parcels.collect());
        there
    }

    /// Lets all come that is asked for, from node 1; how many pieces that were, and the longest of them.
    fn come(there: &Baggage, here: &mut Baggage, at: Instant) -> (usize, usize) {
        let (mut pieces, mut longest) = (0, 0);
        while let Some((1, Word::Want(shard, epoch, from))) = here.poll() {
            let piece = there.piece(at, (shard, epoch), from);
            (pieces, longest) = (pieces + 1, longest.max(piece.bytes.len()));
            here.arrived(at, 1, piece);
        }
        (pieces, longest)
    }

    #[test]
    fn luggage_of_ten_thousand_entities_and_of_a_large_one_comes_in_pieces_of_a_limited_size() {
        for (count, state) in [(10_000, 20), (1, 1_000_000)] {
            let there = kept(count, state);
            let mut here = Baggage::default();
            here.fetch(3, 1, 5);
            let (pieces, longest) = come(&there, &mut here, NOW + secs(10));
            assert!(pieces > 30 && longest == PIECE_BYTES, "{pieces} pieces, at most {longest}");
            let parcels = here.take(3).ok().unwrap();
            assert_eq!(parcels.len(), count);
            assert!(parcels.iter().all(|(_, parcel)| parcel.luggage.state.len() == state));
        }
    }

    #[test]
    fn timers_stand_still_for_nobody_on_their_way() {
        let there = kept(1, 10);
        let mut here = Baggage::default();
        here.fetch(3, 1, 5);
        // Packed at 0, closed at 10, on its way until 14; the clock there is another than here.
        let piece = there.piece(NOW + secs(14), (3, 5), 0);
        assert!(here.poll().is_some());
        assert_eq!(here.arrived(NOW + secs(1_000), 1, piece), Some(3));
        let (_, parcel) = here.take(3).ok().unwrap().remove(0);
        assert_eq!(parcel.aged(NOW + secs(1_001)).timers[0].left, secs(60 - 14 - 1));
    }

    #[test]
    fn who_has_none_says_so_and_pieces_of_something_else_are_not_taken() {
        let there = kept(1, 10);
        let mut here = Baggage::default();
        here.fetch(3, 1, 6);
        assert!(here.poll().is_some());
        let none = there.piece(NOW, (3, 6), 0);
        assert!(none.last && none.bytes.is_empty(), "it is of another epoch");
        assert_eq!(here.arrived(NOW, 2, none.clone()), None, "of another node");
        assert_eq!(here.arrived(NOW, 1, Piece { at: 9, ..none.clone() }), None, "from another place");
        assert_eq!(here.arrived(NOW, 1, none), Some(3));
        assert!(here.take(3).ok().unwrap().is_empty());
    }

    #[test]
    fn bytes_that_are_no_luggage_are_an_error() {
        let mut here = Baggage::default();
        here.fetch(3, 1, 5);
        assert!(here.poll().is_some());
        let bytes = vec![0xFF; 9];
        let piece = Piece { shard: 3, epoch: 5, at: 0, bytes, last: true, age: Duration::ZERO };
        assert_eq!(here.arrived(NOW, 1, piece), Some(3));
        assert!(here.take(3).is_err());
    }

    #[test]
    fn only_so_many_pieces_are_waited_for_at_a_time() {
        let mut here = Baggage::default();
        (0..100).for_each(|shard| here.fetch(shard, 1, 5));
        assert_eq!(core::iter::from_fn(|| here.poll()).count(), PIECES_MAX);
    }
}
