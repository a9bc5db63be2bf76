//! What the command line tells of a change. Pure; of secrets and passwords it tells only that they were given.

use scalelite_core::audit::{is_secret, without_user};

use crate::cli::{DatabaseTask, RecordingsTask, Settings, Task, TenantsTask, given};

/// What is done, to what, and what is changed about it.
pub(super) struct Known {
    pub(super) what: &'static str,
    pub(super) target: String,
    pub(super) how: String,
}

/// What a task changes; nothing if it only asks.
pub(super) fn known(task: &Task) -> Option<Known> {
    let (what, target, how) = match task {
        Task::ServersAdd(server) => {
            let mut how = settings(&server.settings);
            how.insert(0, value("url", server.url.as_ref().map(|url| without_user(url)).as_deref()));
            ("servers:add", String::new(), how)
        }
        Task::ServersUpdate(server) => {
            let secret = server.secret.as_ref().or(server.named_secret.as_ref());
            let mut how = settings(&server.settings);
            how.insert(0, hidden("secret", given(secret)));
            ("servers:update", server.id.clone(), how)
        }
        Task::ServersRemove(server) => ("servers:remove", server.id.clone(), Vec::new()),
        Task::ServersEnable(server) => ("servers:enable", server.id.clone(), Vec::new()),
        Task::ServersCordon(server) => ("servers:cordon", server.id.clone(), Vec::new()),
        Task::ServersDisable(server) => ("servers:disable", server.id.clone(), Vec::new()),
        Task::ServersPanic(server) => {
            let how = [("keep_state", server.keep_state()), ("skip_end_calls", server.skip_end_calls())];
            let how = how.map(|(name, is_set)| value(name, is_set.then_some("true")));
            ("servers:panic", server.id.clone(), how.into())
        }
        Task::ServersLoadMultiplier(server) => {
            let multiplier = given(server.load_multiplier.as_ref()).or(Some("1"));
            let how = vec![value("load_multiplier", multiplier)];
            ("servers:loadMultiplier", server.id.clone(), how)
        }
        Task::ServersTag(server) => {
            let tag = server.tag.as_deref().or(Some(""));
            ("servers:tag", server.id.clone(), vec![value("tag", tag)])
        }
        Task::ServersAddAll(file) => ("servers:addAll", file.path.clone(), Vec::new()),
        Task::ServersSync(sync) => {
            ("servers:sync", text(sync.path.as_ref()), vec![value("mode", sync.mode())])
        }
        Task::MeetingsEnd(end) => {
            let meetings = given(end.ids.as_ref()).unwrap_or("all meetings");
            ("meetings:end", meetings.to_owned(), Vec::new())
        }
        Task::Tenants(task) => of_tenants(task)?,
        Task::Recordings(task) => of_recordings(task)?,
        Task::Database(DatabaseTask::Setup) => ("db:setup", "database".to_owned(), Vec::new()),
        Task::Database(DatabaseTask::Migrate) => ("db:migrate", "database".to_owned(), Vec::new()),
        Task::Up(_)
        | Task::Servers(_)
        | Task::ServersYaml(_)
        | Task::ServersMeetingList(_)
        | Task::Status(_)
        | Task::Meetings(_)
        | Task::MeetingsInfo(_)
        | Task::Poll(_)
        | Task::PollAll
        | Task::PollServers
        | Task::PollMeetings
        | Task::PollVersions
        | Task::Usage(_)
        | Task::Audit(_)
        | Task::Completions(_)
        | Task::Man(_)
        | Task::Liveness => return None,
    };
    Some(Known { what, target, how: joined(&how) })
}

/// Name of the task, target, what is changed.
type Parts = (&'static str, String, Vec<Option<String>>);

fn of_tenants(task: &TenantsTask) -> Option<Parts> {
    Some(match task {
        TenantsTask::Add(tenant) => {
            let how = vec![value("name", given(tenant.name.as_ref()))];
            ("tenants:add", String::new(), how)
        }
        TenantsTask::Update(tenant) => {
            let name = value("name", given(tenant.name()));
            let secrets = hidden("secrets", given(tenant.secrets()));
            ("tenants:update", text(tenant.id.as_ref()), vec![name, secrets])
        }
        TenantsTask::UpdateLrsBasic(lrs) => {
            let endpoint = lrs.lrs_endpoint.as_ref().map(|url| without_user(url));
            let how = vec![value("lrs_endpoint", endpoint.as_deref()), hidden("lrs_password", Some(""))];
            ("tenants:update_lrs_basic", text(lrs.id.as_ref()), how)
        }
        TenantsTask::UpdateLrsKc(lrs) => {
            let url = |url: &Option<String>| url.as_ref().map(|url| without_user(url));
            let how = vec![
                value("lrs_endpoint", url(&lrs.lrs_endpoint).as_deref()),
                value("kc_token_url", url(&lrs.kc_token_url).as_deref()),
                value("kc_client_id", given(lrs.kc_client_id.as_ref())),
                hidden("kc_client_secret", Some("")),
                hidden("kc_password", Some("")),
            ];
            ("tenants:update_lrs_kc", text(lrs.id.as_ref()), how)
        }
        TenantsTask::Remove(tenant) => ("tenants:remove", tenant.id.clone(), Vec::new()),
        TenantsTask::Sync(sync) => {
            ("tenants:sync", text(sync.path.as_ref()), vec![value("mode", sync.mode())])
        }
        TenantsTask::AddSetting(setting) => {
            let (param, overrides) = (given(setting.param.as_ref()), given(setting.overrides.as_ref()));
            let kept = given(setting.value.as_ref());
            let kept = match param {
                Some(param) if is_secret(param) => hidden("value", kept),
                _ => value("value", kept),
            };
            let how = vec![value("param", param), kept, value("override", overrides)];
            ("tenantSettings:add", text(setting.tenant_id.as_ref()), how)
        }
        TenantsTask::RemoveSetting(setting) => ("tenantSettings:remove", setting.id.clone(), Vec::new()),
        TenantsTask::List(_) | TenantsTask::Yaml | TenantsTask::ListSettings(_) => return None,
    })
}

fn of_recordings(task: &RecordingsTask) -> Option<Parts> {
    Some(match task {
        RecordingsTask::Publish(ids) => ("recordings:publish", ids.ids().join(":"), Vec::new()),
        RecordingsTask::Unpublish(ids) => ("recordings:unpublish", ids.ids().join(":"), Vec::new()),
        RecordingsTask::Delete(delete) => {
            ("recordings:delete", delete.recordings.ids().join(":"), Vec::new())
        }
        RecordingsTask::Update => ("recordings:update", "unpublished recordings".to_owned(), Vec::new()),
        RecordingsTask::AddToTenant(tenant) => {
            ("recordings:addToTenant", text(tenant.tenant_id.as_ref()), Vec::new())
        }
        RecordingsTask::List(_) | RecordingsTask::Show(_) | RecordingsTask::Watch(_) => return None,
    })
}

fn settings(settings: &Settings) -> Vec<Option<String>> {
    vec![value("load_multiplier", settings.load_multiplier()), value("tag", settings.tag())]
}

fn value(name: &str, value: Option<&str>) -> Option<String> {
    value.map(|value| format!("{name}={value}"))
}

fn hidden(name: &str, secret: Option<&str>) -> Option<String> {
    secret.map(|_| format!("{name}=*****"))
}

fn joined(parts: &[Option<String>]) -> String {
    let parts: Vec<&str> = parts.iter().flatten().map(String::as_str).collect();
    parts.join(" ")
}

fn text(argument: Option<&String>) -> String {
    argument.cloned().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::read;

    fn told(words: &[&str]) -> Option<String> {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        let told = known(&read(&words).unwrap()[0])?;
        Some(format!("{}|{}|{}", told.what, told.target, told.how))
    }

    #[test]
    fn every_change_and_no_secret() {
        for (task, expected) in [
            (
                "servers:add[https://u:geheim@h/api?geheim,geheim,2,hd]",
                "servers:add||url=https://h/api load_multiplier=2 tag=hd",
            ),
            ("servers:update[b1,geheim,,x]", "servers:update|b1|secret=***** tag=x"),
            ("servers:update[b1,,,]", "servers:update|b1|tag="),
            ("servers:remove[b1]", "servers:remove|b1|"),
            ("servers:cordon[b1]", "servers:cordon|b1|"),
            ("servers:disable[b1]", "servers:disable|b1|"),
            ("servers:panic[b1,true]", "servers:panic|b1|keep_state=true"),
            ("servers:loadMultiplier[b1]", "servers:loadMultiplier|b1|load_multiplier=1"),
            ("servers:tag[b1]", "servers:tag|b1|tag="),
            ("servers:addAll[s.yml]", "servers:addAll|s.yml|"),
            ("servers:sync[-,force]", "servers:sync|-|mode=force"),
            ("meetings:end[m1:m2]", "meetings:end|m1:m2|"),
            ("meetings:end", "meetings:end|all meetings|"),
            ("tenants:add[bank,geheim]", "tenants:add||name=bank"),
            ("tenants:update[t1,,geheim]", "tenants:update|t1|secrets=*****"),
            (
                "tenants:update_lrs_basic[t1,https://l/,u,geheim]",
                "tenants:update_lrs_basic|t1|lrs_endpoint=https://l/ lrs_password=*****",
            ),
            (
                "tenants:update_lrs_kc[t1,https://l/,https://k/,c,geheim,u,geheim]",
                "tenants:update_lrs_kc|t1|lrs_endpoint=https://l/ kc_token_url=https://k/ kc_client_id=c \
                 kc_client_secret=***** kc_password=*****",
            ),
            ("tenants:remove[t1]", "tenants:remove|t1|"),
            ("tenants:sync[t.yml]", "tenants:sync|t.yml|"),
            ("tenantSettings:add[t1,logo,x,true]", "tenantSettings:add|t1|param=logo value=x override=true"),
            (
                "tenantSettings:add[t1,moderatorPW,geheim,true]",
                "tenantSettings:add|t1|param=moderatorPW value=***** override=true",
            ),
            ("tenantSettings:remove[s1]", "tenantSettings:remove|s1|"),
            ("recordings:publish[r1:r2]", "recordings:publish|r1:r2|"),
            ("recordings:unpublish[r1]", "recordings:unpublish|r1|"),
            ("recordings:delete[r1]", "recordings:delete|r1|"),
            ("recordings:update", "recordings:update|unpublished recordings|"),
            ("recordings:addToTenant[t1]", "recordings:addToTenant|t1|"),
            ("db:setup", "db:setup|database|"),
            ("db:migrate", "db:migrate|database|"),
        ] {
            assert_eq!(told(&[task]).as_deref(), Some(expected), "{task}");
        }
        for task in
            ["servers", "servers:yaml", "status", "meetings", "tenants", "poll:all", "recordings", "audit"]
        {
            assert_eq!(told(&[task]), None, "{task}");
        }
    }
}
