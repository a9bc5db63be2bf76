//! One measurement by `wrk`.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, bail};

/// What `wrk` measured.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Measured {
    pub(crate) per_second: f64,
    pub(crate) p50: Duration,
    pub(crate) p99: Duration,
    pub(crate) requests: u64,
    /// Answers that are no 2xx or 3xx, and broken connections.
    pub(crate) errors: u64,
}

/// Loads `url` (or what the Lua script asks for) over that many connections.
pub(crate) fn load(
    url: &str,
    connections: usize,
    seconds: u64,
    script: Option<&Path>,
) -> anyhow::Result<Measured> {
    let mut wrk = Command::new("wrk");
    wrk.args(["-t1", "--latency", "--timeout", "20s"]);
    wrk.arg(format!("-c{connections}")).arg(format!("-d{seconds}s"));
    if let Some(script) = script {
        wrk.arg("-s").arg(script);
    }
    let output = wrk.arg(url).output().context("wrk (apt install wrk)")?;
    let text = String::from_utf8_lossy(&output.stdout);
    if !output.status.success() {
        bail!("wrk failed: {text} {}", String::from_utf8_lossy(&output.stderr));
    }
    parse(&text).with_context(|| format!("wrk said: {text}"))
}

/// A script that asks for one of these paths after the other, and then from the first one again.
pub(crate) fn script(
    dir: &Path,
    name: &str,
    paths: impl IntoIterator<Item = String>,
) -> anyhow::Result<PathBuf> {
    let (script, list) = (dir.join(format!("{name}.lua")), dir.join(format!("{name}.txt")));
    let mut lines = std::io::BufWriter::new(std::fs::File::create(&list)?);
    for path in paths {
        writeln!(lines, "{path}")?;
    }
    lines.flush()?;
    let text = format!(
        "local paths, n = {{}}, 0\nfor line in io.lines('{}') do paths[#paths + 1] = line end\n\
         request = function() n = n % #paths + 1 return wrk.format('GET', paths[n]) end\n",
        list.display()
    );
    std::fs::write(&script, text)?;
    Ok(script)
}

fn parse(text: &str) -> Option<Measured> {
    let after = |label: &str| {
        text.lines().find_map(|line| line.trim().strip_prefix(label)).map(|rest| rest.trim().to_owned())
    };
    let mut errors = 0;
    if let Some(count) = after("Non-2xx or 3xx responses:") {
        errors += count.parse::<u64>().ok()?;
    }
    if let Some(counts) = after("Socket errors:") {
        errors += counts.split([' ', ',']).filter_map(|word| word.parse::<u64>().ok()).sum::<u64>();
    }
    let requests = text.lines().find(|line| line.contains(" requests in "))?;
    Some(Measured {
        per_second: after("Requests/sec:")?.parse().ok()?,
        p50: duration(&after("50%")?)?,
        p99: duration(&after("99%")?)?,
        requests: requests.split_whitespace().next()?.parse().ok()?,
        errors,
    })
}

fn duration(text: &str) -> Option<Duration> {
    let (number, factor) = match text {
        _ if text.ends_with("us") => (text.trim_end_matches("us"), 1e-6),
        _ if text.ends_with("ms") => (text.trim_end_matches("ms"), 1e-3),
        _ if text.ends_with('m') => (text.trim_end_matches('m'), 60.0),
        _ => (text.trim_end_matches('s'), 1.0),
    };
    Some(Duration::from_secs_f64(number.parse::<f64>().ok()? * factor))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_wrk_prints() {
        let text = "Running 4s test @ http://x\n  Latency Distribution\n     50%    1.56ms\n     75%    2.00ms\n     \
            90%    2.10ms\n     99%    1.02s\n  149495 requests in 4.00s, 50.00MB read\n  Socket errors: connect 1, \
            read 2, write 0, timeout 3\n  Non-2xx or 3xx responses: 4\nRequests/sec:  37373.76\n";
        let measured = parse(text).unwrap();
        assert_eq!(measured.requests, 149_495);
        assert_eq!(measured.errors, 10);
        assert_eq!(measured.p50, Duration::from_micros(1560));
        assert_eq!(measured.p99, Duration::from_millis(1020));
        assert!((measured.per_second - 37373.76).abs() < 0.001);
    }
}
