//! The main job from the operator's first command on: servers are added by task, meetings land on them
//! (CONTRACT §12).

use std::time::Duration;

use bbb_sim::{Fault, Fleet, SimOptions};
use scalelite_core::pool::server::ServerId;
use scalelite_system_tests::in_both_modes;
use scalelite_system_tests::site::Site;
use scalelite_system_tests::store::Mode;
use scalelite_system_tests::wait::{becomes, eventually};

in_both_modes!(servers_are_added_used_and_removed_by_task);

const LIMIT: Duration = Duration::from_secs(15);

async fn servers_are_added_used_and_removed_by_task(mode: Mode) {
    let mut site = Site::start(mode, 0).await;
    site.sims = Fleet::start(2, SimOptions::default()).await.unwrap();
    // The services run already, while there is nothing to do for them.
    let api = site.api().await;
    let _poller = site.poller().await;
    let none = api.call("create", &[("meetingID", "room")]).await;
    none.assert_failed("internalError", "Could not find any available servers.");

    let added = site.task(&["servers:add", site.sim(0).url(), site.sim(0).secret()]);
    let rake = format!("servers:add[{},{},2]", site.sim(1).url(), site.sim(1).secret());
    let ids: Vec<String> = [added, site.task(&[&rake])]
        .iter()
        .map(|told| {
            told.lines().find_map(|line| line.strip_prefix("id: ")).expect("the ID is told").to_owned()
        })
        .collect();
    for id in &ids {
        assert!(site.task(&["servers:enable", id]).contains("OK"));
    }
    let available = async || site.loads().await.into_iter().flatten().count();
    becomes("both servers are available", LIMIT, 2, available).await;
    for room in ["a", "b", "c", "d", "e", "f"] {
        api.call("create", &[("meetingID", room)]).await.assert_success();
    }
    let counts = [0, 1].map(|n| site.sim(n).meeting_count());
    assert_eq!(counts.iter().sum::<usize>(), 6);
    assert!(counts[0] > 0 && counts[1] > 0, "{counts:?}");
    let status = site.task(&["status"]);
    assert_eq!(status.matches("online").count(), 2, "{status}");
    assert_eq!(site.task(&["meetings", "--json"]).matches("\"server_id\"").count(), 6);

    // A server that is removed leaves no meeting behind, even if it cannot be asked any more.
    let lost: Vec<String> = site.sim(0).meetings().into_iter().map(|meeting| meeting.meeting_id).collect();
    site.sim(0).set_fault(Fault::Down);
    assert!(site.task(&["servers:remove", &ids[0]]).contains("OK"));
    let kept = ServerId::from(ids[1].as_str());
    let meetings = site.state().meetings().await.unwrap();
    assert!(meetings.len() == counts[1] && meetings.iter().all(|meeting| meeting.server_id == kept));
    for room in &lost {
        assert!(!site.sim(1).has_meeting(room));
        api.call("create", &[("meetingID", room)]).await.assert_success();
        assert!(site.sim(1).has_meeting(room));
    }
    assert!(site.task(&["servers:cordon", &ids[1]]).contains("OK"));
    site.sim(1).forget_all();
    eventually("it is drained", LIMIT, async || site.task(&["servers"]).contains("disabled").then_some(()))
        .await;
}
