//! Tenants and their settings: listed, added, changed, removed, and made what a file says.

use std::fs;

use serde_json::{Value, json};

use crate::site::Site;

const TENANTS: &[(&str, &str)] = &[("MULTITENANCY_ENABLED", "true")];

fn site() -> Site {
    Site::with(TENANTS)
}

/// Adds a tenant; gives its ID.
fn added(site: &Site, name: &str, secrets: &str) -> String {
    let out = site.run(&[&format!("tenants:add[{name},{secrets}]")]).clean();
    out.strip_prefix("OK\nNew Tenant id: ").unwrap().trim_end().to_owned()
}

/// Adds a setting; gives its ID.
fn set(site: &Site, tenant: &str, rest: &str) -> String {
    let out = site.run(&[&format!("tenantSettings:add[{tenant},{rest}]")]).clean();
    out.strip_prefix("OK\nNew TenantSetting id: ").unwrap().trim_end().to_owned()
}

fn json(site: &Site, task: &str) -> Value {
    serde_json::from_str(&site.run(&[task, "--json"]).clean()).unwrap()
}

#[test]
fn without_multitenancy_there_are_none() {
    let site = Site::new();
    for words in [
        &["tenants"][..],
        &["tenants:add[a,b]"],
        &["tenants:remove[a]"],
        &["tenants:yaml"],
        &["tenants:sync[-]"],
        &["tenantSettings"],
        &["tenantSettings:add[a,b,c,true]"],
    ] {
        let ran = site.run(words);
        assert_eq!(ran.out, "");
        assert_eq!(ran.failed(), "Multitenancy is disabled, task can not be completed\n", "{words:?}");
    }
}

#[test]
fn add_list_update_remove() {
    let site = site();
    assert_eq!(site.run(&["tenants"]).clean(), "Total number of tenants: 0\n");
    let bank = added(&site, "bank", "one:two");
    let acme = added(&site, "acme", "x");
    assert_eq!(
        site.run(&["tenants"]).clean(),
        format!(
            "id: {acme}\n\tname: acme\n\tsecrets: x\nid: {bank}\n\tname: bank\n\tsecrets: one:two\n\
             Total number of tenants: 2\n"
        )
    );
    let updated = |words: &[&str]| {
        assert_eq!(site.run(words).clean(), format!("OK\nUpdated Tenant id: {bank}\n"), "{words:?}");
    };
    updated(&[&format!("tenants:update[{bank},credit]")]);
    updated(&[&format!("tenants:update[{bank},,three:four]")]);
    updated(&[&format!("tenants:update_lrs_kc[{bank},https://lrs/,https://kc/token,c,cs,u,p]")]);
    let kc = format!(
        "id: {bank}\n\tname: credit\n\tsecrets: three:four\n\tlrs_endpoint: https://lrs/\n\t\
         kc_token_url: https://kc/token\n\tkc_client_id: c\n\tkc_client_secret: cs\n\tkc_username: u\n\tkc_password: p\n"
    );
    let out = site.run(&["tenants"]).clean();
    assert!(out.contains(&kc), "{out}");
    // The password of one kind makes way for that of the other.
    updated(&["tenants:update_lrs_basic", &bank, "https://lrs2/", "user", "password"]);
    let basic = "\tlrs_endpoint: https://lrs2/\n\tlrs_username: user\n\tlrs_password: password\nTotal";
    let out = site.run(&["tenants"]).clean();
    assert!(out.contains(basic), "{out}");
    updated(&[&format!("tenants:update_lrs_kc[{bank},https://lrs/,https://kc/token,c,cs,u,p]")]);
    assert!(site.run(&["tenants"]).clean().contains(&kc));
    updated(&["tenants:update", &bank, "--name", "bank", "--secrets", "s"]);
    let expected = json!([
        {
            "id": acme, "name": "acme", "secrets": "x", "meetings": 0,
            "limits": {"max_meetings": null, "max_participants": null, "max_duration": null, "server_tags": null},
        },
        {
            "id": bank, "name": "bank", "secrets": "s", "meetings": 0,
            "lrs_endpoint": "https://lrs/", "kc_token_url": "https://kc/token", "kc_client_id": "c",
            "kc_client_secret": "cs", "kc_username": "u", "kc_password": "p",
            "limits": {"max_meetings": null, "max_participants": null, "max_duration": null, "server_tags": null},
        },
    ]);
    assert_eq!(json(&site, "tenants"), expected);

    assert_eq!(site.run(&["tenants:remove", &bank]).clean(), "Tenant was successfully deleted.\n");
    let again = site.run(&[&format!("tenants:remove[{bank}]")]).failed();
    assert_eq!(again, format!("Tenant with id {bank} does not exist in the system. Exiting...\n"));
    assert!(site.run(&["tenants"]).clean().ends_with("Total number of tenants: 1\n"));
}

#[test]
fn mistakes_with_tenants() {
    let site = site();
    let id = added(&site, "bank", "s");
    added(&site, "acme", "s");
    let failed = |task: &str| site.run(&[task]).failed();
    let both = "Error: both name and secrets are required to create a Tenant\n";
    for task in ["tenants:add", "tenants:add[a]", "tenants:add[,s]", "tenants:add[a,:]"] {
        assert_eq!(failed(task), both, "{task}");
    }
    assert_eq!(failed("tenants:add[bank,s]"), "ERROR: Another tenant has the name bank\n");
    let either = "Error: id and either name or secrets are required to update a Tenant\n";
    for task in ["tenants:update", "tenants:update[x]", "tenants:update[,a,b]"] {
        assert_eq!(failed(task), either, "{task}");
    }
    assert_eq!(failed("tenants:update[x,name]"), "ERROR: Couldn't find Tenant with id=x\n");
    assert_eq!(failed(&format!("tenants:update[{id},acme]")), "ERROR: Another tenant has the name acme\n");
    let basic = "Error: id, LRS_ENDPOINT, LRS_USERNAME, LRS_PASSWORD are required to update a Tenant\n";
    assert_eq!(failed("tenants:update_lrs_basic[x,e,u]"), basic);
    assert_eq!(failed("tenants:update_lrs_basic[x,e,u,p]"), "ERROR: Couldn't find Tenant with id=x\n");
    let keycloak = "Error: LRS_ENDPOINT, KC_TOKEN_URL, KC_CLIENT_ID, KC_CLIENT_SECRET, KC_USERNAME, KC_PASSWORD \
        are required to update a Tenant\n";
    assert_eq!(failed("tenants:update_lrs_kc[x,e,u,c,cs,ku]"), keycloak);
    for name in ["Acme", "a.b", "ñ"] {
        let ran = site.run(&["tenants:add", name, "s"]);
        assert_eq!(ran.code, 0);
        assert!(ran.err.starts_with(&format!("WARNING: {name} cannot be the first label")), "{}", ran.err);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn settings() {
    let site = site();
    assert_eq!(site.run(&["tenantSettings"]).clean(), "");
    let (acme, bank) = (added(&site, "acme", "s"), added(&site, "bank", "s"));
    let logo = set(&site, &acme, "logo,https://l/,false");
    let tag = set(&site, &acme, "meta_server-tag,a;b!,TRUE");
    let most = set(&site, &acme, "limit:maxMeetings,3,false");
    let ran = site.run(&["tenantSettings"]);
    assert_eq!(
        (ran.code, ran.out.as_str(), ran.err.as_str()),
        (
            0,
            format!(
                "Tenant: acme\n  id: {most}\n\tparam: limit:maxMeetings\n\tvalue: 3\n\toverride: false\n  \
                 id: {logo}\n\tparam: logo\n\tvalue: https://l/\n\toverride: false\n  \
                 id: {tag}\n\tparam: meta_server-tag\n\tvalue: a;b!\n\toverride: true\nTenant: bank\n"
            )
            .as_str(),
            "  No custom settings are configured\n"
        )
    );
    let setting =
        json!({"id": tag, "tenant_id": acme, "param": "meta_server-tag", "value": "a;b!", "override": true});
    assert_eq!(json(&site, "tenantSettings")[2], setting);
    set(&site, &bank, "limit:maxParticipants,25,true");
    set(&site, &bank, "limit:maxDuration,90,true");
    set(&site, &bank, "limit:serverTags,a;none,true");
    let limits =
        json!({"max_meetings": 3, "max_participants": null, "max_duration": null, "server_tags": null});
    assert_eq!(json(&site, "tenants")[0]["limits"], limits);
    let limits = json!({"max_meetings": null, "max_participants": 25, "max_duration": 90, "server_tags": ["a", "none"]});
    assert_eq!(json(&site, "tenants")[1]["limits"], limits);

    let sim = site.server("s").await;
    site.meeting("nobody's", &sim).await;
    site.meeting_of("own", &sim, Some(&acme)).await;
    assert_eq!(json(&site, "tenants")[0]["meetings"], 1);

    let removed = site.run(&["tenantSettings:remove", &logo]).clean();
    assert_eq!(removed, "TenantSetting was successfully deleted.\n");
    let again = site.run(&[&format!("tenantSettings:remove[{logo}]")]).failed();
    assert_eq!(again, format!("TenantSetting with id {logo} does not exist in the system. Exiting...\n"));
    assert_eq!(json(&site, "tenantSettings").as_array().unwrap().len(), 5);
    site.run(&["tenants:remove", &acme]).clean();
    assert_eq!(json(&site, "tenantSettings").as_array().unwrap().len(), 3);
}

#[test]
fn mistakes_with_settings() {
    let site = site();
    let id = added(&site, "bank", "s");
    let failed = |rest: &str| site.run(&[&format!("tenantSettings:add[{rest}]")]).failed();
    let all = "Error: tenant_id, param, value and override are required to create a TenantSetting\n";
    for rest in ["", "a,b,c", "a,,c,true", "a,b,,true", ",a,b,true"] {
        assert_eq!(failed(rest), all, "{rest}");
    }
    assert_eq!(failed("x,a,b,true"), "ERROR: Couldn't find Tenant with id=x\n");
    assert_eq!(failed(&format!("{id},a,b,yes")), "Error: override must be true or false, not yes\n");
    let number = "Error: limit:maxMeetings must be a whole number from 0 to 4294967295\n";
    assert_eq!(failed(&format!("{id},limit:maxMeetings,many,true")), number);
    let unknown =
        "Error: limit:max no such limit (choose: maxMeetings maxParticipants maxDuration serverTags)\n";
    assert_eq!(failed(&format!("{id},limit:max,1,true")), unknown);
    assert_eq!(json(&site, "tenantSettings"), json!([]));
}

const TWO: &str = "
tenants:
  acme:
    id: id-1
    secrets: one:two
    limits: {maxMeetings: 10}
    defaults: {logo: a}
    overrides: {record: false}
  bank:
    secrets: 007
    lrs_endpoint: https://lrs/
    lrs_username: u
    lrs_password: geheim
";

#[test]
fn there_and_back() {
    let site = site();
    assert_eq!(site.run(&["tenants:yaml"]).clean(), "---\ntenants: {}\n");
    let told = "+ tenant acme\n    + secrets: *****\n    + limit maxMeetings: 10\n    + default logo: a\n    \
        + override record: false\n+ tenant bank\n    + secrets: *****\n    + lrs_endpoint: https://lrs/\n    \
        + lrs_username: u\n    + lrs_password: *****\n";
    assert_eq!(site.run_with_input(&["tenants:sync[-,,true]"], TWO).clean(), told, "a dry run");
    assert_eq!(site.run_with_input(&["tenants:sync", "-", "--dry-run"], TWO).clean(), told, "so is this");
    assert_eq!(json(&site, "tenants"), json!([]));
    assert_eq!(site.run_with_input(&["tenants:sync[-]"], TWO).clean(), told);
    let yaml = site.run(&["tenants:yaml"]).clean();
    let bank = json(&site, "tenants")[1]["id"].as_str().unwrap().to_owned();
    assert_eq!(
        yaml,
        format!(
            "---\ntenants:\n  acme:\n    id: id-1\n    secrets: one:two\n    limits:\n      maxMeetings: '10'\n    \
             defaults:\n      logo: a\n    overrides:\n      record: 'false'\n  bank:\n    id: {bank}\n    \
             secrets: '007'\n    lrs_endpoint: https://lrs/\n    lrs_password: geheim\n    lrs_username: u\n"
        )
    );
    for same in [TWO, &yaml] {
        assert_eq!(site.run_with_input(&["tenants:sync[-,force]"], same).clean(), "");
    }
    let changed = yaml.replace("  bank:", "  credit:").replace("'10'", "20").replace("geheim", "geheimer");
    let changed = changed.replace("    defaults:\n      logo: a\n", "");
    let told = "~ tenant acme\n    ~ limit maxMeetings: 10 -> 20\n    - default logo: a\n~ tenant credit\n    \
        ~ name: bank -> credit\n    ~ lrs_password: *****\n";
    assert_eq!(site.run_with_input(&["tenants:sync[-,force,true]"], &changed).clean(), told);
    assert_eq!(site.run_with_input(&["tenants:sync[-,force]"], &changed).clean(), told);
    assert_eq!(site.run_with_input(&["tenants:sync[-,force]"], &changed).clean(), "");
    assert_eq!(json(&site, "tenants")[1]["id"], bank);
    // On an empty installation it makes the same ones.
    let yaml = site.run(&["tenants:yaml"]).clean();
    let other = self::site();
    other.run_with_input(&["tenants:sync[-]"], &yaml).clean();
    assert_eq!(other.run(&["tenants:yaml"]).clean(), yaml);
}

#[test]
fn a_bad_file_changes_nothing() {
    let site = site();
    site.run_with_input(&["tenants:sync[-]"], TWO).clean();
    let before = (json(&site, "tenants"), json(&site, "tenantSettings"));
    let file = site.dir.path().join("tenants.yml");
    let path = file.to_str().unwrap();
    for (text, error) in [
        (
            "tenants:\n  new:\n    secrets: s\n  acme:\n    id: id-1\n",
            "tenants.acme: there are no `secrets` at line 5 column 5",
        ),
        (
            "tenants:\n  new:\n    secrets: s\n    limits:\n      maxDuration: 1h\n",
            "tenants.new.limits.maxDuration: must be a whole number from 1 to 4294967295 at line 5 column 20",
        ),
        (
            "tenants:\n",
            "tenants: invalid type: unit value, expected a mapping of names to tenants at line 1 column 9",
        ),
        (
            "tenants:\n  new:\n    secrets: s\n  acme:\n    id: id-2\n    secrets: s\n",
            "tenant acme: its id is id-1, not id-2: leave the id out of the file, or remove the tenant first",
        ),
    ] {
        fs::write(&file, text).unwrap();
        let ran = site.run(&[&format!("tenants:sync[{path},force]")]);
        assert_eq!(ran.out, "");
        assert_eq!(ran.failed(), format!("ERROR: {error}\n"));
    }
    let mode = "ERROR: Unknown sync mode 'all' (choose: keep remove force)\n";
    assert_eq!(site.run(&["tenants:sync", path, "--mode", "all"]).failed(), mode);
    assert_eq!(site.run(&["tenants:sync"]).failed(), "ERROR: Missing 'path' parameter\n");
    assert!(site.run(&["tenants:sync[/nowhere]"]).failed().starts_with("ERROR: cannot read /nowhere: "));
    assert_eq!((json(&site, "tenants"), json(&site, "tenantSettings")), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn tenants_that_are_not_wanted_go() {
    let site = site();
    let sim = site.server("s").await;
    let (full, _) = (added(&site, "full", "s"), added(&site, "empty", "s"));
    site.meeting_of("m1", &sim, Some(&full)).await;
    site.meeting_of("m2", &sim, Some(&full)).await;
    site.meeting("nobody's", &sim).await;
    let none = "tenants: {}";
    let sync = |mode: &str| site.run_with_input(&[&format!("tenants:sync[-,{mode}]")], none);
    let kept = "  tenant empty: not in the file, kept\n  tenant full: not in the file, kept\n";
    assert_eq!(sync("").clean(), kept);
    let force = "- tenant empty\n- tenant full\n    - meeting m1\n    - meeting m2\n";
    assert_eq!(sync("force,true").clean(), force);
    assert_eq!((site.known().await.len(), sim.count("end")), (3, 0));
    let partly = "- tenant empty\n  tenant full: not in the file, kept because it has meetings: 2\n";
    assert_eq!(sync("remove").clean(), partly);
    assert_eq!(site.known().await.len(), 3);
    sim.end_meeting("m1");
    let ran = sync("force");
    assert_eq!((ran.code, ran.out.as_str()), (0, "- tenant full\n    - meeting m1\n    - meeting m2\n"));
    assert!(ran.err.starts_with("Failed to end meeting id=m1: "), "{}", ran.err);
    assert_eq!((site.known().await, sim.meeting_count()), (vec!["nobody's".to_owned()], 1));
    assert!(site.state().await.tenants().await.unwrap().is_empty());
}
