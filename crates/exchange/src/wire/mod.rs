//! The messages that run between a province and the national portal, as values and as JSON, both ways: what is asked, what is
//! answered, what an answer means. Pure: bytes in, values out.
//! Refuses to know a name that the source does not prove: names of fields, codes of states and addresses are a [`Dialect`],
//! which is data. Source: adapters of OpenCPS and others for the portal's `DongBoHoSoMC` and its kin.

mod answer;
mod carried;
mod dialect;
mod item;
#[cfg(test)]
mod tests;

pub use answer::{Answer, Content, ItemVerdict, Reason, read};
pub use carried::{Attachment, Carried, Fee, ResultPaper, When};
pub use dialect::{Dialect, local_time, portal_time};
pub use item::{Applicant, Listed, LookUp, Progress, Sighted, Sync};

use serde_json::{Map, Value};

use kernel::words;

words! {
    /// What is asked of the other side.
    Service {
        /// The procedures that the other side knows.
        ListProcedures = "LayDanhSachTTHC",
        /// One procedure.
        Procedure = "LayThuTuc",
        /// Whole dossiers, new or changed.
        Sync = "DongBoHoSoMC",
        /// Steps of dossiers.
        Progress = "CapNhatTienDoHoSoMC",
        /// How dossiers stand at the other side.
        LookUp = "TraCuuHoSo",
    }
}

/// A request as it travels.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// What is asked.
    pub service: Service,
    /// For [`Service::Sync`]: the dossiers are known to the other side.
    pub is_updating: bool,
    /// The items, in order.
    pub data: Vec<Value>,
}

impl Request {
    /// The body that is sent.
    #[must_use]
    pub fn body(&self, dialect: &Dialect, session: &str, unit: &str) -> Value {
        let mut map = Map::new();
        map.insert(dialect.name("session").to_owned(), session.into());
        map.insert(dialect.name("madonvi").to_owned(), unit.into());
        map.insert(dialect.name("service").to_owned(), self.service.word().into());
        map.insert(dialect.name("isUpdating").to_owned(), self.is_updating.into());
        map.insert(dialect.name("data").to_owned(), Value::Array(self.data.clone()));
        Value::Object(map)
    }

    /// Reads a body that came in: session, unit and request.
    ///
    /// # Errors
    /// What is wrong with it, in a word.
    pub fn read(dialect: &Dialect, body: &Value) -> Result<(String, String, Self), &'static str> {
        let text = |name: &str| {
            body.get(dialect.name(name))
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        let service = text("service").parse().map_err(|_| "service")?;
        let data = match body.get(dialect.name("data")) {
            Some(Value::Array(items)) => items.clone(),
            Some(one @ Value::Object(_)) => vec![one.clone()],
            None | Some(Value::Null) => Vec::new(),
            Some(_) => return Err("data"),
        };
        let is_updating = match body.get(dialect.name("isUpdating")) {
            Some(Value::Bool(is)) => *is,
            Some(Value::String(word)) => word == "true",
            _ => false,
        };
        Ok((
            text("session"),
            text("madonvi"),
            Self {
                service,
                is_updating,
                data,
            },
        ))
    }
}
