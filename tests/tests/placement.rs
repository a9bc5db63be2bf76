//! Which server a meeting gets, also when many ask at the same instant (CONTRACT §3.1–§3.3, §5).

use std::collections::BTreeSet;

use futures_util::future::join_all;
use scalelite_system_tests::answer::Answer;
use scalelite_system_tests::in_both_modes;
use scalelite_system_tests::site::Site;
use scalelite_system_tests::store::Mode;

in_both_modes!(
    sixty_meetings_at_once_spread_evenly,
    one_meeting_asked_for_forty_times_at_once_with_passwords,
    one_meeting_asked_for_forty_times_at_once_without_passwords,
    the_least_loaded_server_is_chosen,
    tags_choose_among_servers,
    voice_bridges_are_unique,
);

async fn sixty_meetings_at_once_spread_evenly(mode: Mode) {
    let site = Site::start(mode, 6).await;
    let apis = [site.api().await, site.api().await];
    let creates = (0..60).map(|n| {
        let api = &apis[n % 2];
        async move { api.call("create", &[("meetingID", &format!("meeting {n}"))]).await }
    });
    for answer in join_all(creates).await {
        answer.assert_success();
    }
    let counts: Vec<usize> = site.sims.iter().map(bbb_sim::Sim::meeting_count).collect();
    assert_eq!(counts, [10; 6]);
    assert_eq!(site.loads().await, [Some(10.0); 6]);
}

async fn one_meeting_asked_for_forty_times_at_once_with_passwords(mode: Mode) {
    forty_creates_of_one(mode, &[("attendeePW", "ap"), ("moderatorPW", "mp")]).await;
}

async fn one_meeting_asked_for_forty_times_at_once_without_passwords(mode: Mode) {
    forty_creates_of_one(mode, &[]).await;
}

async fn forty_creates_of_one(mode: Mode, params: &[(&str, &str)]) {
    let site = Site::start(mode, 6).await;
    let apis = [site.api().await, site.api().await];
    let told = |answer: &Answer| {
        answer.assert_success();
        ["meetingID", "internalMeetingID", "createTime", "attendeePW", "moderatorPW", "voiceBridge"]
            .map(|name| answer.text(name))
    };
    // Again and again: which of the forty comes to the server first is a matter of luck.
    for n in 0..5 {
        let room = format!("room {n}");
        let params: Vec<_> = [("meetingID", room.as_str())].iter().chain(params).copied().collect();
        let answers = join_all((0..40).map(|n| apis[n % 2].call("create", &params))).await;
        let first = told(&answers[0]);
        for answer in &answers {
            assert_eq!(told(answer), first);
        }
        site.host(&room);
    }
    assert_eq!(site.loads().await.into_iter().flatten().sum::<f64>(), 5.0, "each counts once");
}

async fn the_least_loaded_server_is_chosen(mode: Mode) {
    let site = Site::start(mode, 4).await;
    for (n, load) in [(0, 20.0), (1, 5.0), (2, 9.0), (3, 1.0)] {
        site.set_online(n, load).await;
    }
    site.set_state(3, scalelite_core::pool::server::AdminState::Cordoned).await;
    let api = site.api().await;
    for n in 0..5 {
        api.call("create", &[("meetingID", &n.to_string())]).await.assert_success();
    }
    let counts: Vec<usize> = site.sims.iter().map(bbb_sim::Sim::meeting_count).collect();
    assert_eq!(counts, [0, 5, 0, 0], "5 to 9 users: the second stays the least loaded");
    for n in [0, 1, 2] {
        site.set_offline(n).await;
    }
    let none = api.call("create", &[("meetingID", "another")]).await;
    none.assert_failed("internalError", "Could not find any available servers.");
}

async fn tags_choose_among_servers(mode: Mode) {
    let site = Site::start(mode, 4).await;
    for (n, tag) in [(1, "a"), (2, "b"), (3, "b")] {
        site.set_tag(n, tag).await;
    }
    site.set_online(0, 50.0).await;
    site.set_online(2, 3.0).await;
    let api = site.api().await;
    for (meeting, wanted, server, forwarded) in [
        ("1", "a", 1, Some("a")),
        ("2", "a!", 1, Some("a")),
        ("3", "b", 3, Some("b")),
        ("4", "b;a", 3, Some("b")),
        ("5", "none", 0, None),
        ("6", "none!", 0, None),
        ("7", "c", 0, None),
        ("8", "", 0, None),
        ("9", "c;a!", 1, Some("a")),
    ] {
        let created = api.call("create", &[("meetingID", meeting), ("meta_server-tag", wanted)]).await;
        created.assert_success();
        assert_eq!(site.host(meeting), server, "meeting {meeting} wants {wanted:?}");
        let request = site.sim(server).requests_for("create").pop().unwrap();
        assert_eq!(request.param("meta_server-tag").as_deref(), forwarded, "meeting {meeting}");
    }
    for (wanted, told) in [("c!", "c"), ("c;d!", "c;d")] {
        let refused = api.call("create", &[("meetingID", "x"), ("meta_server-tag", wanted)]).await;
        refused.assert_failed(
            "serverTagUnavailable",
            &format!("There is no available server with the required tag={told}."),
        );
    }
    assert!(site.meeting("x").await.is_none());
    site.set_offline(0).await;
    let none = api.call("create", &[("meetingID", "y"), ("meta_server-tag", "c")]).await;
    none.assert_failed("internalError", "Could not find any available servers.");
}

async fn voice_bridges_are_unique(mode: Mode) {
    let site = Site::start(mode, 3).await;
    let api = site.api_with(&[("VOICE_BRIDGE_LEN", "2")]).await;
    let creates = (0..30).map(|n| {
        let api = &api;
        async move { api.call("create", &[("meetingID", &n.to_string())]).await }
    });
    let answers = join_all(creates).await;
    let created: Vec<&Answer> = answers.iter().filter(|answer| answer.is_success()).collect();
    let numbers: BTreeSet<String> = created.iter().map(|answer| answer.text("voiceBridge")).collect();
    assert_eq!(numbers.len(), created.len(), "{numbers:?}");
    assert!(numbers.iter().all(|number| number.len() == 2), "{numbers:?}");
    assert!(created.len() >= 25, "ten tries find a free one of 90 numbers nearly always");

    // From Ruby itself: the numbers that the original gives to this room.
    let api = site.api_with(&[("USE_EXTERNAL_VOICE_BRIDGE", "true")]).await;
    let first = api.call("create", &[("meetingID", "Demo Meeting")]).await;
    assert_eq!(first.text("voiceBridge"), "953452953");
    let taken = api.call("create", &[("meetingID", "other"), ("voiceBridge", "855719023")]).await;
    assert_eq!(taken.text("voiceBridge"), "855719023");
    api.call("end", &[("meetingID", "Demo Meeting")]).await.assert_success();
    let squatter = api.call("create", &[("meetingID", "squatter"), ("voiceBridge", "953452953")]).await;
    assert_eq!(squatter.text("voiceBridge"), "953452953");
    let third = api.call("create", &[("meetingID", "Demo Meeting")]).await;
    assert!(!["953452953", "855719023"].contains(&third.text("voiceBridge").as_str()), "{third:?}");
}
