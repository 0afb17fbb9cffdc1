//! Certificates that are trusted because they were given.

use std::sync::Arc;

use rustls::RootCertStore;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::verify_server_name;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, SignatureScheme};

use crate::error::Error;

const WHAT: &str = "the certificates to trust";

/// Takes the certificates that these have signed, as rustls does, and these themselves.
///
/// `openssl req -x509` makes a certificate that is its own authority, and so says that it is one. rustls takes no
/// authority for a broker, also not where it was given to be trusted; OpenSSL, Go and Java do.
#[derive(Debug)]
pub(crate) struct TrustedCertificates {
    roots: Arc<WebPkiServerVerifier>,
    trusted: Vec<CertificateDer<'static>>,
}

impl TrustedCertificates {
    pub(crate) fn new(pems: &[Vec<u8>]) -> Result<Self, Error> {
        let mut trusted = Vec::new();
        let mut roots = RootCertStore::empty();
        for pem in pems {
            let before = trusted.len();
            for certificate in CertificateDer::pem_slice_iter(pem) {
                let certificate = certificate.map_err(refused)?;
                let added = roots.add(certificate.clone());
                added.map_err(refused)?;
                trusted.push(certificate);
            }
            if trusted.len() == before {
                return Err(Error::invalid(format!("{WHAT}: there is none in PEM")));
            }
        }
        // The provider that tonic takes, too.
        let provider = CryptoProvider::get_default()
            .cloned()
            .unwrap_or_else(|| Arc::new(rustls::crypto::ring::default_provider()));
        let roots = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider);
        Ok(Self {
            roots: roots.build().map_err(refused)?,
            trusted,
        })
    }
}

impl ServerCertVerifier for TrustedCertificates {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let verified = self.roots.verify_server_cert(
            end_entity,
            intermediates,
            server_name,
            ocsp_response,
            now,
        );
        match verified {
            // That it is valid at this time was looked at before that, the name was not.
            Err(error) if is_authority(&error) && self.trusted.contains(end_entity) => {
                verify_server_name(&ParsedCertificate::try_from(end_entity)?, server_name)?;
                Ok(ServerCertVerified::assertion())
            }
            verified => verified,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.roots
            .verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.roots
            .verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.roots.supported_verify_schemes()
    }
}

/// Whether all that is wrong with a certificate is that it says to be an authority.
fn is_authority(error: &rustls::Error) -> bool {
    let rustls::Error::InvalidCertificate(CertificateError::Other(other)) = error else {
        return false;
    };
    let cause = other.0.downcast_ref::<webpki::Error>();
    cause == Some(&webpki::Error::CaUsedAsEndEntity)
}

fn refused(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::invalid(format!("{WHAT}: {error}")).because(error)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// `openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650 -subj /CN=localhost
    /// -addext subjectAltName=DNS:localhost`.
    const SELF_SIGNED: &[u8] = include_bytes!("../testdata/localhost.pem");
    const OTHER: &[u8] = include_bytes!("../testdata/other.pem");
    /// Within the ten years of the certificates.
    const NOW: UnixTime = UnixTime::since_unix_epoch(Duration::from_secs(1_800_000_000));
    const LATER: UnixTime = UnixTime::since_unix_epoch(Duration::from_secs(2_300_000_000));

    fn verify(trusted: &[u8], shown: &[u8], name: &str, now: UnixTime) -> bool {
        let trusted = TrustedCertificates::new(&[trusted.to_vec()]).expect("certificates");
        let shown = CertificateDer::from_pem_slice(shown).expect("a certificate");
        let name = ServerName::try_from(name).expect("a name");
        let verified = trusted.verify_server_cert(&shown, &[], &name, &[], now);
        verified.is_ok()
    }

    #[test]
    fn a_certificate_that_vouches_for_itself_is_taken_if_it_was_given() {
        assert!(verify(SELF_SIGNED, SELF_SIGNED, "localhost", NOW));
        assert!(!verify(OTHER, SELF_SIGNED, "localhost", NOW));
    }

    #[test]
    fn name_and_time_hold_for_a_certificate_that_was_given_too() {
        assert!(!verify(SELF_SIGNED, SELF_SIGNED, "elsewhere", NOW));
        assert!(!verify(SELF_SIGNED, SELF_SIGNED, "localhost", LATER));
    }
}
