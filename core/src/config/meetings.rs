//! Rules for meetings.

use std::time::Duration;

use super::reader::{Reader, one_line};

/// Rules for meetings (CONTRACT §3, §4, §9, §14).
#[derive(Debug, Clone)]
pub struct MeetingsConfig {
    /// `MAX_MEETING_DURATION`, in minutes: no meeting lasts longer. Default (also for 0): no limit.
    pub max_duration: Option<u32>,
    /// `DEFAULT_MEETING_TTL`, in seconds: the record of a meeting that nobody renews lives this long.
    /// Default: 86400 s.
    pub ttl: Duration,
    /// `CREATE_EXCLUDE_PARAMS`: names of parameters dropped from a `create`. Default: none.
    pub create_exclude: Vec<String>,
    /// `JOIN_EXCLUDE_PARAMS`: names of parameters dropped from a `join`. Default: none.
    pub join_exclude: Vec<String>,
    /// `DEFAULT_CREATE_PARAMS`: for a `create` that does not name them. Each name once. Default: none.
    pub default_create: Vec<(String, String)>,
    /// `OVERRIDE_CREATE_PARAMS`: replace what a `create` says. Each name once. Default: none.
    pub override_create: Vec<(String, String)>,
    /// `DEFAULT_JOIN_PARAMS`: for a `join` that does not name them. Each name once. Default: none.
    pub default_join: Vec<(String, String)>,
    /// `OVERRIDE_JOIN_PARAMS`: replace what a `join` says. Each name once. Default: none.
    pub override_join: Vec<(String, String)>,
    /// `GET_MEETINGS_API_DISABLED`: `getMeetings` always lists none. Default: false.
    pub get_meetings_disabled: bool,
    /// `MULTITENANCY_ENABLED`: the first label of the host name tells the tenant. Default: false.
    pub multitenancy: bool,
}

impl MeetingsConfig {
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        let max_duration = reader.number("MAX_MEETING_DURATION", 0, 0..=u32::MAX, "minutes");
        let ttl = reader.number("DEFAULT_MEETING_TTL", 86_400, 1..=u32::MAX, "seconds");
        Self {
            max_duration: (max_duration > 0).then_some(max_duration),
            ttl: Duration::from_secs(ttl.into()),
            create_exclude: reader.list("CREATE_EXCLUDE_PARAMS", ','),
            join_exclude: reader.list("JOIN_EXCLUDE_PARAMS", ','),
            default_create: read_pairs(reader, "DEFAULT_CREATE_PARAMS"),
            override_create: read_pairs(reader, "OVERRIDE_CREATE_PARAMS"),
            default_join: read_pairs(reader, "DEFAULT_JOIN_PARAMS"),
            override_join: read_pairs(reader, "OVERRIDE_JOIN_PARAMS"),
            get_meetings_disabled: reader.flag("GET_MEETINGS_API_DISABLED", false),
            multitenancy: reader.flag("MULTITENANCY_ENABLED", false),
        }
    }
}

/// `a=b,c=d`: a value may hold `=` but no comma; of a name given twice the later value counts.
fn read_pairs(reader: &mut Reader<'_>, name: &'static str) -> Vec<(String, String)> {
    let mut pairs: Vec<(String, String)> = Vec::new();
    for item in reader.list(name, ',') {
        match item.split_once('=').map(|(param, value)| (param.trim(), value.trim())) {
            None => {
                let item = one_line(&item);
                reader.problem(
                    name,
                    format!("expected name=value pairs, separated by commas, but \"{item}\" has no \"=\""),
                );
            }
            Some(("", _)) => reader.problem(
                name,
                "expected name=value pairs, separated by commas, but there is no name before a \"=\"",
            ),
            Some((param, value)) => match pairs.iter_mut().find(|(known, _)| known == param) {
                Some((_, known)) => value.clone_into(known),
                None => pairs.push((param.to_owned(), value.to_owned())),
            },
        }
    }
    pairs
}
