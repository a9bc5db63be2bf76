//! Reading rows: what is in which column.

use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use crate::pool::server::{AdminState, Route, Server, ServerId, Usage};
use crate::state::{Located, Meeting};

/// The meeting of this ID, from its `server_id` on.
pub(super) fn meeting_of(id: String, row: &SqliteRow) -> sqlx::Result<Meeting> {
    Ok(Meeting {
        id,
        server_id: row.try_get::<String, _>("server_id")?.into(),
        moderator_pw: row.try_get("moderator_pw")?,
        voice_bridge: row.try_get("voice_bridge")?,
        tenant_id: row.try_get("tenant_id")?,
    })
}

/// The server of this ID, from its `url` on.
pub(super) fn route_of(id: ServerId, row: &SqliteRow) -> sqlx::Result<Route> {
    Ok(Route {
        id,
        url: row.try_get("url")?,
        secret: row.try_get::<String, _>("secret")?.into(),
        tag: row.try_get("tag")?,
        state: admin_state(row)?,
        online: row.try_get("online")?,
    })
}

/// The meeting of this ID and its server, joined.
pub(super) fn located_of(id: &str, row: &SqliteRow) -> sqlx::Result<Located> {
    let meeting = meeting_of(id.to_owned(), row)?;
    let server = route_of(meeting.server_id.clone(), row)?;
    Ok(Located { meeting, server, pending: false })
}

/// A whole row of `servers`.
pub(super) fn server(row: &SqliteRow) -> sqlx::Result<Server> {
    Ok(Server {
        route: route_of(row.try_get::<String, _>("id")?.into(), row)?,
        load: row.try_get("load")?,
        load_multiplier: row.try_get("load_multiplier")?,
        usage: Usage {
            meetings: count(row, "meetings")?,
            users: count(row, "users")?,
            largest_meeting: count(row, "largest_meeting")?,
            videos: count(row, "videos")?,
        },
        healthy_counter: count(row, "healthy_counter")?,
        unhealthy_counter: count(row, "unhealthy_counter")?,
        bbb_version: row.try_get("bbb_version")?,
    })
}

/// What the operator wants of the server; the schema allows no other word.
pub(super) fn admin_state(row: &SqliteRow) -> sqlx::Result<AdminState> {
    row.try_get("state").map(|state| AdminState::parse(state).unwrap_or(AdminState::Disabled))
}

fn count<T: TryFrom<i64> + Default>(row: &SqliteRow, column: &str) -> sqlx::Result<T> {
    row.try_get::<i64, _>(column).map(|number| T::try_from(number).unwrap_or_default())
}
