package playhead

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"

	playheadv1 "github.com/playhead/playhead/clients/go/gen/playhead/v1"
)

// writeCertificate makes a certificate of this machine that vouches for itself.
func writeCertificate(t *testing.T) (certificateFile, keyFile string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	noError(t, err)
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		NotAfter:              time.Now().Add(time.Hour),
		IPAddresses:           []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA:                  true,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	noError(t, err)
	encodedKey, err := x509.MarshalPKCS8PrivateKey(key)
	noError(t, err)
	write := func(name, kind string, bytes []byte) string {
		path := filepath.Join(t.TempDir(), name)
		noError(t, os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: bytes}), 0o600))
		return path
	}
	return write("certificate.pem", "CERTIFICATE", certificate), write("key.pem", "PRIVATE KEY", encodedKey)
}

func TestBothSidesShowTheirCertificates(t *testing.T) {
	serverCertificate, serverKey := writeCertificate(t)
	clientCertificate, clientKey := writeCertificate(t)
	server, err := LoadTLS(clientCertificate, serverCertificate, serverKey)
	noError(t, err)
	server.ClientCAs, server.ClientAuth = server.RootCAs, tls.RequireAndVerifyClientCert
	broker := &fakeBroker{serverInfo: &playheadv1.GetServerInfoResponse{Version: "1"}}
	address := broker.start(t, grpc.Creds(credentials.NewTLS(server)))

	trusted, err := LoadTLS(serverCertificate, clientCertificate, clientKey)
	noError(t, err)
	_, err = connectTo(t, address, ClientOptions{TLS: trusted}).ServerInfo(testContext(t))
	noError(t, err)

	anonymous, err := LoadTLS(serverCertificate, "", "")
	noError(t, err)
	for _, config := range []*tls.Config{anonymous, {}, nil} {
		client := connectTo(t, address, ClientOptions{TLS: config, Retry: RetryOptions{GiveUpAfter: -1}})
		_, err = client.ServerInfo(testContext(t))
		wantReason(t, err, ReasonUnreachable)
	}
}

func TestFilesWithoutACertificateAreRefused(t *testing.T) {
	empty := filepath.Join(t.TempDir(), "empty.pem")
	noError(t, os.WriteFile(empty, nil, 0o600))
	for _, files := range [][3]string{{empty, "", ""}, {"missing", "", ""}, {"", empty, empty}} {
		if _, err := LoadTLS(files[0], files[1], files[2]); err == nil {
			t.Errorf("%q are taken", files)
		}
	}
}
