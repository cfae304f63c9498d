//! A device on a serial line, as a node: found, asked, followed and watched.
//!
//! ```text
//! cargo run --example device --features serial                      a device of this program's own, at the other end of a socket
//! cargo run --example device --features serial -- 127.0.0.1:0      waits there for one, such as QEMU's serial port
//! ```
//!
//! `examples/embassy/run` does the latter, and runs the firmware of `examples/embassy/src/bin/node.rs`.

mod sensor;

use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};

use async_io::Async;
use casty::prelude::*;
use casty::serial::{Serial, io::Stream};
use casty::{Network, Smol};
use futures_lite::future::try_zip;
use sensor::{CELSIUS, Journal, Sample, Sensor};

const SAMPLES: u32 = 50;
const QUESTIONS: i32 = 100;

/// What the sensor tells: it stops when it has heard all, in their order.
fn follower() -> Behavior<Sample> {
    Behavior::fold(0, |heard, _, sample: Sample| {
        assert_eq!((sample.number, sample.celsius), (heard, CELSIUS));
        if heard + 1 == SAMPLES { Step::Become(Behavior::stopped()) } else { Step::Keep(heard + 1) }
    })
}

/// Keeps the notes of the device. Says so when it was asked how many there are: that is the last thing the device does.
fn journal(counted: async_channel::Sender<()>) -> Behavior<Journal> {
    Behavior::fold(0, move |notes, _, message| match message {
        Journal::Note(note) => {
            println!("the device: {note}");
            Step::Keep(notes + 1)
        }
        Journal::Count(reply) => {
            reply.tell(notes);
            // Nobody waits any more: that is all right, too.
            let _ = counted.try_send(());
            Step::Keep(notes)
        }
    })
}

/// Ends with the actor that it watches, and says so.
fn mourner<M: Send + 'static>(actor: ActorRef<M>, gone: async_channel::Sender<()>) -> Behavior<()> {
    Behavior::ignore().on_start(move |ctx| ctx.watch(&actor)).on_signal(move |_, signal| {
        if let Signal::Terminated(actor) = signal {
            println!("{} has ended", actor.path());
            let _ = gone.try_send(());
        }
        Behavior::same()
    })
}

async fn host(line: Stream<Async<TcpStream>>) -> casty::Result {
    let smol = Smol::threads(1);
    let system = ActorSystem::on(smol.clone()).name(sensor::SYSTEM).start()?;
    let network =
        Network::over(Serial::over(line, smol)).node("host").listen("host").secret(sensor::secret());
    let node = network.start(&system).await?;
    let ((counted, all_noted), (gone, sensor_gone)) = (async_channel::bounded(1), async_channel::bounded(1));
    node.expose(&system.spawn(journal(counted), "journal")?)?;

    // The device needs a while to start, and then to show its sensor.
    let sensor = loop {
        match node.lookup::<Sensor>("device", "sensor", secs(30)).await {
            Err(casty::RemoteLookupError::NotFound) => system.sleep(millis(50)).await,
            found => break found?,
        }
    };
    println!("found {}", sensor.path());
    let (own, followed) = (system.spawn(follower(), "follower")?, async_channel::bounded(1));
    system.spawn(mourner(own.clone(), followed.0), "mourner")?;
    system.spawn(mourner(sensor.clone(), gone), "watcher")?;
    sensor.tell(Sensor::Follow(own, SAMPLES));
    let mut sum = 0;
    for _ in 0..QUESTIONS {
        sum += sensor.ask(Sensor::Read, secs(10)).await?;
    }
    assert_eq!(sum, QUESTIONS * CELSIUS);
    followed.1.recv().await?;
    println!("{QUESTIONS} questions were answered, and {SAMPLES} samples came in their order");
    sensor.tell(Sensor::Off);
    sensor_gone.recv().await?;
    assert!(sensor.is_stopped());
    all_noted.recv().await?;
    // The device ends first: it wants to hear that all it said has arrived, and a line does not show it that a program has ended.
    while !node.connected().is_empty() {
        system.sleep(millis(10)).await;
    }
    println!("all went well");
    system.shutdown().await;
    Ok(())
}

/// A device within this process.
async fn device(line: Stream<Async<TcpStream>>) -> casty::Result {
    let smol = Smol::threads(1);
    let system = ActorSystem::on(smol.clone()).name(sensor::SYSTEM).start()?;
    let network = Network::over(Serial::over(line, smol)).node("device").listen("device");
    let node = network.secret(sensor::secret()).start(&system).await?;
    let outcome = sensor::run(&system, &node).await;
    system.shutdown().await;
    outcome
}

/// A line to whoever connects to that address, again and again.
fn taken_at(address: SocketAddr) -> io::Result<Stream<Async<TcpStream>>> {
    let listener = std::sync::Arc::new(Async::<TcpListener>::bind(address)?);
    println!("listening at {}", listener.get_ref().local_addr()?);
    Ok(Stream::opened_by(move || {
        let listener = std::sync::Arc::clone(&listener);
        async move {
            let (stream, _) = listener.accept().await?;
            // What is said is short, and should not wait for more.
            stream.get_ref().set_nodelay(true)?;
            Ok(stream)
        }
    }))
}

fn main() -> casty::Result {
    casty::block_on(async {
        match std::env::args().nth(1) {
            Some(address) => host(taken_at(address.parse()?)?).await,
            None => {
                let listener = Async::<TcpListener>::bind(([127, 0, 0, 1], 0))?;
                let address = listener.get_ref().local_addr()?;
                let (dialed, (taken, _)) =
                    try_zip(Async::<TcpStream>::connect(address), listener.accept()).await?;
                try_zip(host(Stream::over(dialed)), device(Stream::over(taken))).await?;
                Ok(())
            }
        }
    })
}
