//! The citizen's own dossiers as an API: the same rules as the pages, the same scope.
//! A dossier of somebody else is not found here, as on the pages.

pub mod http;
