//! Examples of every task, at the end of its help. Each of them is a command line that can be used.

/// Tasks, and examples that stand in the help of each of them.
const EXAMPLES: &[(&[&str], &str)] = &[
    (
        &["up"],
        "scalelite up --demo                    try it out: three simulated servers and links to click
scalelite up --bind 0.0.0.0:3000       for real, reachable from other hosts
scalelite up --bind unix:///run/s.sock",
    ),
    (
        &["servers", "status"],
        "scalelite servers                      every server with its URL, secret and state
scalelite servers --json               the same for scripts
scalelite status                       one line for each: load, meetings, users, versions
scalelite status --watch               the same again and again, with the load of the last 24 hours",
    ),
    (
        &["usage"],
        "scalelite usage
scalelite usage --month 2026-03 --tenant bank
scalelite usage --csv > usage.csv",
    ),
    (
        &["servers:add", "servers:addAll"],
        "scalelite servers:add https://bbb1.example.com/bigbluebutton/api SECRET
scalelite servers:add https://bbb2.example.com/bigbluebutton/api SECRET --load-multiplier 2 --tag hd
scalelite 'servers:add[https://bbb3.example.com/bigbluebutton/api,SECRET,2,hd]'
scalelite servers:addAll servers.yml
scalelite servers:enable ID            a new server is disabled at first",
    ),
    (
        &["servers:update", "servers:loadMultiplier", "servers:tag"],
        "scalelite servers:update ID --secret SECRET
scalelite servers:update ID --load-multiplier 0.5 --tag hd
scalelite servers:loadMultiplier ID 2  a user counts twice: it gets half as many
scalelite servers:tag ID hd
scalelite servers:tag ID               takes the tag away",
    ),
    (
        &["servers:enable", "servers:cordon", "servers:disable", "servers:panic", "servers:remove"],
        "To take a server out of use without disturbing anybody:
  scalelite servers:cordon ID          no new meetings; disabled once the last one is over
  scalelite status                     see when that is so
  scalelite servers:remove ID
At once:
  scalelite servers:disable ID --yes   ends its meetings
  scalelite servers:panic ID           it has crashed: its meetings can begin anew elsewhere
And back:
  scalelite servers:enable ID",
    ),
    (
        &["servers:sync", "servers:yaml"],
        "scalelite servers:yaml                 a file of the servers that are there
scalelite servers:sync servers.yml --dry-run
scalelite servers:sync servers.yml     add, change, and remove what is empty and not in the file
scalelite servers:sync - --mode force  from standard input; ends meetings on servers that go",
    ),
    (
        &["meetings", "servers:meeting_list", "meetings:info"],
        "scalelite meetings                     all meetings, as their servers know them
scalelite meetings ID1:ID2             only these
scalelite meetings --json              what the load balancer knows, without asking the servers
scalelite servers:meeting_list ID      what runs on a server, whoever has begun it
scalelite meetings:info ID",
    ),
    (
        &["meetings:end"],
        "scalelite meetings:end ID1:ID2         asks first
scalelite meetings:end ID --yes
scalelite meetings:end --yes           all meetings on all servers",
    ),
    (
        &[
            "tenants",
            "tenants:add",
            "tenants:update",
            "tenants:update_lrs_basic",
            "tenants:update_lrs_kc",
            "tenants:remove",
        ],
        "scalelite tenants:add bank SECRET      served at bank.URL_HOST
scalelite tenants                      with their IDs, which the others need
scalelite tenants:update ID --secrets NEW:OLD
scalelite tenants:update_lrs_basic ID https://lrs.example.com/xapi USER PASSWORD
scalelite tenants:update_lrs_kc ID https://lrs.example.com/xapi https://kc.example.com/token CLIENT SECRET USER PASSWORD
scalelite tenants:remove ID",
    ),
    (
        &["tenants:sync", "tenants:yaml"],
        "scalelite tenants:yaml                 a file of the tenants that are there
scalelite tenants:sync tenants.yml --dry-run
scalelite tenants:sync tenants.yml     add and change; remove nothing
scalelite tenants:sync tenants.yml --mode remove",
    ),
    (
        &["tenantSettings", "tenantSettings:add", "tenantSettings:remove"],
        "scalelite tenantSettings               with their IDs
scalelite tenantSettings:add TENANT logo https://example.com/logo.png false
scalelite tenantSettings:add TENANT record false true
scalelite tenantSettings:add TENANT limit:maxMeetings 20 true
scalelite tenantSettings:remove ID",
    ),
    (
        &["recordings:list", "recordings:show"],
        "scalelite recordings                   the newest first
scalelite recordings --meeting ID --state any --limit 20
scalelite recordings --json            one object on each line, in an array
scalelite recordings:show ID",
    ),
    (
        &["recordings:publish", "recordings:unpublish", "recordings:delete"],
        "scalelite recordings:unpublish ID      kept, and nobody can play it
scalelite recordings:publish ID1 ID2
scalelite recordings:delete ID --yes   for good",
    ),
    (
        &["recordings:watch", "recordings:update", "recordings:addToTenant"],
        "scalelite recordings:watch             import what servers drop in the spool, until Ctrl-C
scalelite recordings:update            unpublished recordings out of the web server's reach
scalelite recordings:addToTenant ID    once, when a site begins to use tenants",
    ),
    (
        &["db:setup", "db:migrate"],
        "scalelite db:setup                     before the first start; the services migrate by themselves
scalelite db:migrate",
    ),
    (
        &["poll", "poll:all", "poll:servers", "poll:meetings", "poll:versions"],
        "scalelite poll:all status              a fresh look at all servers
scalelite poll 10                      every ten seconds, until Ctrl-C",
    ),
    (
        &["audit"],
        "scalelite audit                        the last 50 changes
scalelite audit --since 7d --limit 1000
scalelite audit --since 2026-03-01 --json",
    ),
    (
        &["completions"],
        "scalelite completions bash > /etc/bash_completion.d/scalelite
scalelite completions zsh > \"${fpath[1]}/_scalelite\"
scalelite completions fish > ~/.config/fish/completions/scalelite.fish",
    ),
    (
        &["man"],
        "scalelite man | man -l -
scalelite man --to /usr/share/man/man1",
    ),
    (&["liveness"], "scalelite liveness"),
];

/// Adds its examples to the help of each task.
pub(super) fn add(command: clap::Command) -> clap::Command {
    EXAMPLES.iter().fold(command, |command, (tasks, examples)| {
        tasks.iter().fold(command, |command, task| {
            command.mut_subcommand(task, |task| {
                let more = task.get_after_help().map(|help| format!("\n\n{help}")).unwrap_or_default();
                task.after_help(format!("Examples:\n{}{more}", indented(examples)))
            })
        })
    })
}

fn indented(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(|line| format!("  {line}")).collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::{command, read};

    #[test]
    fn every_task_has_one() {
        for task in command().get_subcommands().filter(|task| task.get_name() != "help") {
            let help = task.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(help.starts_with("Examples:\n"), "{}", task.get_name());
        }
    }

    #[test]
    fn every_one_can_be_used() {
        let lines = EXAMPLES.iter().flat_map(|(_, examples)| examples.lines());
        let mut used = 0;
        for line in lines {
            let Some(line) = line.trim_start().strip_prefix("scalelite ") else {
                assert!(line.ends_with(':'), "{line}");
                continue;
            };
            // What it does stands behind it; a shell takes the rest.
            let line = line.split("  ").next().unwrap().split(" > ").next().unwrap();
            let line = line.split(" | ").next().unwrap();
            let words: Vec<String> =
                line.split_whitespace().map(|word| word.trim_matches('\'').to_owned()).collect();
            assert!(read(&words).is_ok(), "{line}");
            used += 1;
        }
        assert!(used > 50, "{used}");
    }
}
