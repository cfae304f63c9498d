//! The tables, and which version of them a schema has.

use tokio_postgres::Client;

use crate::dialing::{carried, dial};
use crate::fault::text;
use crate::refused::ConnectError;
use crate::settings::Settings;

/// The version of the tables that this program knows.
const KNOWN: i32 = 1;

/// "casty": migrations of whatever schema wait for each other.
const MIGRATING: i64 = 0x0063_6173_7479;

/// Makes the tables, unless they are there.
pub(crate) async fn migrate(settings: &Settings) -> Result<(), ConnectError> {
    let (client, carrier) = dial(settings).await?;
    carried(carrier, async {
        begin(&client).await?;
        match version(&client, &settings.schema).await? {
            Some(found) => known(settings, found)?,
            None => make(&client, settings, &tables(&settings.schema)).await?,
        }
        commit(&client).await
    })
    .await
}

/// What tables there are changes all at once from here on, and while nobody else changes it.
pub(crate) async fn begin(client: &Client) -> Result<(), ConnectError> {
    client.batch_execute("BEGIN").await.map_err(|error| refused(&error))?;
    let locked = client.query_one("SELECT pg_advisory_xact_lock($1)", &[&MIGRATING]).await;
    locked.map(drop).map_err(|error| refused(&error))
}

pub(crate) async fn commit(client: &Client) -> Result<(), ConnectError> {
    client.batch_execute("COMMIT").await.map_err(|error| refused(&error))
}

/// Makes these tables, and their schema, unless that is there.
pub(crate) async fn make(client: &Client, settings: &Settings, tables: &str) -> Result<(), ConnectError> {
    let failed = |error| refused(&error);
    // Whoever has been given a schema need not be allowed to make one.
    let there = "SELECT to_regnamespace($1) IS NOT NULL";
    let there = client.query_one(there, &[&settings.schema]).await.map_err(failed)?;
    if !there.get::<_, bool>(0) {
        let schema = format!("CREATE SCHEMA \"{}\"", settings.schema);
        client.batch_execute(&schema).await.map_err(failed)?;
    }
    client.batch_execute(tables).await.map_err(failed)
}

/// Says whether the schema has the tables that this program knows.
pub(crate) async fn check(client: &Client, settings: &Settings) -> Result<(), ConnectError> {
    match version(client, &settings.schema).await? {
        Some(found) => known(settings, found),
        None => Err(ConnectError::NotMigrated(settings.schema.clone())),
    }
}

fn known(settings: &Settings, found: i32) -> Result<(), ConnectError> {
    if found == KNOWN {
        return Ok(());
    }
    Err(ConnectError::Version { schema: settings.schema.clone(), found, known: KNOWN })
}

async fn version(client: &Client, schema: &str) -> Result<Option<i32>, ConnectError> {
    let table = format!("\"{schema}\".version");
    let there = client.query_one("SELECT to_regclass($1) IS NOT NULL", &[&table]).await;
    if !there.map_err(|error| refused(&error))?.get::<_, bool>(0) {
        return Ok(None);
    }
    let rows = client.query(&format!("SELECT number FROM {table}"), &[]).await;
    let rows = rows.map_err(|error| refused(&error))?;
    Ok(rows.first().map(|row| row.get(0)))
}

fn refused(error: &tokio_postgres::Error) -> ConnectError {
    ConnectError::Refused(text(error))
}

/// Names are compared byte by byte, as the port orders them. Rows that change leave room beside them, so that no index
/// changes with them.
fn tables(schema: &str) -> String {
    let name = "text COLLATE \"C\" NOT NULL";
    let encoded = "name text NOT NULL, version bigint NOT NULL, bytes bytea NOT NULL";
    format!(
        "CREATE TABLE \"{schema}\".version (number integer NOT NULL);
         INSERT INTO \"{schema}\".version VALUES ({KNOWN});
         CREATE TABLE \"{schema}\".entities (
             entity {name} PRIMARY KEY, epoch bigint NOT NULL, last bigint NOT NULL
         ) WITH (fillfactor = 70);
         CREATE TABLE \"{schema}\".events (
             entity {name}, sequence bigint NOT NULL, epoch bigint NOT NULL, {encoded},
             PRIMARY KEY (entity, sequence)
         );
         CREATE TABLE \"{schema}\".snapshots (
             entity {name}, sequence bigint NOT NULL, {encoded}, PRIMARY KEY (entity, sequence)
         );
         CREATE TABLE \"{schema}\".tags (tag {name} PRIMARY KEY, last bigint NOT NULL) WITH (fillfactor = 20);
         CREATE TABLE \"{schema}\".mentions (
             tag {name}, place bigint NOT NULL, entity {name}, sequence bigint NOT NULL, PRIMARY KEY (tag, place)
         );
         CREATE INDEX mentions_of_events ON \"{schema}\".mentions (entity, sequence);"
    )
}
