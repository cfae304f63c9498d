//! Where the database is, and the limits the journal keeps.

use core::fmt;
use core::str::FromStr;
use core::time::Duration;
use std::path::PathBuf;

use tokio_postgres::Config;
use tokio_postgres::config::{ChannelBinding, Host, SslMode};

use crate::settings_error::SettingsError;

/// Where the database is, and the limits the journal keeps.
///
/// ```
/// use casty_postgres::{Settings, SettingsError};
/// use std::time::Duration;
///
/// let settings = Settings::parse("postgres://bank@localhost/bank").unwrap();
/// let settings = settings.schema("accounts").unwrap().readers(4).deadline(Duration::from_secs(10));
/// assert_eq!(settings.to_string(), "schema accounts at localhost:5432");
/// assert!(matches!(Settings::parse("postgres://db/bank?sslmode=require"), Err(SettingsError::Tls)));
/// ```
#[derive(Clone)]
pub struct Settings {
    pub(crate) config: Config,
    pub(crate) addresses: Vec<Address>,
    pub(crate) schema: String,
    pub(crate) writers: usize,
    pub(crate) readers: usize,
    pub(crate) connect_timeout: Duration,
    pub(crate) statement_timeout: Duration,
    pub(crate) deadline: Duration,
    pub(crate) limits: Limits,
}

/// How much waits and is on its way.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) requests_max: usize,
    pub(crate) write_bytes_max: usize,
    pub(crate) read_events_max: usize,
    pub(crate) read_bytes_max: usize,
}

/// One place where the server may be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Address {
    Unix(PathBuf),
    Tcp(String, u16),
}

/// No timeout is longer: a time in the far future is none that clocks can tell.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

impl Settings {
    /// Reads a URL (`postgres://user:password@host:port/database`) or libpq's `key=value` words.
    ///
    /// Several hosts are tried in their order, and a standby is passed over. A host that begins with `/` is the folder of a
    /// Unix socket. There is no TLS yet: `sslmode=require` is refused, and a host beyond this machine has to be asked for with
    /// `sslmode=disable`, so that nothing goes over a network in clear text unless that was said.
    ///
    /// ```
    /// use casty_postgres::{Settings, SettingsError};
    ///
    /// assert!(Settings::parse("host=/run/postgresql user=bank dbname=bank").is_ok());
    /// assert!(Settings::parse("postgres://db1,db2/bank?sslmode=disable").is_ok());
    /// let error = Settings::parse("postgres://db1/bank").unwrap_err();
    /// assert_eq!(error, SettingsError::ClearText("db1".into()));
    /// ```
    ///
    /// # Errors
    /// [`SettingsError`]: what is wrong with it.
    pub fn parse(url: &str) -> Result<Self, SettingsError> {
        let mut config = Config::from_str(url).map_err(|error| SettingsError::Url(chain(&error)))?;
        if config.get_ssl_mode() == SslMode::Require
            || config.get_channel_binding() == ChannelBinding::Require
        {
            return Err(SettingsError::Tls);
        }
        let addresses = addresses(&config)?;
        let remote = addresses.iter().find_map(Address::remote_host);
        if let Some(host) = remote.filter(|_| config.get_ssl_mode() != SslMode::Disable) {
            return Err(SettingsError::ClearText(host.into()));
        }
        config.ssl_mode(SslMode::Disable);
        if config.get_application_name().is_none() {
            config.application_name("casty");
        }
        let connect_timeout = config.get_connect_timeout().copied().unwrap_or(Duration::from_secs(10));
        Ok(Self {
            config,
            addresses,
            schema: "casty".into(),
            writers: 1,
            readers: 2,
            connect_timeout,
            statement_timeout: Duration::from_secs(10),
            deadline: Duration::from_secs(30),
            limits: Limits::default(),
        })
    }

    /// The schema (namespace) that the tables are in; the default is `casty`.
    ///
    /// ```
    /// use casty_postgres::{Settings, SettingsError};
    ///
    /// let settings = Settings::parse("postgres://localhost").unwrap();
    /// let error = settings.schema("no; drop table").unwrap_err();
    /// assert_eq!(error, SettingsError::Schema("no; drop table".into()));
    /// ```
    ///
    /// # Errors
    /// [`SettingsError::Schema`], unless the name is 1 to 63 of `a` to `z`, `0` to `9` and `_`, does not begin with a digit, and is
    /// none of the server's own (`pg_..`, `information_schema`).
    pub fn schema(mut self, name: impl Into<String>) -> Result<Self, SettingsError> {
        let name = name.into();
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        let reserved = name.starts_with("pg_") || name == "information_schema";
        let begins = name.starts_with(|c: char| c.is_ascii_lowercase() || c == '_');
        if !begins || reserved || name.len() > 63 || !name.chars().all(plain) {
            return Err(SettingsError::Schema(name));
        }
        self.schema = name;
        Ok(self)
    }

    /// How many connections write, at least one; the default is 1. Each entity is written by one of them.
    ///
    /// ```
    /// let settings = casty_postgres::Settings::parse("postgres://localhost").unwrap();
    /// assert!(format!("{:?}", settings.writers(3)).contains("writers: 3"));
    /// ```
    #[must_use]
    pub fn writers(mut self, connections: usize) -> Self {
        self.writers = connections.max(1);
        self
    }

    /// How many connections read, at least one; the default is 2.
    ///
    /// ```
    /// let settings = casty_postgres::Settings::parse("postgres://localhost").unwrap();
    /// assert!(format!("{:?}", settings.readers(0)).contains("readers: 1"));
    /// ```
    #[must_use]
    pub fn readers(mut self, connections: usize) -> Self {
        self.readers = connections.max(1);
        self
    }

    /// How long the server works on one statement before it gives up; the default is 10 s, the least 1 ms.
    ///
    /// A statement waits for a lock for half of that.
    ///
    /// ```
    /// let settings = casty_postgres::Settings::parse("postgres://localhost").unwrap();
    /// assert!(format!("{:?}", settings.statement_timeout(std::time::Duration::from_secs(3))).contains("statement_timeout: 3s"));
    /// ```
    #[must_use]
    pub fn statement_timeout(mut self, timeout: Duration) -> Self {
        self.statement_timeout = timeout.clamp(Duration::from_millis(1), LONGEST);
        self
    }

    /// How long a request may take, with all waiting and reconnecting, before it fails; the default is 30 s.
    ///
    /// A write that was sent by then, and of which nothing is known, is [unknown](casty_core::journal::Fault::Unknown).
    ///
    /// ```
    /// let settings = casty_postgres::Settings::parse("postgres://localhost").unwrap();
    /// assert!(format!("{:?}", settings.deadline(std::time::Duration::from_secs(3))).contains("deadline: 3s"));
    /// ```
    #[must_use]
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline.min(LONGEST);
        self
    }

    /// How many requests may wait or be on their way, at least one, for writing and for reading each; the default is 16,384.
    ///
    /// Those beyond wait for a place, in their order, within their deadline.
    ///
    /// ```
    /// let settings = casty_postgres::Settings::parse("postgres://localhost").unwrap();
    /// assert!(format!("{:?}", settings.requests_max(99)).contains("requests_max: 99"));
    /// ```
    #[must_use]
    pub fn requests_max(mut self, requests: usize) -> Self {
        self.limits.requests_max = requests.max(1);
        self
    }

    /// How many bytes may wait to be written or be on their way; the default is 64 MiB, the most 512 MiB.
    ///
    /// Writes beyond wait for a place, as with the requests; one that is larger than all of that is refused.
    ///
    /// ```
    /// let settings = casty_postgres::Settings::parse("postgres://localhost").unwrap();
    /// assert!(format!("{:?}", settings.write_bytes_max(1 << 20)).contains("write_bytes_max: 1048576"));
    /// ```
    #[must_use]
    pub fn write_bytes_max(mut self, bytes: usize) -> Self {
        // The server takes no message of 1 GiB.
        self.limits.write_bytes_max = bytes.min(512 << 20);
        self
    }

    /// How large an answer of several events may be: at most that many events, and bytes unless one event has more.
    ///
    /// The defaults are 4,096 and 8 MiB. Whoever asks for more gets so many, and goes on from there.
    ///
    /// ```
    /// let settings = casty_postgres::Settings::parse("postgres://localhost").unwrap();
    /// assert!(format!("{:?}", settings.read_max(100, 1 << 20)).contains("read_events_max: 100, read_bytes_max: 1048576"));
    /// ```
    #[must_use]
    pub fn read_max(mut self, events: usize, bytes: usize) -> Self {
        (self.limits.read_events_max, self.limits.read_bytes_max) = (events.max(1), bytes);
        self
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            requests_max: 16_384,
            write_bytes_max: 64 << 20,
            read_events_max: 4_096,
            read_bytes_max: 8 << 20,
        }
    }
}

impl Address {
    /// The host, where what is said to it leaves this machine.
    fn remote_host(&self) -> Option<&str> {
        let Self::Tcp(host, _) = self else { return None };
        let here = host == "localhost"
            || host.parse::<core::net::IpAddr>().is_ok_and(|address| address.is_loopback());
        Some(host.as_str()).filter(|_| !here)
    }
}

fn addresses(config: &Config) -> Result<Vec<Address>, SettingsError> {
    let (hosts, numbers, ports) = (config.get_hosts(), config.get_hostaddrs(), config.get_ports());
    let count = hosts.len().max(numbers.len());
    let fits = |len: usize| len == 0 || len == count;
    if count == 0 {
        return Err(SettingsError::Url("it names no host".into()));
    }
    if !fits(hosts.len()) || !fits(numbers.len()) || !(fits(ports.len()) || ports.len() == 1) {
        return Err(SettingsError::Url("its hosts, addresses and ports differ in number".into()));
    }
    let address = |at: usize| {
        let port = ports.get(at).or_else(|| ports.first()).copied().unwrap_or(5432);
        match (numbers.get(at), hosts.get(at)) {
            (Some(number), _) => Address::Tcp(number.to_string(), port),
            (None, Some(Host::Tcp(host))) => Address::Tcp(host.clone(), port),
            (None, Some(Host::Unix(folder))) => Address::Unix(folder.join(format!(".s.PGSQL.{port}"))),
            (None, None) => Address::Tcp("localhost".into(), port),
        }
    };
    Ok((0..count).map(address).collect())
}

/// An error with all its causes.
pub(crate) fn chain(error: &dyn core::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unix(path) => fmt::Display::fmt(&path.display(), f),
            Self::Tcp(host, port) => write!(f, "{host}:{port}"),
        }
    }
}

impl fmt::Display for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let addresses: Vec<_> = self.addresses.iter().map(ToString::to_string).collect();
        write!(f, "schema {} at {}", self.schema, addresses.join(", "))
    }
}

/// Without the password.
impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("schema", &self.schema)
            .field("addresses", &self.addresses)
            .field("writers", &self.writers)
            .field("readers", &self.readers)
            .field("statement_timeout", &self.statement_timeout)
            .field("deadline", &self.deadline)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}
