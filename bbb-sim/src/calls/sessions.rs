//! Calls a browser makes by its session token; they answer JSON.

use serde_json::{Value, json};

use super::{Call, Reply};
use crate::checksum::{Algorithm, sign};
use crate::meetings::Session;
use crate::params::Params;
use crate::server::Server;

pub(super) fn get_join_url(server: &Server, call: &Call<'_>, params: &Params<'_>) -> Result<Reply, Reply> {
    let session = session(server, params)?;
    let query: String = form_urlencoded::Serializer::new(String::new())
        .append_pair("fullName", &session.full_name)
        .append_pair("meetingID", &session.meeting_id)
        .append_pair("role", if session.moderator { "MODERATOR" } else { "VIEWER" })
        .append_pair("redirect", "true")
        .append_pair("userID", &session.user_id)
        .finish();
    let algorithm = server.algorithms.first().copied().unwrap_or(Algorithm::Sha256);
    let checksum = sign(algorithm, "join", &query, &server.secret);
    Ok(reply(&json!({
        "returncode": "SUCCESS",
        "message": "Join URL provided successfully.",
        "url": format!("http://{}/bigbluebutton/api/join?{query}&checksum={checksum}", call.host),
    })))
}

pub(super) fn learning_dashboard(server: &Server, _: &Call<'_>, params: &Params<'_>) -> Result<Reply, Reply> {
    let session = session(server, params)?;
    if !session.moderator {
        return Err(failed("Access denied", params));
    }
    let data = json!({ "extId": session.meeting_id, "users": {}, "polls": {}, "screenshares": [] });
    Ok(reply(&json!({
        "returncode": "SUCCESS",
        "data": data.to_string(),
        "sessionToken": params.get("sessionToken"),
    })))
}

/// The token is in a JSON body, or with the parameters.
pub(super) fn feedback(server: &Server, call: &Call<'_>, params: &Params<'_>) -> Result<Reply, Reply> {
    let body: Value = serde_json::from_slice(call.body).unwrap_or_default();
    let token = body["sessionToken"].as_str().map(str::to_owned);
    let token = token.or_else(|| params.get("sessionToken").map(String::from)).unwrap_or_default();
    if server.meetings().session(&token).is_none() {
        return Err(failed("Invalid Session", params));
    }
    Ok(reply(
        &json!({ "returncode": "SUCCESS", "messageKey": "feedbackSaved", "message": "Feedback saved." }),
    ))
}

fn session(server: &Server, params: &Params<'_>) -> Result<Session, Reply> {
    let token = params.get("sessionToken").unwrap_or_default();
    server.meetings().session(&token).cloned().ok_or_else(|| failed("Invalid Session", params))
}

fn failed(message: &str, params: &Params<'_>) -> Reply {
    reply(&json!({
        "returncode": "FAILED",
        "message": message,
        "sessionToken": params.get("sessionToken"),
    }))
}

fn reply(response: &Value) -> Reply {
    Reply::Json(json!({ "response": response }).to_string())
}
