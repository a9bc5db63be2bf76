//! What is measured, and what it aims at.

use std::io::Write;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::Context;

use crate::fixture::{Fixture, SECRET, SIM_SECRET, signed};
use crate::metrics;
use crate::process::{Process, Usage};
use crate::report::{self, Row, Verdict};
use crate::tenants;
use crate::wrk::{self, Measured};

/// As long as the answer of the top-level call.
const PLAIN_BYTES: usize = 98;
/// How many different meetings the load on `create` goes through.
const MEETINGS: usize = 200_000;

/// The memory that the front end may have under load.
const API_MEMORY_MIB: f64 = 40.0;

pub(crate) async fn run(seconds: u64, connections: &[usize], only: &str) -> anyhow::Result<()> {
    let mut rows = Vec::new();
    let wanted = |name: &str| name.contains(only);
    if ["top-level", "join", "isMeetingRunning", "getMeetingInfo", "create"].iter().any(|name| wanted(name)) {
        calls(seconds, connections, &wanted, &mut rows).await?;
    }
    if wanted("getMeetings") {
        get_meetings(seconds, connections, &mut rows).await?;
    }
    if wanted("poll") {
        poll(&mut rows, 0).await?;
        poll(&mut rows, 50).await?;
    }
    if wanted("50ms") {
        slow_servers(seconds, connections, &mut rows).await?;
    }
    if wanted("metrics") {
        for &connections in connections.iter().filter(|connections| **connections < 1000) {
            metrics::run(seconds, connections, &mut rows).await?;
        }
    }
    if wanted("tenants") {
        for &connections in connections.iter().filter(|connections| **connections < 1000) {
            tenants::run(seconds, connections, &mut rows).await?;
        }
    }
    let (table, missed) = report::table(&rows);
    writeln!(std::io::stdout(), "{table}\n{missed} aims missed")?;
    Ok(())
}

/// A process under load, and what it answers on.
pub(crate) struct Subject<'a> {
    pub(crate) process: &'a Process,
    pub(crate) url: String,
}

/// A call, and what it is held against.
struct Scenario<'a> {
    what: &'static str,
    path: String,
    script: Option<PathBuf>,
    references: Vec<Reference<'a>>,
}

struct Reference<'a> {
    name: &'static str,
    process: &'a Process,
    url: String,
    aim: f64,
}

pub(crate) fn measure(
    subject: &Subject<'_>,
    connections: usize,
    seconds: u64,
    script: Option<&std::path::Path>,
) -> anyhow::Result<(Measured, Duration)> {
    let before = subject.process.usage()?;
    let measured = wrk::load(&subject.url, connections, seconds, script)?;
    let used = subject.process.usage()?.cpu.saturating_sub(before.cpu);
    let requests = u32::try_from(measured.requests.max(1)).unwrap_or(u32::MAX);
    Ok((measured, used / requests))
}

fn memory(parts: &[(&str, &Process)]) -> anyhow::Result<String> {
    let parts = parts.iter().map(|(name, process)| {
        let Usage { peak_kib, .. } = process.usage()?;
        Ok(format!("{name} {:.1} MiB", peak_kib as f64 / 1024.0))
    });
    Ok(parts.collect::<anyhow::Result<Vec<_>>>()?.join("\n"))
}

pub(crate) fn peak_mib(process: &Process) -> anyhow::Result<f64> {
    Ok(process.usage()?.peak_kib as f64 / 1024.0)
}

/// Single calls against A, B, C and D.
async fn calls(
    seconds: u64,
    connections: &[usize],
    wanted: &dyn Fn(&str) -> bool,
    rows: &mut Vec<Row>,
) -> anyhow::Result<()> {
    let fixture = Fixture::start().await?;
    let (sim, urls) = fixture.simulators("sim", &[], 1)?;
    let origin = urls[0].trim_end_matches("/bigbluebutton/api").to_owned();
    fixture.add_servers("bench", &urls).await?;
    let mut api = fixture.ours("scalelite-api", &[])?;
    let api_url = api.address()?;
    let (about, create) = ("meetingID=bench", "meetingID=bench&name=Bench&moderatorPW=mp&attendeePW=ap");
    let http = reqwest::Client::new();
    http.get(format!("{api_url}{}", signed("create", create, SECRET))).send().await?.error_for_status()?;
    let sim_path = |call: &str, query: &str| signed(call, query, SIM_SECRET);
    let mut upstream = Vec::new();
    for (call, query) in [("isMeetingRunning", about), ("getMeetingInfo", about), ("create", create)] {
        upstream.extend(["--upstream".to_owned(), format!("{call}={origin}{}", sim_path(call, query))]);
    }
    let socket = fixture.socket();
    let mut reference = Command::new(std::env::current_exe()?);
    reference.args(["reference", "--bytes", &PLAIN_BYTES.to_string(), "--redis"]).arg(socket).args(upstream);
    let mut reference = Process::start("reference", fixture.dir.path(), &mut reference)?;
    let reference_url = reference.address()?;
    let (nginx, nginx_url) = nginx(&fixture, &origin)?;
    let creates = create_script(&fixture)?;
    let join = "meetingID=bench&fullName=Bob+Bench&role=VIEWER";
    let c = |call: &str, aim| Reference {
        name: "C",
        process: &reference,
        url: format!("{reference_url}/proxy/{call}"),
        aim,
    };
    let d = |call: &str| Reference {
        name: "D",
        process: &nginx,
        url: format!("{nginx_url}{}", sim_path(call, about)),
        aim: 0.5,
    };
    let own = |name, path: &str, aim| Reference {
        name,
        process: &reference,
        url: format!("{reference_url}{path}"),
        aim,
    };
    let scenario = |what, path, references| Scenario { what, path, script: None, references };
    let plan = [
        scenario("top-level", "/bigbluebutton/api".to_owned(), vec![own("A", "/plain", 0.9)]),
        scenario("join", signed("join", join, SECRET), vec![own("B", "/redis", 0.8)]),
        scenario(
            "isMeetingRunning",
            signed("isMeetingRunning", about, SECRET),
            vec![c("isMeetingRunning", 0.8), d("isMeetingRunning")],
        ),
        scenario(
            "getMeetingInfo",
            signed("getMeetingInfo", about, SECRET),
            vec![c("getMeetingInfo", 0.8), d("getMeetingInfo")],
        ),
        Scenario {
            script: Some(creates),
            ..scenario("create", signed("create", create, SECRET), vec![c("create", 0.6)])
        },
    ];
    for Scenario { what, path, script, references } in plan.iter().filter(|scenario| wanted(scenario.what)) {
        for &connections in connections {
            let subject = Subject { process: &api, url: format!("{api_url}{path}") };
            let (measured, cpu) = measure(&subject, connections, seconds, script.as_deref())?;
            let mut verdicts = Vec::new();
            let mut reference_rows = Vec::new();
            for Reference { name, process, url, aim } in references {
                let subject = Subject { process, url: url.clone() };
                let (base, base_cpu) = measure(&subject, connections, seconds, None)?;
                verdicts.push(Verdict::at_least(name, measured.per_second / base.per_second, *aim));
                reference_rows.push(Row {
                    what: format!("  {name}"),
                    connections: connections.to_string(),
                    measured: Some(base),
                    // The workers of nginx are other processes than the one that is watched.
                    cpu_per_request: (*name != "D").then_some(base_cpu),
                    memory: String::new(),
                    verdicts: Vec::new(),
                });
            }
            verdicts.push(Verdict::at_most("API memory", peak_mib(&api)?, API_MEMORY_MIB, "MiB"));
            rows.push(Row {
                what: (*what).to_owned(),
                connections: connections.to_string(),
                measured: Some(measured),
                cpu_per_request: Some(cpu),
                memory: memory(&[("api", &api), ("redis", &fixture.redis), ("sim", &sim)])?,
                verdicts,
            });
            rows.append(&mut reference_rows);
        }
    }
    Ok(())
}

/// nginx as a plain reverse proxy with kept-alive connections to the simulator.
fn nginx(fixture: &Fixture, origin: &str) -> anyhow::Result<(Process, String)> {
    let dir = fixture.dir.path();
    let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let upstream = origin.trim_start_matches("http://");
    let config = format!(
        "daemon off; worker_processes 2; pid {dir}/nginx.pid; error_log stderr warn;
         events {{ worker_connections 4096; }}
         http {{
           access_log off; keepalive_requests 1000000;
           client_body_temp_path {dir}/b; proxy_temp_path {dir}/p; fastcgi_temp_path {dir}/f;
           uwsgi_temp_path {dir}/u; scgi_temp_path {dir}/s;
           upstream sim {{ server {upstream}; keepalive 1024; keepalive_requests 1000000; }}
           server {{
             listen 127.0.0.1:{port} backlog=4096;
             location / {{ proxy_pass http://sim; proxy_http_version 1.1; proxy_set_header Connection \"\"; }}
           }}
         }}",
        dir = dir.display()
    );
    let path = dir.join("nginx.conf");
    std::fs::write(&path, config)?;
    let mut command = Command::new("nginx");
    command.arg("-e").arg("stderr").arg("-p").arg(dir).arg("-c").arg(path);
    let process = Process::start("nginx", dir, &mut command).context("nginx (apt install nginx)")?;
    for _ in 0..200 {
        if std::net::TcpStream::connect(("127.0.0.1", port)).is_ok() {
            return Ok((process, format!("http://127.0.0.1:{port}")));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    anyhow::bail!("nginx does not listen, see {}", dir.join("nginx.log").display())
}

/// A script for wrk that creates another meeting with each request.
fn create_script(fixture: &Fixture) -> anyhow::Result<PathBuf> {
    let paths = (0..MEETINGS).map(|n| {
        let query =
            format!("meetingID=bench-{n}&name=Bench+{n}&moderatorPW=mp&attendeePW=ap&meta_bbb-origin=bench");
        signed("create", &query, SECRET)
    });
    wrk::script(fixture.dir.path(), "create", paths)
}

/// `getMeetings` over 20 servers with 10 meetings each.
async fn get_meetings(seconds: u64, connections: &[usize], rows: &mut Vec<Row>) -> anyhow::Result<()> {
    let fixture = Fixture::start().await?;
    let per_server = ["--meetings-per-server", "10", "--users-per-meeting", "2"];
    let (sim, urls) = fixture.simulators("sim", &per_server, 20)?;
    fixture.add_servers("bench", &urls).await?;
    let mut api = fixture.ours("scalelite-api", &[])?;
    let url = format!("{}{}", api.address()?, signed("getMeetings", "", SECRET));
    for &connections in connections {
        let subject = Subject { process: &api, url: url.clone() };
        let (measured, cpu) = measure(&subject, connections, seconds, None)?;
        rows.push(Row {
            what: "getMeetings, 20 servers × 10".to_owned(),
            connections: connections.to_string(),
            measured: Some(measured),
            cpu_per_request: Some(cpu),
            memory: memory(&[("api", &api), ("redis", &fixture.redis), ("sim", &sim)])?,
            verdicts: vec![
                Verdict::at_least("800/s", measured.per_second / 800.0, 1.0),
                Verdict::at_most("API memory", peak_mib(&api)?, API_MEMORY_MIB, "MiB"),
            ],
        });
    }
    Ok(())
}

/// One poll of 500 servers with 5,000 meetings.
async fn poll(rows: &mut Vec<Row>, latency_ms: u64) -> anyhow::Result<()> {
    let fixture = Fixture::start().await?;
    let latency = latency_ms.to_string();
    let shape = [
        "--meetings-per-server",
        "10",
        "--users-per-meeting",
        "20",
        "--latency-ms",
        &latency,
        "--workers",
        "1",
    ];
    let (_sim, urls) = fixture.simulators("sim", &shape, 500)?;
    fixture.add_servers("bench", &urls).await?;
    let poll = fixture.ours("scalelite", &["poll:all"])?;
    let (elapsed, usage) = poll.finish()?;
    let meetings: u64 = fixture.state.servers().await?.iter().map(|server| server.usage.meetings).sum();
    anyhow::ensure!(meetings == 5000, "the poll found {meetings} meetings");
    fixture.remove_all_servers().await?;
    rows.push(Row {
        what: format!("poll, 500 servers × 10, {latency_ms} ms"),
        connections: String::new(),
        measured: None,
        cpu_per_request: None,
        memory: format!("poll {:.1} MiB", usage.peak_kib as f64 / 1024.0),
        verdicts: vec![
            Verdict::at_most("took", elapsed.as_secs_f64(), 2.0, "s"),
            Verdict::at_most("memory", usage.peak_kib as f64 / 1024.0, 60.0, "MiB"),
        ],
    });
    Ok(())
}

/// Servers that take a real server's time.
async fn slow_servers(seconds: u64, connections: &[usize], rows: &mut Vec<Row>) -> anyhow::Result<()> {
    const LATENCY: f64 = 0.05;
    let fixture = Fixture::start().await?;
    let shape = ["--meetings-per-server", "10", "--users-per-meeting", "2", "--latency-ms", "50"];
    let (sim, urls) = fixture.simulators("sim", &shape, 20)?;
    fixture.add_servers("bench", &urls).await?;
    let mut api = fixture.ours("scalelite-api", &[])?;
    let api_url = api.address()?;
    let create = signed("create", "meetingID=bench&name=Bench", SECRET);
    reqwest::get(format!("{api_url}{create}")).await?.error_for_status()?;
    for &connections in connections {
        let path = signed("isMeetingRunning", "meetingID=bench", SECRET);
        let subject = Subject { process: &api, url: format!("{api_url}{path}") };
        let (measured, cpu) = measure(&subject, connections, seconds, None)?;
        let ideal = connections as f64 / LATENCY;
        rows.push(Row {
            what: "isMeetingRunning, 50 ms".to_owned(),
            connections: connections.to_string(),
            measured: Some(measured),
            cpu_per_request: Some(cpu),
            memory: memory(&[("api", &api), ("redis", &fixture.redis), ("sim", &sim)])?,
            verdicts: vec![
                Verdict::at_least("N/50 ms", measured.per_second / ideal, 0.95),
                Verdict::at_most("p99", measured.p99.as_secs_f64() * 1e3, 80.0, "ms"),
                Verdict::at_most("API memory", peak_mib(&api)?, API_MEMORY_MIB, "MiB"),
            ],
        });
    }
    let subject = Subject { process: &api, url: format!("{api_url}{}", signed("getMeetings", "", SECRET)) };
    let (measured, cpu) = measure(&subject, 16, seconds, None)?;
    rows.push(Row {
        what: "getMeetings, 20 servers × 10, 50 ms".to_owned(),
        connections: "16".to_owned(),
        measured: Some(measured),
        cpu_per_request: Some(cpu),
        memory: memory(&[("api", &api), ("sim", &sim)])?,
        verdicts: vec![Verdict::at_most("p50", measured.p50.as_secs_f64() * 1e3, 70.0, "ms")],
    });
    Ok(())
}
