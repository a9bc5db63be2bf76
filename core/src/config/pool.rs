//! Calls to servers, their health and load, and how often they are asked.

use std::time::Duration;

use super::reader::Reader;

/// Shorter pauses between polls are refused.
const SHORTEST_INTERVAL: Duration = Duration::from_millis(50);
/// Never wait less than this for a connection to a server known offline, unless so configured.
const LEAST_CONNECT: Duration = Duration::from_millis(200);
/// Never wait less than this for the answer of a server known offline, unless so configured.
const LEAST_RESPONSE: Duration = Duration::from_millis(500);

/// How long a call to a server may take (CONTRACT §2).
#[derive(Debug, Clone)]
pub struct BackendConfig {
    /// `CONNECT_TIMEOUT`, in seconds: for the connection with its TLS handshake. Default: 5 s.
    pub connect_timeout: Duration,
    /// `RESPONSE_TIMEOUT`, in seconds: for the answer, once the request is sent. Default: 10 s.
    pub response_timeout: Duration,
}

/// The limits of one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// For the connection with its TLS handshake.
    pub connect: Duration,
    /// For the answer, once the request is sent.
    pub response: Duration,
}

impl BackendConfig {
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        let least = Duration::from_millis(1);
        Self {
            connect_timeout: reader.seconds("CONNECT_TIMEOUT", Duration::from_secs(5), least),
            response_timeout: reader.seconds("RESPONSE_TIMEOUT", Duration::from_secs(10), least),
        }
    }

    /// The limits of a call to a server that was `online` when it was last asked. One known offline gets a
    /// tenth, at least 0.2 s and 0.5 s, but never more than the configured limits (CONTRACT §2).
    #[must_use]
    pub fn timeouts_for(&self, online: bool) -> Timeouts {
        let (connect, response) = (self.connect_timeout, self.response_timeout);
        if online {
            return Timeouts { connect, response };
        }
        Timeouts {
            connect: (connect / 10).max(LEAST_CONNECT).min(connect),
            response: (response / 10).max(LEAST_RESPONSE).min(response),
        }
    }
}

/// When a server is healthy and how its load is counted (CONTRACT §11).
#[derive(Debug, Clone)]
pub struct PoolConfig {
    /// `SERVER_HEALTHY_THRESHOLD`: answers in a row that bring an offline server online; at least 1.
    /// Default: 1.
    pub healthy_threshold: u32,
    /// `SERVER_UNHEALTHY_THRESHOLD`: failures in a row that take an online server offline; at least 1.
    /// Default: 2.
    pub unhealthy_threshold: u32,
    /// `LOAD_MIN_USER_COUNT`: a young meeting counts as this many users at least. Default: 15.
    pub load_min_user_count: u32,
    /// `LOAD_JOIN_BUFFER_TIME`, in minutes: how long a meeting is young. Default: 15 min.
    pub load_join_buffer_time: Duration,
    /// `SERVER_ID_IS_HOSTNAME`: a new server's ID is its host name instead of a UUID (CONTRACT §12).
    /// Default: false.
    pub server_id_is_hostname: bool,
}

impl PoolConfig {
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        Self {
            healthy_threshold: reader.number("SERVER_HEALTHY_THRESHOLD", 1, 1..=u32::MAX, "polls"),
            unhealthy_threshold: reader.number("SERVER_UNHEALTHY_THRESHOLD", 2, 1..=u32::MAX, "polls"),
            load_min_user_count: reader.number("LOAD_MIN_USER_COUNT", 15, 0..=u32::MAX, "users"),
            load_join_buffer_time: reader.minutes("LOAD_JOIN_BUFFER_TIME", 15, 0),
            server_id_is_hostname: reader.flag("SERVER_ID_IS_HOSTNAME", false),
        }
    }
}

/// The poller's schedule (CONTRACT §11).
#[derive(Debug, Clone)]
pub struct PollerConfig {
    /// `POLL_INTERVAL`, else `INTERVAL`, in seconds (at least 0.05): from the start of one pass to the start
    /// of the next. Default: 60 s.
    pub interval: Duration,
    /// `POLL_CONCURRENCY`: servers asked at the same time, at most. Default: 256.
    pub concurrency: usize,
}

impl PollerConfig {
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        let older = reader.seconds("INTERVAL", Duration::from_secs(60), SHORTEST_INTERVAL);
        Self {
            interval: reader.seconds("POLL_INTERVAL", older, SHORTEST_INTERVAL),
            concurrency: reader.size("POLL_CONCURRENCY", 256, 1..=65_536, "servers"),
        }
    }
}
