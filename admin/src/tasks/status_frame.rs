//! What `status --watch` shows at a time. Pure.

use std::time::Duration;

use chrono::DateTime;
use scalelite_core::pool::server::{AdminState, Server};
use scalelite_core::printable::printable;
use scalelite_core::state::Histories;

use super::status;
use crate::output::{Align, table};
use crate::sparkline;

/// The hours of a sparkline.
const HOURS: u64 = 24;
const SPARKLINE: (&str, Align) = ("LOAD, 24 HOURS", Align::Left);

/// What can be done without in a narrow terminal, the least important last (by its place in [`status::COLUMNS`]; the
/// sparkline comes after them).
const DROPPED: [usize; 9] = [7, 4, 1, 10, 3, 5, 6, 9, 8];

/// The size of a terminal, in characters.
#[derive(Debug, Clone, Copy)]
pub(super) struct Size {
    pub(super) columns: usize,
    pub(super) rows: usize,
}

/// What was seen last.
#[derive(Debug, Default)]
pub(super) struct Frame {
    pub(super) servers: Vec<Server>,
    pub(super) histories: Histories,
    /// In seconds since 1970.
    pub(super) now: u64,
    pub(super) every: Duration,
    /// Why it could not be looked now.
    pub(super) trouble: Option<String>,
}

impl Frame {
    /// The lines, cut to a size if there is one.
    pub(super) fn lines(&self, size: Option<Size>) -> Vec<String> {
        let mut lines = vec![self.summary()];
        lines.extend(self.trouble.iter().map(|why| format!("The live state does not answer (yet): {why}")));
        lines.push(String::new());
        let columns = size.map_or(usize::MAX, |size| size.columns);
        lines.extend(self.table(columns).lines().map(|line| line.trim_end().to_owned()));
        let Some(Size { columns, rows }) = size else {
            return lines.iter().map(|line| printable(line)).collect();
        };
        if lines.len() > rows {
            let kept = rows.saturating_sub(1);
            let more = format!(" … and {} more", lines.len() - kept);
            lines.truncate(kept);
            lines.push(more);
        }
        lines.iter().map(|line| printable(line).chars().take(columns).collect()).collect()
    }

    fn summary(&self) -> String {
        let servers = &self.servers;
        let online = servers.iter().filter(|server| server.route.online).count();
        let cordoned = servers.iter().filter(|server| server.route.state == AdminState::Cordoned).count();
        let sum = |number: fn(&Server) -> u64| servers.iter().map(number).fold(0, u64::saturating_add);
        let (meetings, users) = (sum(|server| server.usage.meetings), sum(|server| server.usage.users));
        let seconds = i64::try_from(self.now).ok().and_then(|now| DateTime::from_timestamp(now, 0));
        let time = seconds.map(|time| time.format("%H:%M:%S").to_string()).unwrap_or_default();
        format!(
            "{time} UTC: {} servers, {online} online, {cordoned} cordoned; {meetings} meetings, {users} users. Every {:?}, \
             Ctrl-C ends.",
            servers.len(),
            self.every
        )
    }

    /// With as many columns as there is room for.
    fn table(&self, room: usize) -> String {
        let mut rows: Vec<Vec<String>> = Vec::with_capacity(self.servers.len());
        let most = sparkline::most(self.histories.values());
        for (name, server) in status::by_hostname(&self.servers) {
            let samples = self.histories.get(&server.route.id).map_or(&[][..], Vec::as_slice);
            let mut row = status::row(name, server);
            row.push(sparkline::of_load(samples, self.now, HOURS, most));
            rows.push(row);
        }
        let all: Vec<_> = status::COLUMNS.into_iter().chain([SPARKLINE]).collect();
        let mut kept: Vec<usize> = (0..all.len()).collect();
        let mut dropped = DROPPED.iter().rev();
        loop {
            let columns: Vec<_> = kept.iter().map(|&at| all[at]).collect();
            let rows = rows.iter().map(|row| kept.iter().map(|&at| row[at].clone()).collect());
            let text = table(&columns, rows);
            let width = text.lines().map(|line| line.trim_end().chars().count()).max().unwrap_or_default();
            match dropped.next() {
                Some(next) if width > room => kept.retain(|at| at != next),
                _ => return text,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use scalelite_core::pool::server::{Route, Usage};
    use scalelite_core::state::Sample;

    use super::*;

    fn server(n: u64) -> Server {
        Server {
            route: Route {
                id: format!("s{n}").into(),
                url: format!("https://bbb{n}.example.com/bigbluebutton/api"),
                secret: "x".into(),
                tag: None,
                state: AdminState::Enabled,
                online: n != 2,
            },
            load: (n != 2).then_some(25.5),
            load_multiplier: 1.0,
            usage: Usage { meetings: n, users: 10 * n, largest_meeting: 5, videos: 2 },
            healthy_counter: 0,
            unhealthy_counter: 0,
            bbb_version: Some("3.0\x1b[31m\n".to_owned()),
        }
    }

    fn frame(servers: u64) -> Frame {
        let sample = Sample { at: 7200, load: 4.0, meetings: 1, users: 4, videos: 0, offline: false };
        Frame {
            servers: (1..=servers).map(server).collect(),
            histories: Histories::from([("s1".into(), vec![sample])]),
            now: 7200 + 3600,
            every: Duration::from_secs(5),
            trouble: None,
        }
    }

    #[test]
    fn all_there_is_where_nothing_is_cut() {
        let lines = frame(2).lines(None);
        let wanted =
            "03:00:00 UTC: 2 servers, 1 online, 0 cordoned; 3 meetings, 30 users. Every 5s, Ctrl-C ends.";
        assert_eq!(lines[0], wanted);
        assert_eq!(lines.len(), 5, "{lines:#?}");
        assert!(lines[2].contains("LARGEST MEETING") && lines[2].ends_with("LOAD, 24 HOURS"), "{lines:#?}");
        assert!(lines[3].contains("bbb1.example.com") && lines[3].ends_with('█'), "{lines:#?}");
        assert!(lines.iter().all(|line| !line.chars().any(char::is_control)), "{lines:#?}");
    }

    #[test]
    fn narrow_terminals_show_less() {
        let frame = frame(2);
        for columns in [1, 10, 20, 40, 60, 80, 100, 200] {
            let lines = frame.lines(Some(Size { columns, rows: 24 }));
            assert!(lines.iter().all(|line| line.chars().count() <= columns), "{columns}: {lines:#?}");
        }
        let lines = frame.lines(Some(Size { columns: 80, rows: 24 }));
        assert!(lines[2].contains("USERS") && lines[2].contains("LOAD, 24 HOURS"), "{lines:#?}");
        assert!(!lines[2].contains("VERSION"), "{lines:#?}");
    }

    #[test]
    fn low_terminals_tell_how_much_there_is_more() {
        let lines = frame(40).lines(Some(Size { columns: 80, rows: 10 }));
        assert_eq!((lines.len(), lines[9].as_str()), (10, " … and 34 more"));
    }

    #[test]
    fn trouble_is_told_above_what_was_seen_last() {
        let lines = Frame { trouble: Some("gone".to_owned()), ..frame(1) }.lines(None);
        assert_eq!(lines[1], "The live state does not answer (yet): gone");
        assert!(lines[4].contains("bbb1.example.com"), "{lines:#?}");
    }
}
