//! Deployment guides of existing installations go on working, word for word: all they name is there.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use scalelite_core::config::sample;
use scalelite_system_tests::binaries;

const GUIDE: &str = include_str!("../fixtures/deployment.txt");
const SERVICES: [&str; 4] = ["api", "nginx", "poller", "recording-importer"];

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../systemd")
}

/// A unit: what its settings are, each of them as often as it is there. Continued lines are one.
struct Unit(BTreeMap<String, Vec<String>>);

impl Unit {
    fn read(name: &str) -> Self {
        let path = directory().join(name);
        let text =
            std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let mut settings: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for line in text.replace("\\\n", " ").lines().filter(|line| !line.starts_with('#')) {
            if let Some((name, value)) = line.split_once('=') {
                settings.entry(name.to_owned()).or_default().push(value.to_owned());
            }
        }
        Self(settings)
    }

    fn words(&self, setting: &str) -> Vec<&str> {
        self.0.get(setting).into_iter().flatten().flat_map(|value| value.split_whitespace()).collect()
    }

    /// What follows an option in the command that it runs.
    fn option(&self, option: &str) -> Option<&str> {
        let words = self.words("ExecStart");
        words.iter().position(|word| *word == option).map(|at| words[at + 1])
    }
}

fn containers() -> Vec<Unit> {
    SERVICES.iter().map(|service| Unit::read(&format!("scalelite-{service}.service"))).collect()
}

#[test]
fn every_command_names_what_is_there() {
    let mut seen = [0; 3];
    for line in GUIDE.lines() {
        match line.split_whitespace().collect::<Vec<_>>().as_slice() {
            ["docker", "network", "create", network] => {
                for unit in containers() {
                    assert_eq!(unit.option("--network"), Some(*network));
                }
                seen[0] += 1;
            }
            ["systemctl", "enable" | "restart" | "status", units @ ..] => {
                assert!(!units.is_empty());
                for unit in units {
                    let wanted_by = Unit::read(unit);
                    assert!(!wanted_by.words("WantedBy").is_empty(), "{unit} can be enabled");
                }
                seen[1] += 1;
            }
            ["docker", "exec", "-it", container, "bin/rake", tasks @ ..] => {
                let unit = Unit::read(&format!("{container}.service"));
                assert_eq!(unit.option("--name"), Some(*container));
                for task in tasks {
                    let ran = Command::new(binaries::path("scalelite"))
                        .args([task, "--help"])
                        .env_clear()
                        .output()
                        .unwrap();
                    let help = String::from_utf8(ran.stdout).unwrap();
                    assert!(
                        ran.status.success() && help.contains(&format!("scalelite {task}")),
                        "{task}: {help}"
                    );
                }
                seen[2] += 1;
            }
            ["docker" | "systemctl", ..] => panic!("nobody looks after: {line}"),
            _ => {}
        }
    }
    assert_eq!(seen, [1, 9, 1]);
}

#[test]
fn every_variable_is_read_by_somebody() {
    let sample = sample();
    let variables = GUIDE.lines().filter(|line| line.starts_with(|first: char| first.is_ascii_uppercase()));
    let names: Vec<_> = variables.map(|line| line.split('=').next().unwrap()).collect();
    assert_eq!(names.len(), 9);
    for name in names {
        assert!(sample.contains(&format!("\n#{name}=")), "{name} is not documented");
    }
}

#[test]
fn containers_are_run_as_operators_expect() {
    for (service, unit) in SERVICES.iter().zip(containers()) {
        let name = format!("scalelite-{service}");
        assert_eq!(unit.words("EnvironmentFile"), ["/etc/default/scalelite"]);
        assert_eq!(unit.words("WantedBy"), ["scalelite.target"], "{name}");
        assert_eq!(unit.words("PartOf"), ["scalelite.target"], "{name}");
        let run = unit.words("ExecStart");
        assert_eq!(run[..2], ["/usr/bin/docker", "run"], "{name}");
        assert_eq!(unit.option("--name"), Some(name.as_str()));
        assert_eq!(unit.option("--env-file"), Some("/etc/default/scalelite"), "{name}");
        let image = format!("${{SCALELITE_IMAGE}}:${{SCALELITE_TAG}}-{service}");
        assert_eq!(run.last(), Some(&image.as_str()));
        let extra = format!("$SCALELITE_{}_EXTRA_OPTS", service.replace('-', "_").to_uppercase());
        assert!(run.contains(&extra.as_str()), "{name}: {extra}");
        let mount = unit.option("--mount");
        match *service {
            "poller" => assert_eq!(mount, None),
            "nginx" => assert_eq!(
                mount,
                Some(
                    "type=bind,source=${SCALELITE_RECORDING_DIR}/published,target=/var/bigbluebutton/published,readonly"
                )
            ),
            _ => assert_eq!(
                mount,
                Some("type=bind,source=${SCALELITE_RECORDING_DIR},target=/var/bigbluebutton")
            ),
        }
        // A failed pull, and nothing to remove, are no reason not to start.
        for step in unit.0["ExecStartPre"].iter().chain(&unit.0["ExecStop"]) {
            assert!(step.starts_with("-/usr/bin/docker "), "{name}: {step}");
        }
        // systemd waits longer than docker does.
        let stop = unit.words("ExecStop");
        let docker: u32 = stop[stop.iter().position(|word| *word == "--time").unwrap() + 1].parse().unwrap();
        let systemd: u32 = unit.words("TimeoutStopSec")[0].parse().unwrap();
        assert!(docker >= 30 && systemd > docker, "{name}: {docker} s, {systemd} s");
    }
}

#[test]
fn native_services_have_the_same_names_and_belong_to_the_same_target() {
    for service in ["api", "poller", "recording-importer"] {
        let unit = Unit::read(&format!("native/scalelite-{service}.service"));
        assert_eq!(unit.words("ExecStart"), [format!("/usr/bin/scalelite-{service}")]);
        assert!(binaries::path(&format!("scalelite-{service}")).is_file());
        assert_eq!(unit.words("EnvironmentFile"), ["/etc/default/scalelite"]);
        assert_eq!(unit.words("PartOf"), ["scalelite.target"]);
        assert_eq!(unit.words("WantedBy"), ["scalelite.target"]);
        assert_eq!(unit.words("Type"), ["notify"]);
        assert!(unit.0.contains_key("WatchdogSec"));
    }
}
