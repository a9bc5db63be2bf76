//! Finding recordings: which ones, and then all that is told of them, in one statement.

use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Postgres, QueryBuilder, Row};

use super::link::Link;
use super::time;
use crate::recordings::catalog::{CatalogError, Head, Listed, Playback};
use crate::recordings::model::{Cursor, Filter, Recording, States};
use crate::recordings::{prefix, rows};

/// What recordings are ordered by; there is an index on it.
const BEGAN: &str = "coalesce(r.starttime, '-infinity'::timestamp)";

/// All that `getRecordings` tells of those in `picked (id, began)`, newest first, in columns that
/// [`recording`] reads.
const TOLD: &str =
    "SELECT r.id, r.record_id, r.meeting_id, r.name, r.published, r.state, r.participants, r.protected,
       CASE WHEN isfinite(r.starttime) THEN r.starttime END AS starttime,
       CASE WHEN isfinite(r.endtime) THEN r.endtime END AS endtime,
       (SELECT json_agg(json_build_array(m.key, m.value) ORDER BY m.id)::text
        FROM metadata m WHERE m.recording_id = r.id) AS metadata,
       (SELECT json_agg(json_build_array(p.format, p.url, p.length, p.processing_time,
          (SELECT json_agg(json_build_array(t.width, t.height, t.alt, t.url) ORDER BY t.sequence, t.id)
           FROM thumbnails t WHERE t.playback_format_id = p.id)) ORDER BY p.format)::text
        FROM playback_formats p WHERE p.recording_id = r.id) AS formats";

pub(super) async fn chunk(
    link: &Link,
    filter: &Filter,
    after: Option<Cursor>,
    limit: u32,
) -> Result<Vec<Recording>, CatalogError> {
    let limit = i64::from(limit);
    let rows = link.run(async |connection: &mut PgConnection| {
        let mut query = QueryBuilder::new("WITH ");
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
    link.run(async |connection: &mut PgConnection| {
        let mut query = QueryBuilder::new("WITH found AS MATERIALIZED (");
        find(&mut query, filter, after);
        query.push(") SELECT id FROM found ORDER BY began DESC, id DESC");
        query.build_query_scalar().fetch_all(connection).await
    })
    .await
}

pub(super) async fn recordings(link: &Link, ids: &[i64]) -> Result<Vec<Recording>, CatalogError> {
    let rows = link.run(async |connection: &mut PgConnection| {
        let mut query = QueryBuilder::new(TOLD);
        query.push(" FROM unnest(").push_bind(ids).push(") WITH ORDINALITY AS picked (id, place)");
        query.push(" JOIN recordings r USING (id) ORDER BY picked.place");
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
    let rows = link.run(async |connection: &mut PgConnection| {
        let mut query = QueryBuilder::new("WITH found AS MATERIALIZED (");
        find(&mut query, filter, None);
        query.push(
            "), picked AS MATERIALIZED (SELECT id, began FROM found ORDER BY began DESC, id DESC OFFSET ",
        );
        query.push_bind(offset).push(" LIMIT ").push_bind(limit).push(") ");
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
    let day = link.run(async |connection: &mut PgConnection| {
        sqlx::query(
            "WITH days AS (
               SELECT day, sum(n)::bigint AS n FROM ext_recording_counts
               WHERE $1::text[] IS NULL OR state = ANY($1) GROUP BY day
             ), walk AS (
               SELECT day, n, (sum(n) OVER (ORDER BY day DESC))::bigint AS upto FROM days WHERE n > 0
             )
             SELECT counted.total, begin.bound, begin.skip
             FROM (SELECT coalesce(sum(n), 0)::bigint AS total FROM days) AS counted
             LEFT JOIN (
               SELECT (day::timestamp + interval '1 day' - interval '1 microsecond')::text AS bound,
                      $2 - (upto - n) AS skip
               FROM walk WHERE upto > $2 ORDER BY day DESC LIMIT 1
             ) AS begin ON true",
        )
        .bind(states.named())
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
    let rows = link.run(async |connection: &mut PgConnection| {
        let mut query = QueryBuilder::new("WITH picked AS MATERIALIZED (");
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
fn pick_by_state(
    query: &mut QueryBuilder<Postgres>,
    states: &States,
    bound: Bound<'_>,
    skip: i64,
    limit: i64,
) {
    let select = |query: &mut QueryBuilder<Postgres>, state: &str| {
        query.push("SELECT r.id, ").push(BEGAN).push(" AS began FROM recordings r WHERE true").push(state);
        match bound {
            Bound::After(None) => {}
            Bound::After(Some(cursor)) => push_after(query, cursor),
            Bound::UpTo(bound) => {
                query.push(" AND ").push(BEGAN).push(" <= ").push_bind(bound.to_owned()).push("::timestamp");
            }
        }
        query.push(" ORDER BY began DESC, r.id DESC");
    };
    match states {
        States::Any => select(query, ""),
        States::Of(states) => {
            query.push("SELECT newest.id, newest.began FROM unnest(").push_bind(states.clone());
            query.push(") AS wanted (state) CROSS JOIN LATERAL (");
            select(query, " AND r.state = wanted.state");
            query.push(" LIMIT ").push_bind(skip.saturating_add(limit));
            query.push(") AS newest ORDER BY newest.began DESC, newest.id DESC");
        }
    }
    query.push(" OFFSET ").push_bind(skip).push(" LIMIT ").push_bind(limit);
}

/// `SELECT id, began`: all recordings that the filter lets pass, in no order.
fn find(query: &mut QueryBuilder<Postgres>, filter: &Filter, after: Option<Cursor>) {
    query.push("SELECT r.id, ").push(BEGAN).push(" AS began FROM recordings r WHERE true");
    if !filter.record_ids.is_empty() {
        let (from, to): (Vec<_>, Vec<_>) = filter.record_ids.iter().map(|id| prefix::range(id)).unzip();
        query.push(" AND r.id IN (SELECT p.id FROM unnest(").push_bind(from).push("::text[], ").push_bind(to);
        query.push("::text[]) AS wanted (low, high) JOIN recordings p");
        query.push(" ON p.record_id ~>=~ wanted.low AND p.record_id ~<~ wanted.high)");
    }
    if !filter.meeting_ids.is_empty() {
        query.push(" AND r.meeting_id = ANY(").push_bind(filter.meeting_ids.clone()).push(")");
    }
    if let States::Of(states) = &filter.states {
        query.push(" AND r.state = ANY(").push_bind(states.clone()).push(")");
    }
    if !filter.metadata.is_empty() {
        let (keys, values): (Vec<_>, Vec<_>) = filter.metadata.iter().cloned().unzip();
        query.push(" AND r.id IN (SELECT m.recording_id FROM unnest(").push_bind(keys).push("::text[], ");
        query.push_bind(values).push("::text[]) AS wanted (key, value) JOIN metadata m");
        query.push(
            " ON left(m.key, 64) = left(wanted.key, 64) AND left(m.value, 128) = left(wanted.value, 128)",
        );
        query.push(" AND m.key = wanted.key AND m.value = wanted.value)");
    }
    if let Some(tenant) = &filter.tenant_id {
        query.push(" AND EXISTS (SELECT FROM metadata t WHERE t.recording_id = r.id AND t.key = 'tenant-id'");
        query.push(" AND t.value = ").push_bind(tenant.clone()).push(")");
    }
    if let Some(cursor) = after {
        push_after(query, cursor);
    }
}

fn push_after(query: &mut QueryBuilder<Postgres>, cursor: Cursor) {
    query.push(" AND (").push(BEGAN).push(", r.id) < (coalesce(");
    query
        .push_bind(cursor.start.map(time::of))
        .push(", '-infinity'::timestamp), ")
        .push_bind(cursor.id)
        .push(")");
}

pub(super) async fn heads(
    link: &Link,
    record_ids: &[String],
    tenant_id: Option<&str>,
) -> Result<Vec<Head>, CatalogError> {
    let rows = link.run(async |connection: &mut PgConnection| {
        sqlx::query(
            "SELECT r.id, r.record_id, r.published, r.protected, r.state,
                    (SELECT json_agg(p.format ORDER BY p.format)::text
                     FROM playback_formats p WHERE p.recording_id = r.id) AS formats
             FROM recordings r
             WHERE r.record_id = ANY($1) AND ($2::text IS NULL OR EXISTS (
               SELECT FROM metadata t WHERE t.recording_id = r.id AND t.key = 'tenant-id' AND t.value = $2))
             ORDER BY r.id",
        )
        .bind(record_ids)
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
    let row = link.run(async |connection: &mut PgConnection| {
        sqlx::query(
            "SELECT r.published, r.protected, p.url
             FROM recordings r JOIN playback_formats p ON p.recording_id = r.id AND p.format = $2
             WHERE r.record_id = $1 AND ($3::text IS NULL OR EXISTS (
               SELECT FROM metadata t WHERE t.recording_id = r.id AND t.key = 'tenant-id' AND t.value = $3))",
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

fn decode(rows: &[PgRow]) -> Result<Vec<Recording>, CatalogError> {
    Ok(rows.iter().map(recording).collect::<sqlx::Result<_>>()?)
}

fn recording(row: &PgRow) -> sqlx::Result<Recording> {
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

pub(super) fn head(row: &PgRow) -> sqlx::Result<Head> {
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
fn flag(row: &PgRow, column: &str) -> sqlx::Result<bool> {
    Ok(row.try_get::<Option<bool>, _>(column)?.unwrap_or(false))
}
