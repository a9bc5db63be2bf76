//! A call that passed the checksum security check, as an extractor (CONTRACT §2).

use std::pin::Pin;
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use bytes::Bytes;
use percent_encoding::percent_decode_str;
use scalelite_core::bbb::checksum;
use scalelite_core::bbb::error::BbbError;
use scalelite_core::bbb::params::Params;
use scalelite_core::recordings::text_tracks;
use scalelite_core::tenant::Tenant;

use crate::app::App;
use crate::body::{self, Accepts, Body, Kind};
use crate::error::ApiError;
use crate::host;

/// A signed call.
pub(crate) struct Call {
    /// The call's name: the last segment of the path.
    pub(crate) name: String,
    /// The parameters of query and form, without the checksum.
    pub(crate) params: Params,
    /// The caller's tenant, where tenants are on.
    pub(crate) tenant: Option<Arc<Tenant>>,
    /// The XML document of a POST.
    pub(crate) document: Option<Bytes>,
    /// The file of a POST, of a call that takes one.
    pub(crate) file: Option<Bytes>,
}

impl Call {
    /// The meeting that the call is about.
    pub(crate) fn meeting_id(&self) -> Result<&str, ApiError> {
        self.params.present("meetingID").ok_or(ApiError::Bbb(BbbError::MISSING_MEETING_ID))
    }

    /// The ID of the caller's tenant.
    pub(crate) fn tenant_id(&self) -> Option<&str> {
        self.tenant.as_ref().map(|tenant| tenant.id.as_str())
    }
}

/// What the body of a call's POST may be.
fn accepts(call: &str) -> Accepts {
    match call {
        "create" => Accepts::FormOrXml,
        "insertDocument" => Accepts::Xml,
        "putRecordingTextTrack" => Accepts::FormWithFile,
        _ => Accepts::Form,
    }
}

impl FromRequest for Call {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, ApiError>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, mut payload) = (request.clone(), payload.take());
        Box::pin(async move { check(&request, &mut payload).await })
    }
}

async fn check(request: &HttpRequest, payload: &mut Payload) -> Result<Call, ApiError> {
    let Some(app) = request.app_data::<web::Data<App>>() else {
        return Err(BbbError::UNSUPPORTED_REQUEST.into());
    };
    let name = request.path().trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    let name = percent_decode_str(name).decode_utf8_lossy();
    let accepts = accepts(&name);
    let kind = body::kind(request, accepts)?;
    let mut params = Params::parse(request.query_string())?;
    let tenant = tenant(app, request).await?;
    let verify =
        |params: &Params| authenticate(app, &name, request.query_string(), params, tenant.as_deref());
    // Who may not call need not send megabytes: only a form may hold the checksum itself, and none with a file.
    let takes_file = accepts == Accepts::FormWithFile;
    let form = matches!(kind, Kind::Urlencoded | Kind::Multipart);
    if !form || takes_file || params.get("checksum").is_some() {
        verify(&params)?;
    }
    let http = &app.config.http;
    let limit = match kind {
        Kind::Xml => http.max_xml_bytes,
        Kind::Multipart if takes_file => text_tracks::LARGEST + http.max_form_bytes,
        _ => http.max_form_bytes,
    };
    let body = Body { request, payload, limit, shutdown: &app.shutdown };
    let (mut document, mut file) = (None, None);
    match kind {
        Kind::Xml => document = Some(body.whole().await?),
        Kind::None => {}
        Kind::Urlencoded | Kind::Multipart => {
            let form = body.form(kind, takes_file).await?;
            file = form.file;
            params.merge_missing(form.params);
            verify(&params)?;
        }
    }
    params.remove("checksum");
    let name = name.into_owned();
    Ok(Call { name, params, tenant, document, file })
}

async fn tenant(app: &App, request: &HttpRequest) -> Result<Option<Arc<Tenant>>, ApiError> {
    if !app.config.meetings.multitenancy {
        return Ok(None);
    }
    let host = host::of(request).unwrap_or_default();
    let tenant = app.tenants.of_host(&app.state, host).await?;
    tenant.map(Some).ok_or(ApiError::Bbb(BbbError::CHECKSUM))
}

fn authenticate(
    app: &App,
    call: &str,
    query: &str,
    params: &Params,
    tenant: Option<&Tenant>,
) -> Result<(), ApiError> {
    let secrets = tenant.map_or(&app.config.secrets.loadbalancer, |tenant| &tenant.secrets);
    let given = params.get("checksum").unwrap_or_default();
    if checksum::verify(call, query, given, secrets, &app.config.secrets.accepted) {
        Ok(())
    } else {
        Err(BbbError::CHECKSUM.into())
    }
}
