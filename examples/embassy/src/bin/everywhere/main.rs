//! The actors that run everywhere, in a task of embassy.

#![no_std]
#![no_main]

extern crate alloc;

#[path = "../../../../everywhere/actors.rs"]
mod actors;
mod time;

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::error::Error;
use core::fmt::{self, Write};
use core::panic::PanicInfo;

use casty_core::ActorSystem;
use casty_embassy::{Driver, Embassy};
use casty_firmware::heap::HEAP;
use casty_firmware::{board, clock};
use embassy_executor::Spawner;

/// Beside a stack there is room for no more on a device with 16 kB.
const HEAP_BYTES: usize = 10 * 1024;

/// What is written to it is printed.
struct Out;

impl Write for Out {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        board::print(text);
        Ok(())
    }
}

#[embassy_executor::task]
async fn casty(driver: Driver) {
    driver.run().await;
}

/// The lines of the actors.
async fn lines(spawner: Spawner) -> Result<Vec<String>, Box<dyn Error + Send + Sync>> {
    let (embassy, driver) = Embassy::new();
    spawner.spawn(casty(driver).map_err(|_| "there is a task already")?);
    actors::run(ActorSystem::on(embassy).name("everywhere").start()?).await
}

#[embassy_executor::main]
async fn main(spawner: Spawner) {
    // SAFETY: the first thing that this program does.
    unsafe {
        embedded_alloc::init!(HEAP, HEAP_BYTES);
    }
    clock::on_tick(time::tick);
    board::start();
    let lines = match lines(spawner).await {
        Ok(lines) => lines,
        Err(error) => {
            let _ = writeln!(Out, "{error}");
            board::exit(false)
        }
    };
    for line in &lines {
        board::print(line);
        board::print("\n");
    }
    let _ = writeln!(Out, "heap_max {}", HEAP.used_max());
    board::exit(lines.iter().map(String::as_str).eq(actors::EXPECTED.lines()));
}

#[panic_handler]
fn panic(panic: &PanicInfo<'_>) -> ! {
    let _ = writeln!(Out, "{panic}");
    board::exit(false)
}
