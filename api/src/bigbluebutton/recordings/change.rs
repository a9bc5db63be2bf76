//! `publishRecordings`, `updateRecordings`, `deleteRecordings` (CONTRACT §6).

use std::sync::Arc;

use actix_web::{HttpResponse, web};
use scalelite_core::bbb::error::BbbError;
use scalelite_core::bbb::params::Params;
use scalelite_core::bbb::xml::{self, is_name};
use scalelite_core::recordings::catalog::{Catalog, Head, MetadataChange};
use scalelite_core::recordings::operations::Operations;

use super::super::{answer, to_the_end};
use super::record_ids;
use crate::app::App;
use crate::auth::Call;
use crate::error::ApiError;

/// The key that ties a recording to its tenant.
const TENANT: &str = "tenant-id";

/// The catalog, if recordings are on.
fn catalog(app: &App) -> Result<&Arc<dyn Catalog>, ApiError> {
    let catalog = app.catalog.as_ref().filter(|_| !app.config.recordings.disabled);
    catalog.ok_or(ApiError::Bbb(BbbError::NO_RECORDINGS))
}

/// Those of the named recordings that are there and not deleted: at least one.
async fn there(app: &App, call: &Call, ids: &[String]) -> Result<Vec<Head>, ApiError> {
    let mut heads = catalog(app)?.heads(ids, call.tenant_id()).await?;
    heads.retain(|head| head.state.as_deref() != Some("deleted"));
    if heads.is_empty() { Err(BbbError::NO_RECORDINGS.into()) } else { Ok(heads) }
}

fn operations(app: &App) -> Result<Operations, ApiError> {
    Ok(Operations::new(Arc::clone(catalog(app)?), app.store.clone()))
}

/// Publishes or unpublishes all named recordings that are there.
pub(crate) async fn publish(app: web::Data<App>, call: Call) -> Result<HttpResponse, ApiError> {
    to_the_end(async move {
        catalog(&app)?;
        let ids = record_ids(&call)?;
        let publish = call.params.present("publish").ok_or(ApiError::Bbb(BbbError::MISSING_PUBLISH))?;
        let publish = publish.eq_ignore_ascii_case("true");
        let operations = operations(&app)?;
        let mut any = false;
        for head in there(&app, &call, &ids).await? {
            any |= operations.set_published(&head.record_id, publish).await?;
        }
        if !any {
            return Err(BbbError::NO_RECORDINGS.into());
        }
        Ok(answer(xml::success(&[("published", if publish { "true" } else { "false" })])))
    })
    .await
}

/// Changes metadata and protection of all named recordings or, if one of them is not there, of none.
pub(crate) async fn update(app: web::Data<App>, call: Call) -> Result<HttpResponse, ApiError> {
    to_the_end(async move {
        let catalog = catalog(&app)?;
        let ids = record_ids(&call)?;
        let change = change(&call.params, app.config.meetings.multitenancy)?;
        if !catalog.update(&ids, call.tenant_id(), &change).await? {
            return Err(BbbError::NO_RECORDINGS.into());
        }
        Ok(answer(xml::success(&[("updated", if change.is_empty() { "false" } else { "true" })])))
    })
    .await
}

/// Deletes all named recordings that are there.
pub(crate) async fn delete(app: web::Data<App>, call: Call) -> Result<HttpResponse, ApiError> {
    to_the_end(async move {
        catalog(&app)?;
        let ids = record_ids(&call)?;
        let heads = there(&app, &call, &ids).await?;
        operations(&app)?.delete(&heads).await?;
        Ok(answer(xml::success(&[("deleted", "true")])))
    })
    .await
}

/// What the parameters change. An empty value removes.
fn change(params: &Params, multitenancy: bool) -> Result<MetadataChange, ApiError> {
    let mut change = MetadataChange::default();
    for (name, value) in params.iter() {
        let Some(key) = name.strip_prefix("meta_").map(str::to_lowercase) else { continue };
        if !is_name(&key) {
            return Err(
                BbbError::bad_parameters(format_args!("{name:?} cannot be the name of metadata")).into()
            );
        }
        if multitenancy && key == TENANT {
            return Err(BbbError::bad_parameters("meta_tenant-id cannot be changed").into());
        }
        // Keys that differ in case only are one: the last word holds.
        change.set.retain(|(other, _)| *other != key);
        change.remove.retain(|other| *other != key);
        if value.trim().is_empty() {
            change.remove.push(key);
        } else {
            change.set.push((key, value.to_owned()));
        }
    }
    change.protect = match params.present("protect") {
        None => None,
        Some(value) if value.eq_ignore_ascii_case("true") || value == "1" => Some(true),
        Some(value) if value.eq_ignore_ascii_case("false") || value == "0" => Some(false),
        Some(_) => return Err(BbbError::bad_parameters("protect must be true or false").into()),
    };
    Ok(change)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(query: &str) -> Result<MetadataChange, ApiError> {
        change(&Params::parse(query).unwrap(), true)
    }

    #[test]
    fn metadata_and_protection() {
        let change = of("recordID=a&meta_Name=X%20y&meta_gone=&protect=true").unwrap();
        assert_eq!(change.set, [("name".to_owned(), "X y".to_owned())]);
        assert_eq!(change.remove, ["gone"]);
        assert_eq!(change.protect, Some(true));
        assert_eq!(of("protect=False").unwrap().protect, Some(false));
        assert!(of("recordID=a&protect=").unwrap().is_empty());
        let twice = of("meta_a=&meta_A=x&meta_b=x&meta_B=").unwrap();
        assert_eq!((twice.set, twice.remove), (vec![("a".to_owned(), "x".to_owned())], vec!["b".to_owned()]));
    }

    #[test]
    fn what_cannot_be_told_again_is_refused() {
        for query in [
            "meta_a%20b=1",
            "meta_=1",
            "meta_%3Cx=1",
            "meta_1=1",
            "meta_tenant-id=x",
            "meta_Tenant-ID=",
            "protect=maybe",
        ] {
            assert!(of(query).is_err(), "{query}");
        }
    }
}
