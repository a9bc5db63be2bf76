//! Servers: the operator's side.

use secrecy::ExposeSecret;

use super::decode::Fields;
use super::{RedisState, list_arg};
use crate::pool::server::{Server, ServerId};
use crate::state::{NewServer, ServerChange, StateError};

impl RedisState {
    /// The records of these servers, or of all by ID if none is named.
    pub(super) async fn server_records(&self, ids: &[ServerId]) -> Result<Vec<Server>, StateError> {
        let mut call = self.call(&self.scripts.servers);
        list_arg(&mut call, ids.iter().map(ServerId::as_str));
        let records = Fields::of(self.invoke(&call).await?)?;
        records.lists().map(|fields| fields?.server()).collect()
    }

    pub(super) async fn add(&self, server: &NewServer) -> Result<bool, StateError> {
        let mut call = self.call(&self.scripts.add_server);
        call.arg(server.id.as_str())
            .arg(&server.url)
            .arg(server.secret.expose_secret())
            .arg(server.tag.as_deref().unwrap_or_default())
            .arg(decimal(server.load_multiplier));
        self.done(&call).await
    }

    pub(super) async fn change(&self, id: &ServerId, change: &ServerChange) -> Result<bool, StateError> {
        let mut fields: Vec<(&str, String)> = Vec::new();
        if let Some(url) = &change.url {
            fields.push(("url", url.clone()));
        }
        if let Some(secret) = &change.secret {
            fields.push(("secret", secret.expose_secret().to_owned()));
        }
        if let Some(tag) = &change.tag {
            fields.push(("tag", tag.clone().unwrap_or_default()));
        }
        if let Some(multiplier) = change.load_multiplier {
            fields.push(("load_multiplier", decimal(multiplier)));
        }
        let mut call = self.call(&self.scripts.change_server);
        call.arg(id.as_str()).arg(change.state.map_or("", |state| state.as_str()));
        call.arg(fields.len() * 2);
        for (name, value) in &fields {
            call.arg(*name).arg(value);
        }
        self.done(&call).await
    }

    pub(super) async fn remove(&self, id: &ServerId) -> Result<bool, StateError> {
        let mut call = self.call(&self.scripts.remove_server);
        call.arg(id.as_str());
        self.done(&call).await
    }
}

/// A number as the original writes it: always with a decimal point.
fn decimal(number: f64) -> String {
    format!("{number:?}")
}
