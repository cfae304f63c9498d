//! What every executor must do, in a task of embassy and in any future.

use std::sync::mpsc;
use std::thread;

use casty_conformance::{Scene, Verdict, executor_passes};
use casty_embassy::{Driver, Embassy};
use embassy_executor::{Executor, SpawnError, Spawner};
use futures_lite::future::{block_on, or};

/// On whatever polls a future: here a thread.
fn in_a_future(scene: Scene<Embassy>) -> Verdict {
    let (embassy, driver) = Embassy::new();
    let driving = async {
        driver.run().await;
        Err("the driver ended before the scene".into())
    };
    block_on(or(scene(embassy), driving))
}
executor_passes!(in_a_future: other_threads, real_time);

#[embassy_executor::task(pool_size = 64)]
async fn casty(driver: Driver) {
    driver.run().await;
}

#[embassy_executor::task(pool_size = 64)]
async fn play(scene: Scene<Embassy>, embassy: Embassy, told: mpsc::Sender<Verdict>) {
    let verdict = scene(embassy).await;
    drop(told.send(verdict));
}

fn begin(spawner: Spawner, scene: Scene<Embassy>, told: mpsc::Sender<Verdict>) -> Result<(), SpawnError> {
    let (embassy, driver) = Embassy::new();
    spawner.spawn(casty(driver)?);
    spawner.spawn(play(scene, embassy, told)?);
    Ok(())
}

/// In two tasks of embassy. Its executor never returns: the thread is left to the end of the process.
fn in_tasks(scene: Scene<Embassy>) -> Verdict {
    let (told, heard) = mpsc::channel();
    thread::spawn(move || {
        let executor = Box::leak(Box::new(Executor::new()));
        executor.run(|spawner| {
            if let Err(error) = begin(spawner, scene, told.clone()) {
                drop(told.send(Err(format!("{error:?}").into())));
            }
        });
    });
    heard.recv()?
}
executor_passes!(in_tasks: other_threads, real_time);
