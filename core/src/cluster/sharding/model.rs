//! What can happen to a coordinator and its regions, one thing at a time.
//!
//! The machines are the real ones; what a region does beside them (`model/seat.rs`) is as `node/sharding` does it. Words and letters between two nodes keep their order, and
//! what is on its way to a node or region that ends is lost.

mod courses;
mod luggage;
mod seat;

use alloc::collections::{BTreeMap, BTreeSet, VecDeque};
use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use super::coordinator::Course;
use super::word::Key;
use luggage::Beginning;
use seat::{Effects, Letter, Packet, Seat, Way};

/// How many there are, and what may still happen to them.
#[derive(Clone, Copy, Hash, Debug)]
struct Plan {
    /// Nodes that have shards, from 1 on, the oldest first.
    nodes: Key,
    shards: u32,
    /// The oldest has all of them: there is one, of a singleton.
    sole: bool,
    /// What their entities are moves along.
    movable: bool,
    /// Shards whose entities end before they move.
    idles: u8,
    /// The last of them is no member yet.
    newcomer: bool,
    /// One node more has no shards, and only says something to them.
    guest: bool,
    crashes: u8,
    /// Regions that end and begin anew.
    restarts: u8,
    leaves: u8,
    letters: u16,
}

/// Something that may happen next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Move {
    Arrives(Key, Key),
    Written(Key),
    Emptied(Key, u32),
    Tick(Key),
    /// That one hears of the newcomer.
    Hears(Key),
    /// The newcomer is up.
    Up,
    /// That one hears that the one who leaves does.
    Learns(Key),
    /// Who leaves is there no more.
    Exits,
    /// To the one, the other is a member no more.
    Removes(Key, Key),
    // What need not happen.
    Says(Key, u32),
    Crashes(Key),
    Restarts(Key),
    Leaves(Key),
    /// The entities of a shard end there, and begin afresh when they are told something.
    Idles(Key, u32),
}

impl Move {
    /// Whether it comes to pass in any case, unless it is overtaken.
    const fn is_due(self) -> bool {
        !matches!(
            self,
            Self::Says(..) | Self::Crashes(_) | Self::Restarts(_) | Self::Leaves(_) | Self::Idles(..)
        )
    }
}

#[derive(Clone, Hash)]
struct Model {
    plan: Plan,
    seats: BTreeMap<Key, Seat>,
    /// What is on its way to a region, in one order for each two nodes.
    links: BTreeMap<(Key, Key), VecDeque<(u64, Packet)>>,
    /// Who is there no more.
    ended: BTreeSet<Key>,
    newcomer: Option<Key>,
    leaver: Option<Key>,
    /// What each shard's owners have handled, in their order.
    handled: Vec<Vec<(Key, u16)>>,
    said: BTreeMap<(Key, u32), u16>,
    /// The state that each shard's entities had last, and whether it may be lost.
    states: BTreeMap<u32, (u64, bool)>,
    /// Something may have been lost.
    loss: bool,
    /// A region has ended, and begun anew on its node.
    restarted: bool,
    /// Something is not as it has to be.
    fault: Option<&'static str>,
}

impl Model {
    fn new(plan: Plan) -> Self {
        let all = 1..=plan.nodes + u64::from(plan.guest);
        let newcomer = plan.newcomer.then_some(plan.nodes);
        let members: BTreeSet<Key> = all.clone().filter(|key| newcomer != Some(*key)).collect();
        let seat = |key: Key| {
            let members = if newcomer == Some(key) { BTreeSet::new() } else { members.clone() };
            (key, Seat::new(key, &plan, members))
        };
        let mut model = Self {
            plan,
            seats: all.map(seat).collect(),
            links: BTreeMap::new(),
            ended: BTreeSet::new(),
            newcomer,
            leaver: None,
            handled: vec![Vec::new(); plan.shards as usize],
            said: BTreeMap::new(),
            states: BTreeMap::new(),
            loss: false,
            restarted: false,
            fault: None,
        };
        members.into_iter().for_each(|key| model.step(key, |_, _| {}));
        model
    }

    fn has_role(&self, key: Key) -> bool {
        key <= self.plan.nodes
    }

    /// A node does something, looks at who the members are, and does what follows.
    fn step(&mut self, key: Key, act: impl FnOnce(&mut Seat, &mut Effects)) {
        let (nodes, newcomer, leaver) = (self.plan.nodes, self.newcomer, self.leaver);
        let Some(seat) = self.seats.get_mut(&key) else { return };
        let mut effects = Effects::default();
        act(seat, &mut effects);
        if newcomer != Some(key) {
            let leaves = |other: &Key| seat.knows_leaver && leaver == Some(*other);
            let is_up = |other: &Key| *other <= nodes && !leaves(other) && newcomer != Some(*other);
            let required: Vec<Key> = seat.members.iter().copied().filter(|other| *other <= nodes).collect();
            let oldest = seat.members.iter().copied().find(is_up);
            let hosts = is_up(&key);
            seat.look((oldest, hosts), &required, &mut effects);
            seat.pump(&mut effects);
        }
        self.pass(key, effects);
    }

    /// Sets on its way what a node says.
    fn pass(&mut self, from: Key, effects: Effects) {
        for to in effects.finds {
            let region = self.seats.get(&to).map(|seat| seat.region);
            let seat = self.seats.get_mut(&from);
            if let Some((seat, region)) = seat.zip(region) {
                seat.found.entry(to).or_insert(region);
            }
        }
        for (to, packet) in effects.out {
            let Some(region) = self.seats.get(&to).map(|seat| seat.region) else { continue };
            let Some(seat) = self.seats.get_mut(&from) else { return };
            // What goes to a region that has ended is lost.
            if *seat.found.entry(to).or_insert(region) == region {
                self.links.entry((from, to)).or_default().push_back((region, packet));
            }
        }
        for (shard, Letter { by, number, .. }) in effects.handled {
            let handled = &mut self.handled[shard as usize];
            // What was for a region that has ended is sent on by the next, and may be overtaken.
            let restarted = self.restarted;
            let is_wrong = |earlier: u16| if restarted { earlier == number } else { earlier >= number };
            if handled.iter().any(|(other, earlier)| *other == by && is_wrong(*earlier)) {
                self.fault = Some("a letter came twice, or after a later one");
            }
            handled.push((by, number));
        }
        effects.begins.into_iter().for_each(|beginning| self.begins(from, &beginning));
    }

    /// A state begins to live on a node.
    fn begins(&mut self, key: Key, Beginning { shard, epoch, came }: &Beginning) {
        let last = self.states.insert(*shard, (*epoch, false));
        let elsewhere = || self.seats.iter().any(|(other, seat)| *other != key && seat.luggage.has(*shard));
        match came {
            None if last.is_some_and(|(_, lost)| !lost) => {
                self.fault = Some("what begins afresh was not lost")
            }
            Some(_) if elsewhere() => self.fault = Some("what is unpacked is elsewhere as well"),
            Some(came) if last.map(|(state, _)| state) != Some(*came) => {
                self.fault = Some("what is unpacked is not what was there last");
            }
            _ => {}
        }
    }

    /// What a node has may be lost with it: what lives there, or is nowhere else.
    fn loses(&mut self, key: Key) {
        let Some(seat) = self.seats.get(&key) else { return };
        let others = || self.seats.iter().filter(|(other, _)| **other != key);
        let holds = |shard: u32| seat.tenancy.held().any(|(held, _)| held == shard);
        let stays = |shard: u32| !holds(shard) && others().any(|(_, seat)| seat.luggage.has(shard));
        let lost = self.states.keys().copied().filter(|shard| seat.luggage.has(*shard) && !stays(*shard));
        for shard in lost.collect::<Vec<u32>>() {
            self.states.entry(shard).and_modify(|(_, lost)| *lost = true);
        }
    }

    /// All that may happen next.
    fn moves(&self) -> Vec<Move> {
        let mut moves = Vec::new();
        let links = self.links.iter().filter(|(_, link)| !link.is_empty());
        moves.extend(links.map(|((from, to), _)| Move::Arrives(*from, *to)));
        for (key, seat) in &self.seats {
            let key = *key;
            if seat.writing.is_some() {
                moves.push(Move::Written(key));
            }
            // Who has not unpacked has not begun, and does not end.
            let ends = seat.empty.iter().find(|shard| !seat.luggage.is_packed(**shard));
            moves.extend(ends.map(|shard| Move::Emptied(key, *shard)));
            if seat.office.deadline().is_some() {
                moves.push(Move::Tick(key));
            }
            let gone = self.ended.iter().filter(|gone| seat.members.contains(gone));
            moves.extend(gone.map(|gone| Move::Removes(key, *gone)));
        }
        self.changes_of_members(&mut moves);
        self.troubles(&mut moves);
        moves
    }

    fn changes_of_members(&self, moves: &mut Vec<Move>) {
        if let Some(newcomer) = self.newcomer.filter(|newcomer| !self.ended.contains(newcomer)) {
            let knows = |seat: &Seat| seat.members.contains(&newcomer);
            let others = || self.seats.iter().filter(|(key, _)| **key != newcomer);
            moves.extend(others().filter(|(_, seat)| !knows(seat)).map(|(key, _)| Move::Hears(*key)));
            if others().all(|(_, seat)| knows(seat)) {
                moves.push(Move::Up);
            }
        }
        if let Some(leaver) =
            self.leaver.filter(|leaver| self.seats.get(leaver).is_some_and(|seat| seat.left))
        {
            if self.seats[&leaver].knows_leaver {
                let others = self
                    .seats
                    .iter()
                    .filter(|(key, seat)| !seat.knows_leaver && self.newcomer != Some(**key));
                let learn: Vec<Move> = others.map(|(key, _)| Move::Learns(*key)).collect();
                moves.extend(if learn.is_empty() { vec![Move::Exits] } else { learn });
            } else {
                moves.push(Move::Learns(leaver));
            }
        }
    }

    fn troubles(&self, moves: &mut Vec<Move>) {
        for (key, seat) in &self.seats {
            let (key, plan) = (*key, self.plan);
            if self.newcomer == Some(key) {
                continue;
            }
            if plan.letters > 0 && seat.writing.is_none() && !seat.left {
                moves.extend((0..plan.shards).map(|shard| Move::Says(key, shard)));
            }
            if plan.idles > 0 {
                let living = (0..plan.shards).filter(|shard| seat.luggage.living(*shard).is_some());
                moves.extend(living.map(|shard| Move::Idles(key, shard)));
            }
            let (others, leaves) = (self.seats.len() > 1, self.leaver == Some(key));
            if self.has_role(key) && others {
                moves.extend((plan.crashes > 0).then_some(Move::Crashes(key)));
                moves.extend((plan.restarts > 0 && !leaves).then_some(Move::Restarts(key)));
                moves.extend((plan.leaves > 0 && self.leaver.is_none()).then_some(Move::Leaves(key)));
            }
        }
    }

    fn apply(&mut self, next: Move) {
        match next {
            Move::Arrives(from, to) => self.arrives(from, to),
            Move::Written(key) => self.step(key, |seat, effects| seat.written(effects)),
            Move::Emptied(key, shard) => self.step(key, |seat, _| seat.emptied(shard)),
            Move::Tick(key) => self.step(key, |seat, _| seat.tick()),
            Move::Hears(key) => {
                let Some(newcomer) = self.newcomer else { return };
                self.step(key, |seat, _| seat.members.extend([newcomer]));
            }
            Move::Up => self.up(),
            Move::Learns(key) => self.step(key, |seat, _| seat.knows_leaver = true),
            Move::Exits => {
                // It hands all over, as long as there is somebody to take it.
                let leaver = self.leaver.take();
                if self.loss {
                    leaver.into_iter().for_each(|leaver| self.loses(leaver));
                }
                leaver.into_iter().for_each(|leaver| self.end(leaver));
            }
            Move::Removes(key, gone) => {
                self.links.remove(&(gone, key));
                self.step(key, |seat, _| seat.part(gone));
            }
            Move::Says(key, shard) => {
                self.plan.letters -= 1;
                let number = self.said.entry((key, shard)).or_default();
                *number += 1;
                let letter = Letter { by: key, number: *number, again: false };
                self.step(key, |seat, effects| seat.tell(shard, letter, effects));
            }
            Move::Crashes(key) => {
                (self.loss, self.plan.crashes) = (true, self.plan.crashes - 1);
                self.loses(key);
                self.end(key);
            }
            Move::Restarts(key) => self.restarts(key),
            Move::Leaves(key) => {
                (self.leaver, self.plan.leaves) = (Some(key), self.plan.leaves - 1);
                self.step(key, |seat, _| seat.tenancy.leave());
            }
            Move::Idles(key, shard) => {
                self.plan.idles -= 1;
                self.states.entry(shard).and_modify(|(_, lost)| *lost = true);
                self.step(key, |seat, _| seat.luggage.end(shard));
            }
        }
        self.check();
    }

    fn arrives(&mut self, from: Key, to: Key) {
        let Some((region, packet)) = self.links.get_mut(&(from, to)).and_then(VecDeque::pop_front) else {
            return;
        };
        let here = self.seats.get(&to).map(|seat| seat.region);
        match packet {
            Packet::Ended => self.step(to, |seat, effects| seat.misses(from, effects)),
            _ if here != Some(region) => {}
            Packet::Word(word) => self.step(to, |seat, effects| seat.listen(from, word, effects)),
            Packet::Data(shard, epoch, letter) => {
                let mut was_here = true;
                self.step(to, |seat, effects| was_here = seat.arrive((shard, epoch), letter, effects));
                if !was_here && !self.loss {
                    self.fault = Some("a letter came to who does not have its shard");
                }
            }
        }
    }

    fn up(&mut self) {
        let Some(newcomer) = self.newcomer.take() else { return };
        let members: BTreeSet<Key> = self.seats.keys().copied().collect();
        self.step(newcomer, |seat, _| seat.members = members);
        let all: Vec<Key> = self.seats.keys().copied().collect();
        all.into_iter().for_each(|key| self.step(key, |_, _| {}));
    }

    fn end(&mut self, key: Key) {
        self.seats.remove(&key);
        self.links.retain(|(_, to), _| *to != key);
        self.ended.insert(key);
        self.leaver = self.leaver.filter(|leaver| *leaver != key);
    }

    fn restarts(&mut self, key: Key) {
        self.plan.restarts -= 1;
        (self.loss, self.restarted) = (true, true);
        self.links.retain(|(_, to), _| *to != key);
        self.loses(key);
        let Some(seat) = self.seats.get_mut(&key) else { return };
        let ended = seat.region;
        *seat = seat.next_region(&self.plan);
        let watching = self.seats.iter().filter(|(_, seat)| seat.found.get(&key) == Some(&ended));
        for (watching, seat) in watching {
            self.links.entry((key, *watching)).or_default().push_back((seat.region, Packet::Ended));
        }
        self.step(key, |_, _| {});
    }

    /// Nobody has what another has.
    fn check(&mut self) {
        let mut owners = BTreeSet::new();
        for seat in self.seats.values() {
            for (shard, _) in seat.tenancy.held() {
                if !owners.insert(shard) {
                    self.fault = Some("a shard is at two nodes");
                }
            }
        }
    }

    /// What is missing to rest: all shards are somewhere, well spread, and everybody knows where.
    fn unrest(&self) -> Option<String> {
        if self.leaver.is_some() || self.newcomer.is_some() {
            return Some("somebody is about to come or go".into());
        }
        let mut owners = BTreeMap::new();
        let mut loads = BTreeSet::new();
        for (key, seat) in &self.seats {
            owners.extend(seat.tenancy.held().map(|(shard, epoch)| (shard, (*key, epoch))));
            loads.extend(self.has_role(*key).then(|| seat.tenancy.held().count()));
            if seat.writing.is_some() || !seat.empty.is_empty() {
                return Some(format!("{key} is at something"));
            }
            if !seat.luggage.rests() {
                return Some(format!("{key} has luggage"));
            }
            if let Some(gone) = self.ended.iter().find(|gone| seat.members.contains(gone)) {
                return Some(format!("{key} takes {gone} for a member"));
            }
        }
        if owners.len() != self.plan.shards as usize
            || loads.last() > loads.first().map(|least| least + 1).as_ref()
        {
            return Some(format!("shards are {owners:?}"));
        }
        for (shard, (state, _)) in self.states.iter().filter(|(_, (_, lost))| !lost) {
            let living =
                owners.get(shard).and_then(|(owner, _)| self.seats.get(owner)?.luggage.living(*shard));
            if living != Some(*state) {
                return Some(format!("of shard {shard} {living:?} lives and not {state}"));
            }
        }
        let oldest = self.seats.keys().next();
        if self.plan.sole && owners.values().any(|(owner, _)| Some(owner) != oldest) {
            return Some(format!("the oldest is {oldest:?}, and shards are {owners:?}"));
        }
        for (key, seat) in &self.seats {
            for (shard, (owner, epoch)) in &owners {
                let here = Way::Here { epoch: *epoch, open: true };
                let way = if owner == key { here } else { Way::There(*epoch, *owner) };
                let own = seat.ways[*shard as usize];
                if own != way || !seat.waiting[*shard as usize].is_empty() {
                    return Some(format!("{key} to {shard}: {own:?} and not {way:?}"));
                }
            }
        }
        let courses: Vec<Course> =
            self.seats.values().filter_map(|seat| Some(seat.office.coordinator()?.course())).collect();
        if courses != [Course::InOffice] {
            return Some(format!("coordinators: {courses:?}"));
        }
        self.links.values().any(|link| !link.is_empty()).then(|| "something is on its way".into())
    }

    /// What was said and not handled, though nothing was lost and nobody is gone.
    fn missing(&self) -> Option<String> {
        let handled =
            |by: Key, shard: u32| self.handled[shard as usize].iter().filter(|(key, _)| *key == by).count();
        let there = self.said.iter().filter(|((by, _), _)| !self.loss && self.seats.contains_key(by));
        let mut short = there.filter(|((by, shard), said)| handled(*by, *shard) != usize::from(**said));
        short.next().map(|((by, shard), said)| {
            format!("of {said} letters of {by} to {shard}: {}", handled(*by, *shard))
        })
    }
}
