//! The tenants, and what they use.

use std::collections::HashMap;

use actix_web::HttpResponse;
use actix_web::web::Query;
use askama::Template;
use chrono::{Months, NaiveDate, Utc};
use scalelite_core::audit::is_secret;
use scalelite_core::tenant::Tenant;
use scalelite_core::usage::{Amounts, Month};
use serde::Deserialize;

use super::page::{self, Frame, Section};
use super::refused::Refused;
use super::shown;
use super::visit::Visit;

/// What is asked for.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    /// The month of the usage; what is none is the present one.
    #[serde(default)]
    month: String,
}

#[derive(Template)]
#[template(path = "tenants.html")]
struct Page {
    frame: Frame,
    url_host: Option<String>,
    /// The month of the usage between its neighbours; none where no usage is noted.
    months: Option<[String; 3]>,
    rows: Vec<Row>,
    others: Row,
}

/// A tenant; none stands for all that is no tenant's.
struct Row {
    tenant: Option<Tenant>,
    meetings: usize,
    used: Used,
}

/// What was used in a month, as it is shown.
struct Used {
    meetings: u64,
    minutes: u64,
    recordings: u64,
    bytes: String,
}

impl From<Amounts> for Used {
    fn from(amounts: Amounts) -> Self {
        let Amounts { meetings, participants, recordings, bytes } = amounts;
        Self { meetings, minutes: participants.as_secs() / 60, recordings, bytes: shown::bytes(bytes) }
    }
}

/// The settings of a tenant, without what is better not shown.
fn settings(tenant: &Tenant) -> Vec<(&str, &str, bool)> {
    let told = tenant.settings.iter().map(|one| {
        let value = if is_secret(&one.param) { "*****" } else { one.value.as_str() };
        (one.param.as_str(), value, one.overrides)
    });
    told.collect()
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
pub(super) async fn show(visit: Visit, asked: Query<Asked>) -> Result<HttpResponse, Refused> {
    let frame = Frame::new(&visit, Section::Tenants);
    if !visit.app.config.meetings.multitenancy {
        return page::off(&visit, frame, "There are no tenants: MULTITENANCY_ENABLED is not set.");
    }
    let tenants = visit.app.state.tenants().await?;
    let mut meetings: HashMap<String, usize> = HashMap::new();
    for meeting in visit.app.state.meetings().await? {
        *meetings.entry(meeting.tenant_id.unwrap_or_default()).or_default() += 1;
    }
    let month = asked.month.parse().unwrap_or_else(|_| Month::of(Utc::now()));
    let mut used: HashMap<String, Amounts> = HashMap::new();
    if let Some(catalog) = &visit.app.catalog {
        used.extend(
            catalog.usage(Some(month), None).await?.into_iter().map(|one| (one.tenant_id, one.amounts)),
        );
    }
    let mut rows = Vec::with_capacity(tenants.len());
    for tenant in tenants {
        let meetings = meetings.remove(&tenant.id).unwrap_or_default();
        let used = used.remove(&tenant.id).unwrap_or_default().into();
        rows.push(Row { tenant: Some(tenant), meetings, used });
    }
    // Also of those that are tenants no more.
    let others = Row {
        tenant: None,
        meetings: meetings.into_values().sum(),
        used: together(used.into_values()).into(),
    };
    let months = visit.app.catalog.as_ref().map(|_| neighbours(month));
    let page = Page { frame, url_host: visit.app.config.http.url_host.clone(), months, rows, others };
    page::show(&visit, &page, &page.frame)
}

/// The month before, the month, and the one after it.
fn neighbours(month: Month) -> [String; 3] {
    let first = NaiveDate::parse_from_str(&format!("{month}-01"), "%Y-%m-%d").unwrap_or_default();
    let told = |date: Option<NaiveDate>| date.unwrap_or(first).format("%Y-%m").to_string();
    let one = Months::new(1);
    [told(first.checked_sub_months(one)), month.to_string(), told(first.checked_add_months(one))]
}

fn together(amounts: impl Iterator<Item = Amounts>) -> Amounts {
    amounts.fold(Amounts::default(), |sum, one| Amounts {
        meetings: sum.meetings.saturating_add(one.meetings),
        participants: sum.participants.saturating_add(one.participants),
        recordings: sum.recordings.saturating_add(one.recordings),
        bytes: sum.bytes.saturating_add(one.bytes),
    })
}

#[cfg(test)]
mod tests {
    use scalelite_core::tenant::TenantSetting;

    use super::*;

    #[test]
    fn months_have_neighbours() {
        assert_eq!(neighbours("2026-01".parse().unwrap()), ["2025-12", "2026-01", "2026-02"]);
        assert_eq!(neighbours("2026-12".parse().unwrap()), ["2026-11", "2026-12", "2027-01"]);
    }

    #[test]
    fn passwords_are_not_shown() {
        let set = [TenantSetting::new("moderatorPW", "geheim", true), TenantSetting::new("logo", "x", false)];
        let tenant = Tenant { settings: set.into(), ..Tenant::new("acme", Vec::new()) };
        assert_eq!(settings(&tenant), [("moderatorPW", "*****", true), ("logo", "x", false)]);
    }
}
