//! A change of a tenant by another process is seen by a front end within five seconds.

use std::time::{Duration, Instant};

use scalelite_core::tenant::{Tenant, TenantChange, TenantSetting};
use scalelite_system_tests::in_both_modes;
use scalelite_system_tests::site::{Api, Site};
use scalelite_system_tests::store::Mode;

in_both_modes!(a_change_is_seen_within_five_seconds);

const WITHIN: Duration = Duration::from_secs(5);

/// Asks again and again, as busy clients do, until the answer is as expected.
async fn seen(what: &str, since: Instant, mut ask: impl AsyncFnMut() -> bool) {
    // A request that began in time may be answered a little later.
    while !ask().await {
        assert!(since.elapsed() < WITHIN, "not seen within five seconds: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn a_change_is_seen_within_five_seconds(mode: Mode) {
    let site = Site::start(mode, 1).await;
    let state = site.state();
    let tenant = Tenant { id: "t".to_owned(), ..Tenant::new("acme", vec!["old".to_owned().into()]) };
    state.add_tenant(&tenant).await.unwrap();
    let api: Api = site.api_with(&[("MULTITENANCY_ENABLED", "true")]).await;
    let opens = async |name: &str, secret: &str| {
        let client = api.with_host(&format!("{name}.lb.example.org")).with_secret(secret);
        client.get("getMeetings", "").await.is_success()
    };
    assert!(opens("acme", "old").await && !opens("other", "old").await);

    let change = TenantChange { secrets: Some(vec!["new".to_owned().into()]), ..TenantChange::default() };
    state.change_tenant("t", &change).await.unwrap();
    seen("a new secret", Instant::now(), async || opens("acme", "new").await).await;
    assert!(!opens("acme", "old").await);

    let mut meetings = 0;
    state.put_tenant_setting("t", &TenantSetting::new("logo", "x", true)).await.unwrap();
    seen("a setting", Instant::now(), async || {
        meetings += 1;
        let client = api.with_host("acme").with_secret("new");
        client.call("create", &[("meetingID", &format!("m{meetings}"))]).await.assert_success();
        site.sim(0).requests_for("create").pop().unwrap().param("logo").is_some()
    })
    .await;

    let change = TenantChange { name: Some("other".to_owned()), ..TenantChange::default() };
    state.change_tenant("t", &change).await.unwrap();
    let since = Instant::now();
    seen("a name", since, async || opens("other", "new").await).await;
    seen("that the old name is gone", since, async || !opens("acme", "new").await).await;
    state.remove_tenant("t").await.unwrap();
    seen("that a tenant is gone", Instant::now(), async || !opens("other", "new").await).await;
}
