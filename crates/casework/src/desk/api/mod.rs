//! The work list as an API for officers: the same scope and filters as the page, masked names.
//! It gives no personal data: who needs it opens the dossier, for a purpose.

pub mod http;
