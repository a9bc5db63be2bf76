//! Recordings as they are stored, imported and asked for.

/// A moment as the database holds it: microseconds since 1970, UTC. BigBlueButton counts in milliseconds, but
/// a page of recordings begins exactly where the last one ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Micros(pub i64);

impl Micros {
    /// From BigBlueButton's milliseconds.
    #[must_use]
    pub fn from_millis(millis: i64) -> Self {
        Self(millis.saturating_mul(1000))
    }

    /// BigBlueButton's milliseconds.
    #[must_use]
    pub fn millis(self) -> i64 {
        self.0.div_euclid(1000)
    }
}

/// A recording with all that `getRecordings` tells of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recording {
    /// The key of its row.
    pub id: i64,
    /// `recordID`; also the name of its directories.
    pub record_id: String,
    /// `meetingID` of the meeting it was made of.
    pub meeting_id: String,
    /// The meeting's name.
    pub name: Option<String>,
    /// Whether it is shown. NULL in old databases counts as false.
    pub published: bool,
    /// `published`, `unpublished`, `deleted`, `processing`, `processed`; old rows may have none.
    pub state: Option<String>,
    /// How many people took part.
    pub participants: Option<i32>,
    /// When the meeting began.
    pub start: Option<Micros>,
    /// When it ended.
    pub end: Option<Micros>,
    /// Whether a link to it works once only. NULL in old databases counts as false.
    pub protected: bool,
    /// Its metadata, by key, in the order of the rows. No value is an empty one.
    pub metadata: Vec<(String, String)>,
    /// Its playback formats, by name.
    pub formats: Vec<PlaybackFormat>,
}

/// One way to play a recording.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlaybackFormat {
    /// `presentation`, `video`, …; also the name of a directory.
    pub format: String,
    /// Path and query of its page.
    pub url: Option<String>,
    /// Minutes.
    pub length: Option<i32>,
    /// Milliseconds that the BigBlueButton server needed to make it.
    pub processing_time: Option<i32>,
    /// Small pictures of its slides, in their order.
    pub thumbnails: Vec<Thumbnail>,
}

/// A small picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thumbnail {
    /// Pixels.
    pub width: Option<i32>,
    /// Pixels.
    pub height: Option<i32>,
    /// What is seen on it.
    pub alt: Option<String>,
    /// Its path.
    pub url: Option<String>,
}

/// One playback format of one recording, as its `metadata.xml` tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRecording {
    /// `recordID`.
    pub record_id: String,
    /// `meetingID`.
    pub meeting_id: String,
    /// The meeting's name.
    pub name: Option<String>,
    /// Whether the metadata says that it is published. Whether it will be is for the catalog to say, see
    /// [`shelf_for`](super::catalog::Catalog::shelf_for).
    pub published: bool,
    /// The state that the metadata tells, `available` made `published`.
    pub state: Option<String>,
    /// How many people took part.
    pub participants: Option<i32>,
    /// When the meeting began.
    pub start: Option<Micros>,
    /// When it ended.
    pub end: Option<Micros>,
    /// Metadata, without the keys that are not stored (`isBreakout`, `meetingId`, `meetingName`).
    pub metadata: Vec<(String, String)>,
    /// The format.
    pub format: PlaybackFormat,
}

/// Where a recording's trees belong, and so whether it is published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Shelf {
    /// `RECORDING_PUBLISH_DIR`, or `published/` in a bucket.
    Published,
    /// `RECORDING_UNPUBLISH_DIR`, or `unpublished/` in a bucket.
    Unpublished,
}

impl Shelf {
    /// The shelf of recordings that are, or are not, published.
    #[must_use]
    pub fn of(published: bool) -> Self {
        if published { Self::Published } else { Self::Unpublished }
    }

    /// The other one.
    #[must_use]
    pub fn other(self) -> Self {
        Self::of(!self.is_published())
    }

    /// Whether what stands there is published.
    #[must_use]
    pub fn is_published(self) -> bool {
        self == Self::Published
    }

    /// `published` or `unpublished`: a recording's `state`, and a directory in a bucket.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Published => "published",
            Self::Unpublished => "unpublished",
        }
    }
}

/// Which recordings `getRecordings` is to list (CONTRACT §6). What is empty does not restrict.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// `recordID` begins with one of these.
    pub record_ids: Vec<String>,
    /// `meetingID` is one of these.
    pub meeting_ids: Vec<String>,
    /// `state` is one of these; [`Filter::DEFAULT_STATES`] where a request names none.
    pub states: States,
    /// One of these pairs of key and value is in the metadata.
    pub metadata: Vec<(String, String)>,
    /// The metadata `tenant-id` is this.
    pub tenant_id: Option<String>,
}

/// States to list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum States {
    /// All, also a recording without one.
    Any,
    /// These, each once, see [`States::of`].
    Of(Vec<String>),
}

impl Filter {
    /// What is listed where a request names no state.
    pub const DEFAULT_STATES: [&str; 2] = ["published", "unpublished"];

    /// Whether nothing but a few states restricts it, so that the newest can be had without finding all.
    #[must_use]
    pub fn is_by_state_only(&self) -> bool {
        const FEW: usize = 16;
        let Self { record_ids, meeting_ids, states, metadata, tenant_id } = self;
        let few = states.named().is_none_or(|states| states.len() <= FEW);
        few && record_ids.is_empty() && meeting_ids.is_empty() && metadata.is_empty() && tenant_id.is_none()
    }
}

impl States {
    /// These states.
    #[must_use]
    pub fn of(mut states: Vec<String>) -> Self {
        states.sort_unstable();
        states.dedup();
        Self::Of(states)
    }

    /// The states that are named, if any are.
    #[must_use]
    pub fn named(&self) -> Option<&[String]> {
        match self {
            Self::Any => None,
            Self::Of(states) => Some(states),
        }
    }
}

impl Default for States {
    fn default() -> Self {
        Self::Of(Filter::DEFAULT_STATES.map(str::to_owned).to_vec())
    }
}

/// Where a page, or the rest of an answer, begins: newest first, recordings without a start last, of those
/// that began at the same time the later row first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// [`Recording::start`] of the last recording before it.
    pub start: Option<Micros>,
    /// [`Recording::id`] of that recording.
    pub id: i64,
}

impl From<&Recording> for Cursor {
    fn from(recording: &Recording) -> Self {
        Self { start: recording.start, id: recording.id }
    }
}
