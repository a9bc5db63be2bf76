//! The schema of the file.

use sqlx::{Connection, SqliteConnection};

use crate::state::StateError;

/// What brings a file from each version of the schema (`PRAGMA user_version`) to the next one, from none on.
const STEPS: [&str; 4] = [
    include_str!("schema.sql"),
    include_str!("schema_2.sql"),
    include_str!("schema_3.sql"),
    include_str!("schema_4.sql"),
];

/// Brings the file to the schema. Several processes may do this at once.
pub(super) async fn ensure(connection: &mut SqliteConnection) -> Result<(), StateError> {
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    let version: i64 = sqlx::query_scalar("PRAGMA user_version").fetch_one(&mut *transaction).await?;
    let missing = usize::try_from(version).ok().and_then(|version| STEPS.get(version..));
    let newer = StateError::Content("the file was made by a newer version of this program");
    for step in missing.ok_or(newer)? {
        sqlx::raw_sql(*step).execute(&mut *transaction).await?;
    }
    transaction.commit().await?;
    Ok(())
}
