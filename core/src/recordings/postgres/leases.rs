//! Leases, by the database's clock.

use std::time::Duration;

use sqlx::PgConnection;
use uuid::Uuid;

use super::link::Link;
use crate::recordings::catalog::{CatalogError, Lease};

pub(super) async fn acquire(link: &Link, name: &str, ttl: Duration) -> Result<Option<Lease>, CatalogError> {
    let token = Uuid::new_v4().simple().to_string();
    let taken = link.run(async |connection: &mut PgConnection| {
        sqlx::query(
            "INSERT INTO ext_leases (name, token, expires_at)
             VALUES ($1, $2, clock_timestamp() + make_interval(secs => $3))
             ON CONFLICT (name) DO UPDATE SET token = excluded.token, expires_at = excluded.expires_at
             WHERE ext_leases.expires_at < clock_timestamp()",
        )
        .bind(name)
        .bind(&token)
        .bind(ttl.as_secs_f64())
        .execute(connection)
        .await
    });
    let taken = taken.await?.rows_affected() > 0;
    Ok(taken.then(|| Lease { name: name.to_owned(), token }))
}

pub(super) async fn renew(link: &Link, lease: &Lease, ttl: Duration) -> Result<bool, CatalogError> {
    let renewed = link.run(async |connection: &mut PgConnection| {
        sqlx::query(
            "UPDATE ext_leases SET expires_at = clock_timestamp() + make_interval(secs => $3)
             WHERE name = $1 AND token = $2",
        )
        .bind(&lease.name)
        .bind(&lease.token)
        .bind(ttl.as_secs_f64())
        .execute(connection)
        .await
    });
    Ok(renewed.await?.rows_affected() > 0)
}

pub(super) async fn release(link: &Link, lease: &Lease) -> Result<(), CatalogError> {
    link.run(async |connection: &mut PgConnection| {
        sqlx::query("DELETE FROM ext_leases WHERE name = $1 AND token = $2")
            .bind(&lease.name)
            .bind(&lease.token)
            .execute(connection)
            .await
    })
    .await
    .map(drop)
}

pub(super) async fn held(link: &Link, prefix: &str) -> Result<Vec<Lease>, CatalogError> {
    let rows: Vec<(String, String)> = link
        .run(async |connection: &mut PgConnection| {
            sqlx::query_as(
                "SELECT name, token FROM ext_leases
                 WHERE starts_with(name, $1) ORDER BY name",
            )
            .bind(prefix)
            .fetch_all(connection)
            .await
        })
        .await?;
    Ok(rows.into_iter().map(|(name, token)| Lease { name, token }).collect())
}

/// Makes sure that these leases are held, and that nobody can take one before the transaction ends.
pub(super) async fn fence(connection: &mut PgConnection, leases: &[Lease]) -> Result<(), CatalogError> {
    for lease in leases {
        let held = sqlx::query("SELECT FROM ext_leases WHERE name = $1 AND token = $2 FOR UPDATE")
            .bind(&lease.name)
            .bind(&lease.token)
            .fetch_optional(&mut *connection)
            .await?;
        if held.is_none() {
            return Err(CatalogError::LeaseLost(lease.name.clone()));
        }
    }
    Ok(())
}
