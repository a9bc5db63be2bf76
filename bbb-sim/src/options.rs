//! What can be chosen when a simulated server starts.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use crate::Algorithm;

/// How a [`Sim`](crate::Sim) or every member of a [`Fleet`](crate::Fleet) is to behave.
///
/// ```
/// # use bbb_sim::SimOptions;
/// # use std::time::Duration;
/// let options = SimOptions { latency: Duration::from_millis(50), ..SimOptions::default() };
/// ```
#[derive(Clone, Debug)]
pub struct SimOptions {
    /// The address to listen on; 127.0.0.1 by default.
    pub bind: IpAddr,
    /// The port, 0 (the default) for any free one. A fleet counts up from it.
    pub port: u16,
    /// The shared secret. Default `sim-secret`; a fleet's servers all have the same one.
    pub secret: String,
    /// The checksum algorithms the server accepts. All, by default.
    pub algorithms: Vec<Algorithm>,
    /// What the server says it is. Default `3.0.4`.
    pub bbb_version: String,
    /// Every API call's answer comes this much later. Default none.
    pub latency: Duration,
    /// How many of the latest requests are remembered for `requests()`; 0 switches the log off. Default 1000.
    pub log_capacity: usize,
    /// The largest request body in bytes; a larger one is answered with 413. Default 64 MiB.
    pub max_body: usize,
    /// The threads that serve, for all members of a fleet together. Default 1.
    pub workers: usize,
}

impl Default for SimOptions {
    fn default() -> Self {
        Self {
            bind: IpAddr::V4(Ipv4Addr::LOCALHOST),
            port: 0,
            secret: "sim-secret".to_owned(),
            algorithms: Algorithm::ALL.to_vec(),
            bbb_version: "3.0.4".to_owned(),
            latency: Duration::ZERO,
            log_capacity: 1000,
            max_body: 64 << 20,
            workers: 1,
        }
    }
}
