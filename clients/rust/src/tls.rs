//! Connections over TLS.

use std::sync::Arc;

use tonic::transport::{ClientTlsConfig, Endpoint, Identity};

use crate::error::Error;
use crate::trusted_certificate::TrustedCertificates;

/// How the broker is told from others, and this client from others.
///
/// ```no_run
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use playhead::{Client, Tls};
///
/// let tls = Tls::new()
///     .ca_certificate(std::fs::read("ca.pem")?)
///     .client_certificate(std::fs::read("client.pem")?, std::fs::read("client.key")?);
/// let client = Client::builder(["broker.example:17777"]).tls(tls).build()?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Default)]
pub struct Tls {
    ca_certificates: Vec<Vec<u8>>,
    client: Option<(Vec<u8>, Vec<u8>)>,
    server_name: Option<String>,
}

impl Tls {
    /// Takes a broker whose certificate the operating system's roots vouch for.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes, instead of the system's, roots of one's own: one or more certificates in PEM. The broker's own certificate,
    /// if nobody else has signed it, is one. May be called more than once.
    #[must_use]
    pub fn ca_certificate(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.ca_certificates.push(pem.into());
        self
    }

    /// Shows a certificate to a broker that asks for one: the certificate, with those between it and the root, and its
    /// key, both in PEM.
    #[must_use]
    pub fn client_certificate(
        mut self,
        certificate_pem: impl Into<Vec<u8>>,
        key_pem: impl Into<Vec<u8>>,
    ) -> Self {
        self.client = Some((certificate_pem.into(), key_pem.into()));
        self
    }

    /// The name that the broker's certificate must have, if it is not the host of the address.
    #[must_use]
    pub fn server_name(mut self, name: impl Into<String>) -> Self {
        self.server_name = Some(name.into());
        self
    }

    pub(crate) fn apply(&self, endpoint: Endpoint) -> Result<Endpoint, Error> {
        let mut config = ClientTlsConfig::new();
        if let Some((certificate, key)) = &self.client {
            config = config.identity(Identity::from_pem(certificate, key));
        }
        if let Some(name) = &self.server_name {
            config = config.domain_name(name);
        }
        let applied = if self.ca_certificates.is_empty() {
            endpoint.tls_config(config.with_native_roots())
        } else {
            let verifier = TrustedCertificates::new(&self.ca_certificates)?;
            endpoint.tls_config_with_verifier(config, Arc::new(verifier))
        };
        applied.map_err(|error| Error::invalid(format!("TLS: {}", root_of(&error))).because(error))
    }
}

/// The cause, without what the layers above say around it.
fn root_of(error: &tonic::transport::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::Client;
    use crate::error::Reason;

    #[test]
    fn what_is_no_certificate_is_refused_when_the_client_is_made() {
        for pem in ["", "nonsense"] {
            let builder = Client::builder(["localhost:1"]).tls(Tls::new().ca_certificate(pem));
            let error = builder.build().expect_err("no certificate");
            assert_eq!(error.reason(), Reason::InvalidArgument);
        }
    }

    #[test]
    fn what_is_no_client_certificate_is_refused_when_the_client_is_made() {
        let tls = Tls::new().client_certificate("nonsense", "nonsense");
        let builder = Client::builder(["localhost:1"]).tls(tls);
        let error = builder.build().expect_err("no certificate");
        assert_eq!(error.reason(), Reason::InvalidArgument);
    }
}
