//! How tasks are written, and what is said of mistakes.

use crate::site::Site;

#[test]
fn help_and_version() {
    let site = Site::new();
    let help = site.run(&["--help"]).clean();
    for part in ["Examples:", "servers:meeting_list", "scalelite up --demo"] {
        assert!(help.contains(part), "{help}");
    }
    assert!(site.run(&["servers:add", "--help"]).clean().contains("[LOAD_MULTIPLIER]"));
    assert!(site.run(&["--version"]).clean().starts_with("scalelite 0."));
    assert!(site.run(&["up", "--version"]).clean().contains(" 0."));
    assert!(site.run(&[]).failed().contains("Usage: scalelite <TASK>"));
}

#[test]
fn an_unknown_task_names_the_near_ones() {
    let site = Site::new();
    for words in [&["servers:ad"][..], &["servers:ad[a,b]"], &["status", "servers:ad[a,b]"]] {
        let ran = site.run(words);
        assert_eq!(ran.out, "", "nothing is done before all is known to be right");
        let err = ran.failed();
        assert!(err.starts_with("ERROR: There is no task servers:ad. Near it: "), "{err}");
        assert!(err.contains("servers:add"), "{err}");
    }
    for (wrong, near) in
        [("SERVERS:ADDALL", " Near it: servers:addAll. "), ("Servers:Enabel", " Near it: servers:enable")]
    {
        let err = site.run(&[wrong]).failed();
        assert!(err.contains(near), "{err}");
    }
    assert!(site.run(&["servers:enable"]).failed().contains("<ID>"));
}

#[test]
fn several_tasks_run_in_order() {
    let site = Site::new();
    let out = site.run(&["servers:add[http://b1/bigbluebutton/api,s]", "liveness", "status"]).clean();
    let (added, rest) = out.split_once("success\n").unwrap();
    assert!(added.starts_with("OK\nid: ") && rest.contains(" b1 "), "{out}");
    let ran = site.run(&["servers:enable[x]", "liveness"]);
    assert_eq!(ran.out, "Enabling server x...\n", "what fails ends the line");
    assert_eq!(ran.failed(), "ERROR: No server found with id: x\n");
}

#[test]
fn liveness_needs_nothing() {
    let site = Site::with(&[("REDIS_URL", "nonsense")]);
    assert_eq!(site.run(&["liveness"]).clean(), "success\n");
}

#[test]
fn a_bad_configuration_is_told_line_by_line() {
    let site = Site::with(&[("PORT", "x"), ("POLL_INTERVAL", "y")]);
    let ran = site.run(&["servers"]);
    assert_eq!(ran.code, 78);
    assert_eq!(ran.err.lines().count(), 2, "{}", ran.err);
}
