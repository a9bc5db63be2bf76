//! `usage`: what tenants have used, the newest month first.

use std::collections::HashMap;

use scalelite_core::startup;
use scalelite_core::usage::Usage;
use serde::Serialize;

use super::audit::ready;
use super::{Context, TaskError};
use crate::cli::ShowUsage;
use crate::output::{Align, complain, table};

const COLUMNS: [(&str, Align); 6] = [
    ("MONTH", Align::Left),
    ("TENANT", Align::Left),
    ("MEETINGS", Align::Right),
    ("PARTICIPANT MINUTES", Align::Right),
    ("RECORDINGS", Align::Right),
    ("BYTES", Align::Right),
];

/// `usage`
pub(super) async fn show(context: &mut Context, arguments: &ShowUsage) -> Result<(), TaskError> {
    let catalog = startup::open_catalog(&context.config, 1).await?.ok_or(TaskError::NoUsage)?;
    if context.config.stores.is_embedded() {
        ready(&*catalog).await?;
    }
    catalog.check().await?;
    let tenants = context.state.tenants().await?;
    let names: HashMap<&str, &str> =
        tenants.iter().map(|tenant| (tenant.id.as_str(), tenant.name.as_str())).collect();
    let wanted = arguments.tenant.as_deref().map(|wanted| {
        let named = tenants.iter().find(|tenant| tenant.name == wanted);
        // One that is removed has its ID only.
        named.map_or(wanted, |tenant| tenant.id.as_str())
    });
    let used = catalog.usage(arguments.month, wanted).await?;
    let views: Vec<View<'_>> = used.iter().map(|usage| View::of(usage, &names)).collect();
    let out = &mut context.out;
    if arguments.json {
        out.json(&views)?;
    } else if arguments.csv {
        out.line("month,tenant_id,tenant,meetings,participant_minutes,recordings,bytes")?;
        views.iter().try_for_each(|view| out.line(view.csv()))?;
    } else if views.is_empty() {
        complain("Nothing has been used yet");
    } else {
        let table = table(&COLUMNS, views.iter().map(View::row));
        table.lines().try_for_each(|line| out.line(line.trim_end()))?;
    }
    Ok(())
}

/// What a tenant used in a month, as it is shown.
#[derive(Serialize)]
struct View<'a> {
    month: String,
    /// Empty for what is no tenant's.
    tenant_id: &'a str,
    /// Its name, if it is (still) known.
    tenant: Option<&'a str>,
    meetings: u64,
    participant_minutes: u64,
    recordings: u64,
    bytes: u64,
}

impl<'a> View<'a> {
    fn of(usage: &'a Usage, names: &HashMap<&str, &'a str>) -> Self {
        let Usage { month, tenant_id, amounts } = usage;
        Self {
            month: month.to_string(),
            tenant_id,
            tenant: names.get(tenant_id.as_str()).copied(),
            meetings: amounts.meetings,
            participant_minutes: amounts.participants.as_secs() / 60,
            recordings: amounts.recordings,
            bytes: amounts.bytes,
        }
    }

    fn numbers(&self) -> [String; 4] {
        [self.meetings, self.participant_minutes, self.recordings, self.bytes]
            .map(|number| number.to_string())
    }

    fn row(&self) -> Vec<String> {
        let tenant = self.tenant.unwrap_or(self.tenant_id);
        [self.month.clone(), tenant.to_owned()].into_iter().chain(self.numbers()).collect()
    }

    fn csv(&self) -> String {
        let texts = [&self.month, self.tenant_id, self.tenant.unwrap_or_default()].map(quoted);
        texts.into_iter().chain(self.numbers()).collect::<Vec<_>>().join(",")
    }
}

/// A text as a value of CSV (RFC 4180). A spreadsheet would take one that begins like a formula for one.
fn quoted(text: &str) -> String {
    let text =
        if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() };
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_csv() {
        for (text, wanted) in [
            ("", ""),
            ("bank", "bank"),
            ("a,b", "\"a,b\""),
            ("say \"a\"", "\"say \"\"a\"\"\""),
            ("=1+1", "'=1+1"),
            ("@a,b", "\"'@a,b\""),
        ] {
            assert_eq!(quoted(text), wanted);
        }
    }
}
