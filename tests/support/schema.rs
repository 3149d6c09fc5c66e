//! docs/report.schema.json against values: the part of JSON Schema (draft 2020-12) that it uses, and a refusal of any other.
#![allow(dead_code, unreachable_pub, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

use std::collections::BTreeSet;

use serde_json::Value;

/// The committed schema.
pub struct Schema(Value);

const TEXT: &str = include_str!("../../docs/report.schema.json");

impl Schema {
    pub fn new() -> Self {
        Self(serde_json::from_str(TEXT).unwrap())
    }

    /// What is wrong with a whole line of `--json`; nothing if it fits.
    pub fn complaints(&self, value: &Value) -> Vec<String> {
        self.check(&self.0, value, "")
    }

    /// The same of something that the schema names: `report`, `verdict`.
    pub fn complaints_of(&self, name: &str, value: &Value) -> Vec<String> {
        self.check(&self.0["$defs"][name], value, "")
    }

    /// The words that stand at a place of the schema (a JSON Pointer) as `enum`.
    pub fn words(&self, place: &str) -> BTreeSet<String> {
        let list = self.0.pointer(place).and_then(|one| one["enum"].as_array());
        let list = list.unwrap_or_else(|| panic!("no enum at {place}"));
        list.iter().map(|one| one.as_str().unwrap().to_owned()).collect()
    }

    fn check(&self, schema: &Value, value: &Value, at: &str) -> Vec<String> {
        let mut wrong = Vec::new();
        for (keyword, rule) in schema.as_object().unwrap() {
            match keyword.as_str() {
                "$schema" | "$defs" | "title" | "description" | "required" | "additionalProperties" => {}
                "$ref" => {
                    let name = rule.as_str().unwrap().strip_prefix('#').unwrap();
                    wrong.extend(self.check(self.0.pointer(name).unwrap(), value, at));
                }
                "type" if !is_of(value, rule.as_str().unwrap()) => {
                    wrong.push(format!("{at}: no {rule}: {value}"))
                }
                "type" => {}
                "const" if rule != value => wrong.push(format!("{at}: not {rule}: {value}")),
                "const" => {}
                "enum" if !rule.as_array().unwrap().contains(value) => wrong.push(format!("{at}: {value}")),
                "enum" => {}
                "minimum" => {
                    assert_eq!(rule, 0, "no other is used");
                    if value.as_u64().is_none() {
                        wrong.push(format!("{at}: {value}"));
                    }
                }
                "oneOf" => wrong.extend(self.one_of(rule.as_array().unwrap(), value, at)),
                "properties" => wrong.extend(self.members(schema, value, at)),
                "items" | "prefixItems" | "minItems" | "maxItems" => {}
                other => panic!("the schema uses {other}"),
            }
        }
        if let Some(list) = value.as_array() {
            wrong.extend(self.elements(schema, list, at));
        }
        wrong
    }

    fn one_of(&self, choices: &[Value], value: &Value, at: &str) -> Vec<String> {
        let all: Vec<Vec<String>> = choices.iter().map(|choice| self.check(choice, value, at)).collect();
        match all.iter().filter(|wrong| wrong.is_empty()).count() {
            1 => Vec::new(),
            0 => all.concat(),
            _ => vec![format!("{at}: fits several")],
        }
    }

    fn members(&self, schema: &Value, value: &Value, at: &str) -> Vec<String> {
        assert_eq!(schema["additionalProperties"], false, "at {at}");
        let known = schema["properties"].as_object().unwrap();
        let Some(members) = value.as_object() else { return vec![format!("{at}: no object")] };
        let required = schema["required"].as_array().unwrap().iter().map(|name| name.as_str().unwrap());
        let missing = required.filter(|name| !members.contains_key(*name));
        let mut wrong: Vec<String> = missing.map(|name| format!("{at}/{name} is missing")).collect();
        for (name, value) in members {
            match known.get(name) {
                Some(schema) => wrong.extend(self.check(schema, value, &format!("{at}/{name}"))),
                None => wrong.push(format!("{at}/{name} is not in the schema")),
            }
        }
        wrong
    }

    fn elements(&self, schema: &Value, list: &[Value], at: &str) -> Vec<String> {
        let fixed = schema["prefixItems"].as_array().map(Vec::as_slice).unwrap_or_default();
        let bound = |name: &str| schema[name].as_u64().and_then(|count| usize::try_from(count).ok());
        let (least, most) = (bound("minItems").unwrap_or(0), bound("maxItems").unwrap_or(usize::MAX));
        if !(least..=most).contains(&list.len()) {
            return vec![format!("{at}: {} elements", list.len())];
        }
        let rules = fixed.iter().chain(std::iter::repeat(&schema["items"]));
        let check = |(index, (value, rule)): (usize, (&Value, &Value))| match rule {
            Value::Object(_) => self.check(rule, value, &format!("{at}/{index}")),
            Value::Null => Vec::new(),
            _ => vec![format!("{at}/{index}: one too many")],
        };
        list.iter().zip(rules).enumerate().flat_map(check).collect()
    }
}

fn is_of(value: &Value, kind: &str) -> bool {
    match kind {
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_u64() || value.is_i64(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        "null" => value.is_null(),
        other => panic!("the schema uses {other}"),
    }
}
