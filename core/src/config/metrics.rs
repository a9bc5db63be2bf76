//! Where each process tells its metrics.

use super::http::{Bind, parse_bind};
use super::reader::Reader;

/// The processes that tell metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Monitored {
    /// `scalelite-api`.
    Api,
    /// `scalelite-poller`.
    Poller,
    /// `scalelite-recording-importer`.
    Importer,
    /// `scalelite up`.
    Up,
}

impl Monitored {
    /// The name that `METRICS_BIND` knows it by.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::Poller => "poller",
            Self::Importer => "importer",
            Self::Up => "up",
        }
    }

    fn named(name: &str) -> Option<Self> {
        [Self::Api, Self::Poller, Self::Importer, Self::Up].into_iter().find(|process| process.name() == name)
    }
}

/// Where metrics are told.
#[derive(Debug, Clone, Default)]
pub struct MetricsConfig {
    /// `METRICS_BIND`: TCP addresses, each of one process or of any. Default: none, no metrics are kept or told.
    binds: Vec<(Option<Monitored>, Bind)>,
}

impl MetricsConfig {
    /// The address of a process; none if it is to keep no metrics.
    #[must_use]
    pub fn bind(&self, process: Monitored) -> Option<&Bind> {
        let found = self.binds.iter().find(|(of, _)| of.is_none_or(|of| of == process));
        found.map(|(_, bind)| bind)
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        const NAME: &str = "METRICS_BIND";
        let Some(value) = reader.text(NAME).filter(|value| value != "off") else { return Self::default() };
        let binds: Option<Vec<_>> = value.split(',').map(|one| read_one(one.trim())).collect();
        let Some(binds) = binds else {
            reader.problem(
                NAME,
                "expected off, host:port, or an address for each process: \
                 api=host:port,poller=host:port,importer=host:port",
            );
            return Self::default();
        };
        Self { binds }
    }
}

fn read_one(text: &str) -> Option<(Option<Monitored>, Bind)> {
    let (process, address) = match text.split_once('=') {
        Some((name, address)) => (Some(Monitored::named(name.trim())?), address.trim()),
        None => (None, text),
    };
    parse_bind(address).filter(|bind| matches!(bind, Bind::Tcp { .. })).map(|bind| (process, bind))
}
