//! An actor that counts, in another process: what each row does with it.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use futures::{StreamExt, stream};

/// An actor that counts, in another process.
pub(crate) trait Counter: Sized + Sync {
    /// How many tells may be on their way: of a framework that would lose more, as many as it takes.
    const TELLS: usize = 1;
    /// How many asks.
    const ASKS: usize = 1_000;
    /// How many of each there are to measure, of the tells and asks of the fastest.
    const SHARE: f64;

    /// Starts a process that serves, and finds the actor in it.
    async fn connect() -> Self;
    async fn add(&self, number: u64);
    async fn blob(&self, bytes: Vec<u8>);
    /// The number after that one.
    async fn next(&self, number: u64) -> u64;
    /// How many numbers and blobs have come.
    async fn total(&self) -> u64;
}

/// The nanoseconds that each of a row takes.
pub(crate) async fn drive<C: Counter>(counter: C, row: &str) -> f64 {
    let share = |of: f64| (of * C::SHARE) as u64;
    let (count, begun) = match row {
        "tell-small" => {
            let (count, begun) = (share(300e3), Instant::now());
            let tells = stream::iter(0..count).map(|number| counter.add(number));
            tells.buffered(C::TELLS).for_each(async |()| {}).await;
            arrived(&counter, count).await;
            (count, begun)
        }
        "tell-1KiB" => {
            let (count, begun) = (share(150e3), Instant::now());
            let tells = stream::iter(0..count).map(|_| counter.blob(vec![7; 1_024]));
            tells.buffered(C::TELLS).for_each(async |()| {}).await;
            arrived(&counter, count).await;
            (count, begun)
        }
        "ask-1000-in-flight" => {
            let (count, begun) = (share(150e3), Instant::now());
            let asks = stream::iter(0..count).map(async |number| (number, counter.next(number).await));
            asks.buffered(C::ASKS).for_each(async |(number, next)| assert_eq!(next, number + 1)).await;
            (count, begun)
        }
        "ask-sequential" => {
            let (count, begun) = (share(5e3), Instant::now());
            for number in 0..count {
                assert_eq!(counter.next(number).await, number + 1);
            }
            (count, begun)
        }
        _ => panic!("nobody knows the row {row}"),
    };
    begun.elapsed().as_nanos() as f64 / count as f64
}

/// Waits until so many have come; where there is no order, the question may come before them.
async fn arrived(counter: &impl Counter, count: u64) {
    while counter.total().await < count {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// A process of this program that serves, and ends when this is dropped.
pub(crate) struct Server {
    child: Child,
    /// The first thing it says: where it listens.
    pub(crate) address: String,
}

impl Server {
    pub(crate) fn start(side: &str) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        let mut child = command.args(["serve", side]).stdout(Stdio::piped()).spawn().unwrap();
        let mut address = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut address).unwrap();
        Self { child, address: address.trim().into() }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}
