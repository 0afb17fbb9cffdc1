//! Requests that publish.

use std::sync::Arc;

use playhead::{CloseOptions, PublisherOptions, Receipt};
use serde_json::{Value, json};

use crate::driver::{Begun, Driver, done, later};
use crate::fault::Fault;
use crate::fields::Fields;
use crate::forms::{closed_json, to_messages};

impl Driver {
    pub(crate) fn begin_publishing(&self, operation: &str, request: &Fields) -> Begun {
        match operation {
            "openPublisher" => {
                let mut options = PublisherOptions::new();
                if let Some(name) = request.optional_text("name") {
                    options = options.name(name);
                }
                let publisher = self
                    .client(request)?
                    .publisher(request.text("topic")?, options)?;
                self.publishers
                    .set(request.text("as")?, Arc::new(publisher));
                done()
            }
            "publish" => self.begin_publish(request),
            "flush" | "closePublisher" => {
                let publisher = self.publishers.get(request.text("publisher")?)?;
                let is_last = operation == "closePublisher";
                later(async move {
                    if is_last {
                        publisher.close().await?;
                    } else {
                        publisher.flush().await?;
                    }
                    Ok(json!({}))
                })
            }
            "openChannel" => {
                let channel = self.client(request)?.channel(request.text("name")?);
                self.channels.set(request.text("as")?, channel);
                done()
            }
            "writeChannel" => {
                let channel = self.channels.get(request.text("channel")?)?;
                let messages = to_messages(request)?.into_iter();
                let receipts = messages.map(|message| channel.publish(message)).collect();
                published(request, receipts)
            }
            "closeChannel" => {
                let channel = self.channels.get(request.text("channel")?)?;
                let reason = request.optional_text("reason").unwrap_or_default();
                let options = CloseOptions::new().reason(reason);
                let messages = to_messages(request)?.into_iter();
                let options = messages.fold(options, CloseOptions::message);
                later(async move { Ok(closed_json(&channel.close(options).await?)) })
            }
            "deleteChannel" => {
                let client = self.client(request)?;
                let name = request.text("name")?.to_owned();
                later(async move {
                    client.delete_channel(&name).await?;
                    Ok(json!({}))
                })
            }
            _ => Ok(None),
        }
    }

    fn begin_publish(&self, request: &Fields) -> Begun {
        let publisher = self.publishers.get(request.text("publisher")?)?;
        let messages = to_messages(request)?.into_iter();
        let receipts = if request.has("expectedLastTimestampNs") {
            let expected_ns = request.timestamp_ns("expectedLastTimestampNs")?;
            messages
                .map(|message| publisher.publish_after(expected_ns, message))
                .collect()
        } else {
            messages.map(|message| publisher.publish(message)).collect()
        };
        published(request, receipts)
    }
}

/// What was handed over, which nobody waits for if the request says so.
fn published(request: &Fields, receipts: Vec<Receipt<i64>>) -> Begun {
    if request.is_true("unwaited") {
        return done();
    }
    later(timestamps(receipts))
}

/// Waits for all. The first error, in their order.
async fn timestamps(receipts: Vec<Receipt<i64>>) -> Result<Value, Fault> {
    let mut timestamps_ns = Vec::new();
    for outcome in futures_util::future::join_all(receipts).await {
        timestamps_ns.push(outcome?.to_string());
    }
    Ok(json!({ "timestampsNs": timestamps_ns }))
}
