"""What tests of cores have in common."""

from playhead._connection import ConnectionState
from playhead.options import ClientOptions


def connection(give_up_after_ms: float | None = None) -> ConnectionState:
    """A connection that connects to nothing."""
    options = ClientOptions(
        tls=None,
        request_timeout_ms=1000,
        initial_backoff_ms=50,
        max_backoff_ms=2000,
        give_up_after_ms=give_up_after_ms,
        on_retry=None,
    )
    return ConnectionState(("a:1", "b:1"), options)
