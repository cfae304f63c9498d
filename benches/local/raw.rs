//! The floor: raw channels and tasks on the same executor, without actors.

use std::sync::Arc;

use smol::Executor;

/// Runs `scenario` as a task of an executor on that many threads.
fn on_threads<F: Future<Output = ()> + Send + 'static>(
    threads: usize,
    scenario: impl FnOnce(Arc<Executor<'static>>) -> F,
) {
    let executor = Arc::new(Executor::new());
    let (alive, ended) = async_channel::bounded::<()>(1);
    let task = executor.spawn(scenario(Arc::clone(&executor)));
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| smol::block_on(executor.run(ended.recv())));
        }
        smol::block_on(task);
        drop(alive);
    });
}

pub(crate) fn tell(count: u64, threads: usize) {
    on_threads(threads, move |executor| async move {
        let (sender, receiver) = async_channel::unbounded::<u64>();
        let reader = executor.spawn(async move {
            let mut sum = 0;
            while let Ok(message) = receiver.recv().await {
                sum += message;
            }
            sum
        });
        for index in 0..count {
            let _ = sender.try_send(1);
            if index % 256 == 0 {
                smol::future::yield_now().await;
            }
        }
        drop(sender);
        assert_eq!(reader.await, count);
    });
}

pub(crate) fn ping_pong(count: u64, threads: usize) {
    on_threads(threads, move |executor| async move {
        let (ping, pings) = async_channel::unbounded::<u64>();
        let (pong, pongs) = async_channel::unbounded::<u64>();
        let echo = executor.spawn(async move {
            while let Ok(ball) = pings.recv().await {
                let _ = pong.try_send(ball);
            }
        });
        for ball in 0..count {
            let _ = ping.try_send(ball);
            assert_eq!(pongs.recv().await, Ok(ball));
        }
        drop(ping);
        echo.await;
    });
}
