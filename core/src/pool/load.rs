//! How loaded a server is (CONTRACT §11).

use super::server::Usage;

/// One meeting, as a poll sees it.
#[derive(Debug, Clone, Copy, Default)]
pub struct MeetingSample {
    /// Users in it, moderators among them.
    pub participants: u64,
    /// Moderators in it.
    pub moderators: u64,
    /// Cameras shared in it.
    pub videos: u64,
    /// When it was created, in milliseconds since 1970.
    pub created_ms: u64,
    /// Whether it is a breakout room.
    pub breakout: bool,
}

/// How a young meeting counts: people are still arriving.
#[derive(Debug, Clone, Copy)]
pub struct LoadRule {
    /// The least that a young meeting counts, in users (`LOAD_MIN_USER_COUNT`).
    pub min_user_count: u64,
    /// Until what age it is young, in milliseconds (`LOAD_JOIN_BUFFER_TIME`).
    pub join_buffer_ms: u64,
}

/// The load (before the server's multiplier) and the numbers to show.
#[must_use]
pub fn measure(
    meetings: impl IntoIterator<Item = MeetingSample>,
    rule: LoadRule,
    now_ms: u64,
) -> (u64, Usage) {
    let mut usage = Usage::default();
    let mut load = 0_u64;
    for meeting in meetings {
        usage.meetings += 1;
        usage.users = usage.users.saturating_add(meeting.participants);
        usage.largest_meeting = usage.largest_meeting.max(meeting.participants);
        usage.videos = usage.videos.saturating_add(meeting.videos);
        if meeting.breakout {
            continue;
        }
        let attendees = meeting.participants.saturating_add(meeting.moderators);
        // Whole seconds, as the original counts.
        let young = meeting.created_ms / 1000 > now_ms.saturating_sub(rule.join_buffer_ms) / 1000;
        load = load.saturating_add(if young { attendees.max(rule.min_user_count) } else { attendees });
    }
    (load, usage)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: LoadRule = LoadRule { min_user_count: 15, join_buffer_ms: 15 * 60_000 };
    const NOW: u64 = 1_700_000_000_000;

    fn meeting(participants: u64, moderators: u64, age_min: u64) -> MeetingSample {
        MeetingSample {
            participants,
            moderators,
            videos: 1,
            created_ms: NOW - age_min * 60_000,
            breakout: false,
        }
    }

    #[test]
    fn an_old_meeting_counts_its_people_moderators_twice() {
        assert_eq!(measure([meeting(10, 2, 60)], RULE, NOW).0, 12);
        assert_eq!(measure([meeting(0, 0, 60)], RULE, NOW).0, 0);
    }

    #[test]
    fn a_young_meeting_counts_at_least_the_minimum() {
        assert_eq!(measure([meeting(1, 1, 14)], RULE, NOW).0, 15);
        assert_eq!(measure([meeting(30, 1, 14)], RULE, NOW).0, 31);
        assert_eq!(measure([meeting(1, 1, 15)], RULE, NOW).0, 2);
    }

    #[test]
    fn breakout_rooms_are_shown_but_weigh_nothing() {
        let breakout = MeetingSample { breakout: true, ..meeting(5, 0, 1) };
        let (load, usage) = measure([meeting(20, 1, 60), breakout], RULE, NOW);
        assert_eq!(load, 21);
        assert_eq!(usage, Usage { meetings: 2, users: 25, largest_meeting: 20, videos: 2 });
    }

    #[test]
    fn absurd_numbers_do_not_overflow() {
        let huge = MeetingSample { participants: u64::MAX, moderators: u64::MAX, ..MeetingSample::default() };
        assert_eq!(measure([huge, huge], RULE, NOW).0, u64::MAX);
    }
}
