//! A runtime of our own, which ends with its last user.

use std::io;

use tokio::runtime::{Builder, Handle, Runtime};

/// A runtime that is shut down when it is dropped, without waiting: the last to let go may be one of its own threads.
#[derive(Debug)]
pub(crate) struct OwnRuntime(Option<Runtime>);

impl OwnRuntime {
    /// On that many threads.
    pub(crate) fn start(threads: usize) -> io::Result<(Self, Handle)> {
        let runtime =
            Builder::new_multi_thread().worker_threads(threads).thread_name("casty").enable_time().build()?;
        let handle = runtime.handle().clone();
        Ok((Self(Some(runtime)), handle))
    }
}

impl Drop for OwnRuntime {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}
