"""How a client connects."""

from __future__ import annotations

import re
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import grpc

from playhead.errors import Error

DEFAULT_ADDRESS = "127.0.0.1:17777"
_DEFAULT_PORT = 17777
_HOST = re.compile(r"[^\s/:]+|\[[0-9a-fA-F:.]+\]")
_HOST_AND_PORT = re.compile(r"(?:[^\s/:]+|\[[0-9a-fA-F:.]+\]):(\d+)")


@dataclass(frozen=True, slots=True)
class Tls:
    """An encrypted connection. Without `ca_file` the roots of the system are trusted."""

    ca_file: str | Path | None = None
    """Certificates that are trusted, as PEM."""
    certificate_file: str | Path | None = None
    """The client's own certificate chain, as PEM, for a broker that asks for one."""
    key_file: str | Path | None = None
    """The key of that certificate, as PEM."""
    server_name: str | None = None
    """The name that the broker's certificate must have, if it is not that of the address."""

    def credentials(self) -> grpc.ChannelCredentials:
        """What gRPC needs of this. Raises an OSError if a file cannot be read."""
        if (self.certificate_file is None) != (self.key_file is None):
            raise ValueError("a client certificate needs certificate_file and key_file")
        roots = _system_roots() if self.ca_file is None else Path(self.ca_file).read_bytes()
        return grpc.ssl_channel_credentials(
            root_certificates=roots,
            private_key=None if self.key_file is None else Path(self.key_file).read_bytes(),
            certificate_chain=(
                None if self.certificate_file is None else Path(self.certificate_file).read_bytes()
            ),
        )


def _system_roots() -> bytes | None:
    """The certificates that Python's own TLS trusts; None, which stands for gRPC's list, if it cannot tell them."""
    context = ssl.create_default_context()
    certificates = context.get_ca_certs(binary_form=True)
    if not certificates:
        return None
    return "".join(ssl.DER_cert_to_PEM_cert(each) for each in certificates).encode()


@dataclass(frozen=True, slots=True)
class RetryEvent:
    """A try that failed and will be repeated."""

    error: Error
    operation: str
    """What is repeated, such as `publish to orders`."""
    attempt: int
    """Number of tries that failed in a row."""
    delay_ms: float


@dataclass(frozen=True, slots=True)
class ClientOptions:
    """What `connect` is told, all of it decided."""

    tls: Tls | None
    request_timeout_ms: float
    initial_backoff_ms: float
    max_backoff_ms: float
    give_up_after_ms: float | None
    on_retry: Callable[[RetryEvent], None] | None

    def __post_init__(self) -> None:
        for name in ("request_timeout_ms", "initial_backoff_ms", "max_backoff_ms"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} must be more than 0, not {getattr(self, name)}")
        if self.give_up_after_ms is not None and not self.give_up_after_ms >= 0:
            raise ValueError(f"give_up_after_ms must be 0 or more, not {self.give_up_after_ms}")


def parse_addresses(address: str | Sequence[str]) -> tuple[str, ...]:
    """Splits and completes addresses: `host`, `host:port`, `[::1]:port`, `unix:path`. Raises a ValueError."""
    parts = [address] if isinstance(address, str) else address
    addresses = [each.strip() for part in parts for each in part.split(",") if each.strip()]
    if not addresses:
        raise ValueError(f"connect needs an address such as {DEFAULT_ADDRESS}")
    return tuple(_complete(each) for each in addresses)


def _complete(address: str) -> str:
    if address.startswith(("unix:", "dns:", "ipv4:", "ipv6:")):
        return address
    if _HOST.fullmatch(address):
        return f"{address}:{_DEFAULT_PORT}"
    match = _HOST_AND_PORT.fullmatch(address)
    if match is None or int(match[1]) > 65535:
        raise ValueError(f'"{address}" is no address such as {DEFAULT_ADDRESS}')
    return address
