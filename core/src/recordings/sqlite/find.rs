//! Finding recordings: which ones, and then all that is told of them, in one statement.

use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row, Sqlite};

use super::json;
use super::pick::{Bound, find, pick_by_state};
use super::told::{TOLD, flag, head, recording};
use crate::recordings::catalog::{CatalogError, Head, Listed, Playback};
use crate::recordings::model::{Cursor, Filter, Recording, States};
use crate::sqlite::Link;

/// So far from the newest recording, a page is reached by skipping.
const NEAR: i64 = 1000;

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

/// A page of all recordings of some states: how many there are, and on which day it begins if that is far away, is
/// known from the counts.
async fn page_by_state(
    link: &Link,
    states: &States,
    offset: i64,
    limit: i64,
) -> Result<Listed, CatalogError> {
    let (total, begin) = if offset <= NEAR {
        (total(link, states).await?, Some((None, offset)))
    } else {
        far(link, states, offset).await?
    };
    let Some((day, skip)) = begin else {
        return Ok(Listed { recordings: Vec::new(), total });
    };
    let bound = day.as_deref().map_or(Bound::After(None), Bound::UpTo);
    let rows = link.read(async |connection| {
        let mut query = QueryBuilder::<Sqlite>::new("WITH picked AS MATERIALIZED (");
        pick_by_state(&mut query, states, bound, skip, limit);
        query.push(") ").push(TOLD);
        query.push(" FROM picked JOIN recordings r USING (id) ORDER BY picked.began DESC, picked.id DESC");
        query.build().fetch_all(connection).await
    });
    Ok(Listed { recordings: decode(&rows.await?)?, total })
}

async fn total(link: &Link, states: &States) -> Result<u64, CatalogError> {
    let total = link.read(async |connection| {
        sqlx::query_scalar::<_, i64>(
            "SELECT coalesce(sum(n), 0) FROM ext_recording_counts
             WHERE $1 IS NULL OR state IN (SELECT value FROM json_each($1))",
        )
        .bind(states.named().map(json))
        .fetch_one(connection)
        .await
    });
    Ok(total.await?.unsigned_abs())
}

/// How many there are in all, what is after the last moment of the day on which the one after `offset` began, and how
/// many of that day come before it. No moment: there are not so many.
async fn far(
    link: &Link,
    states: &States,
    offset: i64,
) -> Result<(u64, Option<(Option<String>, i64)>), CatalogError> {
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
    let bound: Option<String> = day.try_get("bound")?;
    let begin = match bound {
        None => None,
        some => Some((some, day.try_get("skip")?)),
    };
    Ok((total, begin))
}

pub(super) async fn heads(
    link: &Link,
    record_ids: &[String],
    tenant_id: Option<&str>,
) -> Result<Vec<Head>, CatalogError> {
    let rows = link.read(async |connection| {
        sqlx::query(
            "SELECT r.id, r.record_id, r.published, r.state,
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
