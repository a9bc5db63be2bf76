//! `docker/compose.yaml` fits the images, the variables, and what Compose makes of it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use scalelite_core::config::VARIABLES;
use scalelite_system_tests::binaries;
use yaml_serde::Value;

const OURS: [&str; 4] =
    ["scalelite-api", "scalelite-nginx", "scalelite-poller", "scalelite-recording-importer"];

fn docker() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docker")
}

fn read(name: &str) -> String {
    let path = docker().join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

struct Stack {
    whole: Value,
    dockerfile: String,
}

impl Stack {
    fn read() -> Self {
        let mut whole: Value = yaml_serde::from_str(&read("compose.yaml")).unwrap();
        whole.apply_merge().unwrap();
        Self { whole, dockerfile: read("Dockerfile") }
    }

    fn services(&self) -> impl Iterator<Item = (&str, &Value)> {
        let services = self.whole["services"].as_mapping().unwrap();
        services.iter().map(|(name, service)| (name.as_str().unwrap(), service))
    }

    /// The target of the Dockerfile that a service's image is, if it is one of ours.
    fn target<'a>(&self, service: &'a Value) -> Option<&'a str> {
        let image = text(service, "image");
        let (_, built) =
            self.services().find(|(_, other)| !other["build"].is_null() && other["image"] == image)?;
        let target = text(&built["build"], "target");
        let target = image.strip_suffix(target)?.ends_with('-').then_some(target.len())?;
        Some(&image[image.len() - target..])
    }

    /// A stage of the Dockerfile: from its line on to the next one's.
    fn stage(&self, target: &str) -> &str {
        let mut stages = self.dockerfile.split("\nFROM ");
        let is_it =
            |stage: &&str| stage.lines().next().is_some_and(|line| line.ends_with(&format!(" AS {target}")));
        stages.find(is_it).unwrap_or_else(|| panic!("the Dockerfile has no target {target}"))
    }

    /// Whether a service tells how it is.
    fn has_health(&self, service: &Value) -> bool {
        let of_image = |target| self.stage(target).contains("\nHEALTHCHECK ");
        !service["healthcheck"].is_null() || self.target(service).is_some_and(of_image)
    }
}

#[track_caller]
fn text<'a>(of: &'a Value, name: &str) -> &'a str {
    of[name].as_str().unwrap_or_else(|| panic!("no {name} in {of:?}"))
}

fn texts(of: &Value) -> Vec<&str> {
    of.as_sequence().into_iter().flatten().map(|item| item.as_str().unwrap()).collect()
}

/// The services that one waits for, and what for.
fn depends_on(service: &Value) -> Vec<(&str, &str)> {
    let on = service["depends_on"].as_mapping().into_iter().flatten();
    on.map(|(name, condition)| (name.as_str().unwrap(), text(condition, "condition"))).collect()
}

#[test]
fn every_image_is_built_from_a_target_or_public() {
    let stack = Stack::read();
    for (name, service) in stack.services() {
        let Some(target) = stack.target(service) else {
            assert!(["postgres", "redis"].contains(&name), "{name}: nobody builds its image");
            continue;
        };
        stack.stage(target);
        let build = &service["build"];
        if !build.is_null() {
            let context = docker().join(text(build, "context"));
            let dockerfile = context.join(text(build, "dockerfile"));
            assert_eq!(
                dockerfile.canonicalize().unwrap(),
                docker().join("Dockerfile").canonicalize().unwrap()
            );
        }
    }
    for name in OURS {
        let (_, service) = stack.services().find(|(other, _)| *other == name).expect(name);
        assert_eq!(Some(name), stack.target(service).map(|target| format!("scalelite-{target}")).as_deref());
    }
}

#[test]
fn services_wait_for_those_that_can_tell_how_they_are() {
    let stack = Stack::read();
    let mut awaited = BTreeSet::new();
    for (name, service) in stack.services() {
        for (other, condition) in depends_on(service) {
            let (_, on) = stack.services().find(|(known, _)| *known == other).expect(other);
            match condition {
                "service_healthy" => assert!(stack.has_health(on), "{name}: {other} has no health check"),
                "service_completed_successfully" => assert_eq!(text(on, "restart"), "no"),
                _ => panic!("{name}: {other} is waited for, but not until it works: {condition}"),
            }
            awaited.insert((other, condition));
        }
        if name.starts_with("scalelite-") {
            assert!(!depends_on(service).is_empty(), "{name} waits for nobody");
        }
    }
    let (_, api) = stack.services().find(|(name, _)| *name == "scalelite-api").unwrap();
    assert_eq!(depends_on(api), [("postgres", "service_healthy"), ("redis", "service_healthy")]);
    // `docker compose up --wait` fails with one that ends, unless somebody waits for its end.
    for (name, service) in stack.services().filter(|(_, service)| text(service, "restart") == "no") {
        assert!(
            awaited.contains(&(name, "service_completed_successfully")),
            "nobody waits for {name}: {service:?}"
        );
    }
}

#[test]
fn its_variables_are_read_by_somebody() {
    let stack = Stack::read();
    let start = read("../nginx/start");
    let known = |name: &str| VARIABLES.iter().any(|variable| variable.name == name);
    let sample = read("compose.env.sample");
    let names =
        sample.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split('=').next());
    let names: Vec<_> = names.collect();
    assert_eq!(names, ["URL_HOST", "SECRET_KEY_BASE", "LOADBALANCER_SECRET", "NGINX_SSL"]);
    for name in names {
        assert!(known(name), "{name} is no variable");
    }
    for (service, settings) in stack.services() {
        let Some(target) = stack.target(settings) else { continue };
        for name in
            settings["environment"].as_mapping().into_iter().flatten().map(|(name, _)| name.as_str().unwrap())
        {
            let of_nginx = target == "nginx" && start.contains(&format!("${{{name}:="));
            assert!(known(name) || of_nginx, "{service}: {name} is no variable");
        }
        if target != "bbb-sim" {
            assert_eq!(text(settings, "env_file"), "compose.env", "{service}");
        }
    }
    // Compose fills these in: each has a default, so that nothing but `compose.env` has to be written.
    let file = read("compose.yaml");
    let filled: Vec<_> = file.split("${").skip(1).map(|rest| rest.split('}').next().unwrap()).collect();
    assert!(filled.iter().all(|variable| variable.contains(":-")), "{filled:?}");
}

#[test]
fn volumes_and_commands_are_there() {
    let stack = Stack::read();
    let volumes = stack.whole["volumes"].as_mapping().unwrap();
    for (name, service) in stack.services() {
        for mount in texts(&service["volumes"]) {
            let (volume, place) = mount.split_once(':').unwrap();
            assert!(volumes.contains_key(volume), "{name}: no volume {volume}");
            if name == "scalelite-nginx" {
                let place = place.strip_suffix(":ro").expect("nginx only reads");
                assert!(text(&service["environment"], "PUBLISH_DIR").starts_with(place));
            }
        }
    }
    let command = |name: &str| {
        let (_, service) = stack.services().find(|(known, _)| *known == name).unwrap();
        texts(&service["command"]).join(" ")
    };
    let helped = |program: &str, words: &[&str]| {
        let ran = Command::new(binaries::path(program)).args(words).env_clear().output().unwrap();
        assert!(ran.status.success(), "{program} {words:?}: {ran:?}");
        String::from_utf8(ran.stdout).unwrap()
    };
    let options = helped("bbb-sim", &["--help"]);
    for option in command("bbb").split_whitespace().filter(|word| word.starts_with("--")) {
        assert!(options.contains(option), "bbb-sim has no {option}");
    }
    let script = command("servers");
    let tasks = script.split("bin/rake ").skip(1);
    let tasks: BTreeSet<_> =
        tasks.filter_map(|rest| rest.trim_start_matches('"').split([' ', '[']).next()).collect();
    assert_eq!(tasks, BTreeSet::from(["servers", "servers:add", "servers:enable"]));
    for task in tasks {
        assert!(helped("scalelite", &[task, "--help"]).contains(&format!("scalelite {task}")), "{task}");
    }
}
