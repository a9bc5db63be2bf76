//! What is refused, how it is told, and what is never told.

use super::{CF_KEY, Config, config, errors, load, source};

/// Problems that depend on one variable alone: name, value, the whole line.
const WRONG: &[(&str, &str, &str)] = &[
    ("POLL_INTERVAL", "abc", "POLL_INTERVAL=abc: expected a positive number of seconds"),
    ("POLL_INTERVAL", "0", "POLL_INTERVAL=0: expected a positive number of seconds"),
    ("POLL_INTERVAL", "NaN", "POLL_INTERVAL=NaN: expected a positive number of seconds"),
    ("POLL_INTERVAL", "0.01", "POLL_INTERVAL=0.01: expected at least 0.05 seconds"),
    ("INTERVAL", "-5", "INTERVAL=-5: expected a positive number of seconds"),
    ("CONNECT_TIMEOUT", "inf", "CONNECT_TIMEOUT=inf: expected at most 31536000 seconds"),
    ("RESPONSE_TIMEOUT", "1e-300", "RESPONSE_TIMEOUT=1e-300: expected at least 0.001 seconds"),
    ("PORT", "65536", "PORT=65536: expected a port number, 0 to 65535"),
    (
        "METRICS_BIND",
        "9464",
        "METRICS_BIND=9464: expected off, host:port, or an address for each process: api=host:port,poller=host:port,importer=host:port",
    ),
    (
        "METRICS_BIND",
        "nginx=127.0.0.1:9464",
        "METRICS_BIND=nginx=127.0.0.1:9464: expected off, host:port, or an address for each process: api=host:port,poller=host:port,importer=host:port",
    ),
    (
        "METRICS_BIND",
        "unix:///run/m.sock",
        "METRICS_BIND=unix:///run/m.sock: expected off, host:port, or an address for each process: api=host:port,poller=host:port,importer=host:port",
    ),
    ("BIND", "localhost", "BIND=localhost: expected tcp://host:port, host:port or unix:///path"),
    ("BIND", "::1:80", "BIND=::1:80: expected tcp://host:port, host:port or unix:///path"),
    ("BIND", "unix://", "BIND=unix://: expected tcp://host:port, host:port or unix:///path"),
    (
        "BIND",
        "ssl://0.0.0.0:443",
        "BIND=ssl://0.0.0.0:443: TLS ends at the proxy in front: expected tcp://host:port or unix:///path",
    ),
    (
        "URL_HOST",
        "https://bbb.example.org",
        "URL_HOST=https://bbb.example.org: expected a host name only, without https:// and without a path",
    ),
    ("URL_HOST", "a/b", "URL_HOST=a/b: expected a host name only, without https:// and without a path"),
    ("WEB_CONCURRENCY", "-1", "WEB_CONCURRENCY=-1: expected a whole number of worker threads, 0 to 1024"),
    (
        "SERVER_HEALTHY_THRESHOLD",
        "0",
        "SERVER_HEALTHY_THRESHOLD=0: expected a whole number of polls, at least 1",
    ),
    (
        "SERVER_UNHEALTHY_THRESHOLD",
        "1.5",
        "SERVER_UNHEALTHY_THRESHOLD=1.5: expected a whole number of polls, at least 1",
    ),
    ("LOAD_MIN_USER_COUNT", "x", "LOAD_MIN_USER_COUNT=x: expected a whole number of users"),
    ("DEFAULT_MEETING_TTL", "0", "DEFAULT_MEETING_TTL=0: expected a whole number of seconds, at least 1"),
    ("VOICE_BRIDGE_LEN", "19", "VOICE_BRIDGE_LEN=19: expected a whole number of digits, 1 to 18"),
    ("VOICE_BRIDGE_MIN", "10", "VOICE_BRIDGE_MIN=10: expected at most VOICE_BRIDGE_MAX, which is 9"),
    ("VOICE_BRIDGE_MAX", "4", "VOICE_BRIDGE_MAX=4: expected at least VOICE_BRIDGE_MIN, which is 5"),
    (
        "LOADBALANCER_CHECKSUM_ALGORITHM",
        "SHA256:MD5",
        "LOADBALANCER_CHECKSUM_ALGORITHM=SHA256:MD5: expected a list of SHA1, SHA256, SHA384 and SHA512, separated by \":\"",
    ),
    (
        "DEFAULT_CREATE_PARAMS",
        "welcome=Hi, all",
        "DEFAULT_CREATE_PARAMS: expected name=value pairs, separated by commas, but \"all\" has no \"=\"",
    ),
    (
        "OVERRIDE_JOIN_PARAMS",
        "=x",
        "OVERRIDE_JOIN_PARAMS: expected name=value pairs, separated by commas, but there is no name before a \"=\"",
    ),
    ("RAILS_LOG_LEVEL", "loud", "RAILS_LOG_LEVEL=loud: expected debug, info, warn, error, fatal or unknown"),
    ("LOG_FORMAT", "xml", "LOG_FORMAT=xml: expected text or json"),
    ("DEFAULT_LOCALE", "../en", "DEFAULT_LOCALE=../en: expected a language such as en or pt-BR"),
    (
        "RECORDING_PLAYBACK_FORMATS",
        "video:../x",
        "RECORDING_PLAYBACK_FORMATS=video:../x: expected names of letters, digits, \"-\" and \"_\", separated by \":\"",
    ),
    (
        "PROTECTED_RECORDINGS_TIMEOUT",
        "0",
        "PROTECTED_RECORDINGS_TIMEOUT=0: expected a whole number of minutes, at least 1",
    ),
    (
        "RECORDING_IMPORT_MAX_BYTES",
        "64G",
        "RECORDING_IMPORT_MAX_BYTES=64G: expected a whole number of bytes, at least 1",
    ),
    (
        "RECORDING_IMPORT_MAX_ENTRIES",
        "0",
        "RECORDING_IMPORT_MAX_ENTRIES=0: expected a whole number of entries, at least 1",
    ),
    ("RECORDING_IMPORT_LEASE", "0.5", "RECORDING_IMPORT_LEASE=0.5: expected at least 1 seconds"),
    ("S3_RECORDING", "1", "S3_RECORDING=1: expected true or false"),
    (
        "RECORDING_UNPUBLISH_DIR",
        "/var/bigbluebutton/published",
        "RECORDING_UNPUBLISH_DIR=/var/bigbluebutton/published: expected another directory than RECORDING_PUBLISH_DIR: whatever lies there is public",
    ),
    (
        "DATABASE_URL",
        "mysql://h/db",
        "DATABASE_URL: expected a URL with postgres://, postgresql:// or sqlite:",
    ),
    ("FSAPI_PASSWORD", "  ", "FSAPI_PASSWORD: expected a password, or nothing at all to let everybody in"),
];

#[test]
fn a_wrong_value_is_told_on_one_line() {
    for (name, value, line) in WRONG {
        assert_eq!(errors(&[(name, value)]), [*line]);
    }
}

#[test]
fn all_problems_are_told_at_once() {
    let lines = errors(&[
        ("POLL_INTERVAL", "abc"),
        ("PORT", "http"),
        ("VOICE_BRIDGE_MIN", "many"),
        ("REDIS_URL", "http://localhost"),
        ("DEFAULT_CREATE_PARAMS", "a,=b"),
        ("S3_RECORDING", "true"),
        ("CLOUDFRONT_URL", "d1.example"),
    ]);
    let names: Vec<&str> = lines.iter().filter_map(|line| line.split(['=', ':']).next()).collect();
    assert_eq!(
        names,
        [
            "DEFAULT_CREATE_PARAMS",
            "DEFAULT_CREATE_PARAMS",
            "PORT",
            "REDIS_URL",
            "POLL_INTERVAL",
            "VOICE_BRIDGE_MIN",
            "S3_BUCKET_NAME",
            "CLOUDFRONT_URL",
            "CF_KEY_PAIR_ID",
            "CF_PRIVATE_KEY_B64",
        ]
    );
}

#[test]
fn a_value_never_breaks_the_line() {
    let long = "9".repeat(500);
    let lines = errors(&[("LOG_FORMAT", "a\nPORT=1"), ("VOICE_BRIDGE_LEN", &long)]);
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(lines.iter().all(|line| line.chars().count() < 200), "{lines:?}");
}

#[test]
fn a_cluster_needs_a_hash_tag() {
    let lines = errors(&[("REDIS_URL", "redis+cluster://a,b")]);
    assert_eq!(lines.len(), 1);
    assert!(lines[0].contains("REDIS_NAMESPACE={scalelite}"), "{lines:?}");
}

#[test]
fn a_key_that_cannot_sign_is_refused() {
    let with = |key| {
        [("CLOUDFRONT_URL", "https://x.example"), ("CF_KEY_PAIR_ID", "id"), ("CF_PRIVATE_KEY_B64", key)]
    };
    for bad in ["LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0t", "?"] {
        let lines = errors(&with(bad));
        assert_eq!(lines.len(), 1, "{lines:?}");
        assert!(lines[0].starts_with("CF_PRIVATE_KEY_B64: expected a private RSA key"), "{lines:?}");
    }
    // On several lines, as `base64` writes it.
    let (start, rest) = CF_KEY.split_at(76);
    assert!(config(&with(&format!("{start}\n{rest}\n"))).recordings.cloudfront.is_some());
}

#[test]
fn half_a_key_to_the_bucket_is_refused() {
    let bucket = [("S3_RECORDING", "true"), ("S3_BUCKET_NAME", "b")];
    let with = |more: &[(&'static str, &'static str)]| [&bucket[..], more].concat();
    assert!(config(&with(&[])).recordings.s3.is_some_and(|s3| s3.bucket == "b" && s3.region.is_none()));
    assert_eq!(errors(&with(&[("AWS_ACCESS_KEY_ID", "id")])).len(), 1);
    assert_eq!(errors(&with(&[("AWS_SECRET_ACCESS_KEY", "hush")])).len(), 1);
    assert_eq!(errors(&with(&[("AWS_ENDPOINT_URL", "minio:9000")])).len(), 1);
    let off = load(&[("S3_RECORDING", "false"), ("AWS_ACCESS_KEY_ID", "id")]);
    assert!(off.config.recordings.s3.is_none());
    assert_eq!(off.warnings.len(), 1);
}

const HUSH: &str = "hush5ecret";

#[test]
fn errors_hold_no_secrets() {
    let url = |scheme: &str| format!("{scheme}://user:{HUSH}@host:port/db");
    for (name, value) in [
        ("REDIS_URL", url("redis")),
        ("REDIS_URL", url("redis+sentinel")),
        ("REDIS_URL", url("rediss+cluster")),
        ("REDIS_URL", HUSH.to_owned()),
        ("DATABASE_URL", url("postgresql")),
        ("DATABASE_URL", url("mysql")),
        ("URL_HOST", url("https")),
        ("CLOUDFRONT_URL", url("ftp")),
        ("OVERRIDE_CREATE_PARAMS", format!("moderatorPW={HUSH},record")),
    ] {
        let lines = errors(&[(name, &value)]);
        assert!(lines.iter().all(|line| !line.contains(HUSH)), "{lines:?}");
        let debug = Config::from_source(&source::from_pairs(&[(name, &value)]))
            .map_err(|errors| format!("{errors:?}"));
        assert!(debug.is_err_and(|debug| !debug.contains(HUSH)));
    }
    let lines =
        errors(&[("CLOUDFRONT_URL", "https://x.example"), ("CF_PRIVATE_KEY_B64", &format!("-{HUSH}-"))]);
    assert!(lines.iter().all(|line| !line.contains(HUSH)), "{lines:?}");
}

#[test]
fn debug_shows_no_secrets() {
    for redis in
        ["redis://u:hush5ecret@h", "redis+sentinel://u:hush5ecret@h/m", "redis+cluster://u:hush5ecret@h"]
    {
        let loaded = load(&[
            ("LOADBALANCER_SECRET", HUSH),
            ("LOADBALANCER_SECRETS", "hush5ecret2:hush5ecret3"),
            ("SECRET_KEY_BASE", HUSH),
            ("REDIS_URL", redis),
            ("REDIS_NAMESPACE", "{s}"),
            ("DATABASE_URL", "postgres://u:hush5ecret@h/db"),
            ("FSAPI_PASSWORD", HUSH),
            ("S3_RECORDING", "true"),
            ("S3_BUCKET_NAME", "bucket"),
            ("AWS_ACCESS_KEY_ID", "id"),
            ("AWS_SECRET_ACCESS_KEY", HUSH),
            ("AWS_SESSION_TOKEN", HUSH),
            ("CLOUDFRONT_URL", "https://x.example"),
            ("CF_KEY_PAIR_ID", "id"),
            ("CF_PRIVATE_KEY_B64", &CF_KEY),
            ("RAILS_MASTER_KEY", HUSH),
        ]);
        let debug = format!("{loaded:#?}");
        assert!(!debug.contains(HUSH) && !debug.contains(&CF_KEY[100..120]), "{debug}");
        assert!(debug.contains("bucket"));
    }
}

#[test]
fn numbers_nobody_can_dial_are_warned_about() {
    let loaded = load(&[("VOICE_BRIDGE_LEN", "10")]);
    assert_eq!(loaded.warnings.len(), 1);
    assert!(loaded.warnings[0].starts_with("VOICE_BRIDGE_LEN is 10,"), "{:?}", loaded.warnings);
}
