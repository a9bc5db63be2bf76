//! Whatever is done to them, Redis and SQLite tell the same story.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use scalelite_core::pool::health::Health;
use scalelite_core::pool::placement::TagRule;
use scalelite_core::pool::server::{AdminState, Usage};
use scalelite_core::state::sqlite::SqliteState;
use scalelite_core::state::{
    ForgetIf, LiveState, NewServer, PlaceMeeting, Placement, PollResult, PollTask, Sample, ServerChange,
};
use tempfile::TempDir;

use crate::given::new_server;
use crate::redis_server::RedisServer;
use crate::store::redis_state;

/// Something that may be done to the live state; few IDs, so that it meets what was done before.
#[derive(Debug, Clone)]
enum Step {
    Add { server: &'static str, tag: Option<&'static str>, multiplier: f64 },
    Change { server: &'static str, state: Option<AdminState>, multiplier: Option<f64>, untag: bool },
    Remove { server: &'static str },
    BeginPolls,
    EndPoll { server: &'static str, online: bool, counter: u32, load: Option<u8> },
    Version { server: &'static str, version: &'static str },
    Create { meeting: &'static str, tenant: Option<&'static str>, tags: String, failed: Vec<&'static str> },
    Locate { meeting: &'static str, tenant: Option<&'static str> },
    Join { meeting: &'static str, tenant: Option<&'static str> },
    Take { meeting: &'static str, tenant: Option<&'static str> },
    Forget { meeting: &'static str, on_server: Option<&'static str> },
}

const SERVERS: [&str; 4] = ["a", "b", "c", "d"];

fn step() -> impl Strategy<Value = Step> {
    let server = || select(&SERVERS[..]);
    let meeting = || select(vec!["m1", "m2", "m3", "m4", "m5"]);
    let tenant = || option::of(select(vec!["t1", "t2"]));
    let multiplier = || select(vec![0.5, 1.0, 2.0]);
    let state =
        select(vec![AdminState::Enabled, AdminState::Enabled, AdminState::Cordoned, AdminState::Disabled]);
    let tags = proptest::string::string_regex("(x|y|none|x;y|z)?!?").unwrap();
    let failed = prop_oneof![2 => Just(Vec::new()), 1 => proptest::collection::vec(server(), 1..4)];
    prop_oneof![
        3 => (server(), option::of(select(vec!["x", "y"])), multiplier())
            .prop_map(|(server, tag, multiplier)| Step::Add { server, tag, multiplier }),
        4 => (server(), option::weighted(0.9, state), option::weighted(0.2, multiplier()), any::<bool>())
            .prop_map(|(server, state, multiplier, untag)| Step::Change { server, state, multiplier, untag }),
        1 => server().prop_map(|server| Step::Remove { server }),
        2 => Just(Step::BeginPolls),
        5 => (server(), prop::bool::weighted(0.9), 0..3_u32, option::weighted(0.8, 0..6_u8))
            .prop_map(|(server, online, counter, load)| Step::EndPoll { server, online, counter, load }),
        1 => (server(), select(vec!["", "2.7", "3.0"]))
            .prop_map(|(server, version)| Step::Version { server, version }),
        8 => (meeting(), tenant(), tags, failed)
            .prop_map(|(meeting, tenant, tags, failed)| Step::Create { meeting, tenant, tags, failed }),
        2 => (meeting(), tenant()).prop_map(|(meeting, tenant)| Step::Locate { meeting, tenant }),
        4 => (meeting(), tenant()).prop_map(|(meeting, tenant)| Step::Join { meeting, tenant }),
        1 => (meeting(), tenant()).prop_map(|(meeting, tenant)| Step::Take { meeting, tenant }),
        1 => (meeting(), option::of(server()))
            .prop_map(|(meeting, on_server)| Step::Forget { meeting, on_server }),
    ]
}

/// Three servers that take meetings; the fourth has yet to come.
fn beginning() -> Vec<Step> {
    let steps = SERVERS[..3].iter().zip([None, None, Some("x")]).map(|(&server, tag)| {
        let (state, multiplier) = (Some(AdminState::Enabled), Some(2.0));
        [
            Step::Add { server, tag, multiplier: 1.0 },
            Step::Change { server, state, multiplier, untag: false },
            Step::EndPoll { server, online: true, counter: 0, load: Some(1) },
        ]
    });
    steps.flatten().collect()
}

/// One of the stores, and the polls that have begun there.
struct Side<'s> {
    state: &'s dyn LiveState,
    polls: HashMap<String, PollTask>,
}

impl Side<'_> {
    /// What the step answers, in words.
    async fn take(&mut self, step: &Step) -> String {
        let state = self.state;
        match step {
            Step::Add { server, tag, multiplier } => {
                let tag = tag.map(str::to_owned);
                let new = NewServer { tag, load_multiplier: *multiplier, ..new_server(server) };
                format!("{:?}", state.add_server(&new).await.unwrap())
            }
            Step::Change { server, state: wanted, multiplier, untag } => {
                let change = ServerChange {
                    state: *wanted,
                    load_multiplier: *multiplier,
                    tag: untag.then_some(None),
                    ..ServerChange::default()
                };
                format!("{:?}", state.change_server(&(*server).into(), &change).await.unwrap())
            }
            Step::Remove { server } => format!("{:?}", state.remove_server(&(*server).into()).await.unwrap()),
            Step::BeginPolls => self.begin_polls().await,
            Step::EndPoll { server, online, counter, load } => {
                let usage = Usage { meetings: 1, users: 2, largest_meeting: 3, videos: u64::from(*counter) };
                let result = PollResult {
                    server_id: (*server).into(),
                    health: Health { online: *online, healthy: *counter, unhealthy: counter + 1 },
                    measured: load.map(|load| (f64::from(load) / 2.0, usage)),
                    load_added_before: self.polls.get(*server).map_or(0.0, |task| task.load_added),
                };
                format!("{:?}", state.record_poll(&result).await.unwrap())
            }
            Step::Version { server, version } => {
                format!("{:?}", state.record_version(&(*server).into(), version).await.unwrap())
            }
            Step::Create { meeting, tenant, tags, failed } => {
                let placement = create(state, meeting, *tenant, tags, failed).await;
                format!("{placement:?}")
            }
            Step::Locate { meeting, tenant } => {
                format!("{:?}", state.locate_meeting(meeting, *tenant).await.unwrap())
            }
            Step::Join { meeting, tenant } => {
                format!("{:?}", state.join_meeting(meeting, *tenant).await.unwrap())
            }
            Step::Take { meeting, tenant } => {
                format!("{:?}", state.take_meeting(meeting, *tenant).await.unwrap())
            }
            Step::Forget { meeting, on_server } => {
                let on_server = on_server.map(Into::into);
                let only = ForgetIf { on_server: on_server.as_ref(), not_placed_since: None };
                format!("{:?}", state.forget_meeting(meeting, only).await.unwrap())
            }
        }
    }

    async fn begin_polls(&mut self) -> String {
        let mut tasks = state_of_polls(self.state).await;
        let told = format!("{tasks:?}");
        self.polls = tasks.drain(..).map(|task| (task.server.route.id.to_string(), task)).collect();
        told
    }

    /// Everything that can be seen.
    async fn story(&self) -> String {
        let mut meetings = self.state.meetings().await.unwrap();
        meetings.sort_by(|a, b| a.id.cmp(&b.id));
        let servers = self.state.servers().await.unwrap();
        let histories = state_of_histories(self.state).await;
        format!("{servers:#?} {meetings:#?} {:#?} {histories:?}", state_of_polls(self.state).await)
    }
}

/// By ID, and without the times: five minutes may begin in between, so what they say is folded once more.
async fn state_of_histories(state: &dyn LiveState) -> BTreeMap<String, (f64, u64, u64, bool)> {
    let histories = state.histories().await.unwrap();
    let fold = |samples: Vec<Sample>| {
        samples.iter().fold((0.0, 0, 0, false), |(load, users, videos, offline), sample| {
            let Sample { load: now, .. } = *sample;
            (
                f64::max(load, now),
                users.max(sample.users),
                videos.max(sample.videos),
                offline || sample.offline,
            )
        })
    };
    histories.into_iter().map(|(id, samples)| (id.to_string(), fold(samples))).collect()
}

/// By ID: those taken in the same millisecond come in any order.
async fn state_of_polls(state: &dyn LiveState) -> Vec<PollTask> {
    let mut tasks = state.take_all_polls().await.unwrap();
    tasks.sort_by(|a, b| a.server.route.id.cmp(&b.server.route.id));
    for task in &mut tasks {
        // The time that passes is not the same for both.
        task.since_last = None;
    }
    tasks
}

async fn create(
    state: &dyn LiveState,
    meeting: &str,
    tenant: Option<&str>,
    tags: &str,
    failed: &[&'static str],
) -> Placement {
    let numbers = ["1", "2", "3"].map(str::to_owned);
    let failed: Vec<_> = failed.iter().map(|&id| id.into()).collect();
    let request = PlaceMeeting {
        meeting_id: meeting,
        tenant_id: tenant,
        moderator_pw: tags,
        voice_bridges: &numbers,
        tags: &TagRule::parse(tags),
        ttl: Duration::from_secs(600),
        max_meetings: Some(2),
        failed: &failed,
    };
    state.place_meeting(&request).await.unwrap()
}

async fn agree(redis: &RedisServer, steps: &[Step]) -> Result<(), TestCaseError> {
    let mut raw = redis.connection().await;
    redis::cmd("FLUSHALL").exec_async(&mut raw).await.unwrap();
    let in_redis = redis_state(&redis.url());
    let dir = TempDir::new().unwrap();
    let in_sqlite = SqliteState::open(&dir.path().join("live")).await.unwrap();
    let mut left = Side { state: &in_redis, polls: HashMap::new() };
    let mut right = Side { state: &in_sqlite, polls: HashMap::new() };
    for (n, step) in beginning().iter().chain(steps).enumerate() {
        prop_assert_eq!(left.take(step).await, right.take(step).await, "step {}", n);
        prop_assert_eq!(left.story().await, right.story().await, "after step {}", n);
    }
    Ok(())
}

#[test]
fn redis_and_sqlite_tell_the_same_story() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let redis = runtime.block_on(RedisServer::start());
    let config =
        Config { cases: 120, failure_persistence: None, max_shrink_iters: 2000, ..Config::default() };
    let steps = proptest::collection::vec(step(), 1..60);
    let outcome = TestRunner::new(config).run(&steps, |steps| runtime.block_on(agree(&redis, &steps)));
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
}
