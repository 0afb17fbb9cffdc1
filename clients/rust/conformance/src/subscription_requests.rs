//! Requests about durable subscriptions.

use playhead::{
    CreateSubscriptionOptions, DurableSubscription, Error, Position, RedriveOptions, SeekTarget,
    SubscriptionInfo,
};
use serde_json::{Value, json};

use crate::driver::{Begun, Driver, later};
use crate::fault::Fault;
use crate::fields::{Fields, base64};
use crate::forms::{subscription_json, to_position, to_subscription_config};

impl Driver {
    pub(crate) fn begin_subscription(&self, operation: &str, request: &Fields) -> Begun {
        match operation {
            "createSubscription" => {
                let durable = self.durable(request)?;
                let config = to_subscription_config(request)?;
                let mut options = CreateSubscriptionOptions::new().config(config);
                if let Some(from) = to_position(request, "from")? {
                    options = options.from(from);
                }
                if request.is_true("createTopic") {
                    options = options.create_topic();
                }
                later(async move { answer(durable.create(options).await) })
            }
            "updateSubscription" => {
                let durable = self.durable(request)?;
                let config = to_subscription_config(request)?;
                later(async move { answer(durable.update(config).await) })
            }
            "getSubscription" => {
                let durable = self.durable(request)?;
                later(async move { answer(durable.info().await) })
            }
            "seekSubscription" => {
                let durable = self.durable(request)?;
                let target = to_target(request)?;
                later(async move { answer(durable.seek(target).await) })
            }
            "deleteSubscription" => {
                let durable = self.durable(request)?;
                later(async move {
                    durable.delete().await?;
                    Ok(json!({}))
                })
            }
            "snapshotSubscription" => {
                let durable = self.durable(request)?;
                later(async move { Ok(json!({ "snapshot": base64(&durable.snapshot().await?) })) })
            }
            "redrive" => {
                let durable = self.durable(request)?;
                let to = request.optional_text("to").unwrap_or_default();
                let limit = request.number("limit").unwrap_or(0);
                let options = RedriveOptions::new().to(to).limit(limit);
                later(async move { Ok(json!({ "messageCount": durable.redrive(options).await? })) })
            }
            "listSubscriptions" => {
                let mut list = self
                    .client(request)?
                    .subscriptions()
                    .list(request.text("topic")?);
                later(async move {
                    let mut names = Vec::new();
                    while let Some(info) = list.next().await? {
                        names.push(info.subscription);
                    }
                    Ok(json!({ "subscriptions": names }))
                })
            }
            _ => Ok(None),
        }
    }

    /// The durable subscription that a request is for.
    pub(crate) fn durable(&self, request: &Fields) -> Result<DurableSubscription, Fault> {
        let client = self.client(request)?;
        Ok(client.subscription(request.text("topic")?, request.text("subscription")?))
    }
}

fn to_target(request: &Fields) -> Result<SeekTarget, Fault> {
    let to = request.object("to");
    if to.has("snapshot") {
        return Ok(SeekTarget::Snapshot(to.bytes("snapshot")?.into()));
    }
    let position = to_position(request, "to")?;
    Ok(position.unwrap_or(Position::Latest).into())
}

fn answer(outcome: Result<SubscriptionInfo, Error>) -> Result<Value, Fault> {
    Ok(subscription_json(&outcome?))
}
