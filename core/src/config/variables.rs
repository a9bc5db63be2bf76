//! The list of all variables: what the documentation is made from, and what tells a secret from a plain value.

use std::fmt;

/// One environment variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Variable {
    /// Its name.
    pub name: &'static str,
    /// What it belongs to.
    pub group: Group,
    /// Type and unit of the value.
    pub kind: Kind,
    /// The value that has the same effect as none, where there is such a value.
    pub default: Option<&'static str>,
    /// A value that makes sense.
    pub example: &'static str,
    /// What it does; for [`Group::Ignored`], why it is ignored.
    pub description: &'static str,
}

/// What a variable belongs to; the chapters of the documentation, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Group {
    /// Secrets and signatures.
    Secrets,
    /// The HTTP front end.
    Http,
    /// Live state and database.
    Stores,
    /// Calls to the servers, their health and load, the poller.
    Servers,
    /// Rules for meetings.
    Meetings,
    /// Voice bridge numbers and dial-in.
    Voice,
    /// Recordings.
    Recordings,
    /// Recordings in S3 and CloudFront.
    S3,
    /// Callbacks to front ends.
    Callbacks,
    /// Metrics.
    Metrics,
    /// Logs and language.
    Log,
    /// Read by the TLS library, not by this module.
    Tls,
    /// Read by the container images and their units, not by a process.
    Images,
    /// Of the original: accepted, without effect, with a warning.
    Ignored,
}

/// Type and unit of a value; the `Display` is for the documentation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Any text.
    Text,
    /// One of a few words.
    Word,
    /// A text that is never shown.
    Secret,
    /// A URL that may hold a password, so it is never shown.
    SecretUrl,
    /// A URL.
    Url,
    /// `true` or `false`.
    Flag,
    /// A whole number.
    Count,
    /// Seconds, fractions allowed.
    Seconds,
    /// Whole seconds.
    WholeSeconds,
    /// Whole minutes.
    Minutes,
    /// Bytes.
    Bytes,
    /// A port number.
    Port,
    /// A directory or file.
    Path,
    /// A list separated by `:`.
    Colons,
    /// A list separated by `,`.
    Commas,
    /// `name=value` pairs separated by `,`.
    Pairs,
}

impl Kind {
    /// Whether a value must not be shown to anybody.
    #[must_use]
    pub fn is_secret(self) -> bool {
        matches!(self, Self::Secret | Self::SecretUrl)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text => "text",
            Self::Word => "word",
            Self::Secret => "secret",
            Self::SecretUrl | Self::Url => "URL",
            Self::Flag => "true or false",
            Self::Count => "number",
            Self::Seconds => "seconds",
            Self::WholeSeconds => "whole seconds",
            Self::Minutes => "minutes",
            Self::Bytes => "bytes",
            Self::Port => "port",
            Self::Path => "path",
            Self::Colons => "list (a:b)",
            Self::Commas => "list (a,b)",
            Self::Pairs => "pairs (a=b,c=d)",
        })
    }
}

/// `NAME Kind default "example" "description"`; the default `-` means none.
macro_rules! variables {
    ($($group:ident { $($name:ident $kind:ident $default:tt $example:literal $description:literal)* })*) => {
        &[$($(Variable {
            name: stringify!($name),
            group: Group::$group,
            kind: Kind::$kind,
            default: variables!(@default $default),
            example: $example,
            description: $description,
        },)*)*]
    };
    (@default -) => { None };
    (@default $value:literal) => { Some($value) };
}

/// Every variable that means something, in the order of the documentation (CONTRACT §8).
pub static VARIABLES: &[Variable] = variables! {
    Secrets {
        LOADBALANCER_SECRET Secret - "" "The secret that clients sign their calls with; `openssl rand -hex 32` makes one. The services need it (or the next one); `scalelite up` on the embedded store makes it itself."
        LOADBALANCER_SECRETS Secret - "" "Further secrets that open the API as well, for instance one per client, separated by `:`."
        SECRET_KEY_BASE Secret - "" "Signs the cookies of protected recordings; `openssl rand -hex 64` makes one. The services need it; `scalelite up` on the embedded store makes it itself."
        LOADBALANCER_CHECKSUM_ALGORITHM Colons - "SHA256:SHA512" "Hash functions that callers may sign with: SHA1, SHA256, SHA384, SHA512. Calls to servers are signed with the strongest one listed. Without it all are accepted and SHA256 signs."
    }
    Http {
        URL_HOST Text - "bbb.example.org" "The host name that clients use. Requests for another host are refused (not the health check); leave it empty to serve any."
        PORT Port "3000" "8080" "TCP port of the API on all IPv4 addresses; 0 takes any free port. Without effect where BIND is set."
        BIND Text "tcp://0.0.0.0:3000" "unix:///run/scalelite/api.sock" "Where the API listens: `tcp://host:port`, `host:port` or `unix:///path`."
        WEB_CONCURRENCY Count "0" "4" "Worker threads of the API; 0 or `auto`: one per CPU."
        BUILD_NUMBER Text - "1.0.0" "A version told in the answer of the API's root."
        MAX_FORM_BYTES Bytes "1048576" "2097152" "Largest accepted body of form parameters."
        MAX_XML_BYTES Bytes "67108864" "134217728" "Largest accepted XML body; documents may come inside it."
        DASHBOARD_PASSWORD Secret - "eight-characters-or-more" "Opens the dashboard at `/scalelite/dashboard`, 8 characters or more. Without it there is no dashboard. Changing it (or SECRET_KEY_BASE) ends all sessions."
    }
    Stores {
        REDIS_URL SecretUrl - "redis://:password@redis.example.org:6379/0" "The live state: `redis://`, `rediss://` (TLS), `unix://`, `redis+sentinel://host,host/master`, `redis+cluster://host,host` (these two also with `rediss`). Without it the live state is in SQLite in the data directory."
        REDIS_NAMESPACE Text "scalelite" "{scalelite}" "Begins every key in Redis; a cluster needs the braces. Set and empty: no prefix."
        REDIS_POOL Count "0" "4" "Connections of a process to Redis; 0: one per worker."
        DATABASE_URL SecretUrl - "postgresql://scalelite:password@db.example.org/scalelite" "The database of recordings and callbacks, PostgreSQL or `sqlite:`. Without it: SQLite in the data directory."
        SCALELITE_DATA_DIR Path - "/var/lib/scalelite" "Directory of the embedded stores. Without it: `/var/lib/scalelite` where that can be written, else `./scalelite-data`."
        DB_DISABLED Flag "false" "true" "Run without a database, so without recordings and callbacks."
        DB_CONNECTION_RETRY_COUNT Count "3" "10" "How often a failed connection to the database is tried again."
    }
    Servers {
        CONNECT_TIMEOUT Seconds "5" "2.5" "Longest wait for a connection to a server, TLS included."
        RESPONSE_TIMEOUT Seconds "10" "7.5" "Longest wait for a server's answer once the request is sent."
        SERVER_HEALTHY_THRESHOLD Count "1" "2" "Answers in a row that bring an offline server online."
        SERVER_UNHEALTHY_THRESHOLD Count "2" "3" "Failures in a row that take an online server offline."
        LOAD_MIN_USER_COUNT Count "15" "20" "A young meeting counts as this many users at least."
        LOAD_JOIN_BUFFER_TIME Minutes "15" "10" "How long a meeting counts as young."
        SERVER_ID_IS_HOSTNAME Flag "false" "true" "The ID of a server added from now on is its host name instead of a random UUID."
        POLL_INTERVAL Seconds "60" "30" "Time from the start of one poll to the start of the next, rounded up to whole seconds."
        INTERVAL Seconds "60" "30" "An older name, used where POLL_INTERVAL is not set."
        POLL_CONCURRENCY Count "256" "64" "Servers polled at the same time, at most."
    }
    Meetings {
        MAX_MEETING_DURATION Minutes "0" "240" "No meeting lasts longer; 0: no limit."
        DEFAULT_MEETING_TTL WholeSeconds "86400" "172800" "The record of a meeting that no poll renews is dropped after this time."
        CREATE_EXCLUDE_PARAMS Commas - "lockSettingsDisableCam,webcamsOnlyForModerator" "Parameters of `create` that are dropped from requests."
        JOIN_EXCLUDE_PARAMS Commas - "userdata-bbb_custom_style" "Parameters of `join` that are dropped from requests."
        DEFAULT_CREATE_PARAMS Pairs - "muteOnStart=true,logo=https://example.org/logo.png" "Parameters of `create` for requests without them."
        OVERRIDE_CREATE_PARAMS Pairs - "record=false" "Parameters of `create` whatever a request says."
        DEFAULT_JOIN_PARAMS Pairs - "userdata-bbb_skip_check_audio=true" "Parameters of `join` for requests without them."
        OVERRIDE_JOIN_PARAMS Pairs - "redirect=true" "Parameters of `join` whatever a request says."
        GET_MEETINGS_API_DISABLED Flag "false" "true" "`getMeetings` always answers that there are none."
        MULTITENANCY_ENABLED Flag "false" "true" "Several organisations share this installation, told apart by the first label of the host name."
    }
    Voice {
        VOICE_BRIDGE_LEN Count "9" "6" "Digits of a new voice bridge number, 1 to 18. Fewer are easier to enter and to guess."
        VOICE_BRIDGE_MIN Count "5" "6" "Fewest digits that a caller enters."
        VOICE_BRIDGE_MAX Count "9" "10" "Most digits that a caller enters."
        USE_EXTERNAL_VOICE_BRIDGE Flag "false" "true" "Take the number that a `create` asks for, unless another meeting has it."
        FSAPI_PASSWORD Secret - "dial-in-password" "Password of the dialplan API (user `fsapi`). Without it: the first load-balancer secret. Set and empty: open to everybody."
        FSAPI_MAX_DURATION Minutes - "120" "A call is hung up after this time; 0: never. Without it: MAX_MEETING_DURATION."
    }
    Recordings {
        RECORDING_DISABLED Flag "false" "true" "No recordings: nothing is imported, listed or changed."
        RECORDING_IMPORT_UNPUBLISHED Flag "false" "true" "Imported recordings start unpublished."
        RECORDING_IMPORT_POLL Flag "true" "false" "Look at the spool on a schedule. Network file systems need it, for they give no notice of new files."
        RECORDING_IMPORT_POLL_INTERVAL Seconds "60" "10" "Time between two looks at the spool."
        RECORDING_IMPORT_SETTLE Seconds "2" "10" "A tar is imported when it has not changed for this long. One that ends too early may still be on its way: it counts as broken after fifteen times as long."
        RECORDING_IMPORT_LEASE Seconds "20" "60" "After this time the tar of an importer that died is taken by another one. Longer where the database or the hosts may stall for longer."
        RECORDING_IMPORT_CONCURRENCY Count "0" "2" "Tars that an importer unpacks at the same time; 0: one per CPU, at most 4."
        RECORDING_IMPORT_MAX_ENTRIES Count "100000" "200000" "A tar with more files and directories is refused."
        RECORDING_IMPORT_MAX_BYTES Bytes "68719476736" "17179869184" "A tar whose files together are larger is refused."
        RECORDING_UPLOAD_ENABLED Flag "true" "false" "BigBlueButton servers may upload recordings to the API, each with its own secret."
        RECORDING_UPLOAD_MAX_BYTES Bytes "68719476736" "17179869184" "A larger tar is not taken as an upload."
        RECORDING_UPLOAD_CONCURRENCY Count "16" "4" "Uploads that a process of the API takes at the same time; others are told to come back."
        RECORDING_UPLOAD_MIN_FREE_BYTES Bytes "1073741824" "10737418240" "An upload is refused if it would leave less than this free in the spool's file system."
        RECORDING_UPLOAD_EXPIRY Minutes "10080" "1440" "An upload that nobody has gone on with for this long is removed. For as long one that is done is remembered, so that the same file is not taken twice."
        RECORDING_SPOOL_DIR Path "/var/bigbluebutton/spool" "/mnt/scalelite/spool" "Where servers drop the tars of recordings. `scalelite up` with the embedded database keeps this and the next three in `recordings/` in the data directory, unless they are set."
        RECORDING_WORK_DIR Path "/var/bigbluebutton/recording/scalelite" "/mnt/scalelite/work" "Where tars are unpacked; best on the file system of the two directories below."
        RECORDING_PUBLISH_DIR Path "/var/bigbluebutton/published" "/mnt/scalelite/published" "Where published recordings are."
        RECORDING_UNPUBLISH_DIR Path "/var/bigbluebutton/unpublished" "/mnt/scalelite/unpublished" "Where unpublished recordings are."
        RECORDING_PLAYBACK_FORMATS Colons "presentation:video:screenshare:podcast:notes:capture" "presentation:video" "Formats that are served."
        PROTECTED_RECORDINGS_ENABLED Flag "false" "true" "Imported recordings are protected, and protected ones need a one-time link."
        PROTECTED_RECORDINGS_TOKEN_TIMEOUT Minutes "60" "15" "How long a one-time link to a protected recording works."
        PROTECTED_RECORDINGS_TIMEOUT Minutes "360" "120" "How long a browser that used such a link may watch."
        GET_RECORDINGS_API_FILTERED Flag "false" "true" "`getRecordings` lists none unless the request names recordings or meetings."
        SERVE_RECORDINGS Flag "false" "true" "The API sends the files itself; for sites without nginx in front. `scalelite up` does so unless it is false."
    }
    S3 {
        S3_RECORDING Flag "false" "true" "Keep recordings in an S3 bucket instead of directories."
        S3_BUCKET_NAME Text - "recordings" "The bucket; needed with S3_RECORDING."
        AWS_REGION Text - "eu-central-1" "Region of the bucket."
        AWS_DEFAULT_REGION Text - "eu-central-1" "Region where AWS_REGION is not set."
        AWS_ENDPOINT_URL_S3 Url - "https://s3.example.org" "An S3 service other than Amazon's."
        AWS_ENDPOINT_URL Url - "https://s3.example.org" "The same where AWS_ENDPOINT_URL_S3 is not set."
        AWS_ACCESS_KEY_ID Text - "AKIAEXAMPLE" "Key to the bucket. Without it: the credentials of the host, where it has some."
        AWS_SECRET_ACCESS_KEY Secret - "wJalrXUtnFEMI" "Secret of the key."
        AWS_SESSION_TOKEN Secret - "FwoGZXIvYXdz" "Token of a temporary key."
        CLOUDFRONT_URL Url - "https://d111111abcdef8.cloudfront.net" "Send viewers to signed URLs of this CloudFront distribution."
        CF_KEY_PAIR_ID Text - "K2JCJMDEHXQW5F" "ID of the key that signs them; needed with CLOUDFRONT_URL."
        CF_PRIVATE_KEY_B64 Secret - "LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0t" "That private key (PEM), in Base64; needed with CLOUDFRONT_URL."
    }
    Callbacks {
        CALLBACK_ALLOW_PRIVATE Flag "false" "true" "Callbacks may also go to loopback and link-local addresses. Whoever may create meetings says where callbacks go, so leave this off unless a front end runs on the same host."
    }
    Metrics {
        METRICS_BIND Text "off" "api=127.0.0.1:9464,poller=127.0.0.1:9465,importer=127.0.0.1:9466" "Where `/metrics` is told to Prometheus: `host:port`, or one for each process where several of one host share this file. `off`: nowhere. `scalelite up` takes 127.0.0.1:9464 unless this is set. Whoever gets there may read it: keep it to the monitoring."
    }
    Log {
        RAILS_LOG_LEVEL Word "info" "debug" "Least important messages that are logged: debug, info, warn, error (also fatal, unknown)."
        LOG_FORMAT Word "text" "json" "Lines of the log as text or as JSON objects."
        DEFAULT_LOCALE Text "en" "en" "Language of the pages that people see."
    }
    Tls {
        SSL_CERT_FILE Path - "/etc/ssl/certs/private-ca.pem" "Certificates (PEM) that servers are verified against, instead of the system's."
        SSL_CERT_DIR Path - "/etc/ssl/private-ca" "A directory of such certificates."
    }
    Images {
        NGINX_SSL Flag "false" "true" "nginx serves HTTPS, with the certificate mounted into the image."
        NGINX_BEHIND_PROXY Flag "false" "true" "nginx trusts the headers of a proxy in front of it."
        NGINX_RECORDINGS_ONLY Flag "false" "true" "nginx serves recordings and nothing else."
        SCALELITE_API_PORT Port "3000" "8080" "Port of the API for nginx, of hosts without one."
        SCALELITE_API_HOSTS Text "scalelite-api" "api1.example.org,api2.example.org:8080" "Hosts of the API for nginx, separated by commas. Their addresses are looked up again and again."
        NGINX_LOOKUP_INTERVAL WholeSeconds "2" "10" "Time between two looks for the addresses of the API."
        NGINX_RELOAD_INTERVAL WholeSeconds "21600" "3600" "Time between two reloads of nginx, which take up renewed certificates."
        NGINX_STOP_TIMEOUT WholeSeconds "60" "600" "How long downloads go on after a reload, or the signal to stop."
        NGINX_HSTS_MAX_AGE WholeSeconds "0" "31536000" "How long browsers insist on HTTPS; 0: they are not told to. With NGINX_SSL only."
        NGINX_ACCESS_LOG Path "/dev/stdout" "/var/log/nginx/access.log" "nginx's log of requests, without their queries."
        SSL_CERTIFICATE Path - "/etc/nginx/ssl/live/bbb.example.org/fullchain.pem" "nginx's certificate. Without it: `/etc/nginx/ssl/live/$URL_HOST/fullchain.pem`."
        SSL_CERTIFICATE_KEY Path - "/etc/nginx/ssl/live/bbb.example.org/privkey.pem" "The key of nginx's certificate. Without it: `privkey.pem` in that directory."
        PUBLISH_DIR Path "/var/bigbluebutton/published" "/mnt/scalelite/published" "The API's RECORDING_PUBLISH_DIR as nginx sees it."
        PLAYBACK_DIR Path "/var/bigbluebutton/playback" "/srv/playback" "BigBlueButton's playback pages."
        HTTP_LISTEN Text "80 [::]:80" "8080" "Ports, or addresses and ports, at which nginx serves HTTP, separated by spaces. IPv6 only where the host has it."
        HTTPS_LISTEN Text "443 [::]:443" "8443" "The same for HTTPS."
        SCALELITE_IMAGE Text "scalelite" "registry.example.org/scalelite" "Image that the units start, without its tag."
        SCALELITE_TAG Text "v1" "v1.0.0" "Tag of the images that the units start, without what tells one service's from another's (`-api`, `-nginx`, …)."
        SCALELITE_RECORDING_DIR Path "/var/bigbluebutton" "/mnt/scalelite-recordings/var/bigbluebutton" "Directory of the host that is mounted as the recordings' store."
        SCALELITE_API_EXTRA_OPTS Text - "--publish 127.0.0.1:3000:3000" "More options of `docker run` for the API."
        SCALELITE_NGINX_EXTRA_OPTS Text - "--mount type=bind,source=/etc/letsencrypt,target=/etc/nginx/ssl,readonly" "More options of `docker run` for nginx, such as the mount of its certificates."
        SCALELITE_POLLER_EXTRA_OPTS Text - "--cpus 1" "More options of `docker run` for the poller."
        SCALELITE_RECORDING_IMPORTER_EXTRA_OPTS Text - "--cpus 2" "More options of `docker run` for the importer."
    }
    Ignored {
        RAILS_ENV Word - "production" "there is one environment only, production."
        RACK_ENV Word - "production" "there is one environment only, production."
        RAILS_LOG_TO_STDOUT Flag - "true" "logs always go to standard error."
        RAILS_SERVE_STATIC_FILES Flag - "true" "nginx serves files, or SERVE_RECORDINGS=true lets the API do it."
        RAILS_MAX_THREADS Count - "5" "a worker serves many requests at once; WEB_CONCURRENCY sets the number of workers."
        RAILS_MIN_THREADS Count - "5" "a worker serves many requests at once; WEB_CONCURRENCY sets the number of workers."
        RAILS_MASTER_KEY Secret - "0a1b2c" "there are no encrypted credentials."
        PREPARED_STATEMENT Flag - "false" "the database client decides on prepared statements."
        POLLER_THREADS Count - "5" "all servers are polled at the same time; POLL_CONCURRENCY bounds it."
        POLLER_WAIT_TIMEOUT Seconds - "10" "each call has its own limits, CONNECT_TIMEOUT and RESPONSE_TIMEOUT."
    }
};
