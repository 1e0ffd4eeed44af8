//! The OpenAPI document: version, shared schemas, and the page that shows it.

use web::openapi::{Problem, base};

#[utoipa::path(get, path = "/api/areas", responses((status = 200, description = "The areas"), web::openapi::Problems))]
#[expect(dead_code, reason = "only its description is used")]
async fn areas() {}

#[derive(utoipa::OpenApi)]
#[openapi(paths(areas), components(schemas(Problem)))]
struct Document;

#[test]
fn the_document_is_3_1_and_refers_to_problems() {
    let mut document = base("1.2.3");
    document.merge(<Document as utoipa::OpenApi>::openapi());
    let json = serde_json::to_value(&document).expect("JSON");
    assert!(json["openapi"].as_str().is_some_and(|v| v.starts_with("3.1")));
    let answer = &json["paths"]["/api/areas"]["get"]["responses"]["4XX"]["content"]["application/problem+json"];
    assert_eq!(answer["schema"]["$ref"], "#/components/schemas/Problem");
    assert!(json["components"]["schemas"]["Problem"]["properties"]["request_id"].is_object());
}
