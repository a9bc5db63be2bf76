//! Which recordings a filter lets pass, as SQL.

use sqlx::{QueryBuilder, Sqlite};

use super::{json, time};
use crate::recordings::model::{Cursor, Filter, States};
use crate::recordings::prefix;

/// What recordings are ordered by; there is an index on it.
const BEGAN: &str = "coalesce(r.starttime, '')";

/// Where the newest of the recordings to pick is.
#[derive(Clone, Copy)]
pub(super) enum Bound<'a> {
    After(Option<Cursor>),
    UpTo(&'a str),
}

/// `SELECT id, began`: the newest recordings of these states. For each state there is an index.
pub(super) fn pick_by_state(
    query: &mut QueryBuilder<Sqlite>,
    states: &States,
    bound: Bound<'_>,
    skip: i64,
    limit: i64,
) {
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

/// `SELECT id, began`: all recordings that the filter lets pass, in no order. IDs are looked up first; whatever else
/// is asked for is then looked up for what they name.
pub(super) fn find(query: &mut QueryBuilder<Sqlite>, filter: &Filter, after: Option<Cursor>) {
    let mut few = false;
    query.push("SELECT r.id, ").push(BEGAN).push(" AS began FROM ");
    if filter.record_ids.is_empty() {
        query.push("recordings r WHERE true");
    } else {
        few = true;
        let ranges = prefix::ranges(&filter.record_ids);
        query.push("json_each(").push_bind(json(&ranges)).push(") AS wanted CROSS JOIN recordings r");
        query.push(" WHERE r.record_id >= wanted.value ->> 0 AND r.record_id < wanted.value ->> 1");
    }
    if !filter.meeting_ids.is_empty() {
        // The plus: another index is in use.
        let column = if few { "+r.meeting_id" } else { "r.meeting_id" };
        few = true;
        query.push(" AND ").push(column).push(" IN (SELECT value FROM json_each(");
        query.push_bind(json(&filter.meeting_ids)).push("))");
    }
    if let States::Of(states) = &filter.states {
        // The plus: an index on the state would find nearly all of them.
        query.push(" AND +r.state IN (SELECT value FROM json_each(").push_bind(json(states)).push("))");
    }
    if !filter.metadata.is_empty() {
        push_has_metadata(query, few, json(&filter.metadata));
        few = true;
    }
    if let Some(tenant) = &filter.tenant_id {
        push_has_metadata(query, few, json(&[("tenant-id", tenant)]));
    }
    if let Some(cursor) = after {
        push_after(query, cursor);
    }
}

/// Has one of these pairs: looked up for each of a few recordings, else in the index by value.
fn push_has_metadata(query: &mut QueryBuilder<Sqlite>, few: bool, pairs: String) {
    query.push(if few { " AND EXISTS (SELECT 1" } else { " AND r.id IN (SELECT m.recording_id" });
    query.push(" FROM json_each(").push_bind(pairs).push(") AS pair CROSS JOIN metadata m");
    query.push(if few {
        " ON m.recording_id = r.id AND m.key = pair.value ->> 0 AND +m.value = pair.value ->> 1)"
    } else {
        " ON m.key = pair.value ->> 0 AND m.value = pair.value ->> 1)"
    });
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
