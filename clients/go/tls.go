package playhead

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
)

// LoadTLS makes what ClientOptions.TLS takes from PEM files. Without caFile the roots of the system are trusted; with
// certificateFile and keyFile the client shows who it is.
func LoadTLS(caFile, certificateFile, keyFile string) (*tls.Config, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if caFile != "" {
		pem, err := os.ReadFile(caFile)
		if err != nil {
			return nil, fmt.Errorf("playhead: read the certificate authority: %w", err)
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("playhead: %s has no certificate in PEM", caFile)
		}
	}
	if certificateFile != "" || keyFile != "" {
		certificate, err := tls.LoadX509KeyPair(certificateFile, keyFile)
		if err != nil {
			return nil, fmt.Errorf("playhead: load the certificate of the client: %w", err)
		}
		config.Certificates = []tls.Certificate{certificate}
	}
	return config, nil
}
