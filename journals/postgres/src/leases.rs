//! Leases in PostgreSQL: one row for each, compared and set by the server, by its clock.

use core::fmt;
use core::future::Future;
use std::sync::Arc;

use casty_core::lease::{Claim, LeaseAnswer, LeaseError, Leases};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Error, Row};

use crate::dialing::{carried, dial};
use crate::fault::text;
use crate::refused::ConnectError;
use crate::schema;
use crate::settings::Settings;

/// Leases in a PostgreSQL database, which all nodes of a cluster reach. The handle is cheap to clone.
///
/// A lease is given, held on and lost by the clock of the server alone. Leases are asked for rarely, so each request has a connection of its
/// own, which it opens and closes: nothing is kept, and nothing has to come back after the server was gone.
/// The answers are futures that need no runtime.
///
/// Servers are tried one after another, each for the `connect_timeout` of the URL, 10 s by default. A cluster waits for an answer for a fifth of
/// its [`stable_after`](casty_core::Membership::stable_after), 2 s by default: so all tries together should take less.
///
/// ```no_run
/// use casty_core::Membership;
/// use casty_core::cluster::Downing;
/// use casty_postgres::{PostgresLeases, Settings};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let settings = Settings::parse("postgres://bank:secret@localhost/bank?connect_timeout=1")?;
/// PostgresLeases::migrate(&settings).await?;
/// let leases = PostgresLeases::connect(settings).await?;
/// let membership = Membership::seeds(["10.0.0.1:25520", "10.0.0.2:25520"]).downing(Downing::lease("bank")).lease(leases);
/// # drop(membership);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct PostgresLeases {
    settings: Arc<Settings>,
    statements: Arc<Statements>,
}

struct Statements {
    acquire: String,
    owner: String,
    renew: String,
    release: String,
}

impl PostgresLeases {
    /// Makes the schema and the table of leases in it, unless they are there. Several may do so at once. It is not among the tables of
    /// the journal, and may be beside them.
    ///
    /// ```no_run
    /// use casty_postgres::{PostgresLeases, Settings};
    ///
    /// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// PostgresLeases::migrate(&Settings::parse("postgres://owner@localhost/bank")?.schema("cluster")?).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ConnectError`].
    pub async fn migrate(settings: &Settings) -> Result<(), ConnectError> {
        let table = format!(
            "CREATE TABLE IF NOT EXISTS {} (
                 name text COLLATE \"C\" PRIMARY KEY, owner text COLLATE \"C\" NOT NULL, epoch bigint NOT NULL,
                 until timestamptz NOT NULL
             )",
            table(settings)
        );
        let (client, carrier) = dial(settings).await?;
        carried(carrier, async {
            schema::begin(&client).await?;
            schema::make(&client, settings, &table).await?;
            schema::commit(&client).await
        })
        .await
    }

    /// Leases in the schema of the settings, where the table has to be there.
    ///
    /// ```no_run
    /// use casty_postgres::{PostgresLeases, Settings};
    ///
    /// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// let leases = PostgresLeases::connect(Settings::parse("host=/run/postgresql dbname=bank")?).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ConnectError`]: nobody answers within `connect_timeout` (of the URL, 10 s by default), the server refuses, or there is no such table.
    pub async fn connect(settings: Settings) -> Result<Self, ConnectError> {
        let (client, carrier) = dial(&settings).await?;
        carried(carrier, async {
            let there = client.query_one("SELECT to_regclass($1) IS NOT NULL", &[&table(&settings)]).await;
            let there = there.map_err(|error| ConnectError::Refused(text(&error)))?.get::<_, bool>(0);
            there.then_some(()).ok_or_else(|| ConnectError::NotMigrated(settings.schema.clone()))
        })
        .await?;
        let statements = Arc::new(Statements::new(&table(&settings)));
        Ok(Self { settings: Arc::new(settings), statements })
    }

    /// Asks the server, over a connection that ends with the answer.
    fn ask<T, F>(
        &self,
        claim: &Claim,
        ask: impl FnOnce(Client, Arc<Statements>, Claim) -> F + Send + 'static,
    ) -> LeaseAnswer<T>
    where
        T: 'static,
        F: Future<Output = Result<T, LeaseError>> + Send,
    {
        let (settings, statements, claim) =
            (Arc::clone(&self.settings), Arc::clone(&self.statements), claim.clone());
        Box::pin(async move {
            claim.check()?;
            let failed = |error: ConnectError| LeaseError::Failed(error.to_string());
            let (client, carrier) = dial(&settings).await.map_err(failed)?;
            let answer = carried(carrier, async { Ok(ask(client, statements, claim).await) });
            answer.await.map_err(failed)?
        })
    }
}

fn table(settings: &Settings) -> String {
    format!("\"{}\".leases", settings.schema)
}

impl Statements {
    /// The row is locked by whoever writes it, so that of two claims at once the second sees what the first has made of it. The time is
    /// read twice and may go back in between: another owner has a larger epoch all the same.
    fn new(table: &str) -> Self {
        let until = "clock_timestamp() + $3 * interval '1 second'";
        let held = "name = $1 AND owner = $2 AND epoch = $4 AND until > clock_timestamp()";
        Self {
            acquire: format!(
                "INSERT INTO {table} AS held VALUES ($1, $2, 1, {until})
                 ON CONFLICT (name) DO UPDATE SET
                     owner = excluded.owner, until = {until},
                     epoch = held.epoch + CASE
                         WHEN held.owner = excluded.owner AND held.until > clock_timestamp() THEN 0 ELSE 1
                     END
                 WHERE held.owner = excluded.owner OR held.until <= clock_timestamp()
                 RETURNING epoch"
            ),
            owner: format!("SELECT owner FROM {table} WHERE name = $1"),
            renew: format!("UPDATE {table} SET until = {until} WHERE {held} RETURNING epoch"),
            release: format!(
                "UPDATE {table} SET until = clock_timestamp() WHERE name = $1 AND owner = $2 AND epoch = $3"
            ),
        }
    }
}

/// A row of the answer, if there is one.
async fn row(
    client: &Client,
    statement: &str,
    values: &[&(dyn ToSql + Sync)],
) -> Result<Option<Row>, LeaseError> {
    client.query_opt(statement, values).await.map_err(|error| failed(&error))
}

fn failed(error: &Error) -> LeaseError {
    LeaseError::Failed(text(error))
}

/// A number of the server's, which has no larger ones.
fn number(epoch: u64) -> i64 {
    i64::try_from(epoch).unwrap_or(i64::MAX)
}

/// A time that the server can add to any of its own.
fn seconds(claim: &Claim) -> f64 {
    claim.ttl.as_secs_f64().min(1e9)
}

impl Leases for PostgresLeases {
    fn acquire(&self, claim: &Claim) -> LeaseAnswer<u64> {
        self.ask(claim, |client, statements, claim| async move {
            let Claim { name, owner, .. } = &claim;
            if let Some(row) = row(&client, &statements.acquire, &[name, owner, &seconds(&claim)]).await? {
                let epoch: i64 = row.try_get(0).map_err(|error| failed(&error))?;
                return Ok(epoch.unsigned_abs());
            }
            let held = row(&client, &statements.owner, &[name]).await?;
            let owner = held.map(|row| row.try_get(0).map_err(|error| failed(&error))).transpose()?;
            Err(LeaseError::Held { owner: owner.unwrap_or_default() })
        })
    }

    fn renew(&self, claim: &Claim, epoch: u64) -> LeaseAnswer<()> {
        self.ask(claim, move |client, statements, claim| async move {
            let Claim { name, owner, .. } = &claim;
            let values: [&(dyn ToSql + Sync); 4] = [name, owner, &seconds(&claim), &number(epoch)];
            row(&client, &statements.renew, &values).await?.map(drop).ok_or(LeaseError::Lost)
        })
    }

    fn release(&self, claim: &Claim, epoch: u64) -> LeaseAnswer<()> {
        self.ask(claim, move |client, statements, claim| async move {
            let Claim { name, owner, .. } = &claim;
            row(&client, &statements.release, &[name, owner, &number(epoch)]).await.map(drop)
        })
    }
}

impl fmt::Debug for PostgresLeases {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PostgresLeases({})", self.settings)
    }
}
