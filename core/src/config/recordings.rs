//! Recordings: import, storage and playback.

use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;

use super::imports::ImportConfig;
use super::reader::Reader;
use super::uploads::UploadConfig;
use crate::recordings::cloudfront;

/// Recordings (CONTRACT §6). The directories are absolute.
#[derive(Debug, Clone)]
pub struct RecordingsConfig {
    /// `RECORDING_DISABLED`: there are no recordings at all. Default: false.
    pub disabled: bool,
    /// The importer.
    pub import: ImportConfig,
    /// Upload to the spool.
    pub upload: UploadConfig,
    /// `RECORDING_SPOOL_DIR`: where servers drop their tars. Default: `/var/bigbluebutton/spool`.
    pub spool_dir: PathBuf,
    /// `RECORDING_WORK_DIR`: where they are unpacked. Default: `/var/bigbluebutton/recording/scalelite`.
    pub work_dir: PathBuf,
    /// `RECORDING_PUBLISH_DIR`: published trees. Default: `/var/bigbluebutton/published`.
    pub publish_dir: PathBuf,
    /// `RECORDING_UNPUBLISH_DIR`: unpublished trees. Default: `/var/bigbluebutton/unpublished`.
    pub unpublish_dir: PathBuf,
    /// `RECORDING_PLAYBACK_FORMATS`: formats that are served.
    /// Default: presentation, video, screenshare, podcast, notes, capture.
    pub playback_formats: Vec<String>,
    /// `PROTECTED_RECORDINGS_ENABLED`: an imported recording is protected, and protection is enforced.
    /// Default: false.
    pub protected_enabled: bool,
    /// `PROTECTED_RECORDINGS_TOKEN_TIMEOUT`, in minutes: a one-time link works this long. Default: 60 min.
    pub token_timeout: Duration,
    /// `PROTECTED_RECORDINGS_TIMEOUT`, in minutes: the cookie works this long. Default: 360 min.
    pub cookie_timeout: Duration,
    /// `GET_RECORDINGS_API_FILTERED`: `getRecordings` without IDs lists none. Default: false.
    pub get_recordings_filtered: bool,
    /// `SERVE_RECORDINGS`: the API streams the files itself, for there is no nginx in front. Default: false
    /// (`scalelite up`: true).
    pub serve: bool,
    /// `S3_RECORDING`: trees live in this bucket instead of directories. Default: none.
    pub s3: Option<S3Config>,
    /// `CLOUDFRONT_URL`: playback is redirected to signed URLs there. Default: none.
    pub cloudfront: Option<CloudFrontConfig>,
}

/// A bucket for recordings. What is `None` comes from where the AWS tools look next.
#[derive(Debug, Clone)]
pub struct S3Config {
    /// `S3_BUCKET_NAME`.
    pub bucket: String,
    /// `AWS_REGION`, else `AWS_DEFAULT_REGION`.
    pub region: Option<String>,
    /// `AWS_ENDPOINT_URL_S3`, else `AWS_ENDPOINT_URL`: a service that is not Amazon's.
    pub endpoint: Option<String>,
    /// `AWS_ACCESS_KEY_ID`; set if and only if the secret key is.
    pub access_key_id: Option<String>,
    /// `AWS_SECRET_ACCESS_KEY`.
    pub secret_access_key: Option<SecretString>,
    /// `AWS_SESSION_TOKEN`.
    pub session_token: Option<SecretString>,
}

/// A CloudFront distribution in front of the bucket.
#[derive(Debug, Clone)]
pub struct CloudFrontConfig {
    /// `CLOUDFRONT_URL`, without a slash at its end.
    pub url: String,
    /// `CF_KEY_PAIR_ID`.
    pub key_pair_id: String,
    /// `CF_PRIVATE_KEY_B64`: the key that signs URLs, PEM in Base64 (still encoded, without line breaks).
    pub private_key_b64: SecretString,
}

impl RecordingsConfig {
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        let recordings = Self {
            disabled: reader.flag("RECORDING_DISABLED", false),
            import: ImportConfig::read(reader),
            upload: UploadConfig::read(reader),
            spool_dir: reader.path("RECORDING_SPOOL_DIR", "/var/bigbluebutton/spool"),
            work_dir: reader.path("RECORDING_WORK_DIR", "/var/bigbluebutton/recording/scalelite"),
            publish_dir: reader.path("RECORDING_PUBLISH_DIR", "/var/bigbluebutton/published"),
            unpublish_dir: reader.path("RECORDING_UNPUBLISH_DIR", "/var/bigbluebutton/unpublished"),
            playback_formats: read_formats(reader),
            protected_enabled: reader.flag("PROTECTED_RECORDINGS_ENABLED", false),
            token_timeout: reader.minutes("PROTECTED_RECORDINGS_TOKEN_TIMEOUT", 60, 1),
            cookie_timeout: reader.minutes("PROTECTED_RECORDINGS_TIMEOUT", 360, 1),
            get_recordings_filtered: reader.flag("GET_RECORDINGS_API_FILTERED", false),
            serve: reader.flag("SERVE_RECORDINGS", false),
            s3: S3Config::read(reader),
            cloudfront: CloudFrontConfig::read(reader),
        };
        if recordings.publish_dir == recordings.unpublish_dir {
            reader.problem(
                "RECORDING_UNPUBLISH_DIR",
                "expected another directory than RECORDING_PUBLISH_DIR: whatever lies there is public",
            );
        }
        recordings
    }
}

fn read_formats(reader: &mut Reader<'_>) -> Vec<String> {
    const NAME: &str = "RECORDING_PLAYBACK_FORMATS";
    const DEFAULT: [&str; 6] = ["presentation", "video", "screenshare", "podcast", "notes", "capture"];
    if reader.text(NAME).is_none() {
        return DEFAULT.map(str::to_owned).to_vec();
    }
    let formats = reader.list(NAME, ':');
    // A format is a directory's name and a part of a URL.
    let plain = |format: &String| format.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
    if !formats.iter().all(plain) {
        reader.problem(NAME, "expected names of letters, digits, \"-\" and \"_\", separated by \":\"");
    }
    formats
}

impl S3Config {
    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        if !reader.flag_once_set("S3_RECORDING") {
            return None;
        }
        let endpoint = ["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"]
            .into_iter()
            .find_map(|name| Some((name, reader.text(name)?)));
        if let Some((name, url)) = &endpoint
            && !is_http_url(url)
        {
            reader.problem(name, "expected a URL with http:// or https://");
        }
        let bucket = reader.text("S3_BUCKET_NAME");
        if bucket.is_none() {
            reader.problem(
                "S3_BUCKET_NAME",
                "is not set: expected the name of a bucket, for S3_RECORDING is on",
            );
        }
        let access_key_id = reader.text("AWS_ACCESS_KEY_ID");
        let secret_access_key = reader.secret("AWS_SECRET_ACCESS_KEY");
        match (&access_key_id, &secret_access_key) {
            (Some(_), None) => reader
                .problem("AWS_SECRET_ACCESS_KEY", "is not set: expected the secret of AWS_ACCESS_KEY_ID"),
            (None, Some(_)) => reader.problem(
                "AWS_ACCESS_KEY_ID",
                "is not set: expected the ID that AWS_SECRET_ACCESS_KEY belongs to",
            ),
            _ => {}
        }
        Some(Self {
            bucket: bucket.unwrap_or_default(),
            region: reader.text("AWS_REGION").or_else(|| reader.text("AWS_DEFAULT_REGION")),
            endpoint: endpoint.map(|(_, url)| url.trim_end_matches('/').to_owned()),
            access_key_id,
            secret_access_key,
            session_token: reader.secret("AWS_SESSION_TOKEN"),
        })
    }
}

impl CloudFrontConfig {
    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let url = reader.text("CLOUDFRONT_URL")?;
        if !is_http_url(&url) {
            reader.problem("CLOUDFRONT_URL", "expected a URL with https://");
        }
        let key_pair_id = reader.text("CF_KEY_PAIR_ID");
        if key_pair_id.is_none() {
            reader
                .problem("CF_KEY_PAIR_ID", "is not set: expected the ID of a key, for CLOUDFRONT_URL is set");
        }
        let key: String = reader.text("CF_PRIVATE_KEY_B64").unwrap_or_default().split_whitespace().collect();
        if key.is_empty() {
            reader.problem(
                "CF_PRIVATE_KEY_B64",
                "is not set: expected a key in Base64, for CLOUDFRONT_URL is set",
            );
        } else if let Err(error) = cloudfront::check_key(&key) {
            reader.problem(
                "CF_PRIVATE_KEY_B64",
                format!("expected a private RSA key (PEM) in Base64: {error}"),
            );
        }
        Some(Self {
            url: url.trim_end_matches('/').to_owned(),
            key_pair_id: key_pair_id.unwrap_or_default(),
            private_key_b64: key.into(),
        })
    }
}

fn is_http_url(value: &str) -> bool {
    url::Url::parse(value).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}
