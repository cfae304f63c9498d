//! A connection to the server: found, opened, and seen to be fit.

use core::future::Future;
use core::pin::Pin;
use std::net::{TcpStream, ToSocketAddrs};
use std::os::unix::net::UnixStream;

use async_io::{Async, Timer};
use futures_lite::{AsyncRead, AsyncWrite, FutureExt};
use tokio_postgres::{Client, NoTls};
use tokio_util::compat::FuturesAsyncReadCompatExt;

use crate::fault::text;
use crate::refused::ConnectError;
use crate::settings::{Address, Settings};

/// What moves the bytes of a connection, until it ends.
pub(crate) type Carrier = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The first server of the settings that answers and takes writes, ready to be spoken to.
///
/// The carrier has to be polled for the client to get anywhere.
pub(crate) async fn dial(settings: &Settings) -> Result<(Client, Carrier), ConnectError> {
    let mut first = None;
    for address in &settings.addresses {
        let late = async {
            Timer::after(settings.connect_timeout).await;
            Err(ConnectError::Unreachable(format!(
                "{address}: no answer within {:?}",
                settings.connect_timeout
            )))
        };
        match dial_one(settings, address).or(late).await {
            Ok(open) => return Ok(open),
            Err(error) => first = first.or(Some(error)),
        }
    }
    Err(first.unwrap_or_else(|| ConnectError::Unreachable("no address".into())))
}

/// Runs `work` while `carrier` carries for it.
pub(crate) async fn carried<T>(
    carrier: Carrier,
    work: impl Future<Output = Result<T, ConnectError>>,
) -> Result<T, ConnectError> {
    let ended = async {
        carrier.await;
        // What the connection ended with is told to whoever asked something of it, first.
        core::future::pending().await
    };
    work.or(ended).await
}

async fn dial_one(settings: &Settings, address: &Address) -> Result<(Client, Carrier), ConnectError> {
    let socket =
        open(address).await.map_err(|error| ConnectError::Unreachable(format!("{address}: {error}")))?;
    let connected = settings.config.connect_raw(socket.compat(), NoTls).await;
    let (client, connection) = connected.map_err(|error| match error.as_db_error() {
        Some(_) => ConnectError::Refused(format!("{address}: {}", text(&error))),
        None => ConnectError::Unreachable(format!("{address}: {}", text(&error))),
    })?;
    let mut carrier: Carrier = Box::pin(async move {
        // Its error is also that of the request on its way.
        let _ = connection.await;
    });
    let fit = fit(&client, settings, address).or(async {
        carrier.as_mut().await;
        core::future::pending().await
    });
    fit.await?;
    Ok((client, carrier))
}

/// Puts the session in order, and refuses a server that cannot keep a journal.
async fn fit(client: &Client, settings: &Settings, address: &Address) -> Result<(), ConnectError> {
    let failed = |error: tokio_postgres::Error| ConnectError::Refused(format!("{address}: {}", text(&error)));
    client.batch_execute(&session(settings)).await.map_err(failed)?;
    let asked = "SELECT pg_is_in_recovery(), current_setting('server_encoding')";
    let row = client.query_one(asked, &[]).await.map_err(failed)?;
    let (standby, encoding): (bool, String) = (row.get(0), row.get(1));
    if standby {
        return Err(ConnectError::Refused(format!("{address}: a standby, which takes no writes")));
    }
    if encoding != "UTF8" {
        return Err(ConnectError::Refused(format!("{address}: the database is in {encoding}, not in UTF8")));
    }
    Ok(())
}

/// What a session has to be like, whatever the defaults of the server and the user are.
///
/// A commit may be made safer than here, but not less safe. All access is by keys, so that a plan made while the tables were
/// small is right when they have grown.
fn session(settings: &Settings) -> String {
    let timeout = settings.statement_timeout.as_millis().clamp(1, i32::MAX as u128);
    format!(
        "SELECT set_config('synchronous_commit', 'on', false)
             WHERE current_setting('synchronous_commit') IN ('off', 'local', 'remote_write');
         SET statement_timeout = {timeout};
         SET lock_timeout = {};
         SET idle_in_transaction_session_timeout = {timeout};
         SET default_transaction_isolation = 'read committed';
         SET enable_seqscan = off;
         SET jit = off;
         SET search_path = ''",
        (timeout / 2).max(1)
    )
}

trait Socket: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Socket for S {}

async fn open(address: &Address) -> std::io::Result<Box<dyn Socket>> {
    match address {
        Address::Unix(path) => Ok(Box::new(Async::<UnixStream>::connect(path).await?)),
        Address::Tcp(host, port) => {
            let name = (host.clone(), *port);
            let found = blocking::unblock(move || name.to_socket_addrs()).await?;
            let mut cause = std::io::Error::other("the name has no address");
            for place in found {
                match Async::<TcpStream>::connect(place).await {
                    Ok(stream) => {
                        stream.get_ref().set_nodelay(true)?;
                        return Ok(Box::new(stream));
                    }
                    Err(error) => cause = error,
                }
            }
            Err(cause)
        }
    }
}
