//! Ports for servers that have to be told theirs.

use std::net::TcpListener;

use rand::RngExt;

/// Where the system begins to take ports for outgoing connections, which come and go at any moment.
const EPHEMERAL: u16 = 32768;
const FIRST: u16 = 10_000;

/// Ports that nothing listens at, and that no outgoing connection takes before the server does.
#[must_use]
pub fn free<const N: usize>() -> [u16; N] {
    let start = rand::rng().random_range(FIRST..EPHEMERAL);
    let is_free = |port: &u16| TcpListener::bind(("0.0.0.0", *port)).is_ok();
    let mut ports = (start..EPHEMERAL).chain(FIRST..start).filter(is_free);
    [(); N].map(|()| ports.next().expect("some port is free"))
}
