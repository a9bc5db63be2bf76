//! Which recordings a filter lets pass, as SQL.
//!
//! What is told to PostgreSQL here leaves it no choice that matters: each connection plans a statement once, not for
//! the values of each call (see `link`), and a filter is to cost what it finds, not what the database holds.

use sqlx::{Postgres, QueryBuilder};

use super::time;
use crate::recordings::model::{Cursor, Filter, States};
use crate::recordings::prefix;

/// What recordings are ordered by.
const BEGAN: &str = "coalesce(r.starttime, '-infinity'::timestamp)";

/// Where the newest of the recordings to pick is.
#[derive(Clone, Copy)]
pub(super) enum Bound<'a> {
    After(Option<Cursor>),
    UpTo(&'a str),
}

/// `SELECT id`: the newest recordings of these states, newest first. The only index on when they began is one by
/// state, so that no other can be walked through in search of a rare state.
pub(super) fn pick_by_state(
    query: &mut QueryBuilder<Postgres>,
    states: &States,
    bound: Bound<'_>,
    skip: i64,
    limit: i64,
) {
    query.push("SELECT newest.id FROM ");
    match states {
        // Also those without a state.
        States::Any => query.push("(SELECT DISTINCT coalesce(state, '') FROM ext_recording_counts)"),
        States::Of(states) => query.push("unnest(").push_bind(states.clone()).push(")"),
    };
    query.push(" AS wanted (state) CROSS JOIN LATERAL (SELECT r.id, ").push(BEGAN);
    query.push(" AS began FROM recordings r WHERE coalesce(r.state, '') = wanted.state");
    if matches!(states, States::Of(_)) {
        query.push(" AND r.state IS NOT NULL");
    }
    match bound {
        Bound::After(None) => {}
        Bound::After(Some(cursor)) => push_after(query, cursor),
        Bound::UpTo(bound) => {
            query.push(" AND ").push(BEGAN).push(" <= ").push_bind(bound.to_owned()).push("::timestamp");
        }
    }
    query.push(" ORDER BY began DESC, r.id DESC LIMIT ").push_bind(skip.saturating_add(limit));
    query.push(") AS newest ORDER BY newest.began DESC, newest.id DESC OFFSET ").push_bind(skip);
    query.push(" LIMIT ").push_bind(limit);
}

/// `SELECT id, began`: all recordings that the filter lets pass, in no order. IDs are looked up first; whatever else
/// is asked for is then looked up for what they name.
pub(super) fn find(query: &mut QueryBuilder<Postgres>, filter: &Filter, after: Option<Cursor>) {
    let mut few = false;
    query.push("SELECT r.id, ").push(BEGAN).push(" AS began FROM ");
    if filter.record_ids.is_empty() {
        query.push("recordings r");
    } else {
        few = true;
        let (from, to): (Vec<_>, Vec<_>) = prefix::ranges(&filter.record_ids).into_iter().unzip();
        query.push("unnest(").push_bind(from).push("::text[], ").push_bind(to);
        query.push("::text[]) AS wanted (low, high) CROSS JOIN LATERAL (SELECT * FROM recordings p");
        query.push(" WHERE p.record_id ~>=~ wanted.low AND p.record_id ~<~ wanted.high OFFSET 0) AS r");
    }
    query.push(" WHERE true");
    if !filter.meeting_ids.is_empty() {
        few = true;
        query.push(" AND r.meeting_id = ANY(").push_bind(filter.meeting_ids.clone()).push(")");
    }
    if let States::Of(states) = &filter.states {
        query.push(" AND r.state = ANY(").push_bind(states.clone()).push(")");
    }
    if !filter.metadata.is_empty() {
        let (keys, values) = filter.metadata.iter().cloned().unzip();
        push_has_metadata(query, few, keys, values);
        few = true;
    }
    if let Some(tenant) = &filter.tenant_id {
        push_has_metadata(query, few, vec!["tenant-id".to_owned()], vec![tenant.clone()]);
    }
    if let Some(cursor) = after {
        push_after(query, cursor);
    }
}

/// Has one of these pairs: looked up for each of a few recordings, else in the index by value.
fn push_has_metadata(query: &mut QueryBuilder<Postgres>, few: bool, keys: Vec<String>, values: Vec<String>) {
    // As an array: each recording once, and looked up by its key.
    query.push(if few { " AND EXISTS (SELECT" } else { " AND r.id = ANY(ARRAY(SELECT m.recording_id" });
    query.push(" FROM unnest(").push_bind(keys).push("::text[], ").push_bind(values);
    query.push(
        "::text[]) AS wanted (key, value) JOIN metadata m ON m.key = wanted.key AND m.value = wanted.value",
    );
    query.push(if few {
        // With an offset it stays the question of its own that it is.
        " WHERE m.recording_id = r.id OFFSET 0)"
    } else {
        " AND left(m.key, 64) = left(wanted.key, 64) AND left(m.value, 128) = left(wanted.value, 128)))"
    });
}

fn push_after(query: &mut QueryBuilder<Postgres>, cursor: Cursor) {
    query.push(" AND (").push(BEGAN).push(", r.id) < (coalesce(");
    query
        .push_bind(cursor.start.map(time::of))
        .push(", '-infinity'::timestamp), ")
        .push_bind(cursor.id)
        .push(")");
}
