//! A connection that comes back: opened when it is needed, after a pause when lost.

use core::future::Future;
use core::time::Duration;
use std::rc::Rc;
use std::time::Instant;

use async_executor::{LocalExecutor, Task};
use async_io::Timer;
use futures_lite::FutureExt;
use tokio_postgres::{Client, Error};

use crate::backoff::Backoff;
use crate::dialing::dial;
use crate::fault::text;
use crate::refused::ConnectError;
use crate::schema;
use crate::settings::Settings;
use crate::statements::{Changing, Reading};

/// What has to be prepared on a connection before it is of use.
pub(crate) trait Prepared: Sized {
    async fn prepare(client: &Client, schema: &str) -> Result<Self, Error>;
}

impl Prepared for Changing {
    async fn prepare(client: &Client, schema: &str) -> Result<Self, Error> {
        Self::prepare(client, schema).await
    }
}

impl Prepared for Reading {
    async fn prepare(client: &Client, schema: &str) -> Result<Self, Error> {
        Self::prepare(client, schema).await
    }
}

/// A connection to come, or one that is there.
pub(crate) struct Line<S> {
    pub(crate) settings: Rc<Settings>,
    executor: Rc<LocalExecutor<'static>>,
    link: Option<Link<S>>,
    backoff: Backoff,
    not_before: Instant,
    cause: String,
}

/// A connection that is there.
pub(crate) struct Link<S> {
    pub(crate) client: Client,
    pub(crate) statements: S,
    carrier: Task<()>,
}

impl<S: Prepared> Line<S> {
    pub(crate) fn new(settings: Rc<Settings>, executor: Rc<LocalExecutor<'static>>) -> Self {
        let (backoff, cause) = (Backoff::default(), "there was no time to send it".into());
        Self { settings, executor, link: None, backoff, not_before: Instant::now(), cause }
    }

    /// The connection, as soon as there is one; `None` when there is none until then.
    pub(crate) async fn ready(&mut self, until: Instant) -> Option<&Link<S>> {
        if self.link.as_ref().is_some_and(|link| link.client.is_closed()) {
            self.lost("the connection was closed");
        }
        while self.link.is_none() {
            if self.not_before > Instant::now() {
                Timer::at(self.not_before.min(until)).await;
            }
            if Instant::now() >= until {
                return None;
            }
            match self.open(until).await {
                Ok(link) => self.link = Some(link),
                Err(error) => self.lost(&error.to_string()),
            }
        }
        self.link.as_ref()
    }

    /// The connection is of no use any more.
    pub(crate) fn lost(&mut self, cause: &str) {
        self.link = None;
        self.cause = cause.into();
        self.not_before = Instant::now() + self.backoff.next(fastrand::f64());
    }

    /// Remembers why something did not get on, for those who will have waited in vain.
    pub(crate) fn note(&mut self, cause: String) {
        self.cause = cause;
    }

    /// The connection did what it is for.
    pub(crate) const fn proved(&mut self) {
        self.backoff.reset();
    }

    /// Why there was no connection the last time.
    pub(crate) fn cause(&self) -> &str {
        &self.cause
    }

    /// Takes leave of the server.
    pub(crate) async fn close(self) {
        let Some(Link { client, carrier, .. }) = self.link else { return };
        drop(client);
        within(Duration::from_secs(1), carrier).await;
    }

    async fn open(&self, until: Instant) -> Result<Link<S>, ConnectError> {
        let opening = async {
            let (client, carrier) = dial(&self.settings).await?;
            let carrier = self.executor.spawn(carrier);
            schema::check(&client, &self.settings).await?;
            let statements = S::prepare(&client, &self.settings.schema).await;
            let statements = statements.map_err(|error| ConnectError::Refused(text(&error)))?;
            Ok(Link { client, statements, carrier })
        };
        let late = async {
            Timer::at(until).await;
            Err(ConnectError::Unreachable("no answer in time".into()))
        };
        opening.or(late).await
    }
}

/// What `future` comes to, unless it takes longer.
pub(crate) async fn within<T>(limit: Duration, future: impl Future<Output = T>) -> Option<T> {
    let late = async {
        Timer::after(limit).await;
        None
    };
    async { Some(future.await) }.or(late).await
}
