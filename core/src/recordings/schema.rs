//! The migrations of both databases, from `migrations/`, and how they are applied.

use std::collections::HashSet;

use sqlx::SqlSafeStr;
use sqlx::migrate::{Migrate, MigrateError, Migration, MigrationType, Migrator};

/// The newest migration, the same in both databases.
pub(super) const NEWEST: i64 = 4;

/// Where sqlx keeps what was applied.
const APPLIED: &str = "_sqlx_migrations";

pub(super) fn postgres() -> Migrator {
    migrator([
        ("recordings", include_str!("../../../migrations/postgres/0001_recordings.sql")),
        ("beyond", include_str!("../../../migrations/postgres/0002_beyond.sql")),
        ("audit", include_str!("../../../migrations/postgres/0003_audit.sql")),
        ("usage", include_str!("../../../migrations/postgres/0004_usage.sql")),
    ])
}

pub(super) fn sqlite() -> Migrator {
    migrator([
        ("recordings", include_str!("../../../migrations/sqlite/0001_recordings.sql")),
        ("beyond", include_str!("../../../migrations/sqlite/0002_beyond.sql")),
        ("audit", include_str!("../../../migrations/sqlite/0003_audit.sql")),
        ("usage", include_str!("../../../migrations/sqlite/0004_usage.sql")),
    ])
}

/// These migrations, in this order.
fn migrator<const N: usize>(migrations: [(&'static str, &'static str); N]) -> Migrator {
    let migrations = (1..).zip(migrations).map(|(version, (name, sql))| {
        Migration::new(version, name.into(), MigrationType::Simple, sql.into_sql_str(), false)
    });
    let mut migrator = Migrator::with_migrations(migrations.collect());
    // A newer version of this program has been here: what it added is not in the way.
    migrator.set_ignore_missing(true);
    // Whoever applies them holds a lock already, see there.
    migrator.set_locking(false);
    migrator
}

/// Applies what is missing; gives the names of what was. Nobody else may be doing so.
pub(super) async fn apply<C: Migrate>(
    migrator: &Migrator,
    connection: &mut C,
) -> Result<Vec<String>, MigrateError> {
    connection.ensure_migrations_table(APPLIED).await?;
    let before = connection.list_applied_migrations(APPLIED).await?;
    let before: HashSet<i64> = before.iter().map(|migration| migration.version).collect();
    migrator.run_direct(None, connection, false).await?;
    let applied = migrator.iter().filter(|migration| !before.contains(&migration.version));
    Ok(applied.map(|migration| format!("{:04}_{}", migration.version, migration.description)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_databases_have_the_same_migrations() {
        for migrator in [postgres(), sqlite()] {
            assert_eq!(migrator.iter().map(|migration| migration.version).max(), Some(NEWEST));
        }
    }
}
