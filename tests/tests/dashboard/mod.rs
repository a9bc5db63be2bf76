//! The dashboard.

mod access;
mod actions;
mod browser;
mod live;
mod many;
mod portrait;

use reqwest::Method;
use scalelite_core::pool::placement::TagRule;
use scalelite_core::state::PlaceMeeting;
use scalelite_core::tenant::Tenant;
use scalelite_system_tests::answer::Answer;
use scalelite_system_tests::client::{Client, answer, encode};
use scalelite_system_tests::site::{Api, Site};
use scalelite_system_tests::store::Mode;

use crate::playback::given::{HOUR, Library};

pub(crate) const PASSWORD: &str = "correct horse battery";
const PATH: &str = "/scalelite/dashboard";

/// A site with recordings and servers whose front end has a dashboard.
async fn site(mode: Mode, servers: usize, changes: &[(&str, &str)]) -> (Library, Api) {
    let changes: Vec<_> = [("DASHBOARD_PASSWORD", PASSWORD)].iter().chain(changes).copied().collect();
    let library = Library::start_with(mode, servers, &changes).await;
    let api = library.api().await;
    (library, api)
}

async fn add_tenant(site: &Site, name: &str) {
    let secrets = vec![name.to_owned().into()];
    let tenant = Tenant { id: format!("id-of-{name}"), ..Tenant::new(name, secrets) };
    site.state().add_tenant(&tenant).await.unwrap();
}

/// A meeting that is known, but on no server.
async fn place(site: &Site, id: &str, tenant_id: Option<&str>, voice_bridge: &str) {
    let request = PlaceMeeting {
        meeting_id: id,
        tenant_id,
        moderator_pw: "pw",
        voice_bridges: &[voice_bridge.to_owned()],
        tags: &TagRule::default(),
        ttl: HOUR,
        max_meetings: None,
        failed: &[],
    };
    site.state().place_meeting(&request).await.unwrap();
    site.state().confirm_meeting(id, true).await.unwrap();
}

/// A browser without a window: it keeps its session's cookie, and follows no redirect.
struct Visitor {
    client: Client,
    cookie: String,
}

impl Visitor {
    /// Logs in.
    async fn of(api: &Client) -> Self {
        let entered = log_in(api, PASSWORD).await;
        assert_eq!(
            (entered.status, entered.header("location")),
            (303, Some("/scalelite/dashboard/")),
            "{entered:?}"
        );
        let cookie = entered.header("set-cookie").unwrap();
        let (pair, attributes) = cookie.split_once("; ").unwrap();
        assert_eq!(attributes, "Path=/scalelite/dashboard; Max-Age=43200; HttpOnly; SameSite=Strict");
        Self { client: api.clone(), cookie: pair.to_owned() }
    }

    async fn get(&self, path: &str) -> Answer {
        let request = self.client.request(Method::GET, &format!("{PATH}{path}"));
        answer(request.header("cookie", &self.cookie)).await
    }

    async fn page(&self, path: &str) -> String {
        let shown = self.get(path).await;
        assert_eq!(shown.status, 200, "{path}: {shown:?}");
        shown.body
    }

    /// What the forms of this session hold.
    async fn csrf(&self) -> String {
        let page = self.page("/audit").await;
        page.split_once("name=\"csrf\" value=\"").unwrap().1.split_once('"').unwrap().0.to_owned()
    }

    async fn post(&self, path: &str, form: &[(&str, &str)]) -> Answer {
        post(&self.client, path, &[("cookie", &self.cookie)], form).await
    }
}

async fn log_in(api: &Client, password: &str) -> Answer {
    post(api, "/login", &[], &[("password", password)]).await
}

async fn post(client: &Client, path: &str, headers: &[(&str, &str)], form: &[(&str, &str)]) -> Answer {
    let request = client
        .request(Method::POST, &format!("{PATH}{path}"))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(encode(form));
    answer(headers.iter().fold(request, |request, (name, value)| request.header(*name, *value))).await
}
