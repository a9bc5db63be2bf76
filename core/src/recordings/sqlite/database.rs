//! The database itself: whether it can be used, and bringing it to the schema.

use crate::recordings::catalog::CatalogError;
use crate::recordings::schema;
use crate::sqlite::Link;

pub(super) async fn check(link: &Link) -> Result<(), CatalogError> {
    let made: bool = link
        .read(async |connection| {
            sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = '_sqlx_migrations')")
                .fetch_one(connection)
                .await
        })
        .await?;
    if !made {
        return Err(CatalogError::MigrationsPending);
    }
    let newest: Option<i64> = link
        .read(async |connection| {
            sqlx::query_scalar("SELECT max(version) FROM _sqlx_migrations WHERE success")
                .fetch_one(connection)
                .await
        })
        .await?;
    if newest < Some(schema::NEWEST) { Err(CatalogError::MigrationsPending) } else { Ok(()) }
}

/// In one transaction: whoever waits for it finds all of it done, or nothing.
pub(super) async fn migrate(link: &Link) -> Result<Vec<String>, CatalogError> {
    link.transact(async |transaction| {
        let connection: &mut sqlx::SqliteConnection = transaction;
        Ok(schema::apply(&schema::sqlite(), connection).await?)
    })
    .await
}

/// Forgets counts that came to nothing.
pub(super) async fn tidy(link: &Link) -> Result<(), CatalogError> {
    link.write(async |connection| {
        sqlx::query("DELETE FROM ext_recording_counts WHERE n = 0").execute(connection).await
    })
    .await?;
    Ok(())
}
