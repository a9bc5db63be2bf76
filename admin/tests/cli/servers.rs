//! Servers: listed, added, changed, and taken out of use.

use bbb_sim::Fault;
use scalelite_core::pool::server::AdminState;

use crate::site::Site;

fn added(out: &str) -> &str {
    out.strip_prefix("OK\nid: ").unwrap().trim_end()
}

#[test]
fn add_list_update_remove() {
    let site = Site::new();
    let none = site.run(&["servers"]);
    assert_eq!((none.code, none.out.as_str(), none.err.as_str()), (0, "", "No servers are configured\n"));

    let out = site.run(&["servers:add[https://b1.example.com/bigbluebutton/api, s1 ,2,hd]"]).clean();
    let id = added(&out);
    assert_eq!(
        site.run(&["servers"]).clean(),
        format!(
            "id: {id}\n\turl: https://b1.example.com/bigbluebutton/api\n\tsecret: s1\n\tdisabled\n\
             \tload: unavailable\n\tload multiplier: 2.0\n\tbbb version: \n\ttag: hd\n\toffline\n"
        )
    );
    let changed = |words: &[&str], expected: &str| {
        let last = words.last().unwrap();
        assert!(site.run(words).clean().ends_with("OK\n"), "{last}");
        let out = site.run(&["servers"]).clean();
        assert!(out.contains(expected), "{last}: {out}");
    };
    changed(
        &[&format!("servers:update[{id},s2,0.5]")],
        "secret: s2\n\tdisabled\n\tload: unavailable\n\tload multiplier: 0.5\n\tbbb version: \n\ttag: hd\n",
    );
    changed(&["servers:update", id, "--tag", "x"], "multiplier: 0.5\n\tbbb version: \n\ttag: x\n");
    changed(
        &[&format!("servers:update[{id},,,]")],
        "secret: s2\n\tdisabled\n\tload: unavailable\n\tload multiplier: 0.5\n\tbbb version: \n\ttag: \n",
    );
    changed(&["servers:tag", id, "y"], "tag: y\n");
    changed(&[&format!("servers:tag[{id},]")], "tag: \n");
    changed(&["servers:loadMultiplier", id, "3"], "multiplier: 3.0\n");
    changed(&[&format!("servers:loadMultiplier[{id}]")], "multiplier: 1.0\n");
    changed(&["servers:enable", id], "\n\tenabled\n");
    changed(&["servers:cordon", id], "\n\tcordoned\n");
    changed(&["servers:disable", id], "\n\tdisabled\n");

    let json: serde_json::Value = serde_json::from_str(&site.run(&["servers", "--json"]).clean()).unwrap();
    let expected = serde_json::json!([{
        "id": id, "url": "https://b1.example.com/bigbluebutton/api", "secret": "s2", "tag": null, "bbb_version": null,
        "state": "disabled", "load": "unavailable", "load_multiplier": 1.0, "online": "offline",
    }]);
    assert_eq!(json, expected);

    let removed = site.run(&["servers:remove", id]).clean();
    assert_eq!(removed, format!("Removing server {id}...\nOK\n"));
    assert_eq!(site.run(&["servers", "--json"]).clean(), "[]\n");
}

#[test]
fn multipliers_that_cannot_be_read_are_one() {
    let site = Site::new();
    let out = site.run(&["servers:add", "http://b1/api", "s", "--load-multiplier", "x"]).clean();
    let (warning, added) = out.split_once('\n').unwrap();
    assert_eq!(warning, "WARNING! Load-multiplier was not readable or 0, so it is now 1");
    assert!(added.starts_with("OK\nid: "), "{out}");
    assert!(site.run(&["servers"]).clean().contains("load multiplier: 1.0\n"));
}

#[test]
fn mistakes() {
    let site = Site::with(&[("SERVER_ID_IS_HOSTNAME", "true")]);
    let add = |arguments: &str| site.run(&[&format!("servers:add[{arguments}]")]);
    assert_eq!(add("http://h/api").failed(), "Error: Please input at least a URL and a secret!\n");
    assert_eq!(add("h/api,s").failed(), "Error: Server URL must start with http:// or https://\n");
    assert!(add("http://:1/api,s").failed().starts_with("Error: Server URL cannot be used: "));
    assert_eq!(add("https://BBB1.Example.com/api,s").clean(), "OK\nid: bbb1.example.com\n");
    let taken = "ERROR: Server already exists with id 'bbb1.example.com'\n";
    assert_eq!(add("https://bbb1.example.com/other,s").failed(), taken);
    for task in
        ["update", "remove", "enable", "cordon", "disable", "panic", "loadMultiplier", "tag", "meeting_list"]
    {
        let err = site.run(&[&format!("servers:{task}[nobody]")]).failed();
        assert_eq!(err, "ERROR: No server found with id: nobody\n", "{task}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn disable_asks_when_there_is_load() {
    let site = Site::new();
    let sim = site.server("b1").await;
    site.meeting("m1", &sim).await;
    site.meeting("m2", &sim).await;
    site.run(&["poll:servers"]).clean();
    let question = "Disabling server b1...\n\
        WARNING: You are trying to disable a server with active load. You should use the cordon option if\n          \
        you do not want to clear all the meetings\nIf you still wish to continue please enter `yes`\n";
    for no in ["\n", "no\n", "yes please\n"] {
        let out = site.run_with_input(&["servers:disable", "b1"], no).clean();
        assert_eq!(out, format!("{question}OK\n"), "{no:?}");
        assert_eq!(site.admin_state("b1").await, AdminState::Enabled);
    }
    assert_eq!(site.run(&["servers:disable", "b1"]).failed(), "ERROR: no answer; use --yes\n");
    assert_eq!(site.admin_state("b1").await, AdminState::Enabled);
    assert_eq!(site.known().await, ["m1", "m2"]);
    let out = site.run_with_input(&["servers:disable", "b1"], "YES\n").clean();
    assert_eq!(out, format!("{question}Clearing Meeting id=m1\nClearing Meeting id=m2\nOK\n"));
    assert_eq!(site.admin_state("b1").await, AdminState::Disabled);
    assert_eq!((site.known().await.len(), sim.meeting_count()), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn disable_without_a_question() {
    let site = Site::new();
    let sim = site.server("b1").await;
    site.meeting("m1", &sim).await;
    let out = site.run(&["servers:disable[b1]", "--yes"]).clean();
    assert_eq!(out, "Disabling server b1...\nClearing Meeting id=m1\nOK\n");
    assert_eq!(sim.meeting_count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn panic_goes_on_when_an_end_fails() {
    let site = Site::new();
    let sim = site.server("b1").await;
    for meeting in ["m1", "m2"] {
        site.meeting(meeting, &sim).await;
    }
    sim.end_meeting("m1");
    let ran = site.run(&["servers:panic[b1]"]);
    assert_eq!(ran.code, 0);
    assert_eq!(ran.out, "Panicking server b1...\nClearing Meeting id=m1\nClearing Meeting id=m2\nOK\n");
    assert!(ran.err.starts_with("WARNING: Could not end meeting id=m1: "), "{}", ran.err);
    assert_eq!((site.known().await.len(), sim.meeting_count()), (0, 0));
    assert_eq!(site.admin_state("b1").await, AdminState::Disabled);
}

#[tokio::test(flavor = "multi_thread")]
async fn panic_may_keep_the_state_and_skip_the_calls() {
    let site = Site::new();
    let sim = site.server("b1").await;
    site.meeting("m1", &sim).await;
    sim.set_fault_for("end", Fault::Down);
    let out = site.run(&["servers:panic[b1,true,true]"]).clean();
    assert_eq!(out, "Panicking server b1...\nClearing Meeting id=m1\nOK\n");
    assert_eq!(site.admin_state("b1").await, AdminState::Enabled);
    assert_eq!((site.known().await.len(), sim.count("end")), (0, 0));
    site.run(&["servers:panic[b1,false]"]).clean();
    assert_eq!(site.admin_state("b1").await, AdminState::Disabled);
}

#[tokio::test(flavor = "multi_thread")]
async fn status_is_a_table() {
    let site = Site::new();
    let sim = site.server("b2").await;
    site.run(&["servers:add[https://bbb1.example.com/bigbluebutton/api,s,1,test]"]).clean();
    sim.add_meeting("m1").unwrap();
    sim.add_users("m1", 3, 1, 2).unwrap();
    site.run(&["poll:servers"]).err.clear();
    let out = site.run(&["status"]).clean();
    let words = |line: &str| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let lines: Vec<&str> = out.lines().collect();
    assert_eq!(lines[0], "");
    assert!(lines[1].starts_with("     HOSTNAME     "), "{out}");
    let heading = "HOSTNAME STATE STATUS MEETINGS USERS LARGEST MEETING VIDEOS LOAD BBB VERSION TAG";
    assert_eq!(lines[1].split_whitespace().collect::<Vec<_>>().join(" "), heading);
    assert_eq!(words(lines[2]), ["127.0.0.1", "enabled", "online", "1", "4", "4", "2", "15.0", "3.0.4"]);
    assert_eq!(words(lines[3]), ["bbb1.example.com", "disabled", "offline", "0", "0", "0", "0", "test"]);
    let json: serde_json::Value = serde_json::from_str(&site.run(&["status", "--json"]).clean()).unwrap();
    let first = &json[0];
    assert_eq!((&first["hostname"], &first["id"]), (&"127.0.0.1".into(), &"b2".into()));
    assert_eq!(
        (&first["users"], &first["largest_meeting"], &first["videos"]),
        (&4.into(), &4.into(), &2.into())
    );
    assert_eq!((&first["load"], &json[1]["load"]), (&15.0.into(), &"unavailable".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn meeting_list_asks_the_servers() {
    let site = Site::new();
    let sim = site.server("b1").await;
    site.add("b2", "http://127.0.0.1:9/bigbluebutton/api", "s").await;
    let head = format!("\nServer ID: b1\nServer Url: {}\nMeetingIDs: \n\t", sim.url());
    let none = site.run(&["servers:meeting_list[b1]"]);
    assert_eq!((none.out, none.err), (format!("{head}\n"), "\tNo meetings to display\n".to_owned()));
    sim.add_meeting("m1").unwrap();
    sim.add_meeting("m2").unwrap();
    assert_eq!(site.run(&["servers:meeting_list", "b1"]).clean(), format!("{head}m1\n\tm2\n"));
    let all = site.run(&["servers:meeting_list"]);
    assert_eq!(all.code, 0);
    assert!(all.out.starts_with(&format!("{head}m1\n\tm2\n")), "{all:?}");
    assert!(all.err.contains("Failed to get server id=b2 status: "), "{all:?}");
    let json: serde_json::Value =
        serde_json::from_str(&site.run(&["servers:meeting_list", "b1", "--json"]).clean()).unwrap();
    let expected =
        serde_json::json!({"id": "m1", "server_id": "b1", "tenant_id": null, "voice_bridge": null});
    assert_eq!(json[0], expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_goes_away_is_no_failure() {
    let site = Site::new();
    for id in 0..200 {
        site.add(&format!("b{id}"), &format!("http://b{id}/{}", "x".repeat(1000)), "s").await;
    }
    let mut child = site.command().arg("servers").stdout(std::process::Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
    let mut disable = site.command();
    let mut child =
        disable.args(["servers:disable", "b7"]).stdout(std::process::Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert_eq!(site.admin_state("b7").await, AdminState::Disabled, "what it was told to do is done");
}
