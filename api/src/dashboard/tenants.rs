//! The tenants, and what they use.

use std::collections::HashMap;

use actix_web::HttpResponse;
use askama::Template;
use scalelite_core::audit::is_secret;
use scalelite_core::tenant::Tenant;

use super::page::{self, Frame, Section};
use super::refused::Refused;
use super::visit::Visit;

#[derive(Template)]
#[template(path = "tenants.html")]
struct Page {
    frame: Frame,
    url_host: Option<String>,
    rows: Vec<Row>,
}

struct Row {
    tenant: Tenant,
    meetings: usize,
}

impl Row {
    /// Its settings, without what is better not shown.
    fn settings(&self) -> Vec<(&str, &str, bool)> {
        let shown = |param: &str| !is_secret(param);
        let settings = self.tenant.settings.iter();
        let told = settings.map(|one| {
            let value = if shown(&one.param) { one.value.as_str() } else { "*****" };
            (one.param.as_str(), value, one.overrides)
        });
        told.collect()
    }
}

/// The names of tenants by their IDs; none where there are no tenants.
pub(super) async fn names(visit: &Visit) -> Result<HashMap<String, String>, Refused> {
    if !visit.app.config.meetings.multitenancy {
        return Ok(HashMap::new());
    }
    let tenants = visit.app.state.tenants().await?;
    Ok(tenants.into_iter().map(|tenant| (tenant.id, tenant.name)).collect())
}

/// The page.
pub(super) async fn show(visit: Visit) -> Result<HttpResponse, Refused> {
    let frame = Frame::new(&visit, Section::Tenants);
    if !visit.app.config.meetings.multitenancy {
        return page::off(&visit, frame, "There are no tenants: MULTITENANCY_ENABLED is not set.");
    }
    let tenants = visit.app.state.tenants().await?;
    let mut meetings: HashMap<String, usize> = HashMap::new();
    for meeting in visit.app.state.meetings().await? {
        if let Some(tenant) = meeting.tenant_id {
            *meetings.entry(tenant).or_default() += 1;
        }
    }
    let row =
        |tenant: Tenant| Row { meetings: meetings.get(&tenant.id).copied().unwrap_or_default(), tenant };
    let rows = tenants.into_iter().map(row).collect();
    let page = Page { frame, url_host: visit.app.config.http.url_host.clone(), rows };
    page::show(&visit, &page, &page.frame)
}
