//! The trip of a citizen to an identity provider and back. It refuses to keep a row for a stranger: what must survive the
//! trip is sealed in a cookie of the browser that began it. OpenID Connect Core 1.0, RFC 7636.

pub(crate) mod http;
