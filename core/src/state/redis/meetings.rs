//! Meetings: where they are placed, found and forgotten.

use std::collections::HashMap;
use std::time::Duration;

use super::decode::Fields;
use super::{RedisState, list_arg};
use crate::pool::server::ServerId;
use crate::state::{CREATE_HOLD, ForgetIf, Located, Meeting, PlaceMeeting, Placement, StateError};

/// How many meetings one script call reads or renews, so that Redis is never kept busy for long.
const BATCH: usize = 500;

impl RedisState {
    pub(super) async fn place(&self, request: &PlaceMeeting<'_>) -> Result<Placement, StateError> {
        let mut call = self.call(&self.scripts.place);
        call.arg(request.meeting_id)
            .arg(request.tenant_id.unwrap_or_default())
            .arg(request.moderator_pw)
            .arg(request.ttl.as_secs().max(1))
            .arg(u64::try_from(CREATE_HOLD.as_millis()).unwrap_or(u64::MAX))
            .arg(request.max_meetings.map_or(String::new(), |most| most.to_string()));
        list_arg(&mut call, &request.tags.wanted);
        list_arg(&mut call, &request.tags.otherwise);
        list_arg(&mut call, request.voice_bridges);
        list_arg(&mut call, request.failed.iter().map(|id| id.as_str()));
        let mut fields = Fields::of(self.invoke(&call).await?)?;
        match fields.text()?.as_str() {
            "existing" => {
                let pending = fields.text()? == "1";
                let located = fields.located(request.meeting_id)?;
                Ok(Placement::Existing(Located { pending, ..located }))
            }
            "created" => {
                fields.text()?;
                fields.located(request.meeting_id).map(Placement::Created)
            }
            "no-server" => Ok(Placement::NoServer),
            "tag-unavailable" => Ok(Placement::TagUnavailable),
            "other-tenant" => Ok(Placement::OtherTenant),
            "too-many-meetings" => Ok(Placement::TooManyMeetings),
            "no-voice-bridge" => Ok(Placement::NoVoiceBridge),
            _ => Err(StateError::Content("an unknown placement")),
        }
    }

    pub(super) async fn locate(
        &self,
        id: &str,
        tenant_id: Option<&str>,
        mode: &str,
    ) -> Result<Option<Located>, StateError> {
        let mut call = self.call(&self.scripts.locate);
        call.arg(id).arg(tenant_id.unwrap_or_default()).arg(mode);
        let fields = Fields::of_nullable(self.invoke(&call).await?)?;
        fields.map(|fields| fields.located(id)).transpose()
    }

    pub(super) async fn locate_number(
        &self,
        number: &str,
        tenant_id: Option<&str>,
    ) -> Result<Option<Located>, StateError> {
        let mut call = self.call(&self.scripts.locate_voice_bridge);
        call.arg(number).arg(tenant_id.unwrap_or_default());
        let Some(mut fields) = Fields::of_nullable(self.invoke(&call).await?)? else { return Ok(None) };
        let id = fields.text()?;
        fields.located(&id).map(Some)
    }

    pub(super) async fn confirm(&self, id: &str, made: bool) -> Result<(), StateError> {
        let mut call = self.call(&self.scripts.confirm);
        call.arg(id).arg(u8::from(made));
        self.invoke(&call).await.map(drop)
    }

    pub(super) async fn take_made(&self) -> Result<HashMap<String, u64>, StateError> {
        let mut fields = Fields::of(self.invoke(&self.call(&self.scripts.take_made)).await?)?;
        let mut made = HashMap::new();
        while let Some(tenant) = fields.next_text()? {
            made.insert(tenant, fields.number()?);
        }
        Ok(made)
    }

    pub(super) async fn release(&self, id: &str, server_id: &ServerId) -> Result<(), StateError> {
        let mut call = self.call(&self.scripts.release);
        call.arg(id).arg(server_id.as_str());
        self.invoke(&call).await.map(drop)
    }

    pub(super) async fn forget(&self, id: &str, only: ForgetIf<'_>) -> Result<bool, StateError> {
        let mut call = self.call(&self.scripts.forget);
        call.arg(id)
            .arg(only.on_server.map_or("", |server| server.as_str()))
            .arg(only.not_placed_since.map_or(String::new(), |moment| moment.0.to_string()));
        self.done(&call).await
    }

    pub(super) async fn renew(&self, ids: &[String], ttl: Duration) -> Result<(), StateError> {
        for batch in ids.chunks(BATCH) {
            let mut call = self.call(&self.scripts.renew);
            call.arg(ttl.as_secs().max(1));
            list_arg(&mut call, batch);
            self.invoke(&call).await?;
        }
        Ok(())
    }

    pub(super) async fn all_meetings(&self) -> Result<Vec<Meeting>, StateError> {
        let mut members = redis::cmd("SMEMBERS");
        members.arg(self.keys.meetings());
        let ids: Vec<String> =
            self.link.run(async |connection| members.query_async(connection).await).await?;
        let mut meetings = Vec::with_capacity(ids.len());
        for batch in ids.chunks(BATCH) {
            let mut call = self.call(&self.scripts.meetings);
            list_arg(&mut call, batch);
            for fields in Fields::of(self.invoke(&call).await?)?.lists() {
                meetings.push(fields?.meeting()?);
            }
        }
        Ok(meetings)
    }
}
