//! The audit log: every change is noted when it is over, here and nowhere else.

use actix_web::web::{Bytes, Data};
use scalelite_core::audit::{self, Actor, Change, is_secret, without_user};
use scalelite_core::bbb::checksum;
use scalelite_core::bbb::params::Params;
use serde_json::Value;

use super::refusal::Refusal;
use crate::app::App;

/// A change that is about to be made.
pub(super) struct Audit {
    app: Data<App>,
    actor: Option<Actor>,
    call: &'static str,
    id: Option<String>,
    said: Value,
}

impl Audit {
    /// Of a call that passed the checksum security check.
    pub(super) fn of(app: &Data<App>, call: &'static str, text: &str, query: &Params, body: &[u8]) -> Self {
        let (secrets, given) = (&app.config.secrets, query.get("checksum").unwrap_or_default());
        let signed = |secret: &&_| checksum::verify(call, text, given, [*secret], &secrets.accepted);
        let secret = secrets.loadbalancer.iter().find(signed);
        Self {
            app: app.clone(),
            actor: secret.map(|secret| Actor::secret(secret, &audit::host_name())),
            call,
            id: query.get("id").map(str::to_owned),
            // What cannot be read is refused.
            said: serde_json::from_slice(body).unwrap_or_default(),
        }
    }

    /// Notes it, unless it is clear that nothing was changed.
    pub(super) async fn note(self, result: &Result<Bytes, Refusal>) {
        let Self { app, actor: Some(actor), call, id, said } = self else { return };
        let (answer, failed) = match result {
            Ok(answer) => (answer.as_ref(), false),
            Err(Refusal::Api(_) | Refusal::Broken) => (&b"null"[..], true),
            Err(_) => return,
        };
        let answer = serde_json::from_slice(answer).unwrap_or_default();
        let target = id.unwrap_or_else(|| target(&said, &answer).to_owned());
        let change = Change::new(&actor, call, &target).how(&how(&said));
        let change = if failed { change.failed() } else { change };
        audit::note(app.catalog.as_deref(), &[change]).await;
    }
}

/// The ID of what was changed, as the body or the answer tells it; a setting's is that of its tenant.
fn target<'a>(said: &'a Value, answer: &'a Value) -> &'a str {
    let ids = [&said["id"], &said["tenant_setting"]["tenant_id"], &answer["id"], &answer["tenant"]["id"]];
    ids.into_iter().find_map(Value::as_str).unwrap_or_default()
}

/// What was changed about it, without secrets.
fn how(said: &Value) -> String {
    const SHOWN: [&str; 7] = ["name", "state", "load_multiplier", "tag", "param", "override", "keep_state"];
    let mut parts = Vec::new();
    for object in [said, &said["server"], &said["tenant"], &said["tenant_setting"]] {
        if let Some(url) = object["url"].as_str() {
            parts.push(format!("url={}", without_user(url)));
        }
        for name in SHOWN {
            match &object[name] {
                Value::Null | Value::Array(_) | Value::Object(_) => {}
                Value::String(text) => parts.push(format!("{name}={text}")),
                value => parts.push(format!("{name}={value}")),
            }
        }
        let hides = object["param"].as_str().is_none_or(is_secret);
        match object["value"].as_str() {
            Some(value) if !hides => parts.push(format!("value={value}")),
            Some(_) => parts.push("value=*****".to_owned()),
            None => {}
        }
        for name in ["secret", "secrets"] {
            if object[name].as_str().is_some_and(|secret| !secret.is_empty()) {
                parts.push(format!("{name}=*****"));
            }
        }
    }
    parts.join(" ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_changed_and_no_secret() {
        for (said, told) in [
            (
                json!({"server": {"url": "https://u:geheim@h/api", "secret": "geheim", "load_multiplier": 2, "tag": ""}}),
                "url=https://h/api load_multiplier=2 tag= secret=*****",
            ),
            (json!({"id": "b1", "server": {"state": "cordon", "tag": null}}), "state=cordon"),
            (json!({"id": "b1", "keep_state": true}), "keep_state=true"),
            (json!({"tenant": {"name": "bank", "secrets": "geheim:geheim"}}), "name=bank secrets=*****"),
            (
                json!({"tenant_setting": {"tenant_id": "t1", "param": "logo", "value": "x", "override": "true"}}),
                "param=logo override=true value=x",
            ),
            (
                json!({"tenant_setting": {"tenant_id": "t1", "param": "moderatorPW", "value": "geheim"}}),
                "param=moderatorPW value=*****",
            ),
            (json!([{"secret": {"secret": "geheim"}}, "geheim"]), ""),
            (json!({"server": "geheim"}), ""),
        ] {
            assert_eq!(how(&said), told, "{said}");
        }
    }

    #[test]
    fn what_it_is_done_to() {
        for (said, answer, id) in [
            (json!({"id": "b1"}), json!({"id": "b2"}), "b1"),
            (json!({"server": {}}), json!({"id": "b2"}), "b2"),
            (json!({"tenant": {}}), json!({"tenant": {"id": "t1"}}), "t1"),
            (json!({"tenant_setting": {"tenant_id": "t1"}}), json!({"tenant_setting": {"id": "s1"}}), "t1"),
            (json!(null), json!(null), ""),
        ] {
            assert_eq!(target(&said, &answer), id);
        }
    }
}
