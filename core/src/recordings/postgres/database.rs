//! The database itself: whether it can be used, and bringing it to the schema.

use sqlx::{Executor, PgConnection};

use crate::recordings::catalog::CatalogError;
use crate::recordings::schema;

use super::link::Link;
use super::usage;

/// Nobody else takes this advisory lock: the first letters of the project and of the purpose.
const MIGRATION_LOCK: i64 = 0x5343_414c_4d49_4752;

pub(super) async fn check(link: &Link) -> Result<(), CatalogError> {
    let newest = link.run(async |connection: &mut PgConnection| {
        sqlx::query_scalar::<_, Option<i64>>("SELECT max(version) FROM _sqlx_migrations WHERE success")
            .fetch_one(connection)
            .await
    });
    match newest.await {
        Ok(Some(newest)) if newest >= schema::NEWEST => Ok(()),
        Ok(_) => Err(CatalogError::MigrationsPending),
        Err(CatalogError::Database(sqlx::Error::Database(error)))
            if error.code().as_deref() == Some("42P01") =>
        {
            Err(CatalogError::MigrationsPending)
        }
        Err(error) => Err(error),
    }
}

/// In one transaction with the lock: whoever waits for it finds all of it done, or nothing.
pub(super) async fn migrate(link: &Link) -> Result<Vec<String>, CatalogError> {
    link.transact(async |connection: &mut PgConnection| {
        // An index on a million recordings takes its time, and so may whoever came first.
        connection.execute("SET LOCAL statement_timeout = 0").await?;
        sqlx::query("SELECT pg_advisory_xact_lock($1)")
            .bind(MIGRATION_LOCK)
            .execute(&mut *connection)
            .await?;
        Ok(schema::apply(&schema::postgres(), connection).await?)
    })
    .await
}

/// Sums up what was used, and the changes of the counts once there are many.
pub(super) async fn tidy(link: &Link) -> Result<(), CatalogError> {
    const MANY: i64 = 1000;
    usage::tidy(link).await?;
    link.run(async |connection: &mut PgConnection| {
        sqlx::query(
            "WITH gone AS (
               DELETE FROM ext_recording_counts
               WHERE (SELECT count(*) - count(DISTINCT (day, state)) FROM ext_recording_counts) > $1
               RETURNING day, state, n
             )
             INSERT INTO ext_recording_counts
             SELECT day, state, sum(n) FROM gone GROUP BY day, state HAVING sum(n) <> 0",
        )
        .bind(MANY)
        .execute(connection)
        .await
    })
    .await
    .map(drop)
}
