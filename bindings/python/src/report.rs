//! What was seen, as plain data. The package makes dataclasses of it.

use mailseal::policy::{path_text, step_text};
use mailseal::report::{Code, Evidence, FetchPurpose, RejectedPath, Source, Step};
use mailseal::{Claim, Report, UnixTime};
use pyo3::exceptions::{PyRuntimeError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyList};
use serde_json::{Map, Value, json as value};

use crate::certificate::Certificate;
use crate::python;

/// The report as the library has it, which a dataclass `Report` keeps for Policy.judge.
#[pyclass(frozen, module = "mailseal", name = "_Seen")]
pub(crate) struct Seen(pub(crate) Report);

#[pymethods]
impl Seen {
    /// As JSON, in one line: that of `mailseal verify --json`.
    fn to_json(&self) -> PyResult<String> {
        json(&self.0)
    }
}

impl Seen {
    /// Of a dataclass.
    pub(crate) fn of<'py>(report: &Bound<'py, PyAny>) -> PyResult<Bound<'py, Self>> {
        let class = report.get_type();
        let none = || PyTypeError::new_err(format!("wanted a mailseal.Report, not {class}"));
        let seen = report.getattr("_seen").map_err(|_| none())?;
        if seen.is_none() {
            return Err(PyValueError::new_err("a report that was pickled can be read, but not judged"));
        }
        seen.cast_into::<Self>().map_err(|_| none())
    }
}

/// All codes of findings, each with its severity.
#[pyfunction]
pub(crate) fn codes<'py>(py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
    let known: Map<String, Value> =
        Code::ALL.iter().map(|code| (code.as_str().to_owned(), value!(code.severity()))).collect();
    object(py, &Value::Object(known))
}

/// A report as a dataclass.
pub(crate) fn whole(py: Python<'_>, report: &Report) -> PyResult<Py<PyAny>> {
    let mut data = serde_json::to_value(report).map_err(unwritable)?;
    add(&mut data, report);
    let seen = Bound::new(py, Seen(report.clone()))?;
    let data = object(py, &data)?;
    for (data, want) in data.get_item("wants")?.try_iter()?.zip(&report.wants) {
        // Octets, which JSON does not have.
        data?.set_item("body", PyBytes::new(py, &want.body))?;
    }
    python::build(py, "report")?.call1((seen, data)).map(Bound::unbind)
}

/// Something that serialises, as the dataclass that a function of the package makes of it.
pub(crate) fn data<'py>(
    py: Python<'py>,
    function: &str,
    data: &impl serde::Serialize,
) -> PyResult<Bound<'py, PyAny>> {
    let data = serde_json::to_value(data).map_err(unwritable)?;
    python::build(py, function)?.call1((object(py, &data)?,))
}

/// Something that serialises, as dictionaries and lists.
pub(crate) fn plain<'py>(py: Python<'py>, data: &impl serde::Serialize) -> PyResult<Bound<'py, PyAny>> {
    object(py, &serde_json::to_value(data).map_err(unwritable)?)
}

/// A claim to an address.
pub(crate) fn claim<'py>(py: Python<'py>, claim: &Claim, at: UnixTime) -> PyResult<Bound<'py, PyAny>> {
    let paths: Vec<Value> = claim.belief.evidence.iter().map(|path| evidence(path, at)).collect();
    let rejected: Vec<Value> = claim.belief.rejected.iter().map(|path| failed(path, at)).collect();
    let data = value!({
        "trust": claim.belief.trust,
        "evidence": paths,
        "rejected": rejected,
        "problem": claim.problem.as_ref().map(ToString::to_string),
    });
    let certificate = Certificate(claim.certificate.clone());
    python::build(py, "claim")?.call1((certificate, object(py, &data)?))
}

/// As the enumeration of the package.
pub(crate) fn purpose(py: Python<'_>, purpose: FetchPurpose) -> PyResult<Bound<'_, PyAny>> {
    let name = object(py, &value!(purpose))?;
    python::build(py, "FetchPurpose")?.call1((name,))
}

/// As JSON.
pub(crate) fn json(data: &impl serde::Serialize) -> PyResult<String> {
    serde_json::to_string(data).map_err(unwritable)
}

fn unwritable(error: serde_json::Error) -> PyErr {
    PyRuntimeError::new_err(error.to_string())
}

/// What is not in the JSON: words, and what the steps of a path are beside their names.
fn add(data: &mut Value, report: &Report) {
    let wants = data.get_mut("wants").and_then(Value::as_array_mut);
    for (data, want) in wants.into_iter().flatten().zip(&report.wants) {
        set(data, "max_bytes", value!(want.max_bytes));
    }
    let layers = data.get_mut("layers").and_then(Value::as_array_mut);
    let mut signed = report.signed_layers();
    for (data, layer) in layers.into_iter().flatten().zip(&report.layers) {
        set(data, "text", value!(layer.to_string()));
        let Some(signatures) = data.get_mut("signatures").and_then(Value::as_array_mut) else { continue };
        let layer = signed.next().map(|layer| layer.signatures.as_slice()).unwrap_or_default();
        for (data, signature) in signatures.iter_mut().zip(layer) {
            let paths: Vec<Value> = signature.evidence.iter().map(|path| evidence(path, report.at)).collect();
            let rejected: Vec<Value> =
                signature.rejected.iter().map(|path| failed(path, report.at)).collect();
            set(data, "evidence", Value::Array(paths));
            set(data, "rejected", Value::Array(rejected));
        }
    }
}

fn evidence(path: &Evidence, at: UnixTime) -> Value {
    let mut data = value!(path);
    set(&mut data, "steps", path.steps().iter().map(|one| step(one, at)).collect());
    set(&mut data, "texts", texts(|language| path_text(path, at, language)));
    data
}

fn failed(path: &RejectedPath, at: UnixTime) -> Value {
    let mut data = value!(path);
    set(&mut data, "steps", path.steps.iter().map(|one| step(one, at)).collect());
    data
}

fn step(step: &Step, at: UnixTime) -> Value {
    let (source, url) = match &step.source {
        Source::Fetched(url) => (value!("fetched"), Some(url)),
        other => (value!(other), None),
    };
    value!({
        "name": step.name,
        "fingerprint": step.fingerprint,
        "not_before": step.not_before,
        "not_after": step.not_after,
        "source": source,
        "url": url,
        "checks": step.checks,
        "texts": texts(|language| step_text(step, at, language)),
    })
}

fn texts(text: impl Fn(&str) -> String) -> Value {
    value!({ "en": text("en"), "ja": text("ja") })
}

fn set(data: &mut Value, key: &str, to: Value) {
    if let Some(object) = data.as_object_mut() {
        object.insert(key.to_owned(), to);
    }
}

/// As Python has it.
fn object<'py>(py: Python<'py>, data: &Value) -> PyResult<Bound<'py, PyAny>> {
    Ok(match data {
        Value::Null => py.None().into_bound(py),
        Value::Bool(truth) => truth.into_pyobject(py)?.to_owned().into_any(),
        Value::Number(number) => match (number.as_i64(), number.as_u64()) {
            (Some(number), _) => number.into_pyobject(py)?.into_any(),
            (_, Some(number)) => number.into_pyobject(py)?.into_any(),
            _ => number.as_f64().into_pyobject(py)?.into_any(),
        },
        Value::String(text) => text.into_pyobject(py)?.into_any(),
        Value::Array(items) => {
            let items: PyResult<Vec<_>> = items.iter().map(|item| object(py, item)).collect();
            PyList::new(py, items?)?.into_any()
        }
        Value::Object(fields) => {
            let dict = PyDict::new(py);
            for (name, field) in fields {
                dict.set_item(name, object(py, field)?)?;
            }
            dict.into_any()
        }
    })
}
