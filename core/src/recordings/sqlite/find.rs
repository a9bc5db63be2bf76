//! Finding recordings: which ones, and then all that is told of them, in one statement.

use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row, Sqlite};

use super::{json, time};
use crate::recordings::catalog::{CatalogError, Head, Listed, Playback};
use crate::recordings::model::{Cursor, Filter, Recording, States};
use crate::recordings::{prefix, rows};
use crate::sqlite::Link;

/// What recordings are ordered by; there is an index on it.
const BEGAN: &str = "coalesce(r.starttime, '')";

/// All that `getRecordings` tells of those in `picked (id, began)`, newest first, in columns that
/// [`recording`] reads.
const TOLD: &str =
    "SELECT r.id, r.record_id, r.meeting_id, r.name, r.published, r.state, r.participants, r.protected,
       r.starttime, r.endtime,
       (SELECT json_group_array(json_array(m.key, m.value) ORDER BY m.id)
        FROM metadata m WHERE m.recording_id = r.id) AS metadata,
       (SELECT json_group_array(json_array(p.format, p.url, p.length, p.processing_time,
          (SELECT json_group_array(json_array(t.width, t.height, t.alt, t.url) ORDER BY t.sequence, t.id)
           FROM thumbnails t WHERE t.playback_format_id = p.id)) ORDER BY p.format)
        FROM playback_formats p WHERE p.recording_id = r.id) AS formats";

pub(super) async fn chunk(
    link: &Link,
    filter: &Filter,
    after: Option<Cursor>,
    limit: u32,
) -> Result<Vec<Recording>, CatalogError> {
    let limit = i64::from(limit);
    let rows = link.read(async |connection| {
        let mut query = QueryBuilder::<Sqlite>::new("WITH ");
        if filter.is_by_state_only() {
            query.push("picked AS MATERIALIZED (");
            pick_by_state(&mut query, &filter.states, Bound::After(after), 0, limit);
            query.push(") ");
        } else {
            query.push("found AS MATERIALIZED (");
            find(&mut query, filter, after);
            query.push(
                "), picked AS MATERIALIZED (SELECT id, began FROM found ORDER BY began DESC, id DESC LIMIT ",
            );
            query.push_bind(limit).push(") ");
        }
        query
            .push(TOLD)
            .push(" FROM picked JOIN recordings r USING (id) ORDER BY picked.began DESC, picked.id DESC");
        query.build().fetch_all(connection).await
    });
    decode(&rows.await?)
}

pub(super) async fn rest(
    link: &Link,
    filter: &Filter,
    after: Option<Cursor>,
) -> Result<Vec<i64>, CatalogError> {
    let ids = link.read(async |connection| {
        let mut query = QueryBuilder::<Sqlite>::new("WITH found AS MATERIALIZED (");
        find(&mut query, filter, after);
        query.push(") SELECT id FROM found ORDER BY began DESC, id DESC");
        query.build_query_scalar().fetch_all(connection).await
    });
    Ok(ids.await?)
}

pub(super) async fn recordings(link: &Link, ids: &[i64]) -> Result<Vec<Recording>, CatalogError> {
    let rows = link.read(async |connection| {
        let mut query = QueryBuilder::<Sqlite>::new(TOLD);
        query.push(" FROM json_each(").push_bind(json(ids)).push(") AS picked");
        query.push(" JOIN recordings r ON r.id = picked.value ORDER BY picked.key");
        query.build().fetch_all(connection).await
    });
    decode(&rows.await?)
}

pub(super) async fn page(
    link: &Link,
    filter: &Filter,
    offset: u64,
    limit: u32,
) -> Result<Listed, CatalogError> {
    let (offset, limit) = (i64::try_from(offset).unwrap_or(i64::MAX), i64::from(limit));
    if filter.is_by_state_only() {
        page_by_state(link, &filter.states, offset, limit).await
    } else {
        page_found(link, filter, offset, limit).await
    }
}

/// A page of recordings that have to be found first: all of them, to count them.
async fn page_found(link: &Link, filter: &Filter, offset: i64, limit: i64) -> Result<Listed, CatalogError> {
    let rows = link.read(async |connection| {
        let mut query = QueryBuilder::<Sqlite>::new("WITH found AS MATERIALIZED (");
        find(&mut query, filter, None);
        query.push(
            "), picked AS MATERIALIZED (SELECT id, began FROM found ORDER BY began DESC, id DESC LIMIT ",
        );
        query.push_bind(limit).push(" OFFSET ").push_bind(offset).push(") ");
        query.push(TOLD).push(", counted.total FROM (SELECT count(*) AS total FROM found) AS counted");
        query.push(" LEFT JOIN picked ON true LEFT JOIN recordings r USING (id)");
        query.push(" ORDER BY picked.began DESC, picked.id DESC");
        query.build().fetch_all(connection).await
    });
    let rows = rows.await?;
    let total: i64 = rows.first().map_or(Ok(0), |row| row.try_get("total"))?;
    let there = rows.iter().filter(|row| row.try_get::<Option<i64>, _>("id").is_ok_and(|id| id.is_some()));
    let recordings = there.map(recording).collect::<sqlx::Result<_>>()?;
    Ok(Listed { recordings, total: total.unsigned_abs() })
}

/// A page of all recordings of some states: on which day it begins is known from the counts.
async fn page_by_state(
    link: &Link,
    states: &States,
    offset: i64,
    limit: i64,
) -> Result<Listed, CatalogError> {
    let day = link.read(async |connection| {
        sqlx::query(
            "WITH days AS (
               SELECT day, sum(n) AS n FROM ext_recording_counts
               WHERE $1 IS NULL OR state IN (SELECT value FROM json_each($1)) GROUP BY day
             ), walk AS (
               SELECT day, n, sum(n) OVER (ORDER BY day DESC) AS upto FROM days WHERE n > 0
             )
             SELECT counted.total, begin.bound, begin.skip
             FROM (SELECT coalesce(sum(n), 0) AS total FROM days) AS counted
             LEFT JOIN (
               SELECT CASE day WHEN '' THEN '' ELSE day || '!' END AS bound, $2 - (upto - n) AS skip
               FROM walk WHERE upto > $2 ORDER BY day DESC LIMIT 1
             ) AS begin ON true",
        )
        .bind(states.named().map(json))
        .bind(offset)
        .fetch_one(connection)
        .await
    });
    let day = day.await?;
    let total = day.try_get::<i64, _>("total")?.unsigned_abs();
    let (Some(bound), Some(skip)) =
        (day.try_get::<Option<String>, _>("bound")?, day.try_get::<Option<i64>, _>("skip")?)
    else {
        return Ok(Listed { recordings: Vec::new(), total });
    };
    let rows = link.read(async |connection| {
        let mut query = QueryBuilder::<Sqlite>::new("WITH picked AS MATERIALIZED (");
        pick_by_state(&mut query, states, Bound::UpTo(&bound), skip, limit);
        query.push(") ").push(TOLD);
        query.push(" FROM picked JOIN recordings r USING (id) ORDER BY picked.began DESC, picked.id DESC");
        query.build().fetch_all(connection).await
    });
    Ok(Listed { recordings: decode(&rows.await?)?, total })
}

/// Where the newest of the recordings to pick is.
#[derive(Clone, Copy)]
enum Bound<'a> {
    After(Option<Cursor>),
    UpTo(&'a str),
}

/// `SELECT id, began`: the newest recordings of these states. For each state there is an index.
fn pick_by_state(query: &mut QueryBuilder<Sqlite>, states: &States, bound: Bound<'_>, skip: i64, limit: i64) {
    let select = |query: &mut QueryBuilder<Sqlite>, state: Option<&String>| {
        query.push("SELECT r.id AS id, ").push(BEGAN).push(" AS began FROM recordings r WHERE true");
        if let Some(state) = state {
            query.push(" AND r.state = ").push_bind(state.clone());
        }
        match bound {
            Bound::After(None) => {}
            Bound::After(Some(cursor)) => push_after(query, cursor),
            Bound::UpTo(bound) => {
                query.push(" AND ").push(BEGAN).push(" <= ").push_bind(bound.to_owned());
            }
        }
        query.push(" ORDER BY began DESC, r.id DESC");
    };
    match states {
        States::Any => select(query, None),
        States::Of(states) => {
            query.push("SELECT id, began FROM (SELECT NULL AS id, NULL AS began WHERE false");
            for state in states {
                query.push(" UNION ALL SELECT id, began FROM (");
                select(query, Some(state));
                query.push(" LIMIT ").push_bind(skip.saturating_add(limit)).push(")");
            }
            query.push(") ORDER BY began DESC, id DESC");
        }
    }
    query.push(" LIMIT ").push_bind(limit).push(" OFFSET ").push_bind(skip);
}

/// `SELECT id, began`: all recordings that the filter lets pass, in no order.
fn find(query: &mut QueryBuilder<Sqlite>, filter: &Filter, after: Option<Cursor>) {
    query.push("SELECT r.id, ").push(BEGAN).push(" AS began FROM recordings r WHERE true");
    if !filter.record_ids.is_empty() {
        let ranges: Vec<_> = filter.record_ids.iter().map(|id| prefix::range(id)).collect();
        query.push(" AND r.id IN (SELECT p.id FROM json_each(").push_bind(json(&ranges)).push(") AS wanted");
        query.push(" CROSS JOIN recordings p ON p.record_id >= wanted.value ->> 0");
        query.push(" AND p.record_id < wanted.value ->> 1)");
    }
    if !filter.meeting_ids.is_empty() {
        query.push(" AND r.meeting_id IN (SELECT value FROM json_each(");
        query.push_bind(json(&filter.meeting_ids)).push("))");
    }
    if let States::Of(states) = &filter.states {
        // The plus: an index on the state would find nearly all of them.
        query.push(" AND +r.state IN (SELECT value FROM json_each(").push_bind(json(states)).push("))");
    }
    if !filter.metadata.is_empty() {
        query.push(" AND r.id IN (SELECT m.recording_id FROM json_each(").push_bind(json(&filter.metadata));
        query.push(") AS wanted CROSS JOIN metadata m");
        query.push(" ON m.key = wanted.value ->> 0 AND m.value = wanted.value ->> 1)");
    }
    if let Some(tenant) = &filter.tenant_id {
        query.push(
            " AND EXISTS (SELECT 1 FROM metadata t WHERE t.recording_id = r.id AND t.key = 'tenant-id'",
        );
        query.push(" AND t.value = ").push_bind(tenant.clone()).push(")");
    }
    if let Some(cursor) = after {
        push_after(query, cursor);
    }
}

fn push_after(query: &mut QueryBuilder<Sqlite>, cursor: Cursor) {
    let began = cursor.start.map(time::of).unwrap_or_default();
    query.push(" AND ").push(BEGAN).push(" <= ").push_bind(began.clone());
    query
        .push(" AND (")
        .push(BEGAN)
        .push(" < ")
        .push_bind(began)
        .push(" OR r.id < ")
        .push_bind(cursor.id)
        .push(")");
}

pub(super) async fn heads(
    link: &Link,
    record_ids: &[String],
    tenant_id: Option<&str>,
) -> Result<Vec<Head>, CatalogError> {
    let rows = link.read(async |connection| {
        sqlx::query(
            "SELECT r.id, r.record_id, r.published, r.protected, r.state,
                    (SELECT json_group_array(p.format ORDER BY p.format)
                     FROM playback_formats p WHERE p.recording_id = r.id) AS formats
             FROM recordings r
             WHERE r.record_id IN (SELECT value FROM json_each($1)) AND ($2 IS NULL OR EXISTS (
               SELECT 1 FROM metadata t WHERE t.recording_id = r.id AND t.key = 'tenant-id' AND t.value = $2))
             ORDER BY r.id",
        )
        .bind(json(record_ids))
        .bind(tenant_id)
        .fetch_all(connection)
        .await
    });
    Ok(rows.await?.iter().map(head).collect::<sqlx::Result<_>>()?)
}

pub(super) async fn playback(
    link: &Link,
    record_id: &str,
    format: &str,
    tenant_id: Option<&str>,
) -> Result<Option<Playback>, CatalogError> {
    let row = link.read(async |connection| {
        sqlx::query(
            "SELECT r.published, r.protected, p.url
             FROM recordings r JOIN playback_formats p ON p.recording_id = r.id AND p.format = $2
             WHERE r.record_id = $1 AND ($3 IS NULL OR EXISTS (
               SELECT 1 FROM metadata t WHERE t.recording_id = r.id AND t.key = 'tenant-id' AND t.value = $3))",
        )
        .bind(record_id)
        .bind(format)
        .bind(tenant_id)
        .fetch_optional(connection)
        .await
    });
    let playback = row.await?.map(|row| {
        Ok::<_, sqlx::Error>(Playback {
            published: flag(&row, "published")?,
            protected: flag(&row, "protected")?,
            url: row.try_get("url")?,
        })
    });
    Ok(playback.transpose()?)
}

fn decode(rows: &[SqliteRow]) -> Result<Vec<Recording>, CatalogError> {
    Ok(rows.iter().map(recording).collect::<sqlx::Result<_>>()?)
}

fn recording(row: &SqliteRow) -> sqlx::Result<Recording> {
    Ok(Recording {
        id: row.try_get("id")?,
        record_id: row.try_get::<Option<String>, _>("record_id")?.unwrap_or_default(),
        meeting_id: row.try_get::<Option<String>, _>("meeting_id")?.unwrap_or_default(),
        name: row.try_get("name")?,
        published: flag(row, "published")?,
        state: row.try_get("state")?,
        participants: row.try_get("participants")?,
        start: time::read(row, "starttime")?,
        end: time::read(row, "endtime")?,
        protected: flag(row, "protected")?,
        metadata: rows::metadata(row.try_get("metadata")?)?,
        formats: rows::formats(row.try_get("formats")?)?,
    })
}

pub(super) fn head(row: &SqliteRow) -> sqlx::Result<Head> {
    Ok(Head {
        id: row.try_get("id")?,
        record_id: row.try_get("record_id")?,
        published: flag(row, "published")?,
        protected: flag(row, "protected")?,
        state: row.try_get("state")?,
        formats: rows::names(row.try_get("formats")?)?,
    })
}

/// NULL is false: it is what sites have that came by migrations.
fn flag(row: &SqliteRow, column: &str) -> sqlx::Result<bool> {
    Ok(row.try_get::<Option<bool>, _>(column)?.unwrap_or(false))
}
