//! Chameneos: creatures meet in a mall, two at a time, and change their color.

use std::time::Instant;

use async_channel::Sender;

use crate::check::{check, say, word};
use crate::framework::{Framework, Logic, Next, Place};
use crate::outcome::Outcome;
use crate::workloads::CREATURES;
use crate::workloads::roster::Roster;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Color {
    Blue,
    Red,
    Yellow,
}

impl Color {
    const fn of(index: u32) -> Self {
        match index % 3 {
            0 => Self::Blue,
            1 => Self::Red,
            _ => Self::Yellow,
        }
    }

    /// What both are after they met.
    const fn complement(self, other: Self) -> Self {
        match (self, other) {
            (Self::Blue, Self::Blue) | (Self::Red, Self::Yellow) | (Self::Yellow, Self::Red) => Self::Blue,
            (Self::Red, Self::Red) | (Self::Blue, Self::Yellow) | (Self::Yellow, Self::Blue) => Self::Red,
            (Self::Yellow, Self::Yellow) | (Self::Blue, Self::Red) | (Self::Red, Self::Blue) => Self::Yellow,
        }
    }
}

type Herd<F> = Roster<<F as Framework>::Address<Creature<F>>>;

struct Creature<F: Framework> {
    index: u32,
    color: Color,
    meetings: u64,
    mall: F::Address<Mall<F>>,
    herd: Herd<F>,
}

enum ToCreature {
    Begin,
    /// From the mall: somebody is here.
    Met(Color, u32),
    /// From the other one.
    Change(Color),
    Exit,
}

impl<F: Framework> Logic<F> for Creature<F> {
    type Message = ToCreature;

    fn receive(&mut self, _: &mut F::Context<'_, Self>, message: ToCreature) -> Next {
        match message {
            ToCreature::Begin => self.go(),
            ToCreature::Met(color, other) => {
                let color = self.color.complement(color);
                F::tell(self.herd.at(other), ToCreature::Change(color));
                self.change(color);
            }
            ToCreature::Change(color) => self.change(color),
            ToCreature::Exit => F::tell(&self.mall, ToMall::Meetings(self.meetings)),
        }
        Next::Go
    }
}

impl<F: Framework> Creature<F> {
    fn go(&self) {
        F::tell(&self.mall, ToMall::Meet(self.color, self.index));
    }

    fn change(&mut self, color: Color) {
        self.color = color;
        self.meetings += 1;
        self.go();
    }
}

struct Mall<F: Framework> {
    herd: Herd<F>,
    waiting: Option<u32>,
    left: u64,
    exited: u32,
    meetings: u64,
    done: Sender<u64>,
}

enum ToMall {
    Meet(Color, u32),
    Meetings(u64),
}

impl<F: Framework> Logic<F> for Mall<F> {
    type Message = ToMall;

    fn receive(&mut self, _: &mut F::Context<'_, Self>, message: ToMall) -> Next {
        match message {
            ToMall::Meet(_, who) if self.left == 0 => F::tell(self.herd.at(who), ToCreature::Exit),
            ToMall::Meet(color, who) => match self.waiting.take() {
                Some(waiting) => {
                    self.left -= 1;
                    F::tell(self.herd.at(waiting), ToCreature::Met(color, who));
                }
                None => self.waiting = Some(who),
            },
            ToMall::Meetings(count) => {
                self.exited += 1;
                self.meetings += count;
                if self.exited == CREATURES {
                    say(&self.done, self.meetings);
                }
            }
        }
        Next::Go
    }
}

pub(crate) async fn run<F: Framework>(system: F::System, meetings: u64) -> Outcome {
    let (done, all) = async_channel::bounded(1);
    let herd: Herd<F> = Roster::new();
    let mall = Mall::<F> { herd: herd.clone(), waiting: None, left: meetings, exited: 0, meetings: 0, done };
    let mall = F::spawn(&system, Place::Here, mall);
    let spawn = |index: u32| {
        let (mall, herd) = (mall.clone(), herd.clone());
        let creature = Creature::<F> { index, color: Color::of(index), meetings: 0, mall, herd };
        F::spawn(&system, Place::Part(index.into(), CREATURES.into()), creature)
    };
    herd.fill((0..CREATURES).map(spawn));
    let start = Instant::now();
    herd.all().iter().for_each(|creature| F::tell(creature, ToCreature::Begin));
    check(word(&all).await, 2 * meetings);
    Outcome::time(meetings, start.elapsed())
}
