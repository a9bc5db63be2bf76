//! The processes under measurement, and what the kernel tells of them.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

/// A child process; ended when dropped.
pub(crate) struct Process {
    child: Child,
    log: PathBuf,
}

/// What a process used up to now.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Usage {
    /// Processor time, user and system.
    pub(crate) cpu: Duration,
    /// The most memory it ever had, in KiB.
    pub(crate) peak_kib: u64,
}

impl Process {
    pub(crate) fn start(name: &str, dir: &Path, command: &mut Command) -> anyhow::Result<Self> {
        let log = dir.join(format!("{name}.log"));
        let child = command
            .stdin(Stdio::null())
            .stdout(File::create(dir.join(format!("{name}.out")))?)
            .stderr(File::create(&log)?)
            .spawn()
            .with_context(|| format!("cannot start {name}: {command:?}"))?;
        Ok(Self { child, log })
    }

    /// The address that the process says it listens on.
    pub(crate) fn address(&mut self) -> anyhow::Result<String> {
        let rest = self.says("address=")?;
        Ok(rest.split_whitespace().next().unwrap_or_default().to_owned())
    }

    /// Waits until this is in its log; gives what follows it.
    pub(crate) fn says(&mut self, text: &str) -> anyhow::Result<String> {
        let deadline = Instant::now() + Duration::from_secs(20);
        while Instant::now() < deadline {
            let log = self.log()?;
            if let Some((_, rest)) = log.split_once(text) {
                return Ok(rest.to_owned());
            }
            if let Some(status) = self.child.try_wait()? {
                bail!("ended with {status}: {log}");
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        bail!("does not say `{text}`, see {}", self.log.display())
    }

    /// All of its log so far.
    pub(crate) fn log(&self) -> anyhow::Result<String> {
        Ok(std::fs::read_to_string(&self.log)?)
    }

    /// Waits for the end of a short run; gives its wall time and its peak memory as last seen.
    pub(crate) fn finish(mut self) -> anyhow::Result<(Duration, Usage)> {
        let started = Instant::now();
        let mut usage = Usage::default();
        loop {
            if let Ok(now) = self.usage() {
                usage.peak_kib = usage.peak_kib.max(now.peak_kib);
                usage.cpu = now.cpu;
            }
            if let Some(status) = self.child.try_wait()? {
                if !status.success() {
                    bail!("ended with {status}: {}", std::fs::read_to_string(&self.log)?);
                }
                return Ok((started.elapsed(), usage));
            }
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    pub(crate) fn usage(&self) -> anyhow::Result<Usage> {
        let proc = PathBuf::from(format!("/proc/{}", self.child.id()));
        let stat = std::fs::read_to_string(proc.join("stat"))?;
        // After the name in parentheses: utime and stime are the 12th and 13th, in hundredths of a second.
        let fields: Vec<&str> = stat.rsplit(") ").next().unwrap_or_default().split(' ').collect();
        let ticks: u64 = fields.iter().skip(11).take(2).filter_map(|ticks| ticks.parse::<u64>().ok()).sum();
        let status = std::fs::read_to_string(proc.join("status"))?;
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let peak_kib = peak.and_then(|kib| kib.split_whitespace().next()?.parse().ok()).unwrap_or(0);
        Ok(Usage { cpu: Duration::from_millis(ticks * 10), peak_kib })
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
