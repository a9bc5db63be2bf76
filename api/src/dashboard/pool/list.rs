//! Which servers are listed, in which order, and what they are in all. Pure.

use std::cmp::Reverse;

use scalelite_core::pool::server::{AdminState, Server};
use serde::Deserialize;

use super::super::shown;
use super::row::host;

/// Which servers are shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(in super::super) enum Show {
    #[default]
    All,
    Enabled,
    Cordoned,
    Disabled,
    Offline,
}

impl Show {
    pub(super) const ALL: [Self; 5] =
        [Self::All, Self::Enabled, Self::Cordoned, Self::Disabled, Self::Offline];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Enabled => "enabled",
            Self::Cordoned => "cordoned",
            Self::Disabled => "disabled",
            Self::Offline => "offline",
        }
    }

    fn holds(self, server: &Server) -> bool {
        match self {
            Self::All => true,
            Self::Enabled => server.route.state == AdminState::Enabled,
            Self::Cordoned => server.route.state == AdminState::Cordoned,
            Self::Disabled => server.route.state == AdminState::Disabled,
            Self::Offline => !server.route.online,
        }
    }
}

/// What the list is sorted by: texts upwards, numbers downwards.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(in super::super) enum Column {
    #[default]
    Name,
    State,
    Load,
    Meetings,
    Users,
    Largest,
    Videos,
    Version,
    Tag,
}

impl Column {
    pub(super) const ALL: [(Self, &'static str); 9] = [
        (Self::Name, "Server"),
        (Self::State, "State"),
        (Self::Load, "Load"),
        (Self::Meetings, "Meetings"),
        (Self::Users, "Users"),
        (Self::Largest, "Largest"),
        (Self::Videos, "Videos"),
        (Self::Version, "Version"),
        (Self::Tag, "Tag"),
    ];

    /// As a link names it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::State => "state",
            Self::Load => "load",
            Self::Meetings => "meetings",
            Self::Users => "users",
            Self::Largest => "largest",
            Self::Videos => "videos",
            Self::Version => "version",
            Self::Tag => "tag",
        }
    }

    /// As `aria-sort` has it.
    pub(super) fn direction(self) -> &'static str {
        if self.is_number() { "descending" } else { "ascending" }
    }

    pub(super) fn is_number(self) -> bool {
        matches!(self, Self::Load | Self::Meetings | Self::Users | Self::Largest | Self::Videos)
    }
}

/// The places of the servers to list.
pub(super) fn chosen(servers: &[Server], text: &str, show: Show, sort: Column) -> Vec<usize> {
    let text = text.trim().to_lowercase();
    let found = |server: &Server| {
        let route = &server.route;
        let texts = [route.id.as_str(), host(&route.url), route.tag.as_deref().unwrap_or_default()];
        let version = server.bbb_version.as_deref().unwrap_or_default();
        text.is_empty() || texts.into_iter().chain([version]).any(|one| one.to_lowercase().contains(&text))
    };
    let mut places: Vec<usize> =
        (0..servers.len()).filter(|at| show.holds(&servers[*at]) && found(&servers[*at])).collect();
    places.sort_by(|one, other| host(&servers[*one].route.url).cmp(host(&servers[*other].route.url)));
    match sort {
        Column::Name => {}
        Column::State => {
            places.sort_by_key(|at| (servers[*at].route.state.as_str(), servers[*at].route.online));
        }
        Column::Load => places.sort_by(|one, other| {
            let load = |at: &usize| servers[*at].load.unwrap_or(-1.0);
            load(other).total_cmp(&load(one))
        }),
        Column::Meetings => places.sort_by_key(|at| Reverse(servers[*at].usage.meetings)),
        Column::Users => places.sort_by_key(|at| Reverse(servers[*at].usage.users)),
        Column::Largest => places.sort_by_key(|at| Reverse(servers[*at].usage.largest_meeting)),
        Column::Videos => places.sort_by_key(|at| Reverse(servers[*at].usage.videos)),
        Column::Version => {
            places.sort_by(|one, other| servers[*one].bbb_version.cmp(&servers[*other].bbb_version));
        }
        Column::Tag => places.sort_by(|one, other| servers[*one].route.tag.cmp(&servers[*other].route.tag)),
    }
    places
}

/// The pool in numbers.
#[derive(Debug, Default)]
pub(super) struct Totals {
    pub(super) servers: usize,
    pub(super) available: usize,
    pub(super) cordoned: usize,
    pub(super) disabled: usize,
    /// Enabled or cordoned, but not answering.
    pub(super) offline: usize,
    pub(super) meetings: u64,
    pub(super) users: u64,
    pub(super) videos: u64,
    pub(super) load: String,
}

impl Totals {
    pub(super) fn of(servers: &[Server]) -> Self {
        let mut totals = Self { servers: servers.len(), ..Self::default() };
        let mut load = 0.0;
        for server in servers {
            match (server.route.state, server.route.online) {
                (AdminState::Disabled, _) => totals.disabled += 1,
                (_, false) => totals.offline += 1,
                (AdminState::Enabled, true) => totals.available += 1,
                (AdminState::Cordoned, true) => totals.cordoned += 1,
            }
            totals.meetings = totals.meetings.saturating_add(server.usage.meetings);
            totals.users = totals.users.saturating_add(server.usage.users);
            totals.videos = totals.videos.saturating_add(server.usage.videos);
            load += server.load.unwrap_or_default();
        }
        totals.load = shown::decimal(load);
        totals
    }
}
