//! Those who have called and not proved who they are: so many, and room for the next.

use alloc::collections::BTreeMap;
use alloc::string::String;
use core::net::SocketAddr;
use core::task::{Context, Waker};

use crate::sync::Lock;

/// All of them.
///
/// When there are as many as there may be, one makes way for whoever comes next: of the place that most have come from, the
/// one that has been here longest. So neither silence nor a flood from one place keeps others out.
#[derive(Default)]
pub(super) struct Strangers(Lock<Table>);

#[derive(Default)]
struct Table {
    by_number: BTreeMap<u64, Stranger>,
    next: u64,
}

struct Stranger {
    place: String,
    waker: Option<Waker>,
}

impl Strangers {
    /// Lets another one in, who has called from that address, and gives it a number; `None` when there may be none at all.
    pub(super) fn admit(&self, address: &str, max: usize) -> Option<u64> {
        if max == 0 {
            return None;
        }
        let place = place(address);
        let (number, ousted) = self.0.with(|table| {
            let ousted = if table.by_number.len() < max { None } else { table.oust() };
            table.next += 1;
            table.by_number.insert(table.next, Stranger { place, waker: None });
            (table.next, ousted)
        });
        ousted.and_then(|stranger| stranger.waker).into_iter().for_each(Waker::wake);
        Some(number)
    }

    /// Whether it has had to make way; it is woken when it has to.
    pub(super) fn is_ousted(&self, number: u64, cx: &Context<'_>) -> bool {
        self.0.with(|table| {
            let Some(stranger) = table.by_number.get_mut(&number) else { return true };
            if !stranger.waker.as_ref().is_some_and(|waker| waker.will_wake(cx.waker())) {
                stranger.waker = Some(cx.waker().clone());
            }
            false
        })
    }

    /// It is a stranger no more.
    pub(super) fn leave(&self, number: u64) {
        drop(self.0.with(|table| table.by_number.remove(&number)));
    }
}

impl Table {
    /// Takes out the one that makes way. All are looked at: there are few.
    fn oust(&mut self) -> Option<Stranger> {
        let mut places = BTreeMap::new();
        for (number, stranger) in &self.by_number {
            let (count, _) = places.entry(stranger.place.as_str()).or_insert((0_usize, *number));
            *count += 1;
        }
        // Of places with equally many, the one whose oldest has been here longest.
        let (_, oldest) = places.into_values().max_by_key(|(count, oldest)| (*count, u64::MAX - oldest))?;
        self.by_number.remove(&oldest)
    }
}

/// Where an address is: without the port, which is another one for each connection.
fn place(address: &str) -> String {
    match address.parse::<SocketAddr>() {
        Ok(address) => alloc::format!("{}", address.ip()),
        Err(_) => String::from(address),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn here(strangers: &Strangers) -> alloc::vec::Vec<u64> {
        strangers.0.with(|table| table.by_number.keys().copied().collect())
    }

    #[test]
    fn a_flood_from_one_place_makes_way_for_others_and_not_they_for_it() {
        let strangers = Strangers::default();
        let rare = strangers.admit("10.0.0.9:1", 4).unwrap();
        for port in 1..100 {
            strangers.admit(&alloc::format!("10.0.0.1:{port}"), 4).unwrap();
        }
        assert_eq!(here(&strangers), [rare, 98, 99, 100]);
        let other = strangers.admit("10.0.0.2:1", 4).unwrap();
        assert_eq!(here(&strangers), [rare, 99, 100, other]);
    }

    #[test]
    fn of_strangers_from_everywhere_the_oldest_makes_way() {
        let strangers = Strangers::default();
        for number in 1..=9 {
            assert_eq!(strangers.admit(&alloc::format!("10.0.0.{number}:7"), 3), Some(number));
        }
        assert_eq!(here(&strangers), [7, 8, 9]);
        strangers.leave(8);
        assert_eq!(strangers.admit("a caller", 3), Some(10));
        assert_eq!(here(&strangers), [7, 9, 10]);
        assert_eq!(strangers.admit("a caller", 0), None);
    }
}
