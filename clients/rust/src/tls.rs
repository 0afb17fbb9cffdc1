//! Connections over TLS.

use tonic::transport::{Certificate, ClientTlsConfig, Identity};

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

    /// Takes, instead of the system's, roots of one's own: one or more certificates in PEM. May be called more than once.
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

    pub(crate) fn config(&self) -> ClientTlsConfig {
        let mut config = ClientTlsConfig::new();
        if self.ca_certificates.is_empty() {
            config = config.with_native_roots();
        }
        for pem in &self.ca_certificates {
            config = config.ca_certificate(Certificate::from_pem(pem));
        }
        if let Some((certificate, key)) = &self.client {
            config = config.identity(Identity::from_pem(certificate, key));
        }
        if let Some(name) = &self.server_name {
            config = config.domain_name(name);
        }
        config
    }
}
