//! Owns the Cedar engine: parsing, strict validation, the template shape, one decision on one small set of entities.
//! Refuses to start on a policy that does not validate or leaves the shape (role or citizen, listed actions, unit subtree
//! or owner, optional list of states), because scopes of lists are right only for that shape.

use std::collections::{HashMap, HashSet};
use std::str::FromStr;

use cedar_policy::{
    Authorizer, Context, Decision, Entities, Entity, EntityId, EntityTypeName, EntityUid, Policy as CedarPolicy,
    PolicyId, PolicySet, Request, RestrictedExpression, Schema, ValidationMode, Validator,
};

use super::{Action, PolicyError, Resource, UnitTree};
use crate::account::{AccountId, Role};
use crate::person::PersonRef;
use crate::session::Caller;
use crate::unit::UnitId;

/// One policy file as written.
#[derive(Debug, Clone, Copy)]
pub struct PolicyFile {
    /// File name.
    pub name: &'static str,
    /// Its text.
    pub text: &'static str,
}

/// One policy in plain words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyText {
    /// Its `@id`.
    pub id: String,
    /// Its `@vi`.
    pub vi: String,
    /// Its `@en`.
    pub en: String,
}

const SCHEMA: &str = include_str!("../../policies/schema.cedarschema");

macro_rules! files {
    ($($name:literal),*) => {
        &[$(PolicyFile { name: $name, text: include_str!(concat!("../../policies/", $name)) }),*]
    };
}

/// The policies in force.
pub(super) const EMBEDDED: &[PolicyFile] = files![
    "citizen.cedar",
    "desk.cedar",
    "specialist.cedar",
    "leader.cedar",
    "accountant.cedar",
    "unit-admin.cedar",
    "admin.cedar",
    "auditor.cedar",
    "operator.cedar"
];

/// States a matter can be in: none, and the national codes of a dossier.
pub(super) const STATES: std::ops::RangeInclusive<i64> = 0..=10;

/// Who asks, reduced to what policies speak of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Principal {
    Officer {
        account: AccountId,
        role: Role,
        unit: UnitId,
    },
    Citizen {
        person: PersonRef,
    },
}

impl Principal {
    /// `None` for nobody and for an officer without a role today.
    pub(super) fn of(caller: &Caller) -> Option<Self> {
        match caller {
            Caller::Anonymous => None,
            Caller::Citizen(citizen) => Some(Self::Citizen { person: citizen.person }),
            Caller::Officer(officer) => {
                let acting = officer.acting()?;
                Some(Self::Officer {
                    account: officer.account,
                    role: acting.role,
                    unit: acting.unit,
                })
            }
        }
    }
}

/// The parsed policies. Decisions are pure: the tree is an argument.
#[derive(Debug)]
pub(super) struct Engine {
    policies: PolicySet,
    authorizer: Authorizer,
    types: Types,
    actions: HashMap<Action, EntityUid>,
    texts: Vec<PolicyText>,
    version: String,
}

/// Entity types, parsed once.
#[derive(Debug)]
struct Types {
    role: EntityTypeName,
    unit: EntityTypeName,
    officer: EntityTypeName,
    citizen: EntityTypeName,
    matter: EntityTypeName,
}

impl Engine {
    pub(super) fn new(files: &[PolicyFile]) -> Result<Self, PolicyError> {
        let (schema, _warnings) =
            Schema::from_cedarschema_str(SCHEMA).map_err(|error| PolicyError::Faulty(format!("schema: {error}")))?;
        let mut faults = Vec::new();
        let mut policies = PolicySet::new();
        let mut texts = Vec::new();
        for file in files {
            if let Err(fault) = add_file(file, &mut policies, &mut texts) {
                faults.push(fault);
            }
        }
        let result = Validator::new(schema).validate(&policies, ValidationMode::Strict);
        faults.extend(result.validation_errors().map(ToString::to_string));
        faults.extend(result.validation_warnings().map(ToString::to_string));
        if !faults.is_empty() {
            return Err(PolicyError::Faulty(faults.join("; ")));
        }
        let types = Types::parse()?;
        let actions = Action::ALL
            .iter()
            .map(|action| Ok((*action, action_uid(*action)?)))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            policies,
            authorizer: Authorizer::new(),
            types,
            actions,
            texts,
            version: digest(files),
        })
    }

    pub(super) fn version(&self) -> &str {
        &self.version
    }

    pub(super) fn texts(&self) -> &[PolicyText] {
        &self.texts
    }

    /// One decision. Anything that cannot even be asked (a unit not in force, a faulty entity) is a no.
    pub(super) fn decide(&self, tree: &UnitTree, who: &Principal, action: Action, resource: &Resource) -> bool {
        self.ask(tree, who, action, resource).unwrap_or(false)
    }

    fn ask(&self, tree: &UnitTree, who: &Principal, action: Action, resource: &Resource) -> Option<bool> {
        let mut entities = HashMap::new();
        let principal = self.principal(who, &mut entities)?;
        let matter = self.matter(tree, resource, &mut entities)?;
        let entities = Entities::from_entities(entities.into_values(), None).ok()?;
        let action = self.actions.get(&action)?.clone();
        let request = Request::new(principal, action, matter, Context::empty(), None).ok()?;
        let response = self.authorizer.is_authorized(&request, &self.policies, &entities);
        // An error in a policy's evaluation must not pass as silence of that policy.
        Some(response.decision() == Decision::Allow && response.diagnostics().errors().next().is_none())
    }

    fn principal(&self, who: &Principal, entities: &mut HashMap<EntityUid, Entity>) -> Option<EntityUid> {
        match who {
            Principal::Citizen { person } => {
                let id = uid(&self.types.citizen, &person.to_string());
                entities.insert(id.clone(), Entity::new_no_attrs(id.clone(), HashSet::new()));
                Some(id)
            }
            Principal::Officer { account, role, unit } => {
                let id = uid(&self.types.officer, &account.to_string());
                let role = uid(&self.types.role, role.name());
                let unit = uid(&self.types.unit, &unit.to_string());
                let attributes = HashMap::from([("unit".to_owned(), RestrictedExpression::new_entity_uid(unit))]);
                let officer = Entity::new(id.clone(), attributes, HashSet::from([role.clone()])).ok()?;
                entities.insert(role.clone(), Entity::new_no_attrs(role, HashSet::new()));
                entities.insert(id.clone(), officer);
                Some(id)
            }
        }
    }

    fn matter(
        &self,
        tree: &UnitTree,
        resource: &Resource,
        entities: &mut HashMap<EntityUid, Entity>,
    ) -> Option<EntityUid> {
        let at: Vec<UnitId> = if resource.system {
            tree.roots().collect()
        } else {
            resource.units.clone()
        };
        let mut parents = HashSet::new();
        for unit in at {
            let chain = tree.chain(unit);
            for (index, above) in chain.iter().enumerate() {
                let id = uid(&self.types.unit, &above.to_string());
                let parent = chain
                    .get(index + 1)
                    .map(|next| uid(&self.types.unit, &next.to_string()));
                entities.insert(id.clone(), Entity::new_no_attrs(id, parent.into_iter().collect()));
            }
            if !chain.is_empty() {
                parents.insert(uid(&self.types.unit, &unit.to_string()));
            }
        }
        let mut attributes = HashMap::from([("state".to_owned(), RestrictedExpression::new_long(resource.state))]);
        if let Some(owner) = resource.owner {
            let owner = uid(&self.types.citizen, &owner.to_string());
            attributes.insert("owner".to_owned(), RestrictedExpression::new_entity_uid(owner));
        }
        let id = uid(&self.types.matter, "asked");
        entities.insert(id.clone(), Entity::new(id.clone(), attributes, parents).ok()?);
        Some(id)
    }

    /// The states in which the role may act at its own unit: below it no more are permitted, by the template shape.
    pub(super) fn states_permitted(&self, who: &Principal, action: Action) -> Vec<i64> {
        let Principal::Officer { unit, .. } = who else {
            return Vec::new();
        };
        let alone = UnitTree::new([(*unit, None)]);
        let permitted = |state: &i64| {
            let resource = Resource {
                units: vec![*unit],
                state: *state,
                ..Resource::default()
            };
            self.decide(&alone, who, action, &resource)
        };
        // All states of one policy shape reach the same units, so the first permitted state stands for all.
        STATES.filter(permitted).take(1).collect()
    }
}

impl Types {
    fn parse() -> Result<Self, PolicyError> {
        let name = |text: &str| EntityTypeName::from_str(text).map_err(|error| PolicyError::Faulty(error.to_string()));
        Ok(Self {
            role: name("Role")?,
            unit: name("Unit")?,
            officer: name("Officer")?,
            citizen: name("Citizen")?,
            matter: name("Matter")?,
        })
    }
}

fn uid(kind: &EntityTypeName, id: &str) -> EntityUid {
    EntityUid::from_type_name_and_id(kind.clone(), EntityId::new(id))
}

fn action_uid(action: Action) -> Result<EntityUid, PolicyError> {
    EntityUid::from_str(&format!("Action::\"{}\"", action.name()))
        .map_err(|error| PolicyError::Faulty(error.to_string()))
}

fn digest(files: &[PolicyFile]) -> String {
    let mut context = ring::digest::Context::new(&ring::digest::SHA256);
    context.update(SCHEMA.as_bytes());
    for file in files {
        context.update(file.name.as_bytes());
        context.update(file.text.as_bytes());
    }
    hex::encode(context.finish())
}

/// Parses one file, names each policy by its `@id`, and holds it to the template shape.
fn add_file(file: &PolicyFile, set: &mut PolicySet, texts: &mut Vec<PolicyText>) -> Result<(), String> {
    let parsed = PolicySet::from_str(file.text).map_err(|error| format!("{}: {error}", file.name))?;
    if parsed.templates().next().is_some() {
        return Err(format!("{}: templates with slots are not of the shape", file.name));
    }
    for policy in parsed.policies() {
        let text = describe(policy).ok_or_else(|| format!("{}: a policy lacks @id, @vi or @en", file.name))?;
        check_shape(policy).map_err(|fault| format!("{}: {}: {fault}", file.name, text.id))?;
        let named = policy.new_id(PolicyId::new(&text.id));
        set.add(named).map_err(|error| format!("{}: {error}", file.name))?;
        texts.push(text);
    }
    Ok(())
}

fn describe(policy: &CedarPolicy) -> Option<PolicyText> {
    let word = |key| {
        policy
            .annotation(key)
            .filter(|text: &&str| !text.trim().is_empty())
            .map(str::to_owned)
    };
    Some(PolicyText {
        id: word("id")?,
        vi: word("vi")?,
        en: word("en")?,
    })
}

/// The one shape, held on Cedar's own JSON form of the policy.
fn check_shape(policy: &CedarPolicy) -> Result<(), &'static str> {
    let json = policy.to_json().map_err(|_| "cannot be read as JSON")?;
    if json["effect"] != "permit" {
        return Err("only permit: what is not permitted is forbidden");
    }
    // Cedar writes a list of one action as that action.
    let action = &json["action"];
    if action["op"] != "in" || (!action["entities"].is_array() && !action["entity"].is_object()) {
        return Err("actions must be a list");
    }
    if json["resource"]["op"] != "All" {
        return Err("the resource stands alone in the head");
    }
    let conditions = json["conditions"].as_array().ok_or("no condition")?;
    let [condition] = conditions.as_slice() else {
        return Err("exactly one when");
    };
    if condition["kind"] != "when" {
        return Err("exactly one when");
    }
    let role = json["principal"]["op"] == "in" && json["principal"]["entity"]["type"] == "Role";
    let citizen = json["principal"]["op"] == "is" && json["principal"]["entity_type"] == "Citizen";
    let body = &condition["body"];
    match (role, citizen) {
        (true, false) if is_subtree(body) => Ok(()),
        (true, false) if is_subtree(&body["&&"]["left"]) && is_state_list(&body["&&"]["right"]) => Ok(()),
        (true, false) => Err("a role's condition is `resource in principal.unit`, then perhaps a list of states"),
        (false, true) if body["&&"]["right"]["=="]["left"]["."]["attr"] == "owner" => Ok(()),
        (false, true) => Err("a citizen's condition is that the matter is her own"),
        _ => Err("the principal is a role, or a citizen"),
    }
}

fn is_subtree(body: &serde_json::Value) -> bool {
    body["in"]["left"]["Var"] == "resource"
        && body["in"]["right"]["."]["left"]["Var"] == "principal"
        && body["in"]["right"]["."]["attr"] == "unit"
}

fn is_state_list(body: &serde_json::Value) -> bool {
    body["contains"]["left"]["Set"].is_array() && body["contains"]["right"]["."]["attr"] == "state"
}
