//! What the recordings are that are measured. The scripts in SQL make the same ones.

/// So many recordings of each meeting.
const PER_MEETING: u64 = 4;
/// So many recordings of each course.
const PER_COURSE: u64 = 25;

/// Recordings `0..recordings`, about five minutes apart, each with six rows of metadata, one format and three
/// thumbnails.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shape {
    pub(crate) recordings: u64,
}

impl Shape {
    pub(crate) fn meetings(self) -> u64 {
        (self.recordings / PER_MEETING).max(1)
    }

    pub(crate) fn courses(self) -> u64 {
        (self.recordings / PER_COURSE).max(1)
    }

    /// The `recordID` of recording `i`.
    pub(crate) fn record_id(self, i: u64) -> String {
        let meeting = i % self.meetings() + 1;
        let word = |n: u64| format!("{:08x}", (meeting * (2_654_435_761 + 2 * n)) & 0xffff_ffff);
        let start = 1_420_070_400_000 + i * 300_000 + (i * 2_654_435_761) % 345_600 * 1000;
        format!("{}-{start}", (0..5).map(word).collect::<String>())
    }

    /// The `meetingID` of recording `i`.
    pub(crate) fn meeting_id(self, i: u64) -> String {
        format!("meeting-{}", i % self.meetings())
    }

    /// The metadata `course-id` of recording `i`.
    pub(crate) fn course(self, i: u64) -> String {
        (i % self.courses()).to_string()
    }

    /// A script of SQL, filled in.
    pub(crate) fn fill(self, script: &str) -> String {
        [("recordings", self.recordings), ("meetings", self.meetings()), ("courses", self.courses())]
            .iter()
            .fold(script.to_owned(), |sql, (name, n)| sql.replace(&format!("{{{name}}}"), &n.to_string()))
    }
}
