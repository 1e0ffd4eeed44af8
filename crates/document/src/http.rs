//! The pages of this crate as one guarded router, for the binary to put beside the others.
//! It refuses a route without an access: every row goes through `identity::Routes`.

use axum::Router;

use crate::{Document, template};

/// The guarded router of the pages of this crate. It must lie inside identity's session layer.
pub fn router(document: &Document) -> Router {
    template::http::routes(document)
}
