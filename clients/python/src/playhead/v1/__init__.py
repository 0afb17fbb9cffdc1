"""The protocol, generated from `proto/`."""
