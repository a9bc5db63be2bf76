//! Another tenant's recording can be neither seen nor changed.

use scalelite_system_tests::store::Mode;

use crate::playback::given::{Given, Library};
use scalelite_core::tenant::Tenant;
use scalelite_system_tests::client::Client;

const NONE: &str = "We could not find recordings";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_has_its_own() {
    let changes = [("MULTITENANCY_ENABLED", "true"), ("URL_HOST", "lb.example.org")];
    let library = Library::start(Mode::Embedded, &changes).await;
    for name in ["acme", "umbrella"] {
        let secrets = vec![name.to_owned().into()];
        let tenant = Tenant { id: format!("id-of-{name}"), ..Tenant::new(name, secrets) };
        library.site.state().add_tenant(&tenant).await.unwrap();
        let (id, tenant) = (format!("rec-{name}"), format!("id-of-{name}"));
        library.add(Given { id: &id, tenant: Some(&tenant), ..Given::default() }).await;
    }
    library.add(Given { id: "rec-nobody", ..Given::default() }).await;
    let api = library.api().await;
    let of = |name: &str| -> Client { api.with_host(&format!("{name}.lb.example.org")).with_secret(name) };
    let acme = of("acme");
    let ids = async |params: &[(&str, &str)]| {
        acme.call("getRecordings", params).await.assert_success().fields("recordID")
    };

    for params in [
        vec![],
        vec![("recordID", "rec")],
        vec![("meetingID", "room")],
        vec![("state", "any")],
        vec![("limit", "10")],
        vec![("meta_tenant-id", "id-of-acme,id-of-umbrella")],
    ] {
        assert_eq!(ids(&params).await, ["rec-acme"], "{params:?}");
    }
    for params in [vec![("recordID", "rec-umbrella")], vec![("meta_tenant-id", "id-of-umbrella")]] {
        assert_eq!(ids(&params).await, [""; 0], "{params:?}");
    }
    acme.call("getRecordings", &[("limit", "5")]).await.assert_text("totalElements", "1");
    for other in ["rec-umbrella", "rec-nobody"] {
        for (call, params) in [
            ("publishRecordings", vec![("recordID", other), ("publish", "false")]),
            ("updateRecordings", vec![("recordID", other), ("meta_a", "1")]),
            ("deleteRecordings", vec![("recordID", other)]),
        ] {
            acme.call(call, &params).await.assert_failed("notFound", NONE);
        }
    }
    let both = [("recordID", "rec-acme,rec-umbrella"), ("meta_a", "1")];
    acme.call("updateRecordings", &both).await.assert_failed("notFound", NONE);
    let stolen = [("recordID", "rec-acme"), ("meta_tenant-id", "id-of-umbrella")];
    assert_eq!(acme.call("updateRecordings", &stolen).await.text("messageKey"), "invalidParameters");
    acme.call("deleteRecordings", &[("recordID", "rec-acme,rec-umbrella")]).await.assert_success();
    assert_eq!(of("umbrella").call("getRecordings", &[]).await.fields("recordID"), ["rec-umbrella"]);
}
