//! Servers from and to YAML files.

use std::fs;

use scalelite_core::pool::server::AdminState;

use crate::site::Site;

const TWO: &str = "
servers:
  b1:
    secret: s1
    url: http://b1.example.com/bigbluebutton/api
    tag: hd
  b2:
    secret: s2
    enabled: false
    load_multiplier: 5.0
";

#[test]
fn there_and_back() {
    let site = Site::new();
    assert_eq!(site.run(&["servers:yaml"]).clean(), "---\nservers: {}\n");
    let told = "[b1] Server created\n[b1] Server enabled\n[b2] Server created\n";
    assert_eq!(site.run_with_input(&["servers:sync[-,,true]"], TWO).clean(), told, "a dry run");
    assert_eq!(site.run_with_input(&["servers:sync[-,,off]"], TWO).clean(), told, "so is this");
    assert_eq!(site.run(&["servers", "--json"]).clean(), "[]\n");
    assert_eq!(site.run_with_input(&["servers:sync[-]"], TWO).clean(), told);
    let yaml = site.run(&["servers:yaml"]).clean();
    assert_eq!(
        yaml,
        "---\nservers:\n  b1:\n    url: http://b1.example.com/bigbluebutton/api\n    secret: s1\n    \
         load_multiplier: 1.0\n    tag: hd\n    enabled: true\n  b2:\n    url: https://b2/bigbluebutton/api\n    \
         secret: s2\n    load_multiplier: 5.0\n    tag: ''\n    enabled: false\n"
    );
    let verbose = site.run(&["servers:yaml[true]"]).clean();
    let more = "enabled: true\n    state: enabled\n    load: -1.0\n    bbb_version: ''\n    online: false\n";
    assert!(verbose.contains(more), "{verbose}");
    for same in [&yaml, &verbose] {
        assert_eq!(site.run_with_input(&["servers:sync", "-", "force"], same).clean(), "");
    }
}

#[test]
fn a_bad_file_changes_nothing() {
    let site = Site::new();
    site.run_with_input(&["servers:sync[-]"], TWO).clean();
    let before = site.run(&["servers"]).clean();
    let file = site.dir.path().join("servers.yml");
    fs::write(&file, "servers:\n  b3:\n    secret: s\n  b4: {}\n").unwrap();
    let path = file.to_str().unwrap();
    assert_eq!(
        site.run(&[&format!("servers:sync[{path},force]")]).failed(),
        "ERROR: Server id=b4 has no secret at line 4 column 3\n"
    );
    let mode = "ERROR: Unknown sync mode 'all' (choose: keep cordon force)\n";
    assert_eq!(site.run(&["servers:sync", path, "--mode", "all"]).failed(), mode);
    assert_eq!(site.run(&["servers:sync"]).failed(), "ERROR: Missing 'path' parameter\n");
    assert!(
        site.run(&["servers:sync[/nowhere.yml]"]).failed().starts_with("ERROR: cannot read /nowhere.yml: ")
    );
    assert_eq!(site.run(&["servers"]).clean(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_wanted_goes() {
    let site = Site::new();
    let sim = site.server("full").await;
    site.add("empty", "http://127.0.0.1:9/bigbluebutton/api", "s").await;
    site.meeting("m1", &sim).await;
    site.meeting("m2", &sim).await;
    let none = "servers: {}";
    let kept = site.run_with_input(&["servers:sync[-,keep]"], none).clean();
    assert_eq!(kept, "[empty] Server not removed\n[full] Server not removed\n");

    let dry = site.run_with_input(&["servers:sync", "-", "--mode", "force", "--dry-run"], none).clean();
    let ending = "[full] Server not empty. Ending meetings now...\n[full] Try to end meeting id=m1\n\
        [full] Try to end meeting id=m2\n[full] Server removed\n";
    let cordoned = "[full] Server not empty. Cordoned for removal\n";
    assert_eq!(dry, format!("[empty] Server removed\n{cordoned}{ending}"));
    assert_eq!((site.known().await.len(), sim.count("end")), (2, 0));

    let out = site.run_with_input(&["servers:sync[-]"], none).clean();
    assert_eq!(out, format!("[empty] Server removed\n{cordoned}"));
    assert_eq!(site.admin_state("full").await, AdminState::Cordoned);
    assert_eq!(site.run_with_input(&["servers:sync[-]"], none).clean(), "", "it still has meetings");

    sim.end_meeting("m1");
    let ran = site.run_with_input(&["servers:sync[-,force,false]"], none);
    assert_eq!((ran.code, ran.out.as_str()), (0, ending));
    assert!(ran.err.starts_with("[full] Failed to end meeting id=m1: "), "{}", ran.err);
    assert_eq!((site.known().await.len(), sim.meeting_count()), (0, 0));
    assert_eq!(site.run(&["servers", "--json"]).clean(), "[]\n");
}

#[test]
fn add_all() {
    let site = Site::with(&[("SERVER_ID_IS_HOSTNAME", "true")]);
    let file = site.dir.path().join("servers.yml");
    let path = file.to_str().unwrap();
    let task = format!("servers:addAll[{path}]");
    fs::write(&file, "servers:\n- url: http://b1/api\n  secret: s1\n- url: b2.example.com\n  secret: s2\n")
        .unwrap();
    assert_eq!(
        site.run(&[&task]).clean(),
        "server: http://b1/api\nid: b1\nserver: https://b2.example.com/bigbluebutton/api\nid: b2.example.com\n"
    );
    fs::write(&file, "servers:\n- url: http://b3/api\n  secret: s\n- url: http://b1/api\n  secret: s\n")
        .unwrap();
    let ran = site.run(&["servers:addAll", path]);
    assert_eq!(ran.out, "", "all or none");
    assert_eq!(ran.failed(), "ERROR: server 2 of the list: Server already exists with id 'b1'\n");
    fs::write(&file, "servers:\n- url: http://b4/\n  secret: s\n  load_multiplier: 0\n").unwrap();
    let ran = site.run(&[&task]);
    assert!(ran.err.starts_with("WARNING: Server URL does not end in /api"), "{ran:?}");
    assert!(ran.out.starts_with("WARNING! Load-multiplier was not readable or 0"), "{ran:?}");
    fs::write(&file, "servers:\n- url: ftp://b5/api\n  secret: s\n").unwrap();
    assert!(site.run(&[&task]).failed().starts_with("ERROR: server 1 of the list: Server URL must"));
    let err = site.run(&["servers:addAll", "/dev/zero"]).failed();
    assert_eq!(err, "ERROR: /dev/zero is larger than 16 MiB\n");
}
