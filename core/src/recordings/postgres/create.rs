//! Making the database itself, on a server that has none of that name yet.

use std::io;
use std::str::FromStr;
use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, PgConnection};
use tokio::time::timeout;

use crate::recordings::catalog::CatalogError;

/// A database that every server has.
const MAINTENANCE: &str = "postgres";
/// A server that is there answers well within this.
const PATIENCE: Duration = Duration::from_secs(5);

/// SQLSTATE: there is no database of that name.
const MISSING: &str = "3D000";
/// SQLSTATE: another process has just made it; the second one where both were at it at the same moment.
const MADE_MEANWHILE: [&str; 2] = ["42P04", "23505"];

/// Makes the database of this URL if the server has none of that name; gives its name if it was made.
///
/// # Errors
///
/// The URL cannot be read, the server is away, or it does not allow it.
pub async fn create(url: &str) -> Result<Option<String>, CatalogError> {
    let options = PgConnectOptions::from_str(url)?.application_name("scalelite").disable_statement_logging();
    match connect(&options).await {
        Ok(connection) => {
            connection.close().await?;
            return Ok(None);
        }
        Err(error) if has_code(&error, &[MISSING]) => {}
        Err(error) => return Err(error.into()),
    }
    let name = options.get_database().unwrap_or_else(|| options.get_username()).to_owned();
    let mut connection = connect(&options.database(MAINTENANCE)).await?;
    // A name cannot be bound; in double quotes, with those within it doubled, it is nothing but a name.
    let statement = format!("CREATE DATABASE \"{}\"", name.replace('"', "\"\""));
    let made = connection.execute(AssertSqlSafe(statement)).await;
    connection.close().await?;
    match made {
        Ok(_) => Ok(Some(name)),
        Err(error) if has_code(&error, &MADE_MEANWHILE) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

async fn connect(options: &PgConnectOptions) -> sqlx::Result<PgConnection> {
    let late = || sqlx::Error::Io(io::Error::from(io::ErrorKind::TimedOut));
    timeout(PATIENCE, options.connect()).await.unwrap_or_else(|_| Err(late()))
}

fn has_code(error: &sqlx::Error, codes: &[&str]) -> bool {
    let code = error.as_database_error().and_then(|error| error.code());
    code.is_some_and(|code| codes.contains(&code.as_ref()))
}
