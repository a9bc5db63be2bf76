//! Tenants and their settings come, change and go; none of them opens this API.

use reqwest::Method;
use scalelite_system_tests::in_both_modes;
use scalelite_system_tests::signature::SECRET;
use scalelite_system_tests::site::Site;
use scalelite_system_tests::store::Mode;
use serde_json::json;

use super::{Manager, Told, site};

in_both_modes!(the_life_of_a_tenant, settings_of_a_tenant, without_tenants, who_may_call,);

async fn the_life_of_a_tenant(mode: Mode) {
    let (_site, _api, manager) = site(mode, 0).await;
    assert_eq!(manager.get("getTenants", "").await, Told(200, json!({ "message": "No tenants exist" })));
    let asked = json!({ "tenant": { "name": "acme", "secrets": "one:two" } });
    let Told(201, added) = manager.post("addTenant", &asked).await else { panic!("it is not added") };
    let id = added["tenant"]["id"].as_str().unwrap().to_owned();
    assert_eq!(added, json!({ "tenant": { "id": id, "name": "acme", "secrets": "one:two" } }));
    assert_eq!(manager.get("getTenants", "").await, Told(200, json!([added["tenant"]])));
    assert_eq!(manager.get("getTenantInfo", &format!("id={id}")).await, Told(200, added["tenant"].clone()));
    let taken = Told(409, json!({ "error": "Another tenant has the name acme" }));
    assert_eq!(manager.post("addTenant", &asked).await, taken);
    for (changes, name, secrets) in [
        (json!({ "secrets": "three" }), "acme", "three"),
        (json!({ "name": "bank", "secrets": "" }), "bank", "three"),
        (json!({ "other": 1 }), "bank", "three"),
    ] {
        let updated = manager.post("updateTenant", &json!({ "id": id, "tenant": changes })).await;
        let expected = json!({ "tenant": { "id": id, "name": name, "secrets": secrets } });
        assert_eq!(updated, Told(200, expected));
    }
    let destroyed = Told(200, json!({ "success": format!("Tenant id={id} was destroyed") }));
    assert_eq!(manager.post("deleteTenant", &json!({ "id": id })).await, destroyed);
    let unknown = Told(404, json!({ "error": format!("Couldn't find Tenant with id={id}") }));
    assert_eq!(manager.post("deleteTenant", &json!({ "id": id })).await, unknown);
    assert_eq!(manager.get("getTenantInfo", &format!("id={id}")).await, unknown);
    let told = "Error: both name and secrets are required to create a Tenant";
    for tenant in [json!({ "name": "x" }), json!({ "secrets": "x" }), json!({ "name": "x", "secrets": ":" })]
    {
        let refused = manager.post("addTenant", &json!({ "tenant": tenant })).await;
        assert_eq!(refused, Told(400, json!({ "error": told, "message": told })), "{tenant}");
    }
}

async fn settings_of_a_tenant(mode: Mode) {
    let (site, _api, manager) = site(mode, 0).await;
    let tenants = json!({ "tenant": { "name": "acme", "secrets": "one" } });
    let Told(201, added) = manager.post("addTenant", &tenants).await else { panic!("it is not added") };
    let tenant = added["tenant"]["id"].as_str().unwrap().to_owned();
    let query = format!("tenant_id={tenant}");
    assert_eq!(manager.get("getTenantSettings", &query).await, Told(200, json!([])));
    let setting = |param: &str, value: &str, overrides| {
        let setting = json!({ "tenant_id": tenant, "param": param, "value": value, "override": overrides });
        json!({ "tenant_setting": setting })
    };
    let record = setting("record", "false", json!("true"));
    let Told(201, record) = manager.post("addTenantSetting", &record).await else {
        panic!("it is not added")
    };
    let record = &record["tenant_setting"];
    let id = record["id"].as_str().unwrap();
    let expected =
        json!({ "id": id, "tenant_id": tenant, "param": "record", "value": "false", "override": true });
    assert_eq!(record, &expected);
    assert_eq!(manager.get("getTenantSettings", &query).await, Told(200, json!([expected])));
    let kept = &site.state().tenant(&tenant).await.unwrap().unwrap().settings;
    assert_eq!(kept.len(), 1);
    let limit = manager.post("addTenantSetting", &setting("limit:maxMeetings", "many", json!(false))).await;
    let told = "limit:maxMeetings must be a whole number from 0 to 4294967295";
    assert_eq!(limit, Told(400, json!({ "error": told })));

    let unknown = Told(404, json!({ "error": format!("Couldn't find TenantSetting with id={id}") }));
    let elsewhere = json!({ "id": id, "tenant_id": "x" });
    assert_eq!(manager.post("deleteTenantSetting", &elsewhere).await, unknown);
    let here = json!({ "id": id, "tenant_id": tenant });
    let destroyed = Told(200, json!({ "success": format!("TenantSetting id={id} was destroyed") }));
    assert_eq!(manager.post("deleteTenantSetting", &here).await, destroyed);
    assert_eq!(manager.post("deleteTenantSetting", &here).await, unknown);
    let no_tenant = Told(404, json!({ "error": "Couldn't find Tenant with id=x" }));
    assert_eq!(manager.get("getTenantSettings", "tenant_id=x").await, no_tenant);
    let foreign = json!({ "tenant_id": "x", "param": "a", "value": "b", "override": false });
    assert_eq!(manager.post("addTenantSetting", &json!({ "tenant_setting": foreign })).await, no_tenant);
}

async fn without_tenants(mode: Mode) {
    let site = Site::start(mode, 1).await;
    let api = site.api().await;
    let manager = Manager::new(&api);
    let off = || Told(412, json!({ "message": "Multitenancy is disabled" }));
    for call in ["getTenants", "getTenantInfo", "getTenantSettings"] {
        assert_eq!(manager.get(call, "id=x&tenant_id=x").await, off(), "{call}");
    }
    for call in ["addTenant", "updateTenant", "deleteTenant", "addTenantSetting", "deleteTenantSetting"] {
        assert_eq!(manager.post(call, &json!({})).await, off(), "{call}");
        assert_eq!(manager.post_text(call, "", "{".to_owned()).await, off(), "{call}");
    }
    assert_eq!(manager.get("getServers", "").await.0, 200);
}

/// Each load-balancer secret, through any host; nothing else.
async fn who_may_call(mode: Mode) {
    let site = Site::start(mode, 1).await;
    let changes = [
        ("MULTITENANCY_ENABLED", "true"),
        ("URL_HOST", "lb.example.org"),
        ("LOADBALANCER_SECRETS", "second:third"),
    ];
    let api = site.api_with(&changes).await;
    let through =
        |host: &str, secret: &str| Manager { client: api.with_host(host), secret: secret.to_owned() };
    let first = through("lb.example.org", SECRET);
    let tenant = json!({ "tenant": { "name": "acme", "secrets": "acme-1:acme-2" } });
    assert_eq!(first.post("addTenant", &tenant).await.0, 201);
    let refused = || Told(401, json!({ "error": "You did not pass the checksum security check" }));
    for host in ["lb.example.org", "acme.lb.example.org"] {
        for secret in ["second", "third"] {
            assert_eq!(through(host, secret).get("getServers", "").await.0, 200, "{host} {secret}");
        }
        for secret in ["acme-1", "acme-2", "acme-1:acme-2", "second:third", ""] {
            let stranger = through(host, secret);
            for call in ["getServers", "getTenants"] {
                assert_eq!(stranger.get(call, "").await, refused(), "{host} {secret} {call}");
            }
            let asked = json!({ "id": "server-0" });
            assert_eq!(stranger.post("deleteServer", &asked).await, refused(), "{host} {secret}");
            // Not even the body is looked at.
            assert_eq!(
                stranger.post_text("panicServer", "", "{".to_owned()).await,
                refused(),
                "{host} {secret}"
            );
        }
    }
    // Every call that there is, by its document.
    let document = first.send(Method::GET, "/scalelite/api/openapi.json", None).await.1;
    let calls = document["paths"].as_object().unwrap().iter().filter(|(path, _)| *path != "/openapi.json");
    let mut number = 0;
    for (path, methods) in calls {
        let (call, post) = (path.trim_start_matches('/'), methods.get("post").is_some());
        for (secret, opens) in
            [(SECRET, true), ("third", true), ("acme-1", false), ("acme-2", false), ("wrong", false)]
        {
            let caller = through("acme.lb.example.org", secret);
            let told = if post {
                caller.post(call, &json!({})).await
            } else {
                caller.get(call, "id=x&tenant_id=x").await
            };
            assert_eq!(told.0 != 401, opens, "{call} {secret}: {told:?}");
        }
        number += 1;
    }
    assert_eq!(number, 14);
    // A signature is good for its call and its query only.
    let signed = first.signed("getServerInfo", "id=server-0");
    assert_eq!(first.send(Method::GET, &signed, None).await.0, 200);
    for path in [signed.replace("getServerInfo", "getTenantInfo"), signed.replace("server-0", "server-1")] {
        assert_eq!(first.send(Method::GET, &path, None).await, refused(), "{path}");
    }
    assert_eq!(first.send(Method::GET, "/scalelite/api/getServers", None).await, refused());
    assert!(site.state().server(&"server-0".into()).await.unwrap().is_some());
}
