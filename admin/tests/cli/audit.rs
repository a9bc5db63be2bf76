//! The audit log: every task that changes something is in it.

use std::fs;

use serde_json::{Value, json};

use crate::site::Site;

fn noted(site: &Site, more: &[&str]) -> Vec<Value> {
    let words: Vec<&str> = ["audit", "--json"].iter().chain(more).copied().collect();
    serde_json::from_str(&site.run(&words).clean()).unwrap()
}

/// What, on what, how and the outcome of all changes, the oldest first.
fn told(site: &Site) -> Vec<Value> {
    let parts = |change: &Value| json!([change["what"], change["on"], change["how"], change["outcome"]]);
    noted(site, &[]).iter().rev().map(parts).collect()
}

const SITE: &[(&str, &str)] =
    &[("MULTITENANCY_ENABLED", "true"), ("SERVER_ID_IS_HOSTNAME", "true"), ("SUDO_USER", "alice")];

#[test]
fn who_what_when() {
    let site = Site::with(SITE);
    let none = site.run(&["audit"]);
    assert_eq!((none.code, none.out.as_str(), none.err.as_str()), (0, "", "No changes are noted\n"));
    site.run(&["servers:add[https://b1/bigbluebutton/api,geheim,2]"]).clean();
    site.run(&["servers:enable", "b1"]).clean();
    site.run(&["servers:enable", "b2"]).failed();
    for asks in ["servers", "status", "meetings", "poll:all", "tenants", "recordings"] {
        site.run(&[asks]);
    }
    let change = &noted(&site, &[])[2];
    assert_eq!(change["who"], "alice");
    assert!(change["host"].as_str().is_some_and(|host| !host.is_empty()));
    assert!(change["at"].as_str().unwrap().starts_with("20"));
    assert_eq!(
        told(&site),
        [
            json!(["servers:add", "b1", "url=https://b1/bigbluebutton/api load_multiplier=2", "done"]),
            json!(["servers:enable", "b1", "", "done"]),
            json!(["servers:enable", "b2", "", "failed"]),
        ]
    );
    let table = site.run(&["audit"]).clean();
    let lines: Vec<&str> = table.lines().collect();
    for column in ["TIME (UTC)", "WHO", "HOST", "WHAT", "ON", "HOW", "OUTCOME"] {
        assert!(lines[0].contains(column), "{table}");
    }
    assert!(lines[1].contains(" alice ") && lines[1].ends_with(" failed"), "{table}");
    assert!(lines[3].contains(" servers:add ") && !table.contains("geheim"), "{table}");
    assert_eq!(noted(&site, &["--limit", "2"]).len(), 2);
    assert_eq!(noted(&site, &["--since", "1h"]).len(), 3);
    assert_eq!(noted(&site, &["--since", "2999-01-01"]), [] as [Value; 0]);
    assert!(site.run(&["audit", "--since", "soon"]).failed().starts_with("ERROR: soon is no time: "));
    assert!(site.run(&["audit", "--limit", "0"]).failed().contains("--limit"));
}

#[test]
fn what_is_not_changed_is_not_noted() {
    let site = Site::with(SITE);
    let servers = "servers: {b1: {url: https://b1/api, secret: geheim}}";
    let tenants = "tenants: {bank: {secrets: geheim}}";
    site.run_with_input(&["meetings:end"], "no\n").clean();
    site.run(&["meetings:end", "--yes"]);
    site.run_with_input(&["servers:sync[-,,true]"], servers).clean();
    site.run_with_input(&["tenants:sync[-,,true]"], tenants).clean();
    // Nothing is left to do: the first look at the log has done it.
    assert!(told(&site).is_empty());
    site.run(&["db:migrate"]).clean();
    assert!(told(&site).is_empty());
}

#[test]
fn a_file_makes_several_changes() {
    let site = Site::with(SITE);
    let file = site.dir.path().join("new.yml");
    fs::write(&file, "servers: [{url: https://b0/api, secret: geheim}]").unwrap();
    site.run(&["servers:addAll", file.to_str().unwrap()]).clean();
    let servers = "servers: {b1: {url: https://b1/api, secret: geheim}}";
    for text in [servers, servers, &servers.replace("geheim", "geheimer"), "servers: {}"] {
        site.run_with_input(&["servers:sync[-,force]"], text).clean();
    }
    site.run_with_input(&["servers:sync[-]"], "servers: {b1: {}}").failed();
    let tenants = "tenants: {bank: {id: t1, secrets: geheim, defaults: {moderatorPW: geheim}}}";
    for text in [tenants, &tenants.replace("geheim", "geheimer"), "tenants: {}"] {
        site.run_with_input(&["tenants:sync[-,force]"], text).clean();
    }
    assert_eq!(
        told(&site),
        [
            json!(["servers:addAll", "b0", "created url=https://b0/api", "done"]),
            json!(["servers:sync", "b1", "created url=https://b1/api", "done"]),
            json!(["servers:sync", "b1", "enabled", "done"]),
            json!(["servers:sync", "b0", "removed", "done"]),
            json!(["servers:sync", "b1", "updated: secret=*****", "done"]),
            json!(["servers:sync", "b1", "removed", "done"]),
            json!(["servers:sync", "-", "", "failed"]),
            json!(["tenants:sync", "t1", "added name=bank", "done"]),
            json!(["tenants:sync", "t1", "~ secrets, ~ default moderatorPW", "done"]),
            json!(["tenants:sync", "t1", "removed name=bank, meetings ended: 0", "done"]),
        ]
    );
}

#[test]
fn without_a_database_there_is_the_log() {
    let mut site = Site::with(&[("DB_DISABLED", "true"), ("SUDO_USER", "alice")]);
    site.run(&["servers:add[https://b1/api,geheim]"]).clean();
    let why = "ERROR: changes are not kept, only logged, as there is no database: DB_DISABLED is set\n";
    assert_eq!(site.run(&["audit"]).failed(), why);
    site.set("RAILS_LOG_LEVEL", "info");
    site.set("LOG_FORMAT", "json");
    let ran = site.run(&["servers:add[https://b2/api,geheim]"]);
    assert_eq!(ran.code, 0);
    let lines = ran.err.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let line = lines.into_iter().find(|line| line["target"] == "scalelite::audit").expect("it is logged");
    assert_eq!((&line["who"], &line["what"]), (&json!("alice"), &json!("servers:add")));
    assert_eq!((&line["how"], &line["outcome"]), (&json!("url=https://b2/api"), &json!("done")));
    assert!(!ran.err.contains("geheim"), "{}", ran.err);
}

#[test]
fn a_database_that_is_away_fails_no_task() {
    let site = Site::with(&[
        ("DATABASE_URL", "postgres://nobody@127.0.0.1:1/nothing"),
        ("SERVER_ID_IS_HOSTNAME", "true"),
    ]);
    let ran = site.run(&["servers:add[https://b1/api,geheim]"]);
    assert_eq!((ran.code, ran.out.as_str()), (0, "OK\nid: b1\n"));
    assert!(ran.err.contains("done, but not noted in the audit log"), "{}", ran.err);
    assert!(site.run(&["audit"]).failed().contains("Is it running"));
}
