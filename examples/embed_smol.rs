//! Embedding: casty on the smol executors that a program has already.
//!
//! Run it: `cargo run --release --example embed_smol`.

use std::sync::Arc;
use std::thread::{self, ThreadId};

use casty::Smol;
use casty::prelude::*;
use smol::{Executor, LocalExecutor, channel};

/// Spawns an actor that tells on which thread it runs, and asks it.
async fn thread_of_an_actor(system: ActorSystem) -> casty::Result<ThreadId> {
    let witness = Behavior::receive_message(|reply: ReplyTo<ThreadId>| {
        reply.tell(thread::current().id());
        Behavior::same()
    });
    let thread = system.spawn(witness, "witness")?.ask(|reply| reply, secs(1)).await?;
    assert!(system.shutdown().await.is_clean());
    Ok(thread)
}

/// Actors and the program's own tasks on one executor and its threads.
fn on_an_executor() -> casty::Result {
    let executor = Arc::new(Executor::new());
    let (stop, stopped) = channel::bounded::<()>(1);
    let run = || {
        let (executor, stopped) = (Arc::clone(&executor), stopped.clone());
        thread::spawn(move || smol::block_on(executor.run(stopped.recv())))
    };
    let threads = [run(), run()];

    let system = ActorSystem::on(Smol::executor(Arc::clone(&executor), threads.len())).name("app").start()?;
    let own = executor.spawn(async { 6 * 7 });
    let thread = smol::block_on(thread_of_an_actor(system))?;
    println!("a task of the program says {}, on the executor that ran an actor", smol::block_on(own));
    assert!(threads.iter().any(|own| own.thread().id() == thread));

    drop(stop);
    threads.into_iter().for_each(|thread| drop(thread.join()));
    Ok(())
}

/// Actors on the one thread that also runs what cannot leave it.
fn on_this_thread() -> casty::Result {
    let local = LocalExecutor::new();
    let (host, driver) = Smol::driver();
    local.spawn(driver).detach();

    let system = ActorSystem::on(host).name("local").start()?;
    let own = local.spawn(async { *std::rc::Rc::new(42) });
    let (thread, own) = smol::block_on(local.run(async { (thread_of_an_actor(system).await, own.await) }));
    println!("a local task says {own}, on the thread that ran an actor");
    assert_eq!(thread?, thread::current().id());
    Ok(())
}

fn main() -> casty::Result {
    on_an_executor()?;
    on_this_thread()
}
