//! One server that accepts and never answers delays nobody else (CONTRACT §4, §11).

use std::time::Duration;

use bbb_sim::Fault;
use futures_util::future::join_all;
use scalelite_system_tests::in_both_modes;
use scalelite_system_tests::site::Site;
use scalelite_system_tests::store::Mode;
use scalelite_system_tests::wait::{becomes, eventually, within};

in_both_modes!(
    an_answer_is_waited_for_no_longer_than_its_own_limit,
    get_meetings_does_not_wait_for_a_hanging_server,
    calls_to_other_servers_do_not_wait_for_a_hanging_server,
    a_server_known_offline_gets_little_time,
    the_poll_of_other_servers_does_not_wait_for_a_hanging_server,
);

/// Well below `RESPONSE_TIMEOUT` (10 s) and `CONNECT_TIMEOUT` (5 s).
const PROMPT: Duration = Duration::from_secs(3);

async fn get_meetings_does_not_wait_for_a_hanging_server(mode: Mode) {
    let site = Site::start(mode, 4).await;
    let api = site.api().await;
    for n in 0..8 {
        api.call("create", &[("meetingID", &format!("room {n}"))]).await.assert_success();
    }
    let mut others: Vec<String> = [1, 2, 3]
        .into_iter()
        .flat_map(|n| site.sim(n).meetings())
        .map(|meeting| meeting.meeting_id)
        .collect();
    others.sort();
    assert_eq!(others.len(), 6);
    site.sim(0).set_fault(Fault::Hang);
    for _ in 0..3 {
        let answer = within("getMeetings", PROMPT, api.get("getMeetings", "")).await;
        let mut listed = answer.assert_success().fields("meetingID");
        listed.sort();
        assert_eq!(listed, others);
    }
    // The same with all of them at once, and then with the server back.
    let many = join_all((0..20).map(|_| api.get("getMeetings", "")));
    for answer in within("20 × getMeetings", PROMPT, many).await {
        answer.assert_success();
    }
    site.sim(0).clear_faults();
    becomes("the server is listed again", Duration::from_secs(10), 8, async || {
        api.get("getMeetings", "").await.fields("meetingID").len()
    })
    .await;
    for n in 0..4 {
        site.sim(n).set_fault(Fault::Http500);
    }
    api.get("getMeetings", "").await.assert_failed("internalError", "Unable to access server.");
}

async fn calls_to_other_servers_do_not_wait_for_a_hanging_server(mode: Mode) {
    let site = Site::start(mode, 2).await;
    let api = site.api_with(&[("WEB_CONCURRENCY", "1")]).await;
    for room in ["stuck", "fine"] {
        api.call("create", &[("meetingID", room)]).await.assert_success();
    }
    let (stuck, fine) = (site.host("stuck"), site.host("fine"));
    assert_ne!(stuck, fine);
    site.sim(stuck).set_fault(Fault::Hang);
    let hanging = join_all((0..100).map(|_| api.call("getMeetingInfo", &[("meetingID", "stuck")])));
    let others = async {
        eventually("the calls hang", Duration::from_secs(10), async || {
            (site.sim(stuck).count("getMeetingInfo") >= 100).then_some(())
        })
        .await;
        for call in ["getMeetingInfo", "isMeetingRunning"] {
            let answer = api.call(call, &[("meetingID", "fine")]);
            within(call, PROMPT, answer).await.assert_success();
        }
        let create = api.call("create", &[("meetingID", "fine")]);
        within("create", PROMPT, create).await.assert_success();
        let join = api.call("join", &[("meetingID", "stuck"), ("fullName", "A"), ("role", "VIEWER")]);
        assert_eq!(within("join", PROMPT, join).await.status, 302);
        within("health_check", PROMPT, api.send(reqwest::Method::GET, "/health_check")).await;
        let end = api.call("end", &[("meetingID", "fine")]);
        within("end", PROMPT, end).await.assert_success();
        // Ends the hanging, so that the test need not wait for the time-outs.
        site.sim(stuck).clear_faults();
    };
    let (answers, ()) = futures_util::join!(hanging, others);
    for answer in answers {
        answer.assert_failed("internalError", "Unable to access meeting on server.");
    }
}

async fn a_server_known_offline_gets_little_time(mode: Mode) {
    let site = Site::start(mode, 1).await;
    let api = site.api().await;
    api.call("create", &[("meetingID", "room")]).await.assert_success();
    site.sim(0).set_fault(Fault::Hang);
    site.set_offline(0).await;
    // A tenth of 5 s and 10 s.
    for call in ["getMeetingInfo", "create", "end"] {
        let answer = within(call, PROMPT, api.call(call, &[("meetingID", "room")])).await;
        assert_eq!(answer.text("messageKey"), "internalError", "{answer:?}");
    }
}

async fn an_answer_is_waited_for_no_longer_than_its_own_limit(mode: Mode) {
    let site = Site::start(mode, 1).await;
    let api = site.api_with(&[("CONNECT_TIMEOUT", "30"), ("RESPONSE_TIMEOUT", "1")]).await;
    api.call("create", &[("meetingID", "room")]).await.assert_success();
    site.sim(0).set_fault(Fault::Hang);
    for _ in 0..2 {
        let answer = within("the answer", PROMPT, api.call("getMeetingInfo", &[("meetingID", "room")])).await;
        answer.assert_failed("internalError", "Unable to access meeting on server.");
    }
}

async fn the_poll_of_other_servers_does_not_wait_for_a_hanging_server(mode: Mode) {
    let site = Site::start(mode, 3).await;
    site.sim(0).set_fault(Fault::Hang);
    let _poller = site.poller().await;
    eventually("the first server hangs", PROMPT, async || {
        (site.sim(0).count("getMeetings") >= 1).then_some(())
    })
    .await;
    for n in [1, 2] {
        site.sim(n).add_meeting("room").unwrap();
        site.sim(n).add_users("room", 20, 0, 0).unwrap();
    }
    for n in [1, 2] {
        becomes("the new load is seen", PROMPT, Some(20.0), async || site.server(n).await.load).await;
        site.sim(n).end_meeting("room");
    }
    for n in [1, 2] {
        becomes("the load is gone", PROMPT, Some(0.0), async || site.server(n).await.load).await;
    }
    assert!(site.sim(0).count("getMeetings") <= 1, "the hanging poll is not repeated meanwhile");
}
