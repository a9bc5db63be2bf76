//! What the meetings of a tenant may be at most. Limits are settings with reserved names, so that they live and
//! travel with the tenant; they are never passed on to a server. Pure.

use super::TenantSetting;

/// One kind of limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// `limit:maxMeetings`: so many meetings at once; 0 for none at all.
    MaxMeetings,
    /// `limit:maxParticipants`: so many participants in a meeting, at least 1.
    MaxParticipants,
    /// `limit:maxDuration`: a meeting lasts so many minutes, at least 1.
    MaxDuration,
    /// `limit:serverTags`: only servers with one of these tags, `a;b`; `none` for those without a tag.
    ServerTags,
}

/// Why a setting is no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LimitError {
    /// The prefix is right, the rest is not.
    #[error("no such limit (choose: maxMeetings maxParticipants maxDuration serverTags)")]
    Unknown,
    /// Not a number, or too small or too large a one.
    #[error("must be a whole number from {0} to 4294967295")]
    Number(u32),
    /// No tag in it, or a `!`.
    #[error("must be tags separated by `;`, without `!`; `none` stands for servers without a tag")]
    Tags,
}

impl Limit {
    /// Settings whose names begin so are no parameters.
    pub const PREFIX: &str = "limit:";

    /// All of them.
    pub const ALL: [Self; 4] =
        [Self::MaxMeetings, Self::MaxParticipants, Self::MaxDuration, Self::ServerTags];

    /// Whether a setting of that name is a limit, or would be one of a later version.
    #[must_use]
    pub fn is_reserved(param: &str) -> bool {
        param.starts_with(Self::PREFIX)
    }

    /// The name without the prefix.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::MaxMeetings => "maxMeetings",
            Self::MaxParticipants => "maxParticipants",
            Self::MaxDuration => "maxDuration",
            Self::ServerTags => "serverTags",
        }
    }

    /// The name of its setting.
    #[must_use]
    pub fn param(self) -> String {
        format!("{}{}", Self::PREFIX, self.name())
    }

    /// The limit that a setting of this name is.
    #[must_use]
    pub fn of_param(param: &str) -> Option<Self> {
        let name = param.strip_prefix(Self::PREFIX)?;
        Self::ALL.into_iter().find(|limit| limit.name() == name)
    }

    /// Whether a setting may be stored: a limit must be one, anything else may be whatever it is.
    pub fn check(param: &str, value: &str) -> Result<(), LimitError> {
        if !Self::is_reserved(param) {
            return Ok(());
        }
        Self::of_param(param).ok_or(LimitError::Unknown)?.check_value(value)
    }

    /// Whether a value will do for this limit.
    pub fn check_value(self, value: &str) -> Result<(), LimitError> {
        match self.least() {
            Some(least) => number(value, least).map(drop).ok_or(LimitError::Number(least)),
            None => tags(value).map(drop).ok_or(LimitError::Tags),
        }
    }

    /// The least number; none where it is not a number.
    fn least(self) -> Option<u32> {
        match self {
            Self::MaxMeetings => Some(0),
            Self::MaxParticipants | Self::MaxDuration => Some(1),
            Self::ServerTags => None,
        }
    }
}

/// The limits of a tenant; `None` is no limit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Limits {
    /// So many meetings at once.
    pub max_meetings: Option<u32>,
    /// So many participants in a meeting.
    pub max_participants: Option<u32>,
    /// A meeting lasts so many minutes.
    pub max_duration: Option<u32>,
    /// Only servers with one of these tags.
    pub server_tags: Option<Vec<String>>,
}

impl Limits {
    /// Reads the limits among the settings. One that cannot be read is none (nothing of ours stores such); of several
    /// of a kind the lowest counts, and the first of the tags.
    #[must_use]
    pub fn of(settings: &[TenantSetting]) -> Self {
        let mut limits = Self::default();
        for setting in settings {
            let Some(limit) = Limit::of_param(&setting.param) else { continue };
            let number = limit.least().and_then(|least| number(&setting.value, least));
            let lower =
                |known: Option<u32>| known.map_or(number, |known| Some(number.unwrap_or(known).min(known)));
            match limit {
                Limit::MaxMeetings => limits.max_meetings = lower(limits.max_meetings),
                Limit::MaxParticipants => limits.max_participants = lower(limits.max_participants),
                Limit::MaxDuration => limits.max_duration = lower(limits.max_duration),
                Limit::ServerTags => limits.server_tags = limits.server_tags.or_else(|| tags(&setting.value)),
            }
        }
        limits
    }
}

fn number(text: &str, least: u32) -> Option<u32> {
    let digits = text.trim();
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| digits.parse().ok()).flatten().filter(|number| *number >= least)
}

fn tags(text: &str) -> Option<Vec<String>> {
    let tags: Vec<String> =
        text.split(';').map(str::trim).filter(|tag| !tag.is_empty()).map(str::to_owned).collect();
    (!tags.is_empty() && !text.contains('!')).then_some(tags)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(settings: &[(&str, &str)]) -> Limits {
        let settings: Vec<_> =
            settings.iter().map(|(param, value)| TenantSetting::new(param, value, false)).collect();
        Limits::of(&settings)
    }

    #[test]
    fn read_from_settings() {
        let all = limits(&[
            ("limit:maxMeetings", "0"),
            ("limit:maxParticipants", " 25 "),
            ("limit:maxDuration", "90"),
            ("limit:serverTags", "a; none"),
            ("maxParticipants", "5"),
            ("limit:later", "x"),
        ]);
        let server_tags = Some(vec!["a".to_owned(), "none".to_owned()]);
        let expected =
            Limits { max_meetings: Some(0), max_participants: Some(25), max_duration: Some(90), server_tags };
        assert_eq!(all, expected);
        assert_eq!(limits(&[("maxMeetings", "1")]), Limits::default());
    }

    #[test]
    fn the_lowest_counts_and_nonsense_does_not() {
        let of = |values: &[&str]| {
            limits(&values.iter().map(|value| ("limit:maxDuration", *value)).collect::<Vec<_>>()).max_duration
        };
        assert_eq!(of(&["9", "7", "8"]), Some(7));
        assert_eq!(of(&["x", "7", "0"]), Some(7));
        assert_eq!(of(&["-1", "", "+5", "5.0", "99999999999"]), None);
    }

    #[test]
    fn what_may_be_stored() {
        for (param, value, expected) in [
            ("record", "anything", Ok(())),
            ("limit:maxMeetings", "0", Ok(())),
            ("limit:maxMeetings", "-1", Err(LimitError::Number(0))),
            ("limit:maxDuration", "0", Err(LimitError::Number(1))),
            ("limit:maxParticipants", "many", Err(LimitError::Number(1))),
            ("limit:serverTags", "a;b", Ok(())),
            ("limit:serverTags", ";", Err(LimitError::Tags)),
            ("limit:serverTags", "a!", Err(LimitError::Tags)),
            ("limit:maxmeetings", "1", Err(LimitError::Unknown)),
            ("limit:", "1", Err(LimitError::Unknown)),
        ] {
            assert_eq!(Limit::check(param, value), expected, "{param}={value}");
        }
        for limit in Limit::ALL {
            assert_eq!(Limit::of_param(&limit.param()), Some(limit));
        }
    }
}
