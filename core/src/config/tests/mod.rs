//! What the environment means, value by value.

mod errors;
mod table;

use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::time::Duration;

use scalelite_testbed::rsa_key::{Form, RsaKey};
use secrecy::{ExposeSecret, SecretString};
use tracing::Level;

use super::*;
use crate::bbb::checksum::Algorithm;

/// A value of `CF_PRIVATE_KEY_B64`.
static CF_KEY: LazyLock<String> = LazyLock::new(|| RsaKey::new().in_base64(Form::Pkcs1));

fn load(pairs: &[(&str, &str)]) -> Loaded {
    Config::from_source(&source::from_pairs(pairs)).unwrap_or_else(|errors| panic!("{errors}"))
}

/// The configuration, which must come without warnings.
fn config(pairs: &[(&str, &str)]) -> Config {
    let loaded = load(pairs);
    assert_eq!(loaded.warnings, Vec::<String>::new());
    loaded.config
}

/// The lines of the error.
fn errors(pairs: &[(&str, &str)]) -> Vec<String> {
    match Config::from_source(&source::from_pairs(pairs)) {
        Ok(_) => panic!("{pairs:?} was accepted"),
        Err(errors) => errors.to_string().lines().map(str::to_owned).collect(),
    }
}

fn exposed(secrets: &[SecretString]) -> Vec<&str> {
    secrets.iter().map(ExposeSecret::expose_secret).collect()
}

fn tcp(host: &str, port: u16) -> Bind {
    Bind::Tcp { host: host.to_owned(), port }
}

fn pair(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

fn seconds(seconds: f64) -> Duration {
    Duration::from_secs_f64(seconds)
}

#[test]
fn nothing_set_gives_the_documented_defaults() {
    let Config {
        http,
        secrets,
        stores,
        backend,
        pool,
        poller,
        meetings,
        voice,
        recordings,
        callbacks,
        metrics,
        log,
    } = config(&[]);
    assert!(metrics.bind(Monitored::Api).is_none() && metrics.bind(Monitored::Up).is_none());
    assert_eq!(http.bind, tcp("0.0.0.0", 3000));
    assert_eq!((http.url_host, http.build_number), (None, None));
    assert!(http.workers >= 1);
    assert_eq!((http.max_form_bytes, http.max_xml_bytes), (1 << 20, 64 << 20));
    assert!(secrets.loadbalancer.is_empty() && secrets.key_base.is_none());
    assert_eq!((secrets.accepted, secrets.signing), (Algorithm::ALL.to_vec(), Algorithm::Sha256));
    assert!(stores.redis.is_none() && stores.database_url.is_none() && stores.data_dir.is_none());
    assert_eq!((stores.db_disabled, stores.db_connection_retry_count), (false, 3));
    assert_eq!((backend.connect_timeout, backend.response_timeout), (seconds(5.0), seconds(10.0)));
    assert_eq!((pool.healthy_threshold, pool.unhealthy_threshold), (1, 2));
    assert_eq!((pool.load_min_user_count, pool.load_join_buffer_time), (15, seconds(900.0)));
    assert!(!pool.server_id_is_hostname);
    assert_eq!((poller.interval, poller.concurrency), (seconds(60.0), 256));
    assert_eq!((meetings.max_duration, meetings.ttl), (None, seconds(86_400.0)));
    assert!(meetings.create_exclude.is_empty() && meetings.join_exclude.is_empty());
    assert!(meetings.default_create.is_empty() && meetings.override_join.is_empty());
    assert!(!meetings.get_meetings_disabled && !meetings.multitenancy);
    assert_eq!((voice.len, voice.min, voice.max, voice.use_external), (9, 5, 9, false));
    assert_eq!(voice.fsapi_max_duration, None);
    assert!(!callbacks.allow_private);
    assert!(!recordings.disabled && !recordings.import.unpublished && recordings.import.poll);
    assert!(!recordings.protected_enabled && !recordings.get_recordings_filtered && !recordings.serve);
    let import = &recordings.import;
    assert_eq!((import.poll_interval, import.settle), (seconds(60.0), seconds(2.0)));
    assert_eq!((import.lease, import.max_entries, import.max_bytes), (seconds(20.0), 100_000, 64 << 30));
    assert!((1..=4).contains(&import.concurrency));
    assert_eq!(recordings.spool_dir, Path::new("/var/bigbluebutton/spool"));
    assert_eq!(recordings.work_dir, Path::new("/var/bigbluebutton/recording/scalelite"));
    assert_eq!(recordings.publish_dir, Path::new("/var/bigbluebutton/published"));
    assert_eq!(recordings.unpublish_dir, Path::new("/var/bigbluebutton/unpublished"));
    assert_eq!(
        recordings.playback_formats,
        ["presentation", "video", "screenshare", "podcast", "notes", "capture"]
    );
    assert_eq!((recordings.token_timeout, recordings.cookie_timeout), (seconds(3600.0), seconds(21_600.0)));
    assert!(recordings.s3.is_none() && recordings.cloudfront.is_none());
    assert_eq!((log.level, log.format, log.locale.as_str()), (Level::INFO, LogFormat::Text, "en"));
}

#[test]
fn values_are_trimmed_and_empty_ones_count_as_unset() {
    let read = config(&[
        ("PORT", " 8080\t"),
        ("URL_HOST", ""),
        ("POLL_INTERVAL", " "),
        ("INTERVAL", "30"),
        ("DATABASE_URL", ""),
        ("REDIS_URL", " "),
        ("RECORDING_IMPORT_POLL", ""),
        ("BUILD_NUMBER", " 1.8 "),
    ]);
    assert_eq!(read.http.bind, tcp("0.0.0.0", 8080));
    assert_eq!(read.http.url_host, None);
    assert_eq!(read.poller.interval, seconds(30.0));
    assert!(read.stores.database_url.is_none() && read.stores.redis.is_none());
    assert!(read.recordings.import.poll);
    assert_eq!(read.http.build_number.as_deref(), Some("1.8"));
}

#[test]
fn flags_are_true_by_that_word_alone() {
    for (value, flag, warns) in [
        ("true", true, false),
        ("TRUE", true, false),
        ("False", false, false),
        ("0", false, false),
        ("off", false, false),
        ("1", false, true),
        ("yes", false, true),
    ] {
        let loaded = load(&[("RECORDING_IMPORT_POLL", value)]);
        assert_eq!(loaded.config.recordings.import.poll, flag, "{value}");
        assert_eq!(loaded.warnings.len(), usize::from(warns), "{:?}", loaded.warnings);
        assert!(
            loaded.warnings.iter().all(|line| line.starts_with(&format!("RECORDING_IMPORT_POLL={value} ")))
        );
    }
}

#[test]
fn bind_goes_before_port() {
    for (bind, wanted) in [
        ("tcp://127.0.0.1:0", tcp("127.0.0.1", 0)),
        ("tcp://[::]:8080", tcp("::", 8080)),
        ("localhost:81", tcp("localhost", 81)),
        ("unix:///run/a.sock", Bind::Unix(PathBuf::from("/run/a.sock"))),
        ("unix://a.sock", Bind::Unix(PathBuf::from("a.sock"))),
    ] {
        assert_eq!(config(&[("BIND", bind), ("PORT", "http")]).http.bind, wanted);
    }
    assert_eq!(config(&[("PORT", "0")]).http.bind, tcp("0.0.0.0", 0));
    assert_eq!(tcp("::1", 80).to_string(), "tcp://[::1]:80");
    let loaded = load(&[("BIND", "unix:///run/a.sock?umask=0111")]);
    assert_eq!(loaded.config.http.bind, Bind::Unix("/run/a.sock".into()));
    assert_eq!(loaded.warnings.len(), 1);
}

#[test]
fn http_values() {
    let read =
        config(&[("URL_HOST", "BBB.Example.org"), ("WEB_CONCURRENCY", "7"), ("MAX_FORM_BYTES", "2048")]);
    assert_eq!(read.http.url_host.as_deref(), Some("bbb.example.org"));
    assert_eq!((read.http.workers, read.http.max_form_bytes), (7, 2048));
    assert!(config(&[("WEB_CONCURRENCY", "auto")]).http.workers >= 1);
    assert!(config(&[("WEB_CONCURRENCY", "0")]).http.workers >= 1);
}

#[test]
fn secrets_come_in_order_without_empty_ones() {
    let read = config(&[("LOADBALANCER_SECRET", "one"), ("LOADBALANCER_SECRETS", ":two: :one:three:")]);
    assert_eq!(exposed(&read.secrets.loadbalancer), ["one", "two", "three"]);
    let read =
        config(&[("LOADBALANCER_SECRET", " "), ("LOADBALANCER_SECRETS", "::"), ("SECRET_KEY_BASE", "")]);
    assert!(read.secrets.loadbalancer.is_empty() && read.secrets.key_base.is_none());
}

#[test]
fn services_need_their_secrets() {
    let missing = config(&[]).require_service_secrets().map_err(|errors| errors.to_string());
    let missing = missing.err().unwrap_or_default();
    let names: Vec<_> = missing.lines().filter_map(|line| line.split(':').next()).collect();
    assert_eq!(names, ["LOADBALANCER_SECRET", "SECRET_KEY_BASE"]);
    let enough = [("LOADBALANCER_SECRETS", "a"), ("SECRET_KEY_BASE", "b")];
    assert_eq!(config(&enough).require_service_secrets(), Ok(()));
    let empty = [("LOADBALANCER_SECRETS", ":"), ("SECRET_KEY_BASE", "b")];
    assert!(config(&empty).require_service_secrets().is_err());
}

#[test]
fn the_strongest_algorithm_of_a_list_signs() {
    let read = config(&[("LOADBALANCER_CHECKSUM_ALGORITHM", "SHA512:sha1: SHA512 ")]);
    assert_eq!(read.secrets.accepted, [Algorithm::Sha512, Algorithm::Sha1]);
    assert_eq!(read.secrets.signing, Algorithm::Sha512);
    assert_eq!(config(&[("LOADBALANCER_CHECKSUM_ALGORITHM", "SHA1")]).secrets.signing, Algorithm::Sha1);
}

#[test]
fn redis_comes_with_namespace_and_pool() {
    let url = ("REDIS_URL", "redis://localhost/1");
    let redis =
        |pairs: &[(&str, &str)]| config(pairs).stores.redis.map(|redis| (redis.namespace, redis.pool));
    assert_eq!(redis(&[url]), Some(("scalelite".to_owned(), 0)));
    assert_eq!(redis(&[url, ("REDIS_NAMESPACE", ""), ("REDIS_POOL", "9")]), Some((String::new(), 9)));
    let cluster = [("REDIS_URL", "redis+cluster://a,b"), ("REDIS_NAMESPACE", "{scalelite}")];
    assert_eq!(redis(&cluster), Some(("{scalelite}".to_owned(), 0)));
}

#[test]
fn databases_are_postgres_or_sqlite() {
    for url in ["postgres://u:p@h/db", "postgresql:///db", "sqlite:/tmp/a.db", "sqlite::memory:"] {
        let read = config(&[("DATABASE_URL", url), ("SCALELITE_DATA_DIR", "/data")]);
        assert_eq!(
            read.stores.database_url.map(|kept| kept.expose_secret().to_owned()).as_deref(),
            Some(url)
        );
        assert_eq!(read.stores.data_dir.as_deref(), Some(Path::new("/data")));
    }
    let set = config(&[("SCALELITE_DATA_DIR", "/data")]);
    assert_eq!(resolve_data_dir(&set.stores), Path::new("/data"));
}

#[test]
fn a_server_known_offline_gets_a_tenth_of_the_time() {
    for (connect, response, offline) in
        [("5", "10", (0.5, 1.0)), ("1", "2", (0.2, 0.5)), ("0.1", "0.3", (0.1, 0.3))]
    {
        let backend = config(&[("CONNECT_TIMEOUT", connect), ("RESPONSE_TIMEOUT", response)]).backend;
        let short = backend.timeouts_for(false);
        assert_eq!((short.connect, short.response), (seconds(offline.0), seconds(offline.1)));
        let full = backend.timeouts_for(true);
        assert_eq!((full.connect, full.response), (backend.connect_timeout, backend.response_timeout));
    }
}

#[test]
fn the_poll_interval_may_be_a_fraction_and_goes_before_interval() {
    let interval = |pairs: &[(&str, &str)]| config(pairs).poller.interval;
    assert_eq!(interval(&[("POLL_INTERVAL", "0.05"), ("INTERVAL", "7")]), Duration::from_millis(50));
    assert_eq!(interval(&[("INTERVAL", "7")]), seconds(7.0));
}

#[test]
fn parameters_of_meetings() {
    let meetings = config(&[
        ("MAX_MEETING_DURATION", "90"),
        ("CREATE_EXCLUDE_PARAMS", "a, b,,c"),
        ("DEFAULT_CREATE_PARAMS", "logo=https://x/?a=b, muteOnStart=true,logo=2,empty="),
        ("OVERRIDE_JOIN_PARAMS", "redirect=false,"),
    ])
    .meetings;
    assert_eq!(meetings.max_duration, Some(90));
    assert_eq!(meetings.create_exclude, ["a", "b", "c"]);
    assert_eq!(meetings.default_create, [pair("logo", "2"), pair("muteOnStart", "true"), pair("empty", "")]);
    assert_eq!(meetings.override_join, [pair("redirect", "false")]);
    let single = config(&[("OVERRIDE_CREATE_PARAMS", "logo=https://x/?a=b")]).meetings;
    assert_eq!(single.override_create, [pair("logo", "https://x/?a=b")]);
}

#[test]
fn dial_in_is_open_only_by_an_empty_password() {
    let password = |pairs: &[(&str, &str)]| match config(pairs).voice.fsapi_password {
        FsapiPassword::Open => "open".to_owned(),
        FsapiPassword::Closed => "closed".to_owned(),
        FsapiPassword::Secret(secret) => format!("={}", secret.expose_secret()),
    };
    let secret = ("LOADBALANCER_SECRET", "lb");
    assert_eq!(password(&[secret]), "=lb");
    assert_eq!(password(&[secret, ("FSAPI_PASSWORD", "")]), "open");
    assert_eq!(password(&[secret, ("FSAPI_PASSWORD", " own ")]), "=own");
    assert_eq!(password(&[]), "closed");
    assert_eq!(password(&[("LOADBALANCER_SECRETS", ":second")]), "=second");
}

#[test]
fn calls_last_as_long_as_meetings_unless_told_otherwise() {
    let limit = |pairs: &[(&str, &str)]| config(pairs).voice.fsapi_max_duration;
    let meetings = ("MAX_MEETING_DURATION", "90");
    assert_eq!(limit(&[meetings]), Some(90));
    assert_eq!(limit(&[meetings, ("FSAPI_MAX_DURATION", "30")]), Some(30));
    assert_eq!(limit(&[meetings, ("FSAPI_MAX_DURATION", "0")]), None);
}

#[test]
fn levels_and_formats_of_the_log() {
    let levels =
        [("debug", Level::DEBUG), ("WARN", Level::WARN), ("fatal", Level::ERROR), ("unknown", Level::ERROR)];
    for (value, level) in levels {
        assert_eq!(config(&[("RAILS_LOG_LEVEL", value)]).log.level, level);
    }
    assert_eq!(config(&[("LOG_FORMAT", "JSON")]).log.format, LogFormat::Json);
}

#[test]
fn each_process_may_tell_its_metrics_elsewhere() {
    let at = |host: &str, port| Some(Bind::Tcp { host: host.to_owned(), port });
    let metrics = |value| config(&[("METRICS_BIND", value)]).metrics;
    let one = metrics("0.0.0.0:9464");
    for process in [Monitored::Api, Monitored::Poller, Monitored::Importer, Monitored::Up] {
        assert_eq!(one.bind(process).cloned(), at("0.0.0.0", 9464));
        assert_eq!(metrics("off").bind(process), None);
    }
    let each = metrics("api=[::1]:1, poller=localhost:2");
    assert_eq!(each.bind(Monitored::Api).cloned(), at("::1", 1));
    assert_eq!(each.bind(Monitored::Poller).cloned(), at("localhost", 2));
    assert_eq!(each.bind(Monitored::Importer), None);
}
