//! What callers see of servers that answer badly (CONTRACT §2, §4).

use bbb_sim::Fault;
use scalelite_core::pool::server::AdminState;
use scalelite_system_tests::in_both_modes;
use scalelite_system_tests::site::Site;
use scalelite_system_tests::store::Mode;

use crate::calls::{assert_refused, with_room};

in_both_modes!(unusable_answers_of_servers,);

async fn unusable_answers_of_servers(mode: Mode) {
    let (site, api) = with_room(mode).await;
    let sim = site.sim(0);
    let answer_of = async |call: &str| match call {
        "insertDocument" => api.post(call, "meetingID=room", "application/xml", "<modules></modules>").await,
        _ => api.get(call, "meetingID=room&message=x").await,
    };
    let calls = ["getMeetingInfo", "isMeetingRunning", "sendChatMessage", "insertDocument", "create"];
    let faults = [
        Fault::Garbage,
        Fault::Truncated,
        Fault::NoReturncode,
        Fault::Http500,
        Fault::Endless,
        Fault::Reset,
        Fault::Down,
    ];
    for fault in faults {
        sim.set_fault(fault.clone());
        for call in calls {
            let told = match call {
                "create" => "Unable to create meeting on server.",
                "insertDocument" => "Unable to insert document on server.",
                _ => "Unable to access meeting on server.",
            };
            let answer = answer_of(call).await;
            assert_eq!(answer.field("message").as_deref(), Some(told), "{call} with {fault:?}");
            answer.assert_failed("internalError", told);
        }
        let list = api.get("getMeetings", "").await;
        list.assert_failed("internalError", "Unable to access server.");
        sim.clear_faults();
    }
    sim.set_fault(Fault::Failing { message_key: "someKey".to_owned(), message: "a < b".to_owned() });
    for call in calls {
        answer_of(call).await.assert_failed("someKey", "a < b");
    }
    sim.clear_faults();
    for call in calls {
        answer_of(call).await.assert_success();
    }
    // The meeting is forgotten even if its server cannot be told.
    sim.set_fault(Fault::Garbage);
    answer_of("end").await.assert_failed("internalError", "Unable to access meeting on server.");
    assert!(site.meeting("room").await.is_none());
}

#[tokio::test]
async fn a_failing_server_is_left_out_of_get_meetings() {
    let site = Site::start(Mode::Embedded, 5).await;
    let api = site.api().await;
    for n in 0..5 {
        site.sim(n).add_meeting(format!("room {n}")).unwrap();
    }
    site.sim(0).set_fault(Fault::Garbage);
    site.sim(1).set_fault(Fault::Truncated);
    site.sim(2).set_fault(Fault::Down);
    site.set_state(3, AdminState::Cordoned).await;
    let listed = api.get("getMeetings", "").await;
    assert_eq!(listed.assert_success().fields("meetingID"), ["room 3", "room 4"]);
    site.set_state(3, AdminState::Disabled).await;
    assert_eq!(api.get("getMeetings", "").await.fields("meetingID"), ["room 4"]);
    site.set_offline(4).await;
    site.sim(0).clear_faults();
    assert_eq!(api.get("getMeetings", "").await.fields("meetingID"), ["room 0"]);
    let off = site.api_with(&[("GET_MEETINGS_API_DISABLED", "true")]).await;
    let none = off.get("getMeetings", "").await;
    assert_eq!(none.assert_success().text("messageKey"), "noMeetings");
    assert_refused(&off.with_secret("wrong").get("getMeetings", "").await);
}
