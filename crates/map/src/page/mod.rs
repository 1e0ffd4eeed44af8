//! The map page: layers, search, what lies in an area, boundaries by day. Owns what the page tells its script, and what stands there
//! without one: the layers as lists with their counts, a picture, and the records of an area. Every word of the page is markup, so
//! that the script owns no text.

pub(crate) mod config;
pub(crate) mod http;
pub(crate) mod still;
pub(crate) mod view;
pub(crate) mod within;
