//! The parameters that a server gets: the request's, with the operator's and the tenant's settings
//! (CONTRACT §3.3–§3.10). Pure.

use scalelite_core::bbb::error::BbbError;
use scalelite_core::bbb::params::Params;
use scalelite_core::config::MeetingsConfig;
use scalelite_core::pool::placement::TagRule;
use scalelite_core::tenant::Tenant;

use super::callbacks::Change;

const SERVER_TAG: &str = "meta_server-tag";

/// The tags that a new meeting asks for: the first that is set of the tenant's override, the global
/// override, the request, the tenant's default and the global default. Of these, those that the tenant may use;
/// an error if it may not use any that is required.
pub(super) fn wanted_tags(
    request: &Params,
    config: &MeetingsConfig,
    tenant: Option<&Tenant>,
) -> Result<TagRule, BbbError> {
    fn tag_in<'a>(mut settings: impl Iterator<Item = (&'a str, &'a str)>) -> Option<&'a str> {
        settings.find(|(name, value)| *name == SERVER_TAG && !value.is_empty()).map(|(_, value)| value)
    }
    let wanted = tenant
        .and_then(|tenant| tag_in(tenant.overrides()))
        .or_else(|| tag_in(pairs(&config.override_create)))
        .or_else(|| request.present(SERVER_TAG))
        .or_else(|| tenant.and_then(|tenant| tag_in(tenant.defaults())))
        .or_else(|| tag_in(pairs(&config.default_create)));
    let rule = TagRule::parse(wanted.unwrap_or_default());
    let Some(allowed) = tenant.and_then(|tenant| tenant.limits().server_tags) else { return Ok(rule) };
    let text = rule.text();
    rule.within(&allowed).ok_or_else(|| BbbError::server_tag_not_allowed(&text))
}

/// What the placement of a meeting adds to its `create`.
pub(super) struct Placed<'a> {
    /// Forwarded for a new meeting only.
    pub(super) moderator_pw: Option<&'a str>,
    /// The meeting's own number.
    pub(super) voice_bridge: &'a str,
    /// The tag of the chosen server.
    pub(super) server_tag: Option<&'a str>,
    /// What stands in the place of the front end's callbacks.
    pub(super) callbacks: &'a [Change],
    /// How the server gets to the tenant's learning record store.
    pub(super) lrs_payload: Option<&'a str>,
}

/// The parameters of a `create` at a server.
pub(super) fn for_create(
    request: &Params,
    placed: &Placed<'_>,
    config: &MeetingsConfig,
    tenant: Option<&Tenant>,
) -> Params {
    let mut params = request.clone();
    for (name, value) in placed.callbacks {
        match value {
            Some(value) => params.set(name, value.as_str()),
            None => params.remove(name),
        }
    }
    if let Some(payload) = placed.lrs_payload {
        params.set("meta_secret-lrs-payload", payload);
    }
    if let Some(moderator_pw) = placed.moderator_pw {
        params.set("moderatorPW", moderator_pw);
    }
    if !placed.voice_bridge.is_empty() {
        params.set("voiceBridge", placed.voice_bridge);
    }
    for name in &config.create_exclude {
        params.remove(name);
    }
    clamp(&mut params, "duration", config.max_duration);
    apply(&mut params, tenant, &config.default_create, &config.override_create, Some(SERVER_TAG));
    // Last, so that nothing gets around it.
    if let Some(tenant) = tenant {
        let limits = tenant.limits();
        clamp(&mut params, "duration", limits.max_duration);
        clamp(&mut params, "maxParticipants", limits.max_participants);
        set_metadata(&mut params, "meta_tenant-id", &tenant.id);
        set_metadata(&mut params, "meta_tenant-name", &tenant.name);
    }
    match placed.server_tag {
        Some(tag) => set_metadata(&mut params, SERVER_TAG, tag),
        None => params.remove_in_any_case(SERVER_TAG),
    }
    params
}

/// The parameters of a `join` at a server.
pub(super) fn for_join(mut params: Params, config: &MeetingsConfig, tenant: Option<&Tenant>) -> Params {
    for name in &config.join_exclude {
        params.remove(name);
    }
    apply(&mut params, tenant, &config.default_join, &config.override_join, None);
    params
}

/// Global defaults < tenant's defaults < request < global overrides < tenant's overrides. A tenant's
/// server tag is for the placement alone, and so is that of the global settings for `create`.
fn apply(
    params: &mut Params,
    tenant: Option<&Tenant>,
    defaults: &[(String, String)],
    overrides: &[(String, String)],
    except: Option<&str>,
) {
    let not_the_tag = |(name, _): &(&str, &str)| *name != SERVER_TAG;
    let allowed = |(name, _): &(&str, &str)| Some(*name) != except;
    for (name, value) in tenant.into_iter().flat_map(Tenant::defaults).filter(not_the_tag) {
        params.set_default(name, value);
    }
    for (name, value) in pairs(defaults).filter(allowed) {
        params.set_default(name, value);
    }
    for (name, value) in pairs(overrides).filter(allowed) {
        params.set(name, value);
    }
    for (name, value) in tenant.into_iter().flat_map(Tenant::overrides).filter(not_the_tag) {
        params.set(name, value);
    }
}

/// Servers take the names of metadata in any case: of two, either may count.
fn set_metadata(params: &mut Params, name: &str, value: &str) {
    params.remove_in_any_case(name);
    params.set(name, value);
}

/// What is absent, larger, or no number of at least 1 (which means no limit) becomes the most that is allowed. A number is
/// written as one: what a server cannot read means no limit to it, too.
fn clamp(params: &mut Params, name: &str, most: Option<u32>) {
    let Some(most) = most.map(i64::from) else { return };
    let asked = params.get(name).map_or(0, leading_number);
    let allowed = if asked <= 0 { most } else { asked.min(most) };
    params.set(name, allowed.to_string());
}

fn pairs(settings: &[(String, String)]) -> impl Iterator<Item = (&str, &str)> {
    settings.iter().map(|(name, value)| (name.as_str(), value.as_str()))
}

/// The number that a text begins with, 0 if there is none: how the original reads a duration.
fn leading_number(text: &str) -> i64 {
    let text = text.trim_start();
    let digits =
        text.bytes().enumerate().take_while(|(at, b)| b.is_ascii_digit() || (*at == 0 && *b == b'-'));
    let length = digits.count();
    if length > 18 { i64::MAX } else { text[..length].parse().unwrap_or(0) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use scalelite_core::config::Config;
    use scalelite_core::tenant::TenantSetting;

    fn config(pairs: &[(&str, &str)]) -> MeetingsConfig {
        let find = |name: &str| pairs.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned());
        Config::from_source(&find).unwrap().config.meetings
    }

    fn tenant(settings: &[(&str, &str, bool)]) -> Tenant {
        let settings =
            settings.iter().map(|&(param, value, overrides)| TenantSetting::new(param, value, overrides));
        Tenant { id: "t-1".to_owned(), settings: settings.collect(), ..Tenant::new("one", vec![]) }
    }

    const PLACED: Placed<'static> = Placed {
        moderator_pw: None,
        voice_bridge: "123",
        server_tag: None,
        callbacks: &[],
        lrs_payload: None,
    };

    #[test]
    fn the_order_of_settings() {
        let config = config(&[
            ("DEFAULT_CREATE_PARAMS", "a=global,b=global,c=global"),
            ("OVERRIDE_CREATE_PARAMS", "d=global,e=global"),
        ]);
        let tenant = tenant(&[("a", "tenant", false), ("b", "tenant", false), ("e", "tenant", true)]);
        let request = Params::from([("b", "request"), ("d", "request"), ("e", "request")]);
        let params = for_create(&request, &PLACED, &config, Some(&tenant));
        let value = |name| params.get(name).unwrap();
        assert_eq!(["a", "b", "c", "d", "e"].map(value), ["tenant", "request", "global", "global", "tenant"]);
        assert_eq!(["meta_tenant-id", "meta_tenant-name"].map(value), ["t-1", "one"]);
    }

    #[test]
    fn whose_a_meeting_is_cannot_be_said_in_another_spelling() {
        let request = "meetingID=m&meta_tenant-id=x&meta_Tenant-ID=t-2&meta_TENANT-NAME=two&meta_Other=1";
        let request = Params::parse(request).unwrap();
        let env = config(&[
            ("OVERRIDE_CREATE_PARAMS", "meta_tenant-Id=t-3"),
            ("DEFAULT_CREATE_PARAMS", "meta_tEnant-id=t-4"),
        ]);
        let tenant = tenant(&[("meta_Tenant-id", "t-5", true)]);
        let params = for_create(&request, &PLACED, &env, Some(&tenant));
        assert_eq!(
            params.encode(),
            "meetingID=m&meta_Other=1&voiceBridge=123&meta_tenant-id=t-1&meta_tenant-name=one"
        );
    }

    #[test]
    fn the_request_keeps_its_order() {
        let request = Params::parse("meetingID=m&voiceBridge=7&name=x&meta_a%5Bb%5D=1").unwrap();
        let placed = Placed { moderator_pw: Some("pw"), ..PLACED };
        let params = for_create(&request, &placed, &config(&[]), None);
        assert_eq!(params.encode(), "meetingID=m&voiceBridge=123&name=x&meta_a%5Bb%5D=1&moderatorPW=pw");
    }

    #[test]
    fn callbacks_are_replaced_where_they_stand() {
        let request = Params::parse("meta_a=front&meta_b=front&name=x").unwrap();
        let changes = [("meta_a".to_owned(), Some("ours".to_owned())), ("meta_b".to_owned(), None)];
        let placed = Placed { callbacks: &changes, ..PLACED };
        let params = for_create(&request, &placed, &config(&[]), None);
        assert_eq!(params.encode(), "meta_a=ours&name=x&voiceBridge=123");
    }

    #[test]
    fn durations_are_limited() {
        let limited = config(&[("MAX_MEETING_DURATION", "90")]);
        let duration = |asked: &[(&str, &str); 1], config| {
            let params = for_create(&Params::from(*asked), &PLACED, config, None);
            params.get("duration").map(str::to_owned)
        };
        for (asked, given) in [
            ("", "90"),
            ("0", "90"),
            ("-5", "90"),
            ("91", "90"),
            ("x", "90"),
            ("60", "60"),
            ("99999999999999999999", "90"),
        ] {
            assert_eq!(duration(&[("duration", asked)], &limited).as_deref(), Some(given), "{asked}");
        }
        assert_eq!(duration(&[("x", "")], &limited).as_deref(), Some("90"));
        assert_eq!(duration(&[("x", "")], &config(&[])), None);
    }

    #[test]
    fn tags_by_precedence() {
        let wanted = |request: &str, env: &[(&str, &str)], settings: &[(&str, &str, bool)]| {
            let request = Params::parse(request).unwrap();
            wanted_tags(&request, &config(env), Some(&tenant(settings))).unwrap().text()
        };
        let tenant_override = ("meta_server-tag", "to", true);
        let tenant_default = ("meta_server-tag", "td", false);
        let all = [
            ("OVERRIDE_CREATE_PARAMS", "meta_server-tag=go"),
            ("DEFAULT_CREATE_PARAMS", "meta_server-tag=gd"),
        ];
        assert_eq!(wanted("meta_server-tag=r", &all, &[tenant_override, tenant_default]), "to");
        assert_eq!(wanted("meta_server-tag=r", &all, &[tenant_default]), "go");
        assert_eq!(wanted("meta_server-tag=r", &all[1..], &[tenant_default]), "r");
        assert_eq!(wanted("meta_server-tag=", &all[1..], &[tenant_default]), "td");
        assert_eq!(wanted("", &all[1..], &[]), "gd");
        let params = for_create(&Params::from([("meta_server-tag", "r")]), &PLACED, &config(&all), None);
        assert_eq!(params.get("meta_server-tag"), None);
    }

    #[test]
    fn only_tags_that_the_tenant_may_use() {
        let allowed = ("limit:serverTags", "a;none", false);
        let wanted = |request: &str, settings: &[(&str, &str, bool)]| {
            let request = Params::from([("meta_server-tag", request)]);
            wanted_tags(&request, &config(&[]), Some(&tenant(settings)))
        };
        assert_eq!(wanted("a;b", &[allowed]).unwrap().text(), "a");
        assert_eq!(wanted("b", &[allowed]).unwrap(), TagRule::default());
        assert_eq!(wanted("b;c!", &[allowed]).unwrap_err().key, "serverTagNotAllowed");
        let forced = ("meta_server-tag", "c!", true);
        assert!(wanted("a", &[allowed, forced]).unwrap_err().message.ends_with(" tag=c."));
    }

    #[test]
    fn limits_clamp_whatever_is_asked() {
        let limits = [("limit:maxParticipants", "25", false), ("limit:maxDuration", "60", true)];
        let given = |request: &[(&str, &str); 2], env: &[(&str, &str)], settings: &[(&str, &str, bool)]| {
            let tenant = tenant(&[&limits[..], settings].concat());
            let params = for_create(&Params::from(*request), &PLACED, &config(env), Some(&tenant));
            assert!(!params.encode().contains("limit"), "{params:?}");
            ["maxParticipants", "duration"].map(|name| params.get(name).unwrap().to_owned())
        };
        for (participants, duration, expected) in [
            ("10", "30", ["10", "30"]),
            ("26", "61", ["25", "60"]),
            ("0", "0", ["25", "60"]),
            ("-1", "x", ["25", "60"]),
            ("", "", ["25", "60"]),
            ("99999999999999999999", "60", ["25", "60"]),
            (" 7x", "1.5", ["7", "1"]),
        ] {
            let request = [("maxParticipants", participants), ("duration", duration)];
            assert_eq!(given(&request, &[], &[]), expected);
        }
        let nothing = [("a", "1"), ("b", "2")];
        assert_eq!(given(&nothing, &[], &[]), ["25", "60"]);
        let env = [("OVERRIDE_CREATE_PARAMS", "duration=90"), ("MAX_MEETING_DURATION", "45")];
        assert_eq!(given(&nothing, &env, &[("maxParticipants", "100", true)]), ["25", "60"]);
        assert_eq!(given(&nothing, &env[1..], &[("maxParticipants", "5", false)]), ["5", "45"]);
        let join = for_join(Params::default(), &config(&[]), Some(&tenant(&limits)));
        assert_eq!(join, Params::default());
    }

    #[test]
    fn excluded_names_are_dropped() {
        let config = config(&[
            ("CREATE_EXCLUDE_PARAMS", "a,voiceBridge"),
            ("JOIN_EXCLUDE_PARAMS", "b"),
            ("OVERRIDE_JOIN_PARAMS", "c=1"),
        ]);
        let request = Params::from([("a", "1"), ("b", "2")]);
        assert_eq!(for_create(&request, &PLACED, &config, None).encode(), "b=2");
        assert_eq!(for_join(request, &config, None).encode(), "a=1&c=1");
    }
}
