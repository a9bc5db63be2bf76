//! Servers that die, come back and are removed (CONTRACT §3.11, §11).

use std::time::Duration;

use bbb_sim::Fault;
use scalelite_system_tests::in_both_modes;
use scalelite_system_tests::site::{Api, Site, id};
use scalelite_system_tests::store::Mode;
use scalelite_system_tests::wait::{becomes, eventually, within};

in_both_modes!(
    a_create_fails_over_to_the_next_best_server,
    a_create_that_fails_on_three_servers_is_forgotten,
    a_failed_answer_is_not_tried_elsewhere,
    a_create_that_hangs_stays_bound,
    a_create_that_is_slow_stays_bound,
    a_known_meeting_does_not_fail_over,
    a_killed_server_loses_its_meetings_and_comes_back,
    a_removed_server_leaves_no_meeting_behind,
);

const NOT_CREATED: &str = "Unable to create meeting on server.";
const PASSWORDS: [(&str, &str); 2] = [("attendeePW", "ap"), ("moderatorPW", "mp")];

async fn create(api: &Api, meeting: &str) -> scalelite_system_tests::answer::Answer {
    api.call("create", &[("meetingID", meeting), PASSWORDS[0], PASSWORDS[1]]).await
}

async fn a_create_fails_over_to_the_next_best_server(mode: Mode) {
    let site = Site::start(mode, 3).await;
    let api = site.api().await;
    // Meetings run there, and connections to it are open.
    create(&api, "before").await.assert_success();
    assert_eq!(site.host("before"), 0);
    site.set_online(1, 2.0).await;
    site.set_online(2, 3.0).await;
    site.sim(0).set_fault(Fault::Down);
    create(&api, "new").await.assert_success();
    assert_eq!(site.host("new"), 1, "the next best one");
    assert_eq!(site.loads().await, [1.0, 3.0, 3.0].map(Some), "the failed try's load is taken back");
    assert_eq!(site.meeting("new").await.unwrap().server_id, id(1));
    let joined = api.call("join", &[("meetingID", "new"), ("fullName", "A"), ("password", "mp")]).await;
    assert!(joined.location().starts_with(site.sim(1).url()), "{joined:?}");
    assert_eq!(site.meeting("before").await.unwrap().server_id, id(0), "before the threshold it stays");
}

async fn a_create_that_fails_on_three_servers_is_forgotten(mode: Mode) {
    let site = Site::start(mode, 4).await;
    site.set_online(3, 10.0).await;
    let api = site.api().await;
    for n in 0..3 {
        site.sim(n).set_fault(Fault::Down);
    }
    create(&api, "new").await.assert_failed("internalError", NOT_CREATED);
    assert_eq!(site.sim(3).count("create"), 0, "three tries in all");
    assert!(site.state().meetings().await.unwrap().is_empty());
    assert_eq!(site.loads().await, [0.0, 0.0, 0.0, 10.0].map(Some));
    // Fewer servers than tries: the same.
    site.set_offline(2).await;
    site.set_offline(3).await;
    create(&api, "new").await.assert_failed("internalError", NOT_CREATED);
    assert!(site.state().meetings().await.unwrap().is_empty());
    assert_eq!(site.loads().await, [Some(0.0), Some(0.0), None, None]);
    site.sim(1).clear_faults();
    let created = create(&api, "new").await;
    created.assert_success();
    assert_eq!(created.text("messageKey"), "", "it is a new one");
    assert_eq!(site.host("new"), 1);
    assert_eq!(site.loads().await, [Some(0.0), Some(1.0), None, None]);
}

async fn a_failed_answer_is_not_tried_elsewhere(mode: Mode) {
    let site = Site::start(mode, 2).await;
    let api = site.api().await;
    let (message_key, message) = ("maxMeetings".to_owned(), "No more & <no> less.".to_owned());
    site.sim(0).set_fault_for("create", Fault::Failing { message_key, message });
    create(&api, "new").await.assert_failed("maxMeetings", "No more & <no> less.");
    assert_eq!([0, 1].map(|n| site.sim(n).count("create")), [1, 0]);
    site.sim(0).clear_faults();
    create(&api, "new").await.assert_success();
    assert_eq!(site.hosts("new").len(), 1);
}

async fn a_create_that_hangs_stays_bound(mode: Mode) {
    stays_bound(mode, Fault::Hang).await;
}

async fn a_create_that_is_slow_stays_bound(mode: Mode) {
    stays_bound(mode, Fault::Slow(Duration::from_secs(30))).await;
}

async fn stays_bound(mode: Mode, fault: Fault) {
    let site = Site::start(mode, 3).await;
    let api = site.api_with(&[("CONNECT_TIMEOUT", "0.5"), ("RESPONSE_TIMEOUT", "1")]).await;
    site.sim(0).set_fault_for("create", fault);
    let answer = within("a time-out", Duration::from_secs(5), create(&api, "new")).await;
    answer.assert_failed("internalError", NOT_CREATED);
    assert_eq!([0, 1, 2].map(|n| site.sim(n).count("create")), [1, 0, 0], "one attempt, nowhere else");
    assert_eq!(site.meeting("new").await.unwrap().server_id, id(0));
    assert_eq!(site.loads().await[0], Some(1.0));
    site.sim(0).clear_faults();
    create(&api, "new").await.assert_success();
    assert_eq!(site.host("new"), 0);
    assert_eq!(site.loads().await, [1.0, 0.0, 0.0].map(Some), "it is counted once");
}

async fn a_known_meeting_does_not_fail_over(mode: Mode) {
    let site = Site::start(mode, 2).await;
    let api = site.api().await;
    create(&api, "known").await.assert_success();
    site.sim(0).set_fault(Fault::Down);
    create(&api, "known").await.assert_failed("internalError", NOT_CREATED);
    assert_eq!(site.sim(1).count("create"), 0);
    assert_eq!(site.meeting("known").await.unwrap().server_id, id(0));
    site.sim(0).clear_faults();
    let again = create(&api, "known").await;
    assert_eq!(again.assert_success().text("messageKey"), "duplicateWarning");
}

async fn a_killed_server_loses_its_meetings_and_comes_back(mode: Mode) {
    const LIMIT: Duration = Duration::from_secs(20);
    let site = Site::start_unpolled(mode, 2).await;
    site.enable(0).await;
    site.enable(1).await;
    let patient = site.poller_with(&[("SERVER_UNHEALTHY_THRESHOLD", "1000")]).await;
    site.all_online().await;
    let api = site.api().await;
    create(&api, "room").await.assert_success();
    let (lost, left) = if site.host("room") == 0 { (0, 1) } else { (1, 0) };

    // Before the threshold.
    site.sim(lost).set_fault(Fault::Down);
    site.sim(lost).forget_all();
    eventually("polls fail", LIMIT, async || (site.server(lost).await.unhealthy_counter >= 2).then_some(()))
        .await;
    assert!(site.server(lost).await.route.online);
    assert_eq!(site.meeting("room").await.unwrap().server_id, id(lost));
    site.set_online(left, 40.0).await;
    create(&api, "early").await.assert_success();
    assert_eq!(site.host("early"), left, "a create fails over");
    assert!(patient.stop().await.success());

    // After it.
    let poller = site.poller().await;
    eventually("the server is offline", LIMIT, async || {
        (!site.server(lost).await.route.online).then_some(())
    })
    .await;
    eventually("its meetings are gone", LIMIT, async || site.meeting("room").await.is_none().then_some(()))
        .await;
    let gone = api.call("getMeetingInfo", &[("meetingID", "room")]).await;
    assert_eq!(gone.text("messageKey"), "notFound");
    assert_eq!(site.loads().await[lost], None);
    create(&api, "room").await.assert_success();
    assert_eq!(site.host("room"), left);
    let joined = api.call("join", &[("meetingID", "room"), ("fullName", "A"), ("password", "mp")]).await;
    assert!(joined.location().starts_with(site.sim(left).url()), "{joined:?}");

    // And back.
    site.sim(lost).clear_faults();
    becomes("the server is back", LIMIT, true, async || site.server(lost).await.route.online).await;
    becomes("it has no load", LIMIT, Some(0.0), async || site.server(lost).await.load).await;
    create(&api, "later").await.assert_success();
    assert_eq!(site.host("later"), lost, "the least-loaded one takes meetings again");
    assert!(poller.stop().await.success());
}

async fn a_removed_server_leaves_no_meeting_behind(mode: Mode) {
    let site = Site::start(mode, 2).await;
    let api = site.api().await;
    for n in 0..6 {
        create(&api, &format!("room {n}")).await.assert_success();
    }
    let on_removed: Vec<_> = site.sim(0).meetings().into_iter().map(|meeting| meeting.meeting_id).collect();
    assert_eq!(on_removed.len(), 3);
    assert!(site.state().remove_server(&id(0)).await.unwrap());
    let left = site.state().meetings().await.unwrap();
    assert!(left.len() == 3 && left.iter().all(|meeting| meeting.server_id == id(1)), "{left:?}");
    for meeting in &on_removed {
        let gone = api.call("getMeetingInfo", &[("meetingID", meeting)]).await;
        assert_eq!(gone.text("messageKey"), "notFound");
        create(&api, meeting).await.assert_success();
        assert!(site.sim(1).has_meeting(meeting));
    }
}
