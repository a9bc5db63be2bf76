//! What tenants have used.

use sqlx::PgConnection;

use super::link::Link;
use crate::recordings::catalog::CatalogError;
use crate::recordings::rows;
use crate::usage::{Month, Row, Usage};

pub(super) async fn add(link: &Link, usage: &[Usage]) -> Result<(), CatalogError> {
    let usage = rows::json(&usage.iter().map(Row::of).collect::<Vec<_>>())?;
    link.run(async |connection: &mut PgConnection| {
        sqlx::query(
            "INSERT INTO ext_usage (month, tenant_id, meetings, participant_ms)
             SELECT month, tenant_id, meetings, participant_ms
             FROM json_to_recordset($1::json)
               AS used (month text, tenant_id text, meetings bigint, participant_ms bigint)",
        )
        .bind(usage)
        .execute(connection)
        .await
    })
    .await
    .map(drop)
}

/// Counts an import of a recording, by the tenant in its metadata.
pub(super) async fn imported(
    connection: &mut PgConnection,
    id: i64,
    is_new: bool,
    bytes: u64,
) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO ext_usage (month, tenant_id, recordings, bytes)
         SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM'),
                coalesce((SELECT left(value, 128) FROM metadata WHERE recording_id = $1 AND key = 'tenant-id'), ''),
                $2, $3",
    )
    .bind(id)
    .bind(i64::from(is_new))
    .bind(i64::try_from(bytes).unwrap_or(i64::MAX))
    .execute(connection)
    .await
    .map(drop)
}

/// Sums up what was appended, once it is much.
pub(super) async fn tidy(link: &Link) -> Result<(), CatalogError> {
    const MANY: i64 = 1000;
    link.run(async |connection: &mut PgConnection| {
        sqlx::query(
            "WITH gone AS (
               DELETE FROM ext_usage
               WHERE (SELECT count(*) - count(DISTINCT (month, tenant_id)) FROM ext_usage) > $1
               RETURNING *
             )
             INSERT INTO ext_usage (month, tenant_id, meetings, participant_ms, recordings, bytes)
             SELECT month, tenant_id, sum(meetings), sum(participant_ms), sum(recordings), sum(bytes)
             FROM gone GROUP BY month, tenant_id",
        )
        .bind(MANY)
        .execute(connection)
        .await
    })
    .await
    .map(drop)
}

pub(super) async fn list(
    link: &Link,
    month: Option<Month>,
    tenant_id: Option<&str>,
) -> Result<Vec<Usage>, CatalogError> {
    let rows = link.run(async |connection: &mut PgConnection| {
        sqlx::query(
            "SELECT month, tenant_id, sum(meetings)::bigint AS meetings, sum(participant_ms)::bigint AS participant_ms,
                    sum(recordings)::bigint AS recordings, sum(bytes)::bigint AS bytes
             FROM ext_usage
             WHERE month = coalesce($1, month) AND tenant_id = coalesce($2, tenant_id)
             GROUP BY month, tenant_id
             ORDER BY month DESC, tenant_id COLLATE \"C\"",
        )
        .bind(month.map(|month| month.to_string()))
        .bind(tenant_id)
        .fetch_all(connection)
        .await
    });
    Ok(rows.await?.iter().filter_map(|row| rows::used(row).transpose()).collect::<sqlx::Result<_>>()?)
}
