//! Servers: the operator's side.

use secrecy::ExposeSecret;

use super::{SqliteState, rows};
use crate::pool::server::{AdminState, Server, ServerId};
use crate::state::{NewServer, ServerChange, StateError};

impl SqliteState {
    pub(super) async fn all_servers(&self) -> Result<Vec<Server>, StateError> {
        let all = sqlx::query("SELECT * FROM servers ORDER BY id");
        let rows = self.link.read(async |connection| all.fetch_all(connection).await).await?;
        let servers: sqlx::Result<_> = rows.iter().map(rows::server).collect();
        Ok(servers?)
    }

    pub(super) async fn one_server(&self, id: &ServerId) -> Result<Option<Server>, StateError> {
        let one = sqlx::query("SELECT * FROM servers WHERE id = $1").bind(id.as_str());
        let row = self.link.read(async |connection| one.fetch_optional(connection).await).await?;
        Ok(row.as_ref().map(rows::server).transpose()?)
    }

    pub(super) async fn add(&self, server: &NewServer) -> Result<bool, StateError> {
        let add = sqlx::query(
            "INSERT INTO servers (id, url, secret, tag, load_multiplier) VALUES ($1, $2, $3, nullif($4, ''), $5)
             ON CONFLICT (id) DO NOTHING",
        );
        let add = add
            .bind(server.id.as_str())
            .bind(&server.url)
            .bind(server.secret.expose_secret())
            .bind(server.tag.as_deref())
            .bind(usable(server.load_multiplier));
        self.changed(add).await
    }

    pub(super) async fn change(&self, id: &ServerId, change: &ServerChange) -> Result<bool, StateError> {
        let update = sqlx::query(
            "UPDATE servers
             SET url = coalesce($2, url), secret = coalesce($3, secret),
                 tag = iif($4, nullif($5, ''), tag), load_multiplier = coalesce($6, load_multiplier),
                 load = iif($7 IS 'disabled', NULL, load), state = coalesce($7, state)
             WHERE id = $1",
        );
        let update = update
            .bind(id.as_str())
            .bind(change.url.as_deref())
            .bind(change.secret.as_ref().map(ExposeSecret::expose_secret))
            .bind(change.tag.is_some())
            .bind(change.tag.as_ref().and_then(Option::as_deref))
            .bind(change.load_multiplier.map(usable))
            .bind(change.state.map(AdminState::as_str));
        self.changed(update).await
    }

    pub(super) async fn remove(&self, id: &ServerId) -> Result<bool, StateError> {
        let remove = self.link.transact(async |transaction| {
            let gone = sqlx::query("DELETE FROM servers WHERE id = $1").bind(id.as_str());
            let known = gone.execute(&mut **transaction).await?.rows_affected() > 0;
            if known {
                for forget in
                    ["DELETE FROM meetings WHERE server_id = $1", "DELETE FROM history WHERE server_id = $1"]
                {
                    sqlx::query(forget).bind(id.as_str()).execute(&mut **transaction).await?;
                }
            }
            Ok(known)
        });
        remove.await
    }

    pub(super) async fn set_version(&self, id: &ServerId, version: &str) -> Result<(), StateError> {
        let set = sqlx::query("UPDATE servers SET bbb_version = nullif($2, '') WHERE id = $1");
        self.changed(set.bind(id.as_str()).bind(version)).await.map(drop)
    }

    /// Whether the statement found a row to change.
    async fn changed(
        &self,
        statement: sqlx::query::Query<'_, sqlx::Sqlite, sqlx::sqlite::SqliteArguments>,
    ) -> Result<bool, StateError> {
        let done = self.link.write(async |connection| statement.execute(connection).await).await?;
        Ok(done.rows_affected() > 0)
    }
}

/// A server on which users would count nothing, or less, would get all meetings.
fn usable(multiplier: f64) -> f64 {
    if multiplier > 0.0 { multiplier } else { 1.0 }
}
