//! The audit log: tasks and the management API write it, `scalelite audit` shows it.

use scalelite_system_tests::site::Site;
use scalelite_system_tests::store::Mode;
use scalelite_testbed::postgres::PostgresServer;
use serde_json::{Value, json};

use crate::management::Manager;

const SECRET: &str = "a-secret-of-nobody-else";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_the_embedded_database() {
    tells_who_changed_what(Site::start(Mode::Embedded, 1).await, "").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_postgres() {
    let server = PostgresServer::start();
    tells_who_changed_what(Site::start(Mode::Redis, 1).await, &server.url()).await;
}

async fn tells_who_changed_what(site: Site, database: &str) {
    let changes = [
        ("DB_DISABLED", ""),
        ("DATABASE_URL", database),
        ("MULTITENANCY_ENABLED", "true"),
        ("SERVER_ID_IS_HOSTNAME", "true"),
        ("SUDO_USER", "alice"),
    ];
    let api = site.api_with(&changes).await;
    let manager = Manager::new(&api);
    let task = |words: &[&str]| site.task_with(words, &changes, "").clean();
    task(&["db:migrate"]);
    task(&["servers:tag", "server-0", "hd"]);
    let server = json!({"server": {"url": "https://bbb.example.org/api", "secret": SECRET}});
    assert_eq!(manager.post("addServer", &server).await.0, 201);
    assert_eq!(manager.get("getServers", "").await.0, 200);
    assert_eq!(manager.post("addServer", &server).await.0, 409, "nothing is changed");
    let cordon = json!({"id": "bbb.example.org", "server": {"state": "cordon"}});
    assert_eq!(manager.post("updateServer", &cordon).await.0, 200);
    assert_eq!(manager.post_text("deleteServer", "id=bbb.example.org", String::new()).await.0, 200);
    let tenant = json!({"tenant": {"name": "bank", "secrets": SECRET}});
    let id = manager.post("addTenant", &tenant).await.1["tenant"]["id"].clone();

    let told = task(&["audit", "--json"]);
    assert!(!told.contains(SECRET), "{told}");
    let told: Vec<Value> = serde_json::from_str(&told).unwrap();
    let of_api: Vec<&Value> = told.iter().filter(|change| change["who"] != "alice").collect();
    let parts = |change: &&Value| json!([change["what"], change["on"], change["how"], change["outcome"]]);
    assert_eq!(
        of_api.iter().map(&parts).collect::<Vec<_>>(),
        [
            json!(["addTenant", id, "name=bank secrets=*****", "done"]),
            json!(["deleteServer", "bbb.example.org", "", "done"]),
            json!(["updateServer", "bbb.example.org", "state=cordon", "done"]),
            json!(["addServer", "bbb.example.org", "url=https://bbb.example.org/api secret=*****", "done"]),
        ]
    );
    let who = of_api[0]["who"].as_str().unwrap();
    assert!(who.starts_with("secret ") && who.len() == "secret ".len() + 8, "{who}");
    assert_eq!(parts(&&told[4]), json!(["servers:tag", "server-0", "tag=hd", "done"]));
    let log = api.service.log();
    assert!(log.contains("scalelite::audit") && log.contains(who) && !log.contains(SECRET), "{log}");
}
