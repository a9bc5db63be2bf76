//! Servers come, change and go.

use bbb_sim::Fault;
use scalelite_core::pool::server::AdminState;
use scalelite_system_tests::in_both_modes;
use scalelite_system_tests::site::{Api, Site};
use scalelite_system_tests::store::Mode;
use serde_json::json;

use super::{Manager, Told};

in_both_modes!(the_life_of_a_server, what_an_original_client_sends, panic_goes_on, panic_can_keep_the_state,);

/// Without tenants.
async fn site(mode: Mode, servers: usize) -> (Site, Api, Manager) {
    let site = Site::start(mode, servers).await;
    let api = site.api().await;
    let manager = Manager::new(&api);
    (site, api, manager)
}

fn no_server(id: &str) -> Told {
    Told(404, json!({ "error": format!("Couldn't find server with id={id}") }))
}

async fn the_life_of_a_server(mode: Mode) {
    let (site, api, manager) = site(mode, 0).await;
    let none = Told(404, json!({ "error": "No servers are configured" }));
    assert_eq!(manager.get("getServers", "").await, none);
    let asked = json!({ "server": {
        "url": "https://bbb1.example.org/bigbluebutton/api", "secret": "s1", "load_multiplier": 1.5, "tag": "big",
    } });
    let Told(201, added) = manager.post("addServer", &asked).await else { panic!("it is not added") };
    let id = added["id"].as_str().unwrap().to_owned();
    let mut expected = json!({
        "id": id, "url": "https://bbb1.example.org/bigbluebutton/api", "secret": "s1", "tag": "big",
        "bbb_version": "", "state": "disabled", "load": "unavailable", "load_multiplier": "1.5", "online": "offline",
    });
    assert_eq!(added, expected);
    assert_eq!(manager.get("getServers", "").await, Told(200, json!([expected])));
    assert_eq!(manager.get("getServerInfo", &format!("id={id}")).await, Told(200, expected.clone()));
    for (changes, name, value) in [
        (json!({ "state": "enable" }), "state", json!("enabled")),
        (json!({ "state": "cordon" }), "state", json!("cordoned")),
        (json!({ "state": "disable" }), "state", json!("disabled")),
        (json!({ "load_multiplier": "2" }), "load_multiplier", json!("2.0")),
        (json!({ "secret": "s2" }), "secret", json!("s2")),
        (json!({ "secret": "", "state": "", "load_multiplier": "" }), "secret", json!("s2")),
        (json!({ "tag": null }), "tag", json!("big")),
        (json!({ "tag": "" }), "tag", json!("")),
    ] {
        expected[name] = value;
        let updated = manager.post("updateServer", &json!({ "id": id, "server": changes })).await;
        assert_eq!(updated, Told(200, expected.clone()), "{changes}");
    }
    let destroyed = Told(200, json!({ "success": format!("Server id={id} was destroyed") }));
    assert_eq!(manager.post("deleteServer", &json!({ "id": id })).await, destroyed);
    assert_eq!(manager.post("deleteServer", &json!({ "id": id })).await, no_server(&id));
    assert_eq!(manager.get("getServers", "").await, none);

    // IDs that are host names.
    drop(api);
    let api = site.api_with(&[("SERVER_ID_IS_HOSTNAME", "true")]).await;
    let manager = Manager::new(&api);
    let server = json!({ "server": { "url": "https://BBB2.example.org/bigbluebutton/api", "secret": "s" } });
    let Told(201, added) = manager.post("addServer", &server).await else { panic!("it is not added") };
    assert_eq!((&added["id"], &added["load_multiplier"]), (&json!("bbb2.example.org"), &json!("1.0")));
    let taken = Told(409, json!({ "error": "Server already exists with id 'bbb2.example.org'" }));
    assert_eq!(manager.post("addServer", &server).await, taken);
}

/// The ID in the query, no body, a slash at the end.
async fn what_an_original_client_sends(mode: Mode) {
    let (site, _api, manager) = site(mode, 1).await;
    let path = manager.signed("deleteServer", "id=server-0").replace("deleteServer?", "deleteServer/?");
    let Told(200, _) = manager.send(reqwest::Method::POST, &path, None).await else { panic!("it stays") };
    assert!(site.state().servers().await.unwrap().is_empty());
    let query_first = manager.post_text("deleteServer", "id=x", json!({ "id": "y" }).to_string()).await;
    assert_eq!(query_first, no_server("x"));
    assert_eq!(manager.get("getServerInfo", "").await, no_server(""));
}

async fn panic_goes_on(mode: Mode) {
    let (site, api, manager) = site(mode, 2).await;
    for room in ["a", "b", "c", "d"] {
        api.call("create", &[("meetingID", room)]).await.assert_success();
    }
    let rooms: Vec<_> = site.sim(0).meetings().into_iter().map(|meeting| meeting.meeting_id).collect();
    assert_eq!(rooms.len(), 2);
    // One that the server does not know any more cannot be ended, and the others are all the same.
    assert!(site.sim(0).end_meeting(&rooms[0]));
    let told = manager.post("panicServer", &json!({ "id": "server-0" })).await;
    let success = "Server id=server-0 has been disabled and the meetings have been destroyed";
    assert_eq!(told, Told(200, json!({ "success": success, "not_ended": [rooms[0]] })));
    assert_eq!(site.sim(0).meeting_count(), 0);
    assert_eq!(site.server(0).await.route.state, AdminState::Disabled);
    for room in &rooms {
        assert!(site.meeting(room).await.is_none(), "{room}");
    }
    assert_eq!(site.state().meetings().await.unwrap().len(), 2, "those of the other server stay");

    site.sim(1).set_fault(Fault::Down);
    let Told(200, told) = manager.post("panicServer", &json!({ "id": "server-1" })).await else {
        panic!("a server that is gone cannot be taken out of use")
    };
    assert_eq!(told["not_ended"].as_array().unwrap().len(), 2);
    assert!(site.state().meetings().await.unwrap().is_empty());
    assert_eq!(manager.post("panicServer", &json!({ "id": "x" })).await, no_server("x"));
}

async fn panic_can_keep_the_state(mode: Mode) {
    let (site, api, manager) = site(mode, 1).await;
    for flag in [json!({ "keep_state": true }), json!({ "keep_state": "true" })] {
        for mut body in [flag.clone(), json!({ "server": flag })] {
            api.call("create", &[("meetingID", "room")]).await.assert_success();
            body["id"] = json!("server-0");
            assert_eq!(manager.post("panicServer", &body).await.0, 200, "{body}");
            assert_eq!(site.server(0).await.route.state, AdminState::Enabled);
            assert_eq!(site.sim(0).meeting_count(), 0);
        }
    }
    let body = json!({ "id": "server-0", "keep_state": false });
    assert_eq!(manager.post("panicServer", &body).await.0, 200);
    assert_eq!(site.server(0).await.route.state, AdminState::Disabled);
}
