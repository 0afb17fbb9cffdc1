//! Requests that read.

use std::sync::Arc;

use playhead::{Error, ReadOptions, SubscribeOptions, Subscription};
use serde_json::json;

use crate::driver::{Begun, Driver, later};
use crate::fields::Fields;
use crate::forms::{page_json, to_position, to_until};
use crate::reader::Reader;

impl Driver {
    pub(crate) fn begin_reading(&self, operation: &str, request: &Fields) -> Begun {
        match operation {
            "read" => self.begin_read(request),
            "subscribe" => {
                let client = self.client(request)?;
                let mut options = SubscribeOptions::new();
                if let Some(from) = to_position(request, "from")? {
                    options = options.from(from);
                }
                if let Some(until) = to_until(request)? {
                    options = options.until(until);
                }
                if let Some(limit) = request.number("limit") {
                    options = options.limit(limit);
                }
                self.open_reader(request, client.subscribe(request.text("topic")?, options))
            }
            "readChannel" => {
                let channel = self.channels.get(request.text("channel")?)?;
                let mut options = SubscribeOptions::new();
                if let Some(from) = to_position(request, "from")? {
                    options = options.from(from);
                }
                self.open_reader(request, channel.subscribe(options))
            }
            "next" => {
                let reader = self.readers.get(request.text("subscription")?)?;
                let count = request.number("count").unwrap_or(1);
                let with_caught_up = request.is_true("events");
                later(
                    async move { Ok(json!({ "items": reader.next(count, with_caught_up).await })) },
                )
            }
            "unsubscribe" => {
                let reader = self.readers.get(request.text("subscription")?)?;
                later(async move {
                    reader.close().await;
                    Ok(json!({}))
                })
            }
            "verify" => {
                let reader = self.readers.get(request.text("subscription")?)?;
                later(async move { reader.verify().await })
            }
            _ => Ok(None),
        }
    }

    fn begin_read(&self, request: &Fields) -> Begun {
        let client = self.client(request)?;
        let topic = request.text("topic")?.to_owned();
        let mut options = ReadOptions::new();
        if let Some(from) = to_position(request, "from")? {
            options = options.from(from);
        }
        if let Some(until) = to_until(request)? {
            options = options.until(until);
        }
        if let Some(limit) = request.number("limit") {
            options = options.limit(limit);
        }
        if let Some(bytes) = request.number("maxBytes") {
            options = options.max_bytes(bytes);
        }
        later(async move { Ok(page_json(&client.read(&topic, options).await?)) })
    }

    fn open_reader(&self, request: &Fields, opened: Result<Subscription, Error>) -> Begun {
        let reader = Arc::new(Reader::new(opened?));
        self.readers.set(request.text("as")?, Arc::clone(&reader));
        later(async move { reader.started().await })
    }
}
