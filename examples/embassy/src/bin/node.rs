//! A node on a serial port: the sensor of `examples/device`, in a bare loop.

#![no_std]
#![no_main]

extern crate alloc;

#[path = "../../../device/sensor.rs"]
mod sensor;

use alloc::boxed::Box;
use core::cell::Cell;
use core::error::Error;
use core::fmt::{self, Write};
use core::panic::PanicInfo;
use core::time::Duration;

use casty_bare::Bare;
use casty_core::{ActorSystem, Executor, Limits, Network, RemoteLimits, millis};
use casty_firmware::heap::HEAP;
use casty_firmware::uart::Uart;
use casty_firmware::{board, clock};
use casty_serial::Serial;
use critical_section::Mutex;

const HEAP_BYTES: usize = 32 * 1024;

/// What is written to it is printed.
struct Out;

impl Write for Out {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        board::print(text);
        Ok(())
    }
}

fn limits() -> (Limits, RemoteLimits) {
    let limits = Limits { actors_max: 8, ..Limits::default() };
    let remote = RemoteLimits {
        link_bytes_max: 4_096,
        message_bytes_max: 512,
        peers_max: 2,
        strangers_max: 1,
        exports_max: 8,
        asks_max: 4,
        ..RemoteLimits::default()
    };
    (limits, remote)
}

async fn node(bare: Bare) -> Result<(), Box<dyn Error + Send + Sync>> {
    let (limits, remote) = limits();
    let entropy = board::entropy();
    let system = ActorSystem::on(bare.clone()).name(sensor::SYSTEM).limits(limits).seed(entropy).start()?;
    let serial = Serial::seeded(Uart::start(), bare, entropy.rotate_left(32));
    let network = Network::over(serial).node("device").listen("device").secret(sensor::secret());
    let node = network.limits(remote).start(&system).await?;
    sensor::run(&system, &node).await?;
    // Until the host has had all it was told.
    system.shutdown().await;
    Ok(())
}

/// Whether it went well, once that is known.
static OUTCOME: Mutex<Cell<Option<bool>>> = Mutex::new(Cell::new(None));

/// How long the line is driven after the end of the system: the host is told that the conversation is over.
const LAST_WORDS: Duration = millis(300);

#[board::entry]
fn main() -> ! {
    // SAFETY: the first thing that this program does.
    unsafe {
        embedded_alloc::init!(HEAP, HEAP_BYTES);
    }
    board::start();
    let (bare, mut superloop) = Bare::with_clock(clock::now);
    let own = bare.clone();
    bare.spawn(Box::pin(async move {
        let outcome = node(own.clone()).await;
        if let Err(error) = &outcome {
            let _ = writeln!(Out, "{error}");
        }
        own.sleep_until(own.now() + LAST_WORDS).await;
        critical_section::with(|section| OUTCOME.borrow(section).set(Some(outcome.is_ok())));
    }));
    let well = loop {
        let next = superloop.run_until_idle(clock::now());
        if let Some(well) = critical_section::with(|section| OUTCOME.borrow(section).get()) {
            break well;
        }
        board::wait(|| superloop.is_woken() || next.is_some_and(|next| next <= clock::now()));
    };
    let _ = writeln!(Out, "heap_bytes {HEAP_BYTES}\nheap_max {}\nmillis {}", HEAP.used_max(), clock::ticks());
    board::exit(well)
}

#[panic_handler]
fn panic(panic: &PanicInfo<'_>) -> ! {
    let _ = writeln!(Out, "{panic}");
    board::exit(false)
}
