//! The OpenAPI document, made of the [operations](super::operations) and the types that they take and give.

use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use super::operation::Operation;
use super::refusal::{Message, Told};
use super::{DOCUMENT, PATH};

/// OpenAPI 3.1.
pub(super) fn document(operations: &[Operation]) -> Value {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.definitions_path = "/components/schemas".into();
        settings.meta_schema = None;
    });
    let mut generator = settings.into_generator();
    let mut paths: Map<String, Value> = operations
        .iter()
        .map(|operation| {
            let method = operation.method.as_str().to_ascii_lowercase();
            (format!("/{}", operation.name), json!({ method: described(operation, &mut generator) }))
        })
        .collect();
    let this = json!({
        "operationId": "openapi",
        "summary": "This document; it needs no checksum.",
        "security": [],
        "responses": { "200": { "description": "The document.", "content": content(&json!({ "type": "object" })) } },
    });
    paths.insert(DOCUMENT.to_owned(), json!({ "get": this }));
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Scalelite management API",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Servers, tenants and their settings. Every call is signed with a load-balancer secret.",
        },
        "servers": [{ "url": PATH }],
        "security": [{ "checksum": [] }],
        "paths": paths,
        "components": {
            "schemas": generator.take_definitions(true),
            "securitySchemes": { "checksum": {
                "type": "apiKey",
                "in": "query",
                "name": "checksum",
                "description": "hex(H(call + query + secret)): the call's name, the query string as it is sent but \
                    without the checksum and one adjoining &, and a load-balancer secret; H is SHA1, SHA256, SHA384 or \
                    SHA512, as far as LOADBALANCER_CHECKSUM_ALGORITHM allows.",
            } },
        },
    })
}

fn described(operation: &Operation, generator: &mut SchemaGenerator) -> Value {
    let output = (operation.output)(generator).to_value();
    let mut responses = Map::new();
    let mut answers = |status: &str, description: &str, schema: &Value| {
        responses
            .insert(status.to_owned(), json!({ "description": description, "content": content(schema) }));
    };
    answers(operation.done.as_str(), "Done.", &output);
    let error = generator.subschema_for::<Told>().to_value();
    for (status, description) in [
        ("400", "What the request says cannot be done."),
        ("401", "The checksum is missing or wrong."),
        ("404", "What the request is about is not there."),
        ("503", "The live state cannot be used."),
    ] {
        answers(status, description, &error);
    }
    if operation.input.is_some() {
        answers("408", "The body did not come in time.", &error);
        answers("409", "Something else has that name or ID.", &error);
        answers("413", "The body is too large.", &error);
    }
    if operation.of_tenants {
        let message = generator.subschema_for::<Message>().to_value();
        answers("412", "There are no tenants: MULTITENANCY_ENABLED is not set.", &message);
    }
    let mut described = json!({
        "operationId": operation.name,
        "summary": operation.summary,
        "tags": [if operation.of_tenants { "tenants" } else { "servers" }],
        "responses": responses,
    });
    if let Some(name) = operation.parameter {
        let text = json!({ "type": "string", "pattern": "^[^\\u0000]*$" });
        described["parameters"] = json!([{ "name": name, "in": "query", "required": true, "schema": text }]);
    }
    if let Some(input) = operation.input {
        described["requestBody"] =
            json!({ "required": true, "content": content(&input(generator).to_value()) });
    }
    described
}

fn content(schema: &Value) -> Value {
    json!({ "application/json": { "schema": schema } })
}
