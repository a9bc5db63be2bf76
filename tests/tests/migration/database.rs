//! The original on the same PostgreSQL: its tables, and the statements that its ActiveRecord sends.

use scalelite_testbed::postgres::PostgresServer;

/// What Rails makes of the newest schema, and rows of a site that came by all migrations.
pub(super) const SCHEMA: &str = include_str!("../../../core/tests/catalog/adopted.sql");
/// The statements by which the original's own code imports a recording `theirs` of the meeting `m2`.
pub(super) const IMPORT: &str = include_str!("../../../core/tests/catalog/goes_on.sql");

/// What the original starts on, in its order.
const VERSIONS: &str =
    "20181123180008 20210425184558 20210630205630 20210725200414 20221111194252 20230627141045";

/// The columns of its tables, a line for each.
pub(super) fn columns(database: &PostgresServer) -> String {
    database.psql(
        "SELECT table_name, column_name, data_type, is_nullable, column_default FROM information_schema.columns
         WHERE table_name IN ('recordings', 'metadata', 'playback_formats', 'thumbnails', 'callback_data',
                              'schema_migrations', 'ar_internal_metadata')
         ORDER BY table_name, ordinal_position",
    )
}

/// It would start on this database, not make it anew.
pub(super) fn assert_starts(database: &PostgresServer) {
    let versions = database.psql("SELECT string_agg(version, ' ' ORDER BY version) FROM schema_migrations");
    assert_eq!(versions, VERSIONS);
    assert_eq!(
        database.psql("SELECT value FROM ar_internal_metadata WHERE key = 'environment'"),
        "production"
    );
}

/// What its `getRecordings` finds, the newest first: IDs, each with whether it is published.
pub(super) fn recordings(database: &PostgresServer) -> String {
    database.psql(
        r#"SELECT "record_id" || ' ' || "published" FROM (
             SELECT DISTINCT "recordings".* FROM "recordings"
             LEFT OUTER JOIN "metadata" ON "metadata"."recording_id" = "recordings"."id"
             WHERE "recordings"."state" IN ('published', 'unpublished')
             ORDER BY "recordings"."starttime" DESC) found"#,
    )
}

/// A recording's formats with their links, and the number of thumbnails.
pub(super) fn formats(database: &PostgresServer, record_id: &str) -> String {
    database.psql(&format!(
        r#"SELECT "playback_formats"."format", "playback_formats"."url",
             (SELECT count(*) FROM "thumbnails" WHERE "thumbnails"."playback_format_id" = "playback_formats"."id")
           FROM "playback_formats"
           WHERE "playback_formats"."recording_id" IN (SELECT id FROM recordings WHERE record_id = '{record_id}')
           ORDER BY "playback_formats"."format" ASC"#
    ))
}

/// A recording's metadata.
pub(super) fn metadata(database: &PostgresServer, record_id: &str) -> String {
    database.psql(&format!(
        r#"SELECT "key", "value" FROM "metadata"
           WHERE "metadata"."recording_id" = (SELECT id FROM recordings WHERE record_id = '{record_id}')
           ORDER BY "key""#
    ))
}

/// Its `publishRecordings`, less the moving of the tree.
pub(super) fn publish(database: &PostgresServer, record_id: &str, publish: bool) {
    let state = if publish { "published" } else { "unpublished" };
    let found = database.psql(&format!(
        r#"BEGIN;
           SELECT "recordings"."record_id" FROM "recordings" WHERE "recordings"."record_id" = '{record_id}' LIMIT 1 FOR UPDATE;
           UPDATE "recordings" SET "published" = {publish}, "publish_updated" = TRUE, "state" = '{state}'
             WHERE "recordings"."record_id" = '{record_id}' RETURNING "published";
           COMMIT"#
    ));
    assert_eq!(found, format!("{record_id}\n{}", if publish { "t" } else { "f" }));
}

/// Its `deleteRecordings`, less the removing of the tree.
pub(super) fn delete(database: &PostgresServer, record_id: &str) {
    database.psql(&format!(
        r#"BEGIN;
           DELETE FROM "metadata" WHERE "metadata"."recording_id" = (SELECT id FROM recordings WHERE record_id = '{record_id}');
           DELETE FROM "thumbnails" WHERE "thumbnails"."playback_format_id" IN (
             SELECT f.id FROM playback_formats f JOIN recordings r ON r.id = f.recording_id WHERE r.record_id = '{record_id}');
           DELETE FROM "playback_formats" WHERE "playback_formats"."recording_id" = (SELECT id FROM recordings WHERE record_id = '{record_id}');
           UPDATE "recordings" SET "state" = 'deleted' WHERE "recordings"."record_id" = '{record_id}';
           COMMIT"#
    ));
}

/// What its callbacks find for a meeting, in YAML.
pub(super) fn callback(database: &PostgresServer, meeting: &str) -> String {
    database.psql(&format!(
        r#"SELECT "callback_data"."callback_attributes" FROM "callback_data"
           WHERE "callback_data"."meeting_id" = '{meeting}' LIMIT 1"#
    ))
}
