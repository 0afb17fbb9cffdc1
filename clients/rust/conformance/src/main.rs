//! The driver of the conformance suite: `test/conformance/README.md` says what it is asked.

mod consume_requests;
mod driver;
mod fault;
mod fields;
mod forms;
mod named;
mod publish_requests;
mod read_requests;
mod reader;
mod subscription_requests;
mod topic_requests;
mod worker;

use std::io::Write;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader, stdin};

use crate::driver::Driver;
use crate::fault::Fault;
use crate::fields::Fields;

/// One thread: requests are begun in the order in which they come.
#[tokio::main(flavor = "current_thread")]
async fn main() -> std::io::Result<()> {
    let driver = Driver::new();
    let mut lines = BufReader::new(stdin()).lines();
    while let Some(line) = lines.next_line().await? {
        let request: Value = serde_json::from_str(&line).unwrap_or_default();
        let id = request["id"].clone();
        let work = driver.begin(&Fields::new(request));
        tokio::spawn(async move { answer(&id, work.await) });
    }
    driver.close().await;
    Ok(())
}

fn answer(id: &Value, outcome: Result<Value, Fault>) {
    let line = match outcome {
        Ok(result) => json!({ "id": id, "result": result }),
        Err(fault) => json!({ "id": id, "error": fault.to_json() }),
    };
    // Whoever does not read has ended, and so will this.
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}
