//! How a node is reached: as another node of its system, which nobody calls.

use std::fmt::Display;
use std::future::Future;
use std::path::PathBuf;
use std::time::Duration;

use async_channel::Receiver;
use async_io::Timer;
use casty_core::inspect::{self, Inspect};
use casty_core::operate::{self, Operate};
use casty_core::remote::{ConnectionRefused, Secret};
use casty_core::{ActorRef, ActorSystem, Behavior, Network, Remote, RemoteLookupError, ReplyTo};
use casty_smol::Smol;
use casty_tcp::Tcp;
use casty_tls::{Identity, Tls};
use clap::Args;
use futures_lite::future::or;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::files::{self, Failure, Outcome};
use crate::info;

/// Which node, and how it lets one in.
#[derive(Args)]
pub(crate) struct Reach {
    /// Where the node listens, as `127.0.0.1:25520`.
    address: String,
    /// The name of its system.
    #[arg(long, default_value = "casty")]
    cluster: String,
    #[command(flatten)]
    protection: Protection,
    /// The key of the certificate, in PEM.
    #[arg(long, value_name = "FILE", requires = "cert")]
    key: Option<PathBuf>,
    /// The certificate of the authority, in PEM.
    #[arg(long, value_name = "FILE", requires = "cert")]
    ca: Option<PathBuf>,
    /// The name that the node is told; by default that of the certificate, or one by chance.
    #[arg(long)]
    name: Option<String>,
    /// For how many seconds it is tried, and an answer is waited for.
    #[arg(long, default_value_t = 5.0, value_parser = seconds)]
    timeout: f64,
}

#[derive(Args)]
#[group(required = true, multiple = false)]
struct Protection {
    /// The file with the secret of the nodes; blanks and lines around it do not count.
    #[arg(long, value_name = "FILE")]
    secret_file: Option<PathBuf>,
    /// The certificate to be shown, in PEM: the nodes talk over TLS.
    #[arg(long, value_name = "FILE", requires_all = ["key", "ca"])]
    cert: Option<PathBuf>,
    /// The nodes are protected by nothing.
    #[arg(long)]
    insecure: bool,
}

/// A node that lets itself be asked something.
pub(crate) struct Session<M: Send + 'static> {
    asked: ActorRef<M>,
    system: ActorSystem,
    timeout: Duration,
    address: String,
}

/// How long the end of a conversation may take.
const FAREWELL: Duration = Duration::from_millis(500);
/// The reason of an attempt that failed is known only when its time is over.
const GRACE: Duration = Duration::from_millis(500);

/// A number of seconds that is one.
pub(crate) fn seconds(text: &str) -> Result<f64, String> {
    let seconds: f64 = text.parse().map_err(|_| String::from("it is not a number"))?;
    if (0.001..=86_400.0).contains(&seconds) { Ok(seconds) } else { Err("from 0.001 to 86400".into()) }
}

impl Reach {
    /// Finds who shows the node.
    pub(crate) async fn inspect(&self) -> Outcome<Session<Inspect>> {
        self.open(inspect::PATH, "the node is not inspectable").await
    }

    /// Finds who takes orders there.
    pub(crate) async fn operate(&self) -> Outcome<Session<Operate>> {
        self.open(operate::PATH, "not permitted: the node is not operable").await
    }

    async fn open<M: Remote>(&self, path: &str, missing: &str) -> Outcome<Session<M>> {
        let failed = |error: &dyn Display| Failure::new(&self.address, error);
        let timeout = Duration::from_secs_f64(self.timeout);
        let network = self.network().map_err(Failure::into_usage)?;
        let system = ActorSystem::on(Smol::threads(1)).name(&self.cluster).start();
        let system = system.map_err(|error| failed(&error).into_usage())?;
        let node = network.start(&system).await.map_err(|error| failed(&error).into_usage())?;
        let refused = refusals(&system)?;
        let lookup = async {
            let asked = node.lookup::<M>(&self.address, path, timeout).await;
            asked.map_err(|error| match error {
                RemoteLookupError::NotFound => failed(&missing),
                error => failed(&error),
            })
        };
        let refusal = async {
            match refused.recv().await {
                Ok(cause) => Err(failed(&format!("refused: {cause}"))),
                Err(_) => std::future::pending().await,
            }
        };
        let asked = self.in_time(timeout + GRACE, or(lookup, refusal)).await?;
        Ok(Session { asked, system, timeout, address: self.address.clone() })
    }

    fn network(&self) -> Outcome<Network> {
        let mut name = self.name.clone();
        let network = match (&self.protection, &self.key, &self.ca) {
            (Protection { cert: Some(cert), .. }, Some(key), Some(ca)) => {
                let (pem, key_pem, ca_pem) = (files::read(cert)?, files::read(key)?, files::read(ca)?);
                let identity = Identity::from_pem(pem.as_bytes(), key_pem.as_bytes(), ca_pem.as_bytes());
                let identity = identity.map_err(|error| Failure::new(cert.display(), error))?;
                if name.is_none() {
                    name = Some(info::node(cert)?);
                }
                Network::over(Tls::over(Tcp, identity))
            }
            (Protection { secret_file: Some(file), .. }, ..) => {
                Network::over(Tcp).secret(Secret::new(files::read(file)?.trim()))
            }
            _ => Network::over(Tcp).insecure(),
        };
        Ok(match name {
            Some(name) => network.node(&name),
            None => network,
        })
    }

    async fn in_time<T>(&self, timeout: Duration, what: impl Future<Output = Outcome<T>>) -> Outcome<T> {
        or(what, async {
            Timer::after(timeout).await;
            Err(Failure::new(&self.address, format!("no answer within {} s", self.timeout)))
        })
        .await
    }
}

/// Why connections were refused, here or there.
fn refusals(system: &ActorSystem) -> Outcome<Receiver<String>> {
    let (tell, refused) = async_channel::bounded(1);
    let listener = system.spawn_anonymous(Behavior::receive_message(move |refused: ConnectionRefused| {
        // The first says it all.
        let _ = tell.try_send(refused.cause);
        Behavior::same()
    }));
    system.subscribe(&listener.map_err(|error| Failure::new("casty", error))?);
    Ok(refused)
}

impl<M: Send + 'static> Session<M> {
    /// Asks the node; within the time that it has.
    pub(crate) async fn ask<R: Serialize + DeserializeOwned + Send + 'static>(
        &self,
        question: impl FnOnce(ReplyTo<R>) -> M,
    ) -> Outcome<R> {
        let answer = self.asked.ask(question, self.timeout).await;
        answer.map_err(|error| self.failed(error))
    }

    /// What the node has answered is this.
    pub(crate) fn failed(&self, cause: impl Display) -> Failure {
        Failure::new(&self.address, cause)
    }

    /// Takes leave of the node.
    pub(crate) async fn close(self) {
        self.system.shutdown_within(FAREWELL).await;
    }
}
