//! A world of one loop, with its own time, and a line that nobody can rely on.

#![allow(dead_code, reason = "each test binary uses its part of it")]

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use casty_bare::{Bare, Superloop};
use casty_core::remote::Secret;
use casty_core::{ActorSystem, Executor, Instant, Network, Node, Rng, Task};
use casty_serial::{Line, Serial};

/// Time that moves when nothing else does, a loop, and those of devices.
pub(crate) struct World {
    pub(crate) bare: Bare,
    superloop: Superloop,
    pub(crate) power: Power,
}

/// Devices, each with a loop of its own until it is switched off.
#[derive(Clone)]
pub(crate) struct Power {
    clock: Arc<AtomicU64>,
    loops: Arc<Mutex<Vec<Superloop>>>,
}

impl Power {
    /// Another device.
    pub(crate) fn on(&self) -> Bare {
        let (bare, superloop) = timed(&self.clock);
        lock(&self.loops).push(superloop);
        bare
    }

    /// All devices lose their power: what they were about to do is gone.
    pub(crate) fn off(&self) {
        let loops = std::mem::take(&mut *lock(&self.loops));
        drop(loops);
    }
}

fn timed(clock: &Arc<AtomicU64>) -> (Bare, Superloop) {
    let clock = Arc::clone(clock);
    Bare::with_clock(move || Instant::from_nanos(clock.load(Ordering::Relaxed)))
}

/// Nothing takes longer than that.
const TIME_MAX: Duration = Duration::from_secs(3_600);

impl World {
    pub(crate) fn new() -> Self {
        let clock = Arc::new(AtomicU64::new(0));
        let (bare, superloop) = timed(&clock);
        Self { bare, superloop, power: Power { clock, loops: Arc::default() } }
    }

    /// Runs a scene to its end, however long that takes in its own time.
    pub(crate) fn run<T: Send + 'static>(&mut self, scene: impl Future<Output = T> + Send + 'static) -> T {
        let done = Arc::new(Mutex::new(None));
        let outcome = Arc::clone(&done);
        self.bare.spawn(Box::pin(async move {
            let ended = scene.await;
            *lock(&outcome) = Some(ended);
        }));
        loop {
            let now = Instant::from_nanos(self.power.clock.load(Ordering::Relaxed));
            let mut next = self.superloop.run_until_idle(now);
            if let Some(ended) = lock(&done).take() {
                return ended;
            }
            let mut devices = std::mem::take(&mut *lock(&self.power.loops));
            for device in &mut devices {
                next = [next, device.run_until_idle(now)].into_iter().flatten().min();
            }
            if self.superloop.is_woken() {
                next = Some(now);
            }
            lock(&self.power.loops).append(&mut devices);
            let next = next.unwrap();
            assert!(next < Instant::ORIGIN + TIME_MAX, "the scene has no end");
            self.power.clock.fetch_max(next.as_nanos(), Ordering::Relaxed);
        }
    }
}

/// What happens to the bytes of a line, each in so many of a million.
#[derive(Clone, Copy, Default)]
pub(crate) struct Faults {
    pub(crate) flipped: usize,
    pub(crate) lost: usize,
    pub(crate) invented: usize,
}

/// One end of a line of 115,200 bits per second.
pub(crate) struct End {
    bare: Bare,
    reads: Arc<Mutex<Wire>>,
    writes: Arc<Mutex<Wire>>,
    arrival: Option<Task>,
    departure: Option<Task>,
}

/// A line that can be cut.
#[derive(Clone)]
pub(crate) struct Cable([Arc<Mutex<Wire>>; 2]);

struct Wire {
    /// What is on its way, and when it is there.
    bytes: VecDeque<(Instant, u8)>,
    rng: Rng,
    faults: Faults,
    free_at: Instant,
    cut: bool,
    /// How many faults there were.
    hurt: usize,
    reader: Option<Waker>,
}

/// A start bit, eight of data, a stop bit.
const BYTE_TIME: Duration = Duration::from_nanos(10 * 1_000_000_000 / 115_200);
/// As much as hardware takes before it has gone out.
const FIFO_BYTES: usize = 32;

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Both ends of a line, and the cable.
pub(crate) fn line(bare: &Bare, seed: u64, faults: Faults) -> (End, End, Cable) {
    let mut rng = Rng::new(seed);
    let mut wire = || {
        Arc::new(Mutex::new(Wire {
            bytes: VecDeque::new(),
            rng: rng.split(),
            faults,
            free_at: Instant::ORIGIN,
            cut: false,
            hurt: 0,
            reader: None,
        }))
    };
    let (there, back) = (wire(), wire());
    let cable = Cable([Arc::clone(&there), Arc::clone(&back)]);
    let one = End {
        bare: bare.clone(),
        reads: Arc::clone(&back),
        writes: Arc::clone(&there),
        arrival: None,
        departure: None,
    };
    let other = End { bare: bare.clone(), reads: there, writes: back, arrival: None, departure: None };
    (one, other, cable)
}

impl Cable {
    /// The end of a device that starts anew: what its predecessor has not read is still there for it.
    pub(crate) fn other_end(&self, bare: &Bare) -> End {
        let [there, back] = &self.0;
        End {
            bare: bare.clone(),
            reads: Arc::clone(there),
            writes: Arc::clone(back),
            arrival: None,
            departure: None,
        }
    }

    /// How often something has happened to a byte.
    pub(crate) fn faults(&self) -> usize {
        self.0.iter().map(|wire| lock(wire).hurt).sum()
    }

    /// Nothing gets through, or all again.
    pub(crate) fn cut(&self, cut: bool) {
        self.0.iter().for_each(|wire| lock(wire).cut = cut);
    }
}

impl Wire {
    fn send(&mut self, now: Instant, byte: u8) {
        self.free_at = self.free_at.max(now) + BYTE_TIME;
        let Faults { flipped, lost, invented } = self.faults;
        let mut happens = |of_a_million| self.rng.below(1_000_000) < of_a_million;
        let (flipped, lost, invented) = (happens(flipped), happens(lost), happens(invented));
        self.hurt += usize::from(flipped) + usize::from(lost) + usize::from(invented);
        if self.cut || lost {
            return;
        }
        let byte = if flipped { byte ^ 1 << self.rng.below(8) } else { byte };
        self.bytes.push_back((self.free_at, byte));
        if invented {
            self.bytes.push_back((self.free_at, self.rng.below(256) as u8));
        }
    }
}

impl Line for End {
    fn poll_read(&mut self, cx: &mut Context<'_>, into: &mut [u8]) -> Poll<usize> {
        loop {
            let mut wire = lock(&self.reads);
            let now = self.bare.now();
            let there = wire.bytes.iter().take_while(|(at, _)| *at <= now).count().min(into.len());
            if there > 0 {
                for (to, (_, byte)) in into.iter_mut().zip(wire.bytes.drain(..there)) {
                    *to = byte;
                }
                return Poll::Ready(there);
            }
            wire.reader = Some(cx.waker().clone());
            let Some((at, _)) = wire.bytes.front() else { return Poll::Pending };
            let mut arrival = self.bare.sleep_until(*at);
            drop(wire);
            let polled = Pin::new(&mut arrival).poll(cx);
            self.arrival = Some(arrival);
            if polled.is_pending() {
                return Poll::Pending;
            }
        }
    }

    fn poll_write(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<usize> {
        let now = self.bare.now();
        let mut wire = lock(&self.writes);
        let mut written = 0;
        while written < bytes.len() && wire.free_at < now + BYTE_TIME * FIFO_BYTES as u32 {
            wire.send(now, bytes[written]);
            written += 1;
        }
        let free_at = wire.free_at;
        if written > 0 {
            let reader = wire.reader.take();
            drop(wire);
            reader.into_iter().for_each(Waker::wake);
            return Poll::Ready(written);
        }
        drop(wire);
        let mut room = self.bare.sleep_until(free_at);
        let polled = Pin::new(&mut room).poll(cx);
        self.departure = Some(room);
        if polled.is_ready() {
            cx.waker().wake_by_ref();
        }
        Poll::Pending
    }
}

/// A system and its node at one end of a line.
pub(crate) struct Place {
    pub(crate) system: ActorSystem,
    pub(crate) node: Node,
}

/// Whatever starts has another seed.
pub(crate) async fn place(bare: &Bare, end: End, name: &str, seed: u64) -> Place {
    let executor = bare.clone();
    let system = ActorSystem::on(executor).name("line").seed(seed).start().unwrap();
    let serial = Serial::seeded(end, bare.clone(), seed.wrapping_mul(7));
    let network = Network::over(serial).node(name).listen(name).secret(Secret::new("secret"));
    let node = network.start(&system).await.unwrap();
    Place { system, node }
}
