//! Does what requests ask for.

use std::future::{Future, ready};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use playhead::{Channel, Client, Delivery, Publisher, Tls};
use serde_json::{Value, json};

use crate::fault::Fault;
use crate::fields::Fields;
use crate::forms::server_info_json;
use crate::named::Named;
use crate::reader::Reader;
use crate::worker::Worker;

/// How long everything may take to close at the end.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);

/// What is left to do of a request that was begun.
pub(crate) type Work = Pin<Box<dyn Future<Output = Result<Value, Fault>> + Send>>;

/// What was begun; none if the operation is somebody else's.
pub(crate) type Begun = Result<Option<Work>, Fault>;

/// Does what requests ask for, with what earlier ones have made.
#[derive(Debug)]
pub(crate) struct Driver {
    clients: Named<Client>,
    pub(crate) publishers: Named<Arc<Publisher>>,
    pub(crate) channels: Named<Channel>,
    pub(crate) readers: Named<Arc<Reader>>,
    pub(crate) workers: Named<Arc<Worker>>,
    pub(crate) deliveries: Arc<Named<Arc<Delivery>>>,
}

impl Driver {
    pub(crate) fn new() -> Self {
        Self {
            clients: Named::new("client"),
            publishers: Named::new("publisher"),
            channels: Named::new("channel"),
            readers: Named::new("subscription"),
            workers: Named::new("consumption"),
            deliveries: Arc::new(Named::new("delivery")),
        }
    }

    /// Hands over what there is to hand over, so that requests are begun in the order of the calls.
    pub(crate) fn begin(&self, request: &Fields) -> Work {
        match self.try_begin(request) {
            Ok(Some(work)) => work,
            Ok(None) => {
                let text = format!("there is no operation {}", request.get("op"));
                Box::pin(ready(Err(Fault::Driver(text))))
            }
            Err(fault) => Box::pin(ready(Err(fault))),
        }
    }

    pub(crate) async fn close(&self) {
        let clients = self.clients.all();
        let closing = clients.iter().map(Client::close);
        // What is not flushed by then, nobody has waited for.
        let _ = tokio::time::timeout(CLOSE_TIMEOUT, futures_util::future::join_all(closing)).await;
    }

    /// The client that a request is for.
    pub(crate) fn client(&self, request: &Fields) -> Result<Client, Fault> {
        self.clients.get(request.text("client")?)
    }

    fn try_begin(&self, request: &Fields) -> Begun {
        let operation = request.text("op")?.to_owned();
        let families = [
            Self::begin_client,
            Self::begin_topic,
            Self::begin_publishing,
            Self::begin_reading,
            Self::begin_subscription,
            Self::begin_consuming,
        ];
        for family in families {
            if let Some(work) = family(self, &operation, request)? {
                return Ok(Some(work));
            }
        }
        Ok(None)
    }

    fn begin_client(&self, operation: &str, request: &Fields) -> Begun {
        match operation {
            "connect" => {
                self.clients.set(request.text("as")?, connect(request)?);
                done()
            }
            "disconnect" => {
                let client = self.client(request)?;
                later(async move {
                    client.close().await?;
                    Ok(json!({}))
                })
            }
            "serverInfo" => {
                let client = self.client(request)?;
                later(async move { Ok(server_info_json(&client.server_info().await?)) })
            }
            _ => Ok(None),
        }
    }
}

/// What is answered when this is done.
pub(crate) fn later(work: impl Future<Output = Result<Value, Fault>> + Send + 'static) -> Begun {
    Ok(Some(Box::pin(work)))
}

/// It is done already.
pub(crate) fn done() -> Begun {
    later(ready(Ok(json!({}))))
}

fn connect(request: &Fields) -> Result<Client, Fault> {
    let addresses = request.get("addresses").as_array().cloned();
    let addresses = addresses.unwrap_or_default();
    let mut builder = Client::builder(addresses.iter().filter_map(Value::as_str));
    if let Some(limit) = request.milliseconds("giveUpAfterMs") {
        builder = builder.give_up_after(limit);
    }
    if let Some(timeout) = request.milliseconds("requestTimeoutMs") {
        builder = builder.request_timeout(timeout);
    }
    if request.has("tls") {
        builder = builder.tls(tls_of(&request.object("tls"))?);
    }
    Ok(builder.build()?)
}

fn tls_of(files: &Fields) -> Result<Tls, Fault> {
    let mut tls = Tls::new();
    if let Some(pem) = pem(files, "caFile")? {
        tls = tls.ca_certificate(pem);
    }
    if let (Some(certificate), Some(key)) = (pem(files, "certFile")?, pem(files, "keyFile")?) {
        tls = tls.client_certificate(certificate, key);
    }
    Ok(tls)
}

/// What is in a file; none if the request names none.
fn pem(files: &Fields, name: &str) -> Result<Option<Vec<u8>>, Fault> {
    let Some(path) = files.optional_text(name) else {
        return Ok(None);
    };
    let read = std::fs::read(path);
    read.map(Some)
        .map_err(|error| Fault::Driver(format!("{path}: {error}")))
}
