//! Where a `create` goes (CONTRACT §3.1-3.6, §3.11): all within one transaction.

use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};

use super::meetings::{expiry, tenant};
use super::rows::{meeting_of, route_of};
use crate::pool::placement::{Candidate, NoServer, choose};
use crate::pool::server::{Route, ServerId};
use crate::state::{CREATE_HOLD, Located, Meeting, PlaceMeeting, Placement};

/// [`CREATE_HOLD`] in milliseconds.
const HOLD_MS: i64 = CREATE_HOLD.as_secs() as i64 * 1000;

/// What is known before the choice.
struct Found {
    /// The meeting, and its server if that is still there.
    known: Option<(Meeting, Option<Route>)>,
    /// Whether another `create` of it is on its way.
    pending: bool,
    /// The first of the numbers asked for that no other meeting has.
    free_bridge: Option<String>,
    /// How many other meetings the caller's tenant has; 0 where nobody wants to know.
    others: i64,
}

/// Finds the meeting's server, or chooses one, counts the meeting there and records it.
pub(super) async fn place(
    connection: &mut SqliteConnection,
    request: &PlaceMeeting<'_>,
    now: i64,
) -> sqlx::Result<Placement> {
    let Found { known, pending, free_bridge, others } = find(connection, request, now).await?;
    let caller = tenant(request.tenant_id);
    if let Some((meeting, _)) = &known
        && caller.is_some()
        && meeting.tenant_id.is_some()
        && meeting.tenant_id.as_deref() != caller
    {
        return Ok(Placement::OtherTenant);
    }
    let moving = match known {
        // A server that failed this call may have answered another one: then the meeting stays.
        Some((meeting, Some(server))) if !(pending && request.failed.contains(&server.id)) => {
            let routed = sqlx::query("UPDATE meetings SET placed_at = $2 WHERE id = $1");
            routed.bind(request.meeting_id).bind(now + HOLD_MS).execute(connection).await?;
            return Ok(Placement::Existing(Located { meeting, server, pending }));
        }
        Some((meeting, Some(_))) => Some(meeting),
        // Its server was removed: a meeting of that name is a new one.
        Some((_, None)) => {
            forget_and_uncount(connection, request.meeting_id, None).await?;
            None
        }
        None => None,
    };
    let most = request.max_meetings.filter(|_| caller.is_some());
    if moving.is_none() && most.is_some_and(|most| others >= i64::from(most)) {
        return Ok(Placement::TooManyMeetings);
    }
    let failed_on = moving.as_ref().map(|meeting| meeting.server_id.clone());
    let candidates = candidates(connection, request.failed).await?;
    let outcome = match (choose(&candidates, request.tags), moving, free_bridge) {
        (Ok(chosen), Some(meeting), _) => Ok(Meeting { server_id: chosen.id.clone(), ..meeting }),
        (Ok(chosen), None, Some(voice_bridge)) => Ok(Meeting {
            id: request.meeting_id.to_owned(),
            server_id: chosen.id.clone(),
            moderator_pw: request.moderator_pw.to_owned(),
            voice_bridge,
            tenant_id: caller.map(str::to_owned),
        }),
        (Ok(_), None, None) => Err(Placement::NoVoiceBridge),
        (Err(NoServer::NoneAvailable), ..) => Err(Placement::NoServer),
        (Err(NoServer::TagUnavailable), ..) => Err(Placement::TagUnavailable),
    };
    match outcome {
        Ok(meeting) => {
            let expires_at = expiry(now, request.ttl);
            let server = record(connection, &meeting, failed_on.as_ref(), now, expires_at).await?;
            Ok(Placement::Created(Located { meeting, server, pending: false }))
        }
        Err(placement) => {
            if failed_on.is_some() {
                forget_and_uncount(connection, request.meeting_id, failed_on.as_ref()).await?;
            }
            Ok(placement)
        }
    }
}

async fn find(
    connection: &mut SqliteConnection,
    request: &PlaceMeeting<'_>,
    now: i64,
) -> sqlx::Result<Found> {
    let query = sqlx::query(
        "SELECT m.server_id, m.moderator_pw, m.voice_bridge, m.tenant_id, m.creating AS pending,
                s.id, s.url, s.secret, s.tag, s.state, s.online,
                (SELECT number.value FROM json_each($3) AS number
                 WHERE NOT EXISTS (SELECT 1 FROM meetings AS other
                                   WHERE other.voice_bridge = number.value AND other.id <> $1
                                     AND other.expires_at > $2)
                 ORDER BY number.key LIMIT 1) AS free_bridge,
                (SELECT count(*) FROM meetings AS own
                 WHERE own.tenant_id = $4 AND own.id <> $1 AND own.expires_at > $2) AS others
         FROM (SELECT 1)
         LEFT JOIN meetings AS m ON m.id = $1 AND m.expires_at > $2
         LEFT JOIN servers AS s ON s.id = m.server_id",
    );
    let numbers = serde_json::Value::from(request.voice_bridges).to_string();
    let counted = request.max_meetings.and(tenant(request.tenant_id));
    let query = query.bind(request.meeting_id).bind(now).bind(numbers).bind(counted);
    let row = query.fetch_one(connection).await?;
    let pending: Option<bool> = row.try_get("pending")?;
    Ok(Found {
        known: known(request.meeting_id, &row)?,
        pending: pending.unwrap_or(false),
        free_bridge: row.try_get("free_bridge")?,
        others: row.try_get("others")?,
    })
}

fn known(id: &str, row: &SqliteRow) -> sqlx::Result<Option<(Meeting, Option<Route>)>> {
    if row.try_get::<Option<&str>, _>("server_id")?.is_none() {
        return Ok(None);
    }
    let server: Option<String> = row.try_get("id")?;
    let server = server.map(|id| route_of(id.into(), row)).transpose()?;
    Ok(Some((meeting_of(id.to_owned(), row)?, server)))
}

/// The available servers, less those that failed this very call.
async fn candidates(connection: &mut SqliteConnection, failed: &[ServerId]) -> sqlx::Result<Vec<Candidate>> {
    let query = sqlx::query("SELECT id, load, tag FROM servers WHERE state = 'enabled' AND load IS NOT NULL");
    let rows = query.fetch_all(connection).await?;
    let candidate = |row: &SqliteRow| {
        let id: ServerId = row.try_get::<String, _>("id")?.into();
        Ok(Candidate { id, load: row.try_get("load")?, tag: row.try_get("tag")? })
    };
    let all: sqlx::Result<Vec<_>> = rows.iter().map(candidate).collect();
    all.map(|all| all.into_iter().filter(|candidate| !failed.contains(&candidate.id)).collect())
}

/// Records the meeting and counts it on its server; a meeting that had its number and has expired goes,
/// and what was counted on a server that failed is taken back.
async fn record(
    connection: &mut SqliteConnection,
    meeting: &Meeting,
    failed_on: Option<&ServerId>,
    now: i64,
    expires_at: i64,
) -> sqlx::Result<Route> {
    let query = sqlx::query(
        "UPDATE servers SET load = max(0.0, load - load_multiplier), load_added = load_added - load_multiplier
         WHERE id = $8 AND load IS NOT NULL;
         DELETE FROM meetings WHERE voice_bridge = $4 AND id <> $1;
         INSERT INTO meetings (id, server_id, moderator_pw, voice_bridge, tenant_id, placed_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (id) DO UPDATE SET
           server_id = excluded.server_id, moderator_pw = excluded.moderator_pw,
           voice_bridge = excluded.voice_bridge, tenant_id = excluded.tenant_id,
           placed_at = excluded.placed_at, creating = 1, expires_at = excluded.expires_at;
         UPDATE servers SET load = load + load_multiplier, load_added = load_added + load_multiplier
         WHERE id = $2
         RETURNING url, secret, tag, state, online",
    );
    let row = query
        .bind(&meeting.id)
        .bind(meeting.server_id.as_str())
        .bind(&meeting.moderator_pw)
        .bind(&meeting.voice_bridge)
        .bind(meeting.tenant_id.as_deref())
        .bind(now + HOLD_MS)
        .bind(expires_at)
        .bind(failed_on.map(ServerId::as_str))
        .fetch_one(connection)
        .await?;
    route_of(meeting.server_id.clone(), &row)
}

/// Forgets the meeting, and takes back what it counted on the server that failed.
pub(super) async fn forget_and_uncount(
    connection: &mut SqliteConnection,
    id: &str,
    failed_on: Option<&ServerId>,
) -> sqlx::Result<()> {
    let query = sqlx::query(
        "UPDATE servers SET load = max(0.0, load - load_multiplier), load_added = load_added - load_multiplier
         WHERE id = $2 AND load IS NOT NULL;
         DELETE FROM meetings WHERE id = $1",
    );
    query.bind(id).bind(failed_on.map(ServerId::as_str)).execute(connection).await.map(drop)
}
