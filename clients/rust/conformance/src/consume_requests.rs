//! Requests that consume.

use std::sync::Arc;

use playhead::{ConsumeOptions, Delivery, PullOptions};
use serde_json::{Value, json};

use crate::driver::{Begun, Driver, done, later};
use crate::fields::Fields;
use crate::forms::{delivery_json, without_nulls};
use crate::named::Named;
use crate::worker::Worker;

impl Driver {
    pub(crate) fn begin_consuming(&self, operation: &str, request: &Fields) -> Begun {
        match operation {
            "consume" => {
                let mut options = ConsumeOptions::new();
                if let Some(deliveries) = request.number("maxInFlight") {
                    options = options.max_in_flight(deliveries);
                }
                if let Some(worker) = request.optional_text("worker") {
                    options = options.worker(worker);
                }
                let consumption = self.durable(request)?.consume(options)?;
                let worker = Arc::new(Worker::new(consumption));
                self.workers.set(request.text("as")?, worker);
                done()
            }
            "deliveries" => {
                let worker = self.workers.get(request.text("consumption")?)?;
                let count = request.number("count").unwrap_or(1);
                let known = Arc::clone(&self.deliveries);
                later(async move {
                    let (deliveries, end) = worker.next(count).await;
                    let deliveries = name(&known, deliveries);
                    Ok(without_nulls(
                        json!({ "deliveries": deliveries, "end": end }),
                    ))
                })
            }
            "closeConsumption" => {
                let worker = self.workers.get(request.text("consumption")?)?;
                later(async move {
                    worker.close().await;
                    Ok(json!({}))
                })
            }
            "pull" => self.begin_pull(request),
            "ack" | "nack" | "extend" | "terminate" => {
                let delivery = self.deliveries.get(request.text("delivery")?)?;
                settle(operation, request, &delivery)
            }
            _ => Ok(None),
        }
    }

    fn begin_pull(&self, request: &Fields) -> Begun {
        let durable = self.durable(request)?;
        let mut options = PullOptions::new();
        if let Some(max) = request.number("limit") {
            options = options.max(max);
        }
        if let Some(wait) = request.milliseconds("waitMs") {
            options = options.wait(wait);
        }
        if let Some(lease) = request.milliseconds("leaseMs") {
            options = options.lease(lease);
        }
        let known = Arc::clone(&self.deliveries);
        later(async move {
            let pulled = durable.pull(options).await?;
            Ok(json!({ "deliveries": name(&known, pulled.deliveries) }))
        })
    }
}

fn settle(operation: &str, request: &Fields, delivery: &Delivery) -> Begun {
    let receipt = match operation {
        "ack" => delivery.ack(),
        "nack" => match request.milliseconds("delayMs") {
            Some(delay) => delivery.nack_after(delay),
            None => delivery.nack(),
        },
        "terminate" => delivery.terminate(request.optional_text("reason").unwrap_or_default()),
        _ => {
            let extending = delivery.extend(request.milliseconds("leaseMs"));
            return later(async move { Ok(extending.await.map(|_| json!({}))?) });
        }
    };
    later(async move { Ok(receipt.await.map(|()| json!({}))?) })
}

/// Gives deliveries names, by which later requests settle them.
fn name(known: &Named<Arc<Delivery>>, deliveries: Vec<Delivery>) -> Value {
    let mut named = Vec::new();
    for delivery in deliveries {
        let name = format!("delivery-{}", known.count() + 1);
        named.push(delivery_json(&name, &delivery));
        known.set(&name, Arc::new(delivery));
    }
    named.into()
}
