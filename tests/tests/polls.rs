//! What the pollers see and do (CONTRACT §11).

use std::time::{Duration, Instant};

use bbb_sim::{Fault, NewMeeting};
use scalelite_core::pool::server::{AdminState, Usage};
use scalelite_core::state::ServerChange;
use scalelite_system_tests::in_both_modes;
use scalelite_system_tests::site::{Site, id};
use scalelite_system_tests::store::Mode;
use scalelite_system_tests::stub::Stub;
use scalelite_system_tests::wait::{becomes, eventually};

in_both_modes!(
    load_and_numbers_are_measured,
    an_ended_meeting_is_forgotten,
    a_meeting_missing_from_the_list_but_alive_is_kept,
    a_meeting_created_during_a_poll_is_kept,
    a_meeting_whose_create_is_under_way_is_kept,
    several_pollers_share_the_work,
    a_cordoned_empty_server_becomes_disabled,
    a_failing_server_is_told_to_end_its_meetings,
    a_server_needs_its_answers_in_a_row,
    more_servers_than_are_polled_at_once,
    the_first_poll_is_at_once,
    a_refused_create_is_forgotten_by_the_next_poll,
);

const LIMIT: Duration = Duration::from_secs(15);

async fn load_and_numbers_are_measured(mode: Mode) {
    const YEAR_2020: u64 = 1_577_836_800_000;
    let site = Site::start_unpolled(mode, 2).await;
    site.enable(0).await;
    site.change(0, &ServerChange { load_multiplier: Some(2.0), ..ServerChange::default() }).await;
    for n in 0..2 {
        let sim = site.sim(n);
        sim.add_meeting(NewMeeting::new("old").created_at(YEAR_2020)).unwrap();
        sim.add_users("old", 10, 2, 3).unwrap();
        sim.add_meeting(NewMeeting::new("old and empty").created_at(YEAR_2020)).unwrap();
        sim.add_meeting("young").unwrap();
        sim.add_users("young", 3, 0, 1).unwrap();
        sim.add_meeting(NewMeeting::new("breakout").breakout_of("young", 1)).unwrap();
        sim.add_users("breakout", 20, 0, 0).unwrap();
    }
    let _poller = site.poller().await;
    // (12 + 2 + 0 + 15) × 2
    becomes("the load", LIMIT, Some(58.0), async || site.server(0).await.load).await;
    let usage = Usage { meetings: 4, users: 35, largest_meeting: 20, videos: 4 };
    for n in 0..2 {
        becomes("the numbers", LIMIT, usage, async || site.server(n).await.usage).await;
        becomes("the version", LIMIT, Some("3.0.4".to_owned()), async || site.server(n).await.bbb_version)
            .await;
    }
    let disabled = site.server(1).await;
    assert!(disabled.load.is_none() && disabled.route.state == AdminState::Disabled, "{disabled:?}");
    assert_eq!(site.api().await.call("create", &[("meetingID", "x")]).await.text("returncode"), "SUCCESS");
    assert_eq!(site.host("x"), 0, "the disabled one takes none");
    site.sim(0).add_users("young", 30, 0, 0).unwrap();
    // (12 + 2 + 0 + 33 + 15) × 2
    becomes("the load", LIMIT, Some(124.0), async || site.server(0).await.load).await;
}

async fn an_ended_meeting_is_forgotten(mode: Mode) {
    let site = Site::start(mode, 2).await;
    let api = site.api().await;
    let _poller = site.poller().await;
    for room in ["ends", "stays"] {
        api.call("create", &[("meetingID", room)]).await.assert_success();
    }
    let bridge = site.meeting("ends").await.unwrap().voice_bridge;
    site.sim(site.host("ends")).end_meeting("ends");
    becomes("it is forgotten", LIMIT, None, async || site.meeting("ends").await).await;
    let listed = site.state().meetings().await.unwrap();
    assert_eq!(listed.iter().map(|meeting| meeting.id.as_str()).collect::<Vec<_>>(), ["stays"]);
    let external = site.api_with(&[("USE_EXTERNAL_VOICE_BRIDGE", "true")]).await;
    let next = external.call("create", &[("meetingID", "next"), ("voiceBridge", &bridge)]).await;
    assert_eq!(next.text("voiceBridge"), bridge, "its number is free");
}

async fn a_meeting_missing_from_the_list_but_alive_is_kept(mode: Mode) {
    let site = Site::start(mode, 1).await;
    let stub = Stub::start(|call, query| {
        let body = match call {
            "getMeetings" => "<meetings/><messageKey>noMeetings</messageKey>",
            "getMeetingInfo" if query.contains("dead") => {
                return "<response><returncode>FAILED</returncode><messageKey>notFound</messageKey>\
                    <message>none</message></response>"
                    .to_owned();
            }
            _ => "<version>2.0</version>",
        };
        format!("<response><returncode>SUCCESS</returncode>{body}</response>")
    })
    .await;
    site.change(0, &ServerChange { url: Some(stub.url().to_owned()), ..ServerChange::default() }).await;
    let api = site.api().await;
    for room in ["alive", "dead"] {
        api.call("create", &[("meetingID", room)]).await.assert_success();
    }
    let _poller = site.poller().await;
    becomes("the dead one is forgotten", LIMIT, None, async || site.meeting("dead").await).await;
    let asked = stub.count("getMeetingInfo");
    eventually("the other is asked for", LIMIT, async || {
        (stub.count("getMeetingInfo") >= asked + 2).then_some(())
    })
    .await;
    assert!(site.meeting("alive").await.is_some());
}

async fn a_meeting_created_during_a_poll_is_kept(mode: Mode) {
    let site = Site::start(mode, 1).await;
    let api = site.api().await;
    let sim = site.sim(0);
    // The list is made when the poll begins, and comes after the meeting has been created.
    sim.set_fault_for("getMeetings", Fault::Slow(Duration::from_secs(2)));
    sim.set_fault_for("getMeetingInfo", Fault::failing("notFound"));
    let _poller = site.poller().await;
    eventually("a poll begins", LIMIT, async || (sim.count("getMeetings") > 0).then_some(())).await;
    api.call("create", &[("meetingID", "room")]).await.assert_success();
    eventually("the next poll begins", LIMIT, async || (sim.count("getMeetings") > 1).then_some(())).await;
    assert!(site.meeting("room").await.is_some());
    eventually("that is over, too", LIMIT, async || (sim.count("getMeetings") > 2).then_some(())).await;
    assert!(site.meeting("room").await.is_some());
}

async fn a_meeting_whose_create_is_under_way_is_kept(mode: Mode) {
    let site = Site::start(mode, 2).await;
    let api = site.api().await;
    let sim = site.sim(0);
    // The server has been asked and has not made it yet: it is not in its list, and asked for it the server
    // says notFound. Were it forgotten now, a repeated create would make it a second time elsewhere.
    sim.set_fault_for("create", Fault::Hang);
    let create = api.call("create", &[("meetingID", "room")]);
    let story = async {
        eventually("the create is under way", LIMIT, async || (sim.count("create") > 0).then_some(())).await;
        let _poller = site.poller().await;
        eventually("several polls", LIMIT, async || (sim.count("getMeetings") >= 4).then_some(())).await;
        let bound = site.meeting("room").await.map(|meeting| meeting.server_id);
        sim.clear_faults();
        bound
    };
    let (_, bound) = futures_util::join!(create, story);
    assert_eq!(bound, Some(id(0)));
}

async fn several_pollers_share_the_work(mode: Mode) {
    const SERVERS: usize = 12;
    let site = Site::start(mode, SERVERS).await;
    let _pollers = [site.poller().await, site.poller().await, site.poller().await];
    for n in 0..SERVERS {
        site.sim(n).clear_requests();
    }
    let started = Instant::now();
    let counts = eventually("every server is polled several times", LIMIT * 2, async || {
        let counts: Vec<u64> = site.sims.iter().map(|sim| sim.count("getMeetings")).collect();
        counts.iter().all(|count| *count >= 5).then_some(counts)
    })
    .await;
    // Nobody takes a server within nine tenths of an interval of the last one who did.
    let most = started.elapsed().div_duration_f64(Duration::from_millis(900)).ceil() + 1.0;
    assert!(counts.iter().all(|count| (*count as f64) <= most), "more than {most}: {counts:?}");
}

async fn a_cordoned_empty_server_becomes_disabled(mode: Mode) {
    let site = Site::start(mode, 2).await;
    let api = site.api().await;
    for room in ["a", "b"] {
        api.call("create", &[("meetingID", room)]).await.assert_success();
    }
    for n in 0..2 {
        site.set_state(n, AdminState::Cordoned).await;
    }
    let busy = site.host("a");
    let empty = 1 - busy;
    site.sim(empty).forget_all();
    let _poller = site.poller().await;
    becomes("the empty one is disabled", LIMIT, AdminState::Disabled, async || {
        site.server(empty).await.route.state
    })
    .await;
    becomes("the other has its load", LIMIT, Some(15.0), async || site.server(busy).await.load).await;
    assert_eq!(site.server(busy).await.route.state, AdminState::Cordoned);
    site.sim(busy).end_meeting("a");
    becomes("that is disabled too", LIMIT, AdminState::Disabled, async || {
        site.server(busy).await.route.state
    })
    .await;
    let none = api.call("create", &[("meetingID", "c")]).await;
    none.assert_failed("internalError", "Could not find any available servers.");
}

async fn a_failing_server_is_told_to_end_its_meetings(mode: Mode) {
    let site = Site::start(mode, 1).await;
    let api = site.api().await;
    api.call("create", &[("meetingID", "room"), ("moderatorPW", "mp")]).await.assert_success();
    site.sim(0).set_fault_for("getMeetings", Fault::failing("someError"));
    let _poller = site.poller().await;
    becomes("it is offline", LIMIT, false, async || site.server(0).await.route.online).await;
    becomes("its meeting is forgotten", LIMIT, None, async || site.meeting("room").await).await;
    eventually("its meeting is ended", LIMIT, async || (!site.sim(0).has_meeting("room")).then_some(()))
        .await;
    let request = site.sim(0).requests_for("end").pop().unwrap();
    assert_eq!(request.param("password").as_deref(), Some("mp"));
    let server = site.server(0).await;
    assert_eq!((server.load, server.usage), (None, Usage::default()));
}

async fn a_server_needs_its_answers_in_a_row(mode: Mode) {
    let site = Site::start_unpolled(mode, 1).await;
    site.enable(0).await;
    let env = [("SERVER_HEALTHY_THRESHOLD", "3"), ("SERVER_UNHEALTHY_THRESHOLD", "3")];
    site.sim(0).set_fault(Fault::Http500);
    let _poller = site.poller_with(&env).await;
    eventually("it is polled", LIMIT, async || (site.sim(0).count("getMeetings") >= 2).then_some(())).await;
    assert!(!site.server(0).await.route.online);
    site.sim(0).clear_requests();
    site.sim(0).clear_faults();
    becomes("it is online", LIMIT, true, async || site.server(0).await.route.online).await;
    assert!(site.sim(0).count("getMeetings") >= 3);
    assert_eq!(site.state().server(&id(0)).await.unwrap().unwrap().load, Some(0.0));
    site.sim(0).set_fault(Fault::Http500);
    site.sim(0).clear_requests();
    becomes("it is offline", LIMIT, false, async || site.server(0).await.route.online).await;
    assert!(site.sim(0).count("getMeetings") >= 3);
}

/// The scheduled poll takes servers while others are polled.
async fn more_servers_than_are_polled_at_once(mode: Mode) {
    let site = Site::start_unpolled(mode, 40).await;
    let _poller = site.poller_with(&[("POLL_CONCURRENCY", "3")]).await;
    for n in 0..40 {
        becomes("online", LIMIT, true, async || site.server(n).await.route.online).await;
    }
}

async fn the_first_poll_is_at_once(mode: Mode) {
    let site = Site::start_unpolled(mode, 1).await;
    let _poller = site.poller_with(&[("POLL_INTERVAL", "600")]).await;
    becomes("online", LIMIT, true, async || site.server(0).await.route.online).await;
}

async fn a_refused_create_is_forgotten_by_the_next_poll(mode: Mode) {
    let site = Site::start(mode, 1).await;
    site.sim(0).set_fault_for("create", Fault::failing("badName"));
    let api = site.api().await;
    let refused = api.call("create", &[("meetingID", "refused")]).await;
    assert_eq!(refused.text("messageKey"), "badName");
    let _poller = site.poller().await;
    becomes("forgotten", LIMIT, true, async || site.meeting("refused").await.is_none()).await;
}
