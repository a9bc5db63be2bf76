//! What `servers:sync` has to do to get from the servers that are there to those that are wanted. Pure.

use scalelite_core::audit::without_user;
use scalelite_core::pool::server::{AdminState, Route, Server, ServerId};
use scalelite_core::state::{Meeting, NewServer, ServerChange};
use secrecy::ExposeSecret;

use super::sync_file::{Desired, Mode};

/// One step; a dry run only tells it.
#[derive(Debug)]
pub(super) enum Step {
    /// Add a server.
    Create(NewServer),
    /// Change a server; `told` is what about it changes.
    Change { id: ServerId, change: Box<ServerChange>, told: Vec<String> },
    /// Leave alone a server that is not wanted.
    Keep(ServerId),
    /// Have no new meetings on a server that is not wanted but has some.
    Drain(ServerId),
    /// End and forget the meetings of a server that is not wanted.
    Empty { server: Route, meetings: Vec<Meeting> },
    /// Remove a server that has no meetings (any more); `in_use` if it may be given new ones.
    Remove { id: ServerId, in_use: bool },
}

impl Step {
    /// What the audit log tells of it when it is done: the server, and what was done to it.
    pub(super) fn change(&self) -> Option<(&ServerId, String)> {
        Some(match self {
            Self::Create(server) => (&server.id, format!("created url={}", without_user(&server.url))),
            Self::Change { id, told, .. } => {
                (id, told.iter().map(|what| shown(what)).collect::<Vec<_>>().join(", "))
            }
            Self::Keep(_) => return None,
            Self::Drain(id) => (id, "cordoned".to_owned()),
            Self::Empty { server, meetings } => (&server.id, format!("meetings ended: {}", meetings.len())),
            Self::Remove { id, .. } => (id, "removed".to_owned()),
        })
    }

    /// What the operator reads.
    pub(super) fn lines(&self) -> Vec<String> {
        match self {
            Self::Create(server) => vec![format!("[{}] Server created", server.id)],
            Self::Change { id, told, .. } => {
                told.iter().map(|what| format!("[{id}] Server {what}")).collect()
            }
            Self::Keep(id) => vec![format!("[{id}] Server not removed")],
            Self::Drain(id) => vec![format!("[{id}] Server not empty. Cordoned for removal")],
            Self::Empty { server, meetings } => {
                let id = &server.id;
                let first = format!("[{id}] Server not empty. Ending meetings now...");
                let each =
                    meetings.iter().map(|meeting| format!("[{id}] Try to end meeting id={}", meeting.id));
                std::iter::once(first).chain(each).collect()
            }
            Self::Remove { id, .. } => vec![format!("[{id}] Server removed")],
        }
    }
}

fn shown(what: &str) -> String {
    const URL: &str = "updated: url=";
    what.strip_prefix(URL).map_or_else(|| what.to_owned(), |url| format!("{URL}{}", without_user(url)))
}

/// All steps in their order: first what is wanted, then what is not.
pub(super) fn plan(desired: &[Desired], current: &[Server], meetings: &[Meeting], mode: Mode) -> Vec<Step> {
    let mut steps = Vec::new();
    for wanted in desired {
        match current.iter().find(|server| server.route.id.as_str() == wanted.id) {
            None => create(wanted, &mut steps),
            Some(server) => steps.extend(change(wanted, server)),
        }
    }
    for server in current {
        if desired.iter().all(|wanted| wanted.id != server.route.id.as_str()) {
            let own = meetings.iter().filter(|meeting| meeting.server_id == server.route.id);
            remove(server, own.cloned().collect(), mode, &mut steps);
        }
    }
    steps
}

fn create(wanted: &Desired, steps: &mut Vec<Step>) {
    let id = ServerId::from(wanted.id.as_str());
    steps.push(Step::Create(NewServer {
        id: id.clone(),
        url: wanted.url.clone(),
        secret: wanted.secret.clone(),
        tag: wanted.tag.clone(),
        load_multiplier: wanted.load_multiplier,
    }));
    if wanted.enabled {
        let change = ServerChange { state: Some(AdminState::Enabled), ..Default::default() };
        steps.push(Step::Change { id, change: Box::new(change), told: vec!["enabled".to_owned()] });
    }
}

fn change(wanted: &Desired, server: &Server) -> Option<Step> {
    let route = &server.route;
    let mut change = ServerChange::default();
    let mut told = Vec::new();
    if route.url != wanted.url {
        change.url = Some(wanted.url.clone());
        told.push(format!("updated: url={}", wanted.url));
    }
    if route.secret.expose_secret() != wanted.secret.expose_secret() {
        change.secret = Some(wanted.secret.clone());
        told.push("updated: secret=*****".to_owned());
    }
    if (server.load_multiplier - wanted.load_multiplier).abs() > f64::EPSILON {
        change.load_multiplier = Some(wanted.load_multiplier);
        told.push(format!(
            "updated: load_multiplier={}",
            scalelite_core::operating::numbers::decimal(wanted.load_multiplier)
        ));
    }
    if route.tag != wanted.tag {
        change.tag = Some(wanted.tag.clone());
        told.push(format!("updated: tag={}", wanted.tag.as_deref().unwrap_or_default()));
    }
    match (wanted.enabled, route.state) {
        (true, AdminState::Cordoned | AdminState::Disabled) => {
            change.state = Some(AdminState::Enabled);
            told.push("enabled".to_owned());
        }
        (false, AdminState::Enabled) => {
            change.state = Some(AdminState::Cordoned);
            told.push("disabled (cordoned)".to_owned());
        }
        _ => {}
    }
    let id = route.id.clone();
    (!told.is_empty()).then(|| Step::Change { id, change: Box::new(change), told })
}

fn remove(server: &Server, meetings: Vec<Meeting>, mode: Mode, steps: &mut Vec<Step>) {
    let id = server.route.id.clone();
    let in_use = server.route.state == AdminState::Enabled;
    match mode {
        Mode::Keep => steps.push(Step::Keep(id)),
        Mode::Cordon | Mode::Force if meetings.is_empty() => steps.push(Step::Remove { id, in_use }),
        Mode::Cordon | Mode::Force => {
            if in_use {
                steps.push(Step::Drain(id.clone()));
            }
            if mode == Mode::Force {
                steps.push(Step::Empty { server: server.route.clone(), meetings });
                steps.push(Step::Remove { id, in_use: false });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use scalelite_core::pool::server::Usage;

    fn server(id: &str, state: AdminState) -> Server {
        Server {
            route: Route {
                id: id.into(),
                url: format!("https://{id}/bigbluebutton/api"),
                secret: "s".to_owned().into(),
                tag: None,
                state,
                online: true,
            },
            load: None,
            load_multiplier: 1.0,
            usage: Usage::default(),
            healthy_counter: 0,
            unhealthy_counter: 0,
            bbb_version: None,
        }
    }

    fn wanted(id: &str) -> Desired {
        Desired {
            id: id.to_owned(),
            url: format!("https://{id}/bigbluebutton/api"),
            secret: "s".to_owned().into(),
            enabled: true,
            load_multiplier: 1.0,
            tag: None,
        }
    }

    fn meeting(id: &str, server: &str) -> Meeting {
        Meeting {
            id: id.to_owned(),
            server_id: server.into(),
            moderator_pw: String::new(),
            voice_bridge: String::new(),
            tenant_id: None,
        }
    }

    fn told(steps: &[Step]) -> Vec<String> {
        steps.iter().flat_map(Step::lines).collect()
    }

    #[test]
    fn new_servers_are_created_and_enabled() {
        let desired = [wanted("a"), Desired { enabled: false, ..wanted("b") }];
        let steps = plan(&desired, &[], &[], Mode::Cordon);
        assert_eq!(told(&steps), ["[a] Server created", "[a] Server enabled", "[b] Server created"]);
    }

    #[test]
    fn what_differs_is_changed() {
        let desired = [
            wanted("same"),
            Desired {
                url: "https://x/api".to_owned(),
                secret: "t".to_owned().into(),
                load_multiplier: 2.0,
                tag: Some("hd".to_owned()),
                enabled: false,
                ..wanted("other")
            },
            wanted("drained"),
            Desired { enabled: false, ..wanted("stays-disabled") },
        ];
        let current = [
            server("same", AdminState::Enabled),
            server("other", AdminState::Enabled),
            server("drained", AdminState::Cordoned),
            server("stays-disabled", AdminState::Disabled),
        ];
        let steps = plan(&desired, &current, &[], Mode::Cordon);
        assert_eq!(
            told(&steps),
            [
                "[other] Server updated: url=https://x/api",
                "[other] Server updated: secret=*****",
                "[other] Server updated: load_multiplier=2.0",
                "[other] Server updated: tag=hd",
                "[other] Server disabled (cordoned)",
                "[drained] Server enabled",
            ]
        );
        let Step::Change { change, .. } = &steps[0] else { panic!("a change: {steps:?}") };
        assert_eq!(change.state, Some(AdminState::Cordoned));
        assert_eq!(change.tag, Some(Some("hd".to_owned())));
    }

    #[test]
    fn servers_that_are_not_wanted() {
        let current = [server("empty", AdminState::Enabled), server("full", AdminState::Enabled)];
        let meetings = [meeting("m1", "full"), meeting("m2", "full"), meeting("m3", "elsewhere")];
        let told_in = |mode| told(&plan(&[], &current, &meetings, mode));
        assert_eq!(told_in(Mode::Keep), ["[empty] Server not removed", "[full] Server not removed"]);
        assert_eq!(
            told_in(Mode::Cordon),
            ["[empty] Server removed", "[full] Server not empty. Cordoned for removal"]
        );
        assert_eq!(
            told_in(Mode::Force),
            [
                "[empty] Server removed",
                "[full] Server not empty. Cordoned for removal",
                "[full] Server not empty. Ending meetings now...",
                "[full] Try to end meeting id=m1",
                "[full] Try to end meeting id=m2",
                "[full] Server removed",
            ]
        );
        let cordoned = [server("full", AdminState::Cordoned)];
        assert!(plan(&[], &cordoned, &meetings, Mode::Cordon).is_empty());
    }

    #[test]
    fn a_second_run_finds_nothing_to_do() {
        let current = [server("a", AdminState::Enabled)];
        assert!(plan(&[wanted("a")], &current, &[meeting("m", "a")], Mode::Force).is_empty());
    }
}
