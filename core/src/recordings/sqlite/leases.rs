//! Leases.

use std::time::Duration;

use sqlx::SqliteConnection;
use uuid::Uuid;

use super::{micros, now};
use crate::recordings::catalog::{CatalogError, Lease};
use crate::sqlite::Link;

pub(super) async fn acquire(link: &Link, name: &str, ttl: Duration) -> Result<Option<Lease>, CatalogError> {
    let token = Uuid::new_v4().simple().to_string();
    let taken = link.write(async |connection| {
        let now = now();
        sqlx::query(
            "INSERT INTO ext_leases (name, token, expires_at) VALUES ($1, $2, $3)
             ON CONFLICT (name) DO UPDATE SET token = excluded.token, expires_at = excluded.expires_at
             WHERE expires_at < $4",
        )
        .bind(name)
        .bind(&token)
        .bind(now.saturating_add(micros(ttl)))
        .bind(now)
        .execute(connection)
        .await
    });
    let taken = taken.await?.rows_affected() > 0;
    Ok(taken.then(|| Lease { name: name.to_owned(), token }))
}

pub(super) async fn renew(link: &Link, lease: &Lease, ttl: Duration) -> Result<bool, CatalogError> {
    let renewed = link.write(async |connection| {
        sqlx::query("UPDATE ext_leases SET expires_at = $3 WHERE name = $1 AND token = $2")
            .bind(&lease.name)
            .bind(&lease.token)
            .bind(now().saturating_add(micros(ttl)))
            .execute(connection)
            .await
    });
    Ok(renewed.await?.rows_affected() > 0)
}

pub(super) async fn release(link: &Link, lease: &Lease) -> Result<(), CatalogError> {
    link.write(async |connection| {
        sqlx::query("DELETE FROM ext_leases WHERE name = $1 AND token = $2")
            .bind(&lease.name)
            .bind(&lease.token)
            .execute(connection)
            .await
    })
    .await?;
    Ok(())
}

pub(super) async fn held(link: &Link, prefix: &str) -> Result<Vec<Lease>, CatalogError> {
    let rows: Vec<(String, String)> = link
        .read(async |connection| {
            sqlx::query_as(
                "SELECT name, token FROM ext_leases
                 WHERE substr(name, 1, length($1)) = $1 ORDER BY name",
            )
            .bind(prefix)
            .fetch_all(connection)
            .await
        })
        .await?;
    Ok(rows.into_iter().map(|(name, token)| Lease { name, token }).collect())
}

/// Makes sure that these leases are held; nobody can take one before the transaction ends.
pub(super) async fn fence(connection: &mut SqliteConnection, leases: &[Lease]) -> Result<(), CatalogError> {
    for lease in leases {
        let held = sqlx::query("SELECT 1 FROM ext_leases WHERE name = $1 AND token = $2")
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
