//! One call of the management API, with what its document says of it. What goes in and comes out are the very types
//! that its function takes and gives.

use std::pin::Pin;

use actix_web::http::{Method, StatusCode};
use actix_web::web::Bytes;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::refusal::Refusal;
use super::request::{Request, input, output};

type Output = Pin<Box<dyn Future<Output = Result<Bytes, Refusal>>>>;
type SchemaOf = fn(&mut SchemaGenerator) -> Schema;

/// One call.
pub(super) struct Operation {
    /// The last segment of its path.
    pub(super) name: &'static str,
    /// What it does, in a line.
    pub(super) summary: &'static str,
    /// GET or POST.
    pub(super) method: Method,
    /// The status when it is done.
    pub(super) done: StatusCode,
    /// The parameter of its query, besides the checksum.
    pub(super) parameter: Option<&'static str>,
    /// The schema of its body.
    pub(super) input: Option<SchemaOf>,
    /// The schema of its answer.
    pub(super) output: SchemaOf,
    /// Whether it is for installations with tenants only.
    pub(super) of_tenants: bool,
    run: Box<dyn Fn(Request, Bytes) -> Output>,
}

impl Operation {
    /// A question.
    pub(super) fn get<O, F>(name: &'static str, summary: &'static str, run: fn(Request) -> F) -> Self
    where
        O: Serialize + JsonSchema,
        F: Future<Output = Result<O, Refusal>> + 'static,
    {
        let run = move |request, _| -> Output {
            let answer = run(request);
            Box::pin(async move { output(&answer.await?) })
        };
        Self {
            name,
            summary,
            method: Method::GET,
            done: StatusCode::OK,
            parameter: None,
            input: None,
            output: schema::<O>,
            of_tenants: false,
            run: Box::new(run),
        }
    }

    /// A change.
    pub(super) fn post<I, O, F>(name: &'static str, summary: &'static str, run: fn(Request, I) -> F) -> Self
    where
        I: DeserializeOwned + JsonSchema + 'static,
        O: Serialize + JsonSchema,
        F: Future<Output = Result<O, Refusal>> + 'static,
    {
        let run = move |request: Request, body: Bytes| -> Output {
            let answer = input(&request, &body).map(|input| run(request, input));
            Box::pin(async move { output(&answer?.await?) })
        };
        Self {
            name,
            summary,
            method: Method::POST,
            done: StatusCode::OK,
            parameter: None,
            input: Some(schema::<I>),
            output: schema::<O>,
            of_tenants: false,
            run: Box::new(run),
        }
    }

    /// The same, answering 201.
    pub(super) fn creates(self) -> Self {
        Self { done: StatusCode::CREATED, ..self }
    }

    /// The same, with a parameter in its query.
    pub(super) fn by(self, parameter: &'static str) -> Self {
        Self { parameter: Some(parameter), ..self }
    }

    /// The same, for installations with tenants only.
    pub(super) fn of_tenants(self) -> Self {
        Self { of_tenants: true, ..self }
    }

    /// Does it, with the body of a POST.
    pub(super) fn run(&self, request: Request, body: Bytes) -> Output {
        (self.run)(request, body)
    }
}

fn schema<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}
