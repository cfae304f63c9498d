//! Waiting for the end of an actor, from outside.

use core::future::poll_fn;

use casty_core::{ActorSystem, Behavior, Refers, Signal, SpawnError};

use crate::record::Record;

/// Waits until `actor` has ended: after all it told others, and at once when it had ended long before.
///
/// ```
/// use casty_core::{ActorSystem, Behavior};
/// use casty_simulation::Simulation;
/// use casty_testkit::ended;
///
/// Simulation::new(1).run(|host| async move {
///     let system = ActorSystem::on(host).start().unwrap();
///     let brief = system.spawn(Behavior::<()>::receive_message(|()| Behavior::stopped()), "brief").unwrap();
///     brief.tell(());
///     ended(&system, &brief).await.unwrap();
///     assert!(brief.is_stopped());
/// });
/// ```
///
/// # Errors
/// [`SpawnError`] says why there is nobody to watch it.
pub async fn ended(system: &ActorSystem, actor: &impl Refers) -> Result<(), SpawnError> {
    let (watched, record) = (actor.to_any(), Record::new());
    let keep = record.clone();
    let watch: Behavior<()> = Behavior::setup(move |ctx| {
        ctx.watch(&watched);
        Behavior::ignore()
    });
    let watcher = watch.on_signal(move |_, signal| match signal {
        Signal::Terminated(_) => {
            keep.push(());
            Behavior::stopped()
        }
        _ => Behavior::unhandled(),
    });
    system.spawn_anonymous(watcher)?;
    poll_fn(|cx| record.poll_pop(cx)).await;
    Ok(())
}
