//! What may be asked of the features of a collection: the parameters of an address, read strictly. Refuses parameters that the
//! collection does not have, boxes and times that are none, systems of coordinates that are not offered.
//! Standards: OGC 17-069r4 (7.15), 18-058r1 (bbox-crs, crs), 19-079r2 (filter).

use kernel::fold;
use register::RecordId;
use register::geometry::crs::Crs;

use super::collection::{Collection, VALID_FROM};
use super::{LIMIT_MAX, LIMIT_USUAL, OgcError, Why};
use crate::cql::check::{Area, Node};
use crate::cql::{self, Comparison, CqlError, Expr, Kind, Operand, Order, Relation, Shape, Time};

/// Parameters of features that are no fields.
const NAMES: [&str; 12] = [
    "f",
    "lang",
    "limit",
    "bbox",
    "bbox-crs",
    "crs",
    "datetime",
    "filter",
    "filter-lang",
    "filter-crs",
    "cursor",
    "profile",
];
/// Most parameters of an address.
const PARAMETERS_MAX: usize = 60;

/// The parameters of an address, in their order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Parameters(pub(crate) Vec<(String, String)>);

impl Parameters {
    /// The first value of a parameter.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let mut all = self.0.iter();
        all.find(|(known, _)| known == name).map(|(_, value)| value.trim())
    }

    /// The same with a parameter replaced, or added: as a query.
    pub(crate) fn with(&self, name: &str, value: &str) -> String {
        let kept = self.0.iter().filter(|(known, _)| known != name);
        let all = kept
            .map(|(known, value)| (known.as_str(), value.as_str()))
            .chain([(name, value)]);
        let encode = web::table::encode;
        let pairs: Vec<String> = all
            .map(|(name, value)| format!("{}={}", encode(name), encode(value)))
            .collect();
        pairs.join("&")
    }
}

/// Where a page ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Cursor {
    /// In the order of places.
    Place(i64, RecordId),
    /// In the order of lists.
    List(Vec<u8>, RecordId),
}

impl Cursor {
    /// As an address carries it.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Place(cell, id) => format!("p{cell:016x}{}", id.uuid().simple()),
            Self::List(key, id) => format!("l{}{}", id.uuid().simple(), hex::encode(key)),
        }
    }

    fn read(text: &str) -> Option<Self> {
        let id = |text: &str| uuid::Uuid::parse_str(text).ok().map(RecordId::from_uuid);
        if !text.is_ascii() || text.len() > 300 {
            return None;
        }
        match text.split_at_checked(1)? {
            ("p", rest) if rest.len() == 48 => {
                let cell = i64::from_str_radix(&rest[..16], 16).ok()?;
                Some(Self::Place(cell, id(&rest[16..])?))
            }
            ("l", rest) if rest.len() >= 32 => Some(Self::List(hex::decode(&rest[32..]).ok()?, id(&rest[..32])?)),
            _ => None,
        }
    }
}

/// What is asked, before it is held against a collection.
#[derive(Debug, Clone)]
pub(crate) struct Items {
    /// Most features.
    pub(crate) limit: u64,
    /// The system of the answer.
    pub(crate) crs: &'static Crs,
    after: Option<Cursor>,
    bounds: Option<Area>,
    filter: Option<Expr>,
    filter_crs: &'static Crs,
    datetime: Option<Expr>,
    fields: Vec<(String, String)>,
}

/// What is asked of a collection.
#[derive(Debug, Clone)]
pub(crate) struct Ask {
    /// Most features.
    pub(crate) limit: u64,
    /// Where the page before ended.
    pub(crate) after: Option<Cursor>,
    /// The box that everything lies in that is asked for, when it is one.
    pub(crate) bounds: Option<[f64; 4]>,
    /// What must hold.
    pub(crate) filter: Option<Node>,
}

fn wrong(name: &'static str, why: Why) -> OgcError {
    OgcError::Parameter { name, why }
}

fn system(parameters: &Parameters, name: &'static str) -> Result<&'static Crs, OgcError> {
    match parameters.get(name).filter(|text| !text.is_empty()) {
        None => Ok(Crs::stored()),
        Some(text) => Crs::find(text).ok_or_else(|| wrong(name, Why::System)),
    }
}

impl Items {
    /// Reads an address.
    pub(crate) fn read(parameters: &Parameters) -> Result<Self, OgcError> {
        if parameters.0.len() > PARAMETERS_MAX {
            return Err(wrong("limit", Why::Many));
        }
        let cursor = parameters
            .get("cursor")
            .map(|text| Cursor::read(text).ok_or_else(|| wrong("cursor", Why::Cursor)));
        let bbox_crs = system(parameters, "bbox-crs")?;
        let bounds = parameters.get("bbox").map(|text| bounds(text, bbox_crs)).transpose()?;
        let fields = parameters.0.iter().filter(|(name, _)| !NAMES.contains(&name.as_str()));
        Ok(Self {
            limit: limit(parameters.get("limit"))?,
            crs: system(parameters, "crs")?,
            after: cursor.transpose()?,
            bounds,
            filter: filter(parameters)?,
            filter_crs: system(parameters, "filter-crs")?,
            datetime: parameters.get("datetime").map(datetime).transpose()?,
            fields: fields.cloned().collect(),
        })
    }

    /// Holds it against a collection.
    pub(crate) fn of(&self, collection: &Collection) -> Result<Ask, OgcError> {
        let (fields, stored) = (&collection.fields, Crs::stored());
        let mut all = Vec::new();
        if let Some(area) = &self.bounds {
            let place = cql::check::Spot::Field(0);
            all.push(Node::Spatial(
                Relation::Intersects,
                place,
                cql::check::Spot::Shape(area.clone()),
            ));
        }
        for (name, value) in &self.fields {
            let field = fields.iter().find(|field| field.name == *name);
            let field = field.ok_or_else(|| OgcError::Unknown(name.chars().take(60).collect()))?;
            let equal = Expr::Compare(
                Comparison::Equal,
                Operand::Property(name.clone()),
                typed(field.kind, value)?,
            );
            all.push(cql::check(&equal, fields, stored)?);
        }
        if let Some(datetime) = self
            .datetime
            .as_ref()
            .filter(|_| fields.iter().any(|field| field.column == VALID_FROM))
        {
            all.push(cql::check(datetime, fields, stored)?);
        }
        if let Some(filter) = &self.filter {
            all.push(cql::check(filter, fields, self.filter_crs)?);
        }
        let bounds = all.iter().find_map(within);
        let filter = match all.len() {
            0 => None,
            1 => all.pop(),
            _ => Some(Node::And(all)),
        };
        Ok(Ask {
            limit: self.limit,
            after: self.after.clone(),
            bounds,
            filter,
        })
    }

    /// Whether it is the first page.
    pub(crate) const fn is_first(&self) -> bool {
        self.after.is_none()
    }
}

/// The box that everything lies in of which a filter is true, when it says one. Two boxes are said as the one across the
/// antimeridian.
fn within(node: &Node) -> Option<[f64; 4]> {
    match node {
        Node::And(all) => all.iter().find_map(within),
        Node::Spatial(relation, cql::check::Spot::Field(_), cql::check::Spot::Shape(area))
        | Node::Spatial(relation, cql::check::Spot::Shape(area), cql::check::Spot::Field(_))
            if *relation != Relation::Disjoint =>
        {
            match area.boxes.as_slice() {
                [one] => Some(*one),
                [east, west] if area.is_box => Some([east[0], east[1], west[2], west[3]]),
                _ => None,
            }
        }
        _ => None,
    }
}

fn limit(text: Option<&str>) -> Result<u64, OgcError> {
    let Some(text) = text else { return Ok(LIMIT_USUAL) };
    match text.parse::<u64>() {
        Ok(limit) if limit > 0 => Ok(limit.min(LIMIT_MAX)),
        _ => Err(wrong("limit", Why::Limit)),
    }
}

/// A box of four or six numbers, with its axes in the order of its system.
fn bounds(text: &str, crs: &'static Crs) -> Result<Area, OgcError> {
    let numbers: Vec<f64> = text
        .split(',')
        .map(|part| part.trim().parse::<f64>().ok().filter(|number| number.is_finite()))
        .collect::<Option<_>>()
        .ok_or_else(|| wrong("bbox", Why::Numbers))?;
    let sides = match numbers.as_slice() {
        [west, south, east, north] | [west, south, _, east, north, _] => [*west, *south, *east, *north],
        _ => return Err(wrong("bbox", Why::Numbers)),
    };
    let ([west, south], [east, north]) = (crs.in_order([sides[0], sides[1]]), crs.in_order([sides[2], sides[3]]));
    // Only degrees go round the earth: there a west beyond the east crosses the antimeridian.
    if south > north || (west > east && !crs.is_degrees) {
        return Err(wrong("bbox", Why::Order));
    }
    let is_box = crs.is_degrees && !crs.is_vn2000();
    let geometry = Shape::Box(sides).in_wgs84(crs).map_err(|_| wrong("bbox", Why::Range))?;
    Ok(Area::new(geometry, is_box))
}

/// An instant, or two with `/` between them, either of them open.
fn datetime(text: &str) -> Result<Expr, OgcError> {
    let wrong = || wrong("datetime", Why::Time);
    let one = |text: &str| match text {
        "" | ".." => Ok(None),
        text => cql::day_or_instant(text).map(Some).map_err(|_| wrong()),
    };
    let time = match text.split_once('/') {
        None => Time::At(one(text)?.ok_or_else(wrong)?),
        Some((from, until)) => {
            let (from, until) = (one(from)?, one(until)?);
            if from.is_none() && until.is_none() {
                return Err(wrong());
            }
            Time::Between(from, until)
        }
    };
    // What holds holds until another version does: its time is open at the end.
    let own = Time::Between(Some(Operand::Property(VALID_FROM.to_owned())), None);
    Ok(Expr::Temporal(Order::Intersects, own, time))
}

fn filter(parameters: &Parameters) -> Result<Option<Expr>, OgcError> {
    let Some(text) = parameters.get("filter").filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    match parameters.get("filter-lang").unwrap_or("cql2-text") {
        // Drafts of the standard, which GDAL 3.6 speaks, called them otherwise.
        "cql2-text" | "cql-text" => Ok(Some(cql::from_text(text)?)),
        "cql2-json" | "cql-json" => Ok(Some(cql::from_json(text)?)),
        _ => Err(wrong("filter-lang", Why::Language)),
    }
}

/// The text of a parameter as a value of its field.
fn typed(kind: Kind, text: &str) -> Result<Operand, OgcError> {
    Ok(match kind {
        Kind::Text => Operand::Text(fold::nfc(text).into_owned()),
        Kind::Number(_) => Operand::Number(cql::number(text)?),
        Kind::Date | Kind::Instant => cql::day_or_instant(text)?,
        Kind::Bool => match text {
            "true" => Operand::Bool(true),
            "false" => Operand::Bool(false),
            _ => {
                return Err(OgcError::Filter(CqlError::Types {
                    left: "a boolean".to_owned(),
                    right: "a text".to_owned(),
                }));
            }
        },
        // A place is asked for by `bbox` or `filter`.
        Kind::Place { .. } => return Err(OgcError::Unknown(super::collection::PLACE.to_owned())),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_back() {
        let id = RecordId::from_uuid(uuid::Uuid::from_u128(7));
        for cursor in [
            Cursor::Place(12, id),
            Cursor::List(vec![1, 0, 255], id),
            Cursor::List(Vec::new(), id),
        ] {
            assert_eq!(Cursor::read(&cursor.text()), Some(cursor));
        }
        for text in ["", "x", "p12", "l00", "p-000000000000001", "ñ"] {
            assert_eq!(Cursor::read(text), None, "{text}");
        }
    }

    #[test]
    fn boxes_that_are_none_are_refused() {
        let crs = |name: &str| Crs::find(name).unwrap();
        for text in [
            "",
            "1,2,3",
            "1,2,3,x",
            "1,2,3,4,5",
            "106,20,107,10",
            "181,0,182,1",
            "0,-91,1,0",
            "nan,0,1,1",
        ] {
            assert!(bounds(text, Crs::stored()).is_err(), "{text}");
        }
        let area = bounds("105,10,107,12", Crs::stored()).unwrap();
        assert_eq!(area.boxes, [[105.0, 10.0, 107.0, 12.0]]);
        // Latitude first, where the register of EPSG has it so.
        assert_eq!(bounds("10,105,12,107", crs("EPSG:4326")).unwrap().boxes, area.boxes);
        let across = bounds("179,-10,-179,10", Crs::stored()).unwrap();
        assert_eq!(
            across.boxes,
            [[179.0, -10.0, 180.0, 10.0], [-180.0, -10.0, -179.0, 10.0]]
        );
        assert!(bounds("600000,1200000,500000,1300000", crs("EPSG:3405")).is_err());
        let metres = bounds("600000,1200000,610000,1210000", crs("EPSG:3405")).unwrap();
        assert!(!metres.is_box && metres.boxes[0][0] > 105.8 && metres.boxes[0][2] < 106.1);
    }

    #[test]
    fn times_that_are_none_are_refused() {
        for text in ["", "..", "../..", "yesterday", "2026-13-01", "2026-01-01/x"] {
            assert!(datetime(text).is_err(), "{text}");
        }
        for text in [
            "2026-01-01",
            "2026-01-01T00:00:00Z",
            "2026-01-01/..",
            "/2026-01-01",
            "2026-01-01/2026-02-01",
        ] {
            assert!(datetime(text).is_ok(), "{text}");
        }
    }
}
