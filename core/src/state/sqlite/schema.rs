//! The schema of the file.

use sqlx::{Connection, SqliteConnection};

use crate::state::StateError;

/// What `schema.sql` makes (`PRAGMA user_version`).
const VERSION: i64 = 1;

/// Brings the file to the schema. Several processes may do this at once.
pub(super) async fn ensure(connection: &mut SqliteConnection) -> Result<(), StateError> {
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    let version: i64 = sqlx::query_scalar("PRAGMA user_version").fetch_one(&mut *transaction).await?;
    match version {
        0 => {
            sqlx::raw_sql(include_str!("schema.sql")).execute(&mut *transaction).await?;
        }
        VERSION => {}
        _ => return Err(StateError::Content("the file was made by a newer version of this program")),
    }
    transaction.commit().await?;
    Ok(())
}
