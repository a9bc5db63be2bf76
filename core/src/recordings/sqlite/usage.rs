//! What tenants have used.

use sqlx::SqliteConnection;

use crate::recordings::catalog::CatalogError;
use crate::recordings::rows;
use crate::sqlite::Link;
use crate::usage::{Month, Row, Usage};

pub(super) async fn add(link: &Link, usage: &[Usage]) -> Result<(), CatalogError> {
    let usage = rows::json(&usage.iter().map(Row::of).collect::<Vec<_>>())?;
    link.write(async |connection| {
        // WHERE true: the parser would take ON for a join's.
        sqlx::query(
            "INSERT INTO ext_usage AS known (month, tenant_id, meetings, participant_ms)
             SELECT value ->> 'month', value ->> 'tenant_id', value ->> 'meetings', value ->> 'participant_ms'
             FROM json_each($1) WHERE true
             ON CONFLICT (month, tenant_id) DO UPDATE
             SET meetings = known.meetings + excluded.meetings,
                 participant_ms = known.participant_ms + excluded.participant_ms",
        )
        .bind(usage)
        .execute(connection)
        .await
    })
    .await?;
    Ok(())
}

/// Counts an import of a recording, by the tenant in its metadata.
pub(super) async fn imported(
    connection: &mut SqliteConnection,
    id: i64,
    is_new: bool,
    bytes: u64,
) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO ext_usage AS known (month, tenant_id, recordings, bytes)
         SELECT strftime('%Y-%m', 'now'),
                coalesce((SELECT substr(value, 1, 128) FROM metadata WHERE recording_id = $1 AND key = 'tenant-id'), ''),
                $2, $3 WHERE true
         ON CONFLICT (month, tenant_id) DO UPDATE
         SET recordings = known.recordings + excluded.recordings, bytes = known.bytes + excluded.bytes",
    )
    .bind(id)
    .bind(i64::from(is_new))
    .bind(i64::try_from(bytes).unwrap_or(i64::MAX))
    .execute(connection)
    .await
    .map(drop)
}

pub(super) async fn list(
    link: &Link,
    month: Option<Month>,
    tenant_id: Option<&str>,
) -> Result<Vec<Usage>, CatalogError> {
    let rows = link.read(async |connection| {
        sqlx::query(
            "SELECT month, tenant_id, meetings, participant_ms, recordings, bytes FROM ext_usage
             WHERE month = coalesce($1, month) AND tenant_id = coalesce($2, tenant_id)
             ORDER BY month DESC, tenant_id",
        )
        .bind(month.map(|month| month.to_string()))
        .bind(tenant_id)
        .fetch_all(connection)
        .await
    });
    Ok(rows.await?.iter().filter_map(|row| rows::used(row).transpose()).collect::<sqlx::Result<_>>()?)
}
