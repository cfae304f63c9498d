//! A crowd that does everything by chance, in two systems; the books balance.

use std::collections::BTreeMap;
use std::sync::Arc;

use casty::prelude::*;
use casty::simulation::{Host, sweep};
use casty::{Backoff, Rng};

use crate::world::{Seen, fails, system};

#[test]
fn in_a_crowd_every_message_is_handled_once_in_order_or_is_a_dead_letter() {
    sweep(|simulation| {
        let token = Arc::new(());
        let held = Arc::clone(&token);
        let books = simulation.lag(millis(1)).run(|host| crowd(host, held)).value;
        balance(&books);
        drop(books);
        assert_eq!(Arc::strong_count(&token), 1, "something was left behind");
    });
}

/// What one member tells another: who, and the number of the message among all.
struct Word {
    from: usize,
    number: usize,
    kind: Kind,
    _token: Arc<()>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// One that was told, which the books know.
    Told,
    /// One that nobody told: a timer's.
    Tick,
}

/// Whose words have no order: they were told by tasks.
const TASKS: usize = usize::MAX;
const MEMBERS_MAX: usize = 60;

/// Everything that was seen.
#[derive(Clone)]
struct Books {
    members: Seen<ActorRef<Word>>,
    told: Seen<usize>,
    /// By whom, from whom, which.
    handled: Seen<(usize, usize, usize)>,
    dead_letters: usize,
    /// Who asked to hear of whose end, and who heard of it.
    watches: Seen<(usize, casty::AnyRef)>,
    ends: Seen<(usize, casty::AnyRef)>,
    token: Arc<()>,
}

fn balance(books: &Books) {
    let handled = books.handled.all();
    assert_eq!(books.told.len(), handled.len() + books.dead_letters, "told = handled + dead letters");
    let mut latest = BTreeMap::new();
    for (by, from, number) in handled.into_iter().filter(|(_, from, _)| *from != TASKS) {
        let before = latest.insert((by, from), number);
        assert!(before.is_none_or(|before| before < number), "{from} told {by}: {number} after {before:?}");
    }
    let (watches, ends) = (books.watches.all(), books.ends.all());
    for end in &ends {
        let count = |of: &[(usize, casty::AnyRef)]| of.iter().filter(|one| *one == end).count();
        assert!(count(&ends) <= count(&watches), "{} heard too often of {:?}", end.0, end.1);
    }
}

async fn crowd(host: Host, token: Arc<()>) -> Books {
    let systems = [system(host.clone(), "one"), system(host, "other")];
    let mut books = Books {
        members: Seen::new(),
        told: Seen::new(),
        handled: Seen::new(),
        dead_letters: 0,
        watches: Seen::new(),
        ends: Seen::new(),
        token,
    };
    let mut rng = systems[0].rng();
    for number in 0..6 {
        let options = SpawnOptions::named(&number.to_string()).mailbox(mailbox(&mut rng));
        books.enlist(&mut rng, |behavior| systems[number % 2].spawn_with(behavior, options).ok());
    }
    for _ in 0..120 {
        books.tell_someone(TASKS, &mut rng);
        if rng.below(3) == 0 {
            systems[0].sleep(millis(rng.below(30) as u64)).await;
        }
    }
    for system in &systems {
        system.sleep(millis(rng.below(500) as u64)).await;
        assert!(system.shutdown_within(secs(3)).await.is_clean());
        assert_eq!((system.actors(), system.timers()), (0, 0));
    }
    books.dead_letters = systems.iter().map(|system| system.dead_letters() as usize).sum();
    books
}

impl Books {
    /// Tells someone a word, and notes it.
    fn tell_someone(&self, from: usize, rng: &mut Rng) {
        if let Some((_, member)) = self.someone(rng) {
            member.tell(self.word(from));
        }
    }

    fn word(&self, from: usize) -> Word {
        let number = self.told.len();
        self.told.note(number);
        Word { from, number, kind: Kind::Told, _token: Arc::clone(&self.token) }
    }

    fn tick(&self) -> Word {
        Word { from: TASKS, number: 0, kind: Kind::Tick, _token: Arc::clone(&self.token) }
    }

    fn someone(&self, rng: &mut Rng) -> Option<(usize, ActorRef<Word>)> {
        let members = self.members.all();
        let place = rng.below(members.len());
        members.into_iter().nth(place).map(|member| (place, member))
    }

    /// Adds a member that `spawn` makes of a behavior.
    fn enlist(&self, rng: &mut Rng, spawn: impl FnOnce(Behavior<Word>) -> Option<ActorRef<Word>>) {
        let me = self.members.len();
        if me >= MEMBERS_MAX {
            return;
        }
        let member = if rng.below(4) == 0 { slow(me, self.clone()) } else { quick(me, self.clone()) };
        if let Some(member) = spawn(dressed(member, me, self, rng)) {
            self.members.note(member);
        }
    }
}

fn mailbox(rng: &mut Rng) -> Mailbox<Word> {
    match rng.below(5) {
        0 => Mailbox::bounded(2, Overflow::DropOldest),
        1 => Mailbox::bounded(2, Overflow::DropNew),
        2 => Mailbox::fixed::<3>(Overflow::Reject),
        _ => Mailbox::unbounded(),
    }
}

/// With supervision by chance, an ear for the ends of others, and maybe a spy-like interceptor.
fn dressed(member: Behavior<Word>, me: usize, books: &Books, rng: &mut Rng) -> Behavior<Word> {
    let ends = books.ends.clone();
    let member = member.on_signal(move |_, signal| match signal {
        Signal::Terminated(target) => {
            ends.note((me, target.clone()));
            Behavior::same()
        }
        _ => Behavior::unhandled(),
    });
    let few = OneForOne::restarts(rng.below(6) as u32, secs(5));
    let member = match rng.below(6) {
        0 => member,
        1 => member.supervised(OneForOne::decide(|_| Directive::Resume)),
        2 => member.supervised(OneForOne::decide(|_| Directive::Escalate)),
        3 => member.supervised(few.keep_children()),
        4 => member.supervised(few.backoff(Backoff::new(millis(1), millis(50))).permanent()),
        _ => member.supervised(few.escalate_when_exhausted()),
    };
    match rng.below(4) {
        0 => member.supervising(AllForOne::restarts(2, secs(1))),
        1 => member.supervising(RestForOne::restarts(2, secs(1)).backoff(Backoff::new(millis(1), millis(9)))),
        2 => member.supervising(OneForOne::decide(|_| Directive::Resume)),
        _ => member,
    }
}

/// Does something by chance for each word.
fn quick(me: usize, books: Books) -> Behavior<Word> {
    Behavior::receive(move |ctx, word| {
        books.heard(me, &word);
        act(ctx, me, &books)
    })
}

/// The same, with pauses.
fn slow(me: usize, books: Books) -> Behavior<Word> {
    Behavior::receive_async(move |ctx, word| {
        books.heard(me, &word);
        let books = books.clone();
        async move {
            let pause = ctx.run(|ctx| ctx.rng().below(10)).await;
            ctx.sleep(millis(pause as u64)).await;
            ctx.run(move |ctx| act(ctx, me, &books)).await
        }
    })
}

impl Books {
    fn heard(&self, me: usize, word: &Word) {
        if word.kind == Kind::Told {
            self.handled.note((me, word.from, word.number));
        }
    }
}

fn act(ctx: &mut Context<Word>, me: usize, books: &Books) -> Behavior<Word> {
    let mut rng = ctx.rng();
    let Some((_, other)) = books.someone(&mut rng) else { return Behavior::same() };
    match rng.below(24) {
        0 => return fails(rng.below(2) == 0),
        1 => return Behavior::restart(),
        2 if rng.below(3) == 0 => return Behavior::stopped(),
        3 => return quick(me, books.clone()),
        4 => return slow(me, books.clone()).intercept(|_, word| Some(word)),
        5 | 6 => {
            books.watches.note((me, other.to_any()));
            ctx.watch(&other);
        }
        7 => {
            let books = books.clone();
            ctx.schedule_at_fixed_rate("rate", millis(20), move || books.tick());
        }
        8 => ctx.schedule_once("once", millis(rng.below(20) as u64), books.tick()),
        9 => _ = ctx.cancel_timer("rate"),
        10 => work_beside(ctx, books, other, &mut rng),
        11 | 12 => {
            let options = SpawnOptions::anonymous().mailbox(mailbox(&mut rng));
            books.enlist(&mut rng, |behavior| ctx.spawn_with(behavior, options).ok());
        }
        13 => {
            let children: Vec<_> = ctx.children().collect();
            if !children.is_empty() {
                ctx.stop(&children[rng.below(children.len())]).unwrap();
            }
        }
        14 if rng.below(4) == 0 => ctx.system().drain(&other),
        15 => {
            let books = books.clone();
            ctx.set_receive_timeout(millis(15), move || books.tick());
        }
        16 => ctx.cancel_receive_timeout(),
        17 => other.contramap(|word| word).tell(books.word(me)),
        _ => (0..rng.below(4)).for_each(|_| books.tell_someone(me, &mut rng)),
    }
    Behavior::same()
}

/// Sets tasks going that tell someone, or oneself.
fn work_beside(ctx: &mut Context<Word>, books: &Books, other: ActorRef<Word>, rng: &mut Rng) {
    let (system, told, piped) = (ctx.system(), books.clone(), books.clone());
    match rng.below(3) {
        0 => {
            let pause = millis(rng.below(20) as u64);
            let later = async move {
                system.sleep(pause).await;
                other.tell(told.word(TASKS));
            };
            ctx.pipe_to_self(later, move |_| piped.word(TASKS));
        }
        1 => _ = ctx.spawn_blocking(move || other.tell(told.word(TASKS)), move |_| piped.word(TASKS)),
        _ => {
            // It is told only once there is room: until then the books know nothing of it.
            let waits = async move {
                let word = Word { kind: Kind::Told, ..told.tick() };
                if other.send(word).await.is_ok() {
                    told.told.note(0);
                }
            };
            ctx.pipe_to_self(waits, move |_| piped.word(TASKS));
        }
    }
}
