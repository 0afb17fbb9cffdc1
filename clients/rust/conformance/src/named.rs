//! What requests have made, by its name.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::fault::Fault;

/// What requests have made, by its name.
#[derive(Debug)]
pub(crate) struct Named<T> {
    kind: &'static str,
    things: Mutex<HashMap<String, T>>,
}

impl<T: Clone> Named<T> {
    pub(crate) fn new(kind: &'static str) -> Self {
        Self {
            kind,
            things: Mutex::default(),
        }
    }

    pub(crate) fn set(&self, name: &str, thing: T) {
        self.things().insert(name.to_owned(), thing);
    }

    pub(crate) fn get(&self, name: &str) -> Result<T, Fault> {
        let thing = self.things().get(name).cloned();
        thing.ok_or_else(|| Fault::Driver(format!("there is no {} {name}", self.kind)))
    }

    pub(crate) fn all(&self) -> Vec<T> {
        self.things().values().cloned().collect()
    }

    pub(crate) fn count(&self) -> usize {
        self.things().len()
    }

    fn things(&self) -> MutexGuard<'_, HashMap<String, T>> {
        self.things.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
