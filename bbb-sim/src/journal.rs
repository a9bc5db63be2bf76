//! What a simulated server was asked: counts for ever, the latest requests in full.

use std::collections::{BTreeMap, VecDeque};

use parking_lot::Mutex;

use crate::params::Params;

/// The log keeps at most this many bytes of each body.
const BODY_KEPT: usize = 1 << 20;
/// The counts know at most this many call names; further ones are counted as `other`.
const CALLS_KEPT: usize = 256;

/// One request as it arrived.
#[derive(Clone, Debug)]
pub struct RecordedRequest {
    /// The call's name, `index` for the API's top level.
    pub call: String,
    /// `GET`, `POST`, …
    pub method: String,
    /// The path, without the query string.
    pub path: String,
    /// The raw query string, with the checksum.
    pub query: String,
    /// The `Content-Type` header.
    pub content_type: Option<String>,
    /// The body; its first MiB, if larger.
    pub body: Vec<u8>,
}

impl RecordedRequest {
    /// The decoded value of a query parameter, if given and not empty.
    pub fn param(&self, name: &str) -> Option<String> {
        Params::new(&self.query, &[]).get(name).map(String::from)
    }

    /// All query parameters but the checksum, decoded, in their order.
    pub fn params(&self) -> Vec<(String, String)> {
        Params::new(&self.query, &[])
            .pairs()
            .filter(|(name, _)| name != "checksum")
            .map(|(name, value)| (name.into_owned(), value.into_owned()))
            .collect()
    }

    /// The body as text.
    pub fn body_text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

pub(crate) struct Journal {
    capacity: usize,
    entries: Mutex<Entries>,
}

#[derive(Default)]
struct Entries {
    counts: BTreeMap<String, u64>,
    latest: VecDeque<RecordedRequest>,
}

impl Journal {
    pub(crate) fn new(capacity: usize) -> Self {
        Self { capacity, entries: Mutex::default() }
    }

    /// Counts a request and, where a log is kept, remembers it.
    pub(crate) fn note(&self, call: &str, record: impl FnOnce() -> RecordedRequest) {
        let record = (self.capacity > 0).then(|| {
            let mut record = record();
            record.body.truncate(BODY_KEPT);
            record
        });
        let mut entries = self.entries.lock();
        let full = entries.counts.len() >= CALLS_KEPT;
        match entries.counts.get_mut(call) {
            Some(count) => *count += 1,
            None => {
                *entries.counts.entry(if full { "other" } else { call }.to_owned()).or_default() += 1;
            }
        }
        if let Some(record) = record {
            if entries.latest.len() >= self.capacity {
                entries.latest.pop_front();
            }
            entries.latest.push_back(record);
        }
    }

    pub(crate) fn count(&self, call: &str) -> u64 {
        self.entries.lock().counts.get(call).copied().unwrap_or(0)
    }

    pub(crate) fn counts(&self) -> BTreeMap<String, u64> {
        self.entries.lock().counts.clone()
    }

    pub(crate) fn requests(&self) -> Vec<RecordedRequest> {
        self.entries.lock().latest.iter().cloned().collect()
    }

    pub(crate) fn clear(&self) {
        *self.entries.lock() = Entries::default();
    }
}
