//! `create` and `join` of 1,000 tenants with 10 settings each, against those of a single one with as many.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::ensure;
use scalelite_core::tenant::{Tenant, TenantSaved, TenantSetting};

use crate::fixture::{Fixture, signed};
use crate::plan::{Subject, measure, peak_mib};
use crate::process::Process;
use crate::report::{Row, Verdict};
use crate::wrk::Measured;

const TENANTS: usize = 1000;
const SETTINGS: usize = 10;
/// How many different meetings one measurement of `create` goes through at most.
const MEETINGS: usize = 100_000;
/// Each is measured so often, by turns; the best round counts, since others disturb.
const ROUNDS: usize = 3;
/// As much as 1.1 times the cost.
const AIM: f64 = 0.909;

/// A front end with some tenants.
struct Site {
    fixture: Fixture,
    tenants: usize,
    api: Process,
    url: String,
    _sim: Process,
}

/// The best of the rounds.
#[derive(Clone, Copy)]
struct Best {
    measured: Measured,
    cpu: Duration,
}

pub(crate) async fn run(seconds: u64, connections: usize, rows: &mut Vec<Row>) -> anyhow::Result<()> {
    let (one, many) = (Site::start(1).await?, Site::start(TENANTS).await?);
    for call in ["create", "join"] {
        let (mut of_one, mut of_many) = (None, None);
        for round in 0..ROUNDS {
            of_one = one.measure(call, round, seconds, connections, of_one)?;
            of_many = many.measure(call, round, seconds, connections, of_many)?;
        }
        let (Some(of_one), Some(of_many)) = (of_one, of_many) else { continue };
        rows.push(one.row(call, connections, of_one, Vec::new())?);
        let verdicts = vec![
            Verdict::at_least(
                "1 tenant's calls",
                of_many.measured.per_second / of_one.measured.per_second,
                AIM,
            ),
            Verdict::at_least("1 tenant's CPU", of_one.cpu.as_secs_f64() / of_many.cpu.as_secs_f64(), AIM),
        ];
        rows.push(many.row(call, connections, of_many, verdicts)?);
    }
    Ok(())
}

impl Site {
    async fn start(tenants: usize) -> anyhow::Result<Self> {
        let mut fixture = Fixture::start().await?;
        fixture.set("MULTITENANCY_ENABLED", "true".to_owned());
        let (sim, urls) = fixture.simulators("sim", &[], 1)?;
        fixture.add_servers("bench", &urls).await?;
        for n in 0..tenants {
            let settings =
                (0..SETTINGS).map(|s| TenantSetting::new(&format!("meta_setting-{s}"), "value", s % 2 == 0));
            let tenant =
                Tenant { settings: settings.collect(), ..Tenant::new(&name(n), vec![secret(n).into()]) };
            let saved = fixture.state.add_tenant(&tenant).await?;
            ensure!(saved == TenantSaved::Done, "a tenant cannot be added: {saved:?}");
        }
        let mut api = fixture.ours("scalelite-api", &[])?;
        let url = api.address()?;
        let http = reqwest::Client::new();
        for n in 0..tenants {
            let path = signed("create", &format!("meetingID=room-{n}"), &secret(n));
            let asked = http.get(format!("{url}{path}")).header("Host", name(n)).send().await?;
            ensure!(asked.text().await?.contains("SUCCESS"), "the room of a tenant cannot be created");
        }
        Ok(Self { fixture, tenants, api, url, _sim: sim })
    }

    fn measure(
        &self,
        call: &str,
        round: usize,
        seconds: u64,
        connections: usize,
        best: Option<Best>,
    ) -> anyhow::Result<Option<Best>> {
        let script = match call {
            "create" => self.script(call, MEETINGS, |_, n| {
                format!("meetingID=m-{round}-{n}&name=Bench+{n}&moderatorPW=mp")
            })?,
            _ => self.script(call, self.tenants, |tenant, _| {
                format!("meetingID=room-{tenant}&fullName=Bob+Bench")
            })?,
        };
        let subject = Subject { process: &self.api, url: self.url.clone() };
        let (measured, cpu) = measure(&subject, connections, seconds, Some(&script))?;
        let better = best.is_none_or(|best| measured.per_second > best.measured.per_second);
        Ok(if better { Some(Best { measured, cpu }) } else { best })
    }

    /// A script for wrk: calls of one tenant after the other.
    fn script(
        &self,
        call: &str,
        calls: usize,
        query: impl Fn(usize, usize) -> String,
    ) -> anyhow::Result<PathBuf> {
        let dir: &Path = self.fixture.dir.path();
        let (script, list) = (dir.join(format!("{call}.lua")), dir.join(format!("{call}.txt")));
        let mut lines = std::io::BufWriter::new(std::fs::File::create(&list)?);
        for n in 0..calls {
            let tenant = n % self.tenants;
            writeln!(lines, "{} {}", name(tenant), signed(call, &query(tenant, n), &secret(tenant)))?;
        }
        lines.flush()?;
        let text = format!(
            "local calls, n = {{}}, 0\n\
             for line in io.lines('{}') do\n\
               local host, path = line:match('(%S+) (%S+)')\n\
               calls[#calls + 1] = wrk.format('GET', path, {{ Host = host }})\n\
             end\n\
             request = function() n = n % #calls + 1 return calls[n] end\n",
            list.display()
        );
        std::fs::write(&script, text)?;
        Ok(script)
    }

    fn row(&self, call: &str, connections: usize, best: Best, verdicts: Vec<Verdict>) -> anyhow::Result<Row> {
        Ok(Row {
            what: format!("{call}, tenants: {}", self.tenants),
            connections: connections.to_string(),
            measured: Some(best.measured),
            cpu_per_request: Some(best.cpu),
            memory: format!("api {:.1} MiB", peak_mib(&self.api)?),
            verdicts,
        })
    }
}

fn name(tenant: usize) -> String {
    format!("tenant-{tenant}")
}

fn secret(tenant: usize) -> String {
    format!("secret-{tenant}")
}
