//! Parameters of an action: the query of a GET, or a JSON or form body of a POST. A list may be a JSON list, the text of one, or words
//! parted by commas; an object may be the text of one. Refuses a parameter of another type, by its name.

use serde_json::{Map, Value as Json};

use crate::OpenError;

/// Most parameters of one action.
const PARAMS_MAX: usize = 200;

/// The parameters by name.
#[derive(Debug, Clone, Default)]
pub(crate) struct Params(Map<String, Json>);

impl Params {
    /// The parameters of a query or a form; the last of several with one name counts.
    pub(crate) fn urlencoded(text: &str) -> Self {
        let pairs = web::table::TableQuery::parse(text);
        let names: Vec<String> = pairs.names().map(str::to_owned).take(PARAMS_MAX).collect();
        let value = |name: &String| Json::String(pairs.filter(name).to_owned());
        Self(names.iter().map(|name| (name.clone(), value(name))).collect())
    }

    /// The parameters of a JSON body, which must be an object; an empty body has none.
    pub(crate) fn json(bytes: &[u8]) -> Result<Self, OpenError> {
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return Ok(Self::default());
        }
        match serde_json::from_slice(bytes) {
            Ok(Json::Object(map)) => Ok(Self(map)),
            _ => Err(OpenError::invalid("message", "the body must be a JSON object")),
        }
    }

    pub(crate) fn of(map: Map<String, Json>) -> Self {
        Self(map)
    }

    pub(crate) fn map(&self) -> &Map<String, Json> {
        &self.0
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Json> {
        self.0.get(name).filter(|json| !json.is_null())
    }

    /// A text; nothing when it is empty.
    pub(crate) fn text(&self, name: &str) -> Result<Option<String>, OpenError> {
        match self.get(name) {
            None => Ok(None),
            Some(Json::String(text)) => Ok(Some(text.clone()).filter(|text| !text.trim().is_empty())),
            Some(Json::Number(number)) => Ok(Some(number.to_string())),
            Some(Json::Bool(yes)) => Ok(Some(yes.to_string())),
            Some(_) => Err(OpenError::invalid(name, "must be a text")),
        }
    }

    pub(crate) fn needed(&self, name: &str) -> Result<String, OpenError> {
        self.text(name)?
            .ok_or_else(|| OpenError::invalid(name, "Missing value"))
    }

    /// A whole number that is not negative.
    pub(crate) fn whole(&self, name: &str, usual: u64, most: u64) -> Result<u64, OpenError> {
        let Some(text) = self.text(name)? else {
            return Ok(usual);
        };
        let number = text.trim().parse::<u64>();
        number
            .map(|number| number.min(most))
            .map_err(|_| OpenError::invalid(name, "Must be a natural number"))
    }

    pub(crate) fn flag(&self, name: &str, usual: bool) -> Result<bool, OpenError> {
        let Some(text) = self.text(name)? else {
            return Ok(usual);
        };
        match text.to_ascii_lowercase().as_str() {
            "true" | "yes" | "1" | "t" | "y" | "on" => Ok(true),
            "false" | "no" | "0" | "f" | "n" | "off" => Ok(false),
            _ => Err(OpenError::invalid(name, "must be true or false")),
        }
    }

    /// Several texts.
    pub(crate) fn list(&self, name: &str) -> Result<Vec<String>, OpenError> {
        let refused = || OpenError::invalid(name, "must be a list of texts");
        let texts = |all: &[Json]| {
            let each = all.iter().map(|one| match one {
                Json::String(text) => Ok(text.trim().to_owned()),
                Json::Number(number) => Ok(number.to_string()),
                _ => Err(refused()),
            });
            each.collect::<Result<Vec<_>, _>>()
        };
        match self.get(name) {
            None => Ok(Vec::new()),
            Some(Json::Array(all)) => texts(all),
            Some(Json::String(text)) if text.trim_start().starts_with('[') => match serde_json::from_str(text) {
                Ok(Json::Array(all)) => texts(&all),
                _ => Err(refused()),
            },
            Some(Json::String(text)) => {
                let words = text.split(',').map(str::trim).filter(|word| !word.is_empty());
                Ok(words.map(str::to_owned).collect())
            }
            Some(_) => Err(refused()),
        }
    }

    /// An object.
    pub(crate) fn object(&self, name: &str) -> Result<Map<String, Json>, OpenError> {
        match self.get(name) {
            None => Ok(Map::new()),
            Some(Json::Object(map)) => Ok(map.clone()),
            Some(Json::String(text)) if text.trim().is_empty() => Ok(Map::new()),
            Some(Json::String(text)) => match serde_json::from_str(text) {
                Ok(Json::Object(map)) => Ok(map),
                _ => Err(OpenError::invalid(name, "must be a JSON object")),
            },
            Some(_) => Err(OpenError::invalid(name, "must be a JSON object")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_is_read_in_each_of_its_forms() {
        let query = Params::urlencoded("fields=a%2Cb&filters=%7B%22a%22%3A1%7D&rows=7&x=%5B%22c%22%5D");
        assert_eq!(query.list("fields").unwrap(), ["a", "b"]);
        assert_eq!(query.list("x").unwrap(), ["c"]);
        assert_eq!(query.object("filters").unwrap()["a"], 1);
        assert_eq!(query.whole("rows", 10, 5).unwrap(), 5);
        let body = Params::json(br#"{"fields":["a","b"],"filters":{"a":1},"rows":"x","all":true}"#).unwrap();
        assert_eq!(body.list("fields").unwrap(), ["a", "b"]);
        assert!(body.whole("rows", 10, 5).is_err());
        assert!(body.flag("all", false).unwrap());
        assert!(Params::json(b"[1]").is_err() && Params::json(b"  ").unwrap().map().is_empty());
    }
}
