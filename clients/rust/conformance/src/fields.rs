//! The fields of a request.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::fault::Fault;

/// The fields of a request, or of an object in one.
#[derive(Debug, Clone)]
pub(crate) struct Fields(Value);

impl Fields {
    pub(crate) const fn new(value: Value) -> Self {
        Self(value)
    }

    /// The field as it is; null if it is not there.
    pub(crate) fn get(&self, name: &str) -> &Value {
        &self.0[name]
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        !self.get(name).is_null()
    }

    pub(crate) fn text(&self, name: &str) -> Result<&str, Fault> {
        let text = self.get(name).as_str();
        text.ok_or_else(|| Fault::Driver(format!("{name} is no text in {}", self.0)))
    }

    pub(crate) fn optional_text(&self, name: &str) -> Option<&str> {
        self.get(name).as_str()
    }

    pub(crate) fn is_true(&self, name: &str) -> bool {
        self.get(name).as_bool().unwrap_or(false)
    }

    pub(crate) fn number<N: TryFrom<u64>>(&self, name: &str) -> Option<N> {
        self.get(name).as_u64()?.try_into().ok()
    }

    pub(crate) fn milliseconds(&self, name: &str) -> Option<Duration> {
        let ms = self.get(name).as_f64()?;
        Some(Duration::from_secs_f64(ms / 1000.0))
    }

    /// A timestamp: a decimal string of nanoseconds.
    pub(crate) fn timestamp_ns(&self, name: &str) -> Result<i64, Fault> {
        let text = self.text(name)?;
        let parsed = text.parse();
        parsed.map_err(|_| Fault::Driver(format!("{name} is no timestamp: {text}")))
    }

    /// Bytes in base64; none of what is not there.
    pub(crate) fn bytes(&self, name: &str) -> Result<Vec<u8>, Fault> {
        let text = self.get(name).as_str().unwrap_or_default();
        let decoded = STANDARD.decode(text);
        decoded.map_err(|error| Fault::Driver(format!("{name} is no base64: {error}")))
    }

    pub(crate) fn list(&self, name: &str) -> Vec<Self> {
        let list = self.get(name).as_array().cloned().unwrap_or_default();
        list.into_iter().map(Self).collect()
    }

    pub(crate) fn object(&self, name: &str) -> Self {
        Self(self.get(name).clone())
    }
}

pub(crate) fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}
