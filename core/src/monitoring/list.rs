//! What is counted: the lists that descriptions and documentation are made from.

use metrics::{Unit, describe_counter, describe_gauge, describe_histogram};

/// One metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Metric {
    /// Its name; ends with its unit (`_seconds`, `_bytes`), that of a counter with `_total`.
    pub name: &'static str,
    /// What it is.
    pub kind: Kind,
    /// The names of its labels.
    pub labels: &'static [&'static str],
    /// What it tells.
    pub help: &'static str,
}

/// What a metric is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Counts up.
    Counter,
    /// Goes up and down.
    Gauge,
    /// The distribution of times of one call.
    Latency,
    /// The distribution of times of larger work.
    Duration,
}

impl Kind {
    /// The name of its type in Prometheus.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Latency | Self::Duration => "histogram",
        }
    }

    /// The upper bounds of a distribution, in seconds.
    #[must_use]
    pub fn buckets(self) -> Option<&'static [f64]> {
        match self {
            Self::Counter | Self::Gauge => None,
            Self::Latency => {
                Some(&[0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0])
            }
            Self::Duration => Some(&[0.05, 0.1, 0.5, 1.0, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0, 3600.0]),
        }
    }
}

impl Metric {
    /// Tells the recorder of this process what it is.
    pub(super) fn describe(&self) {
        let unit = self.unit();
        match self.kind {
            Kind::Counter => describe_counter!(self.name, unit, self.help),
            Kind::Gauge => describe_gauge!(self.name, unit, self.help),
            Kind::Latency | Kind::Duration => describe_histogram!(self.name, unit, self.help),
        }
    }

    fn unit(&self) -> Unit {
        let name = self.name.trim_end_matches("_total");
        if name.ends_with("_seconds") {
            Unit::Seconds
        } else if name.ends_with("_bytes") {
            Unit::Bytes
        } else {
            Unit::Count
        }
    }
}

/// The metrics of a crate: `CONST: counter|gauge|latency|duration "name" [labels] "what it tells";`. Makes a constant
/// of each name, and `METRICS`, the list of them all.
#[macro_export]
macro_rules! metrics_list {
    ($($constant:ident: $kind:ident $name:literal [$($label:ident),*] $help:literal;)*) => {
        $(
            #[doc = $help]
            pub const $constant: &str = $name;
        )*
        /// All metrics of this crate.
        pub const METRICS: &[$crate::monitoring::Metric] = &[$($crate::monitoring::Metric {
            name: $name,
            kind: $crate::metrics_list!(@ $kind),
            labels: &[$(stringify!($label)),*],
            help: $help,
        }),*];
    };
    (@ counter) => { $crate::monitoring::Kind::Counter };
    (@ gauge) => { $crate::monitoring::Kind::Gauge };
    (@ latency) => { $crate::monitoring::Kind::Latency };
    (@ duration) => { $crate::monitoring::Kind::Duration };
}
