//! Addresses of brokers.

use crate::error::Error;

const DEFAULT_PORT: u16 = 17777;

/// Splits addresses at commas and completes each: `host`, `host:port`, `[::1]:port`.
pub(crate) fn parse_addresses<A: AsRef<str>>(
    addresses: impl IntoIterator<Item = A>,
) -> Result<Vec<String>, Error> {
    let mut parsed = Vec::new();
    for address in addresses {
        for part in address.as_ref().split(',').map(str::trim) {
            if !part.is_empty() {
                parsed.push(complete(part)?);
            }
        }
    }
    if parsed.is_empty() {
        return Err(Error::invalid(
            "a client needs an address such as 127.0.0.1:17777",
        ));
    }
    Ok(parsed)
}

fn complete(address: &str) -> Result<String, Error> {
    let refuse = || {
        Error::invalid(format!(
            "\"{address}\" is no address such as 127.0.0.1:17777"
        ))
    };
    // In brackets an IPv6 address, whose colons begin no port.
    let host_end = match address.find(']') {
        Some(end) if address.starts_with('[') => end + 1,
        Some(_) => return Err(refuse()),
        None => address.find(':').unwrap_or(address.len()),
    };
    let (host, port) = address.split_at(host_end);
    if host.is_empty() || host.contains(|c: char| c.is_whitespace() || c == '/' || c == '@') {
        return Err(refuse());
    }
    if port.is_empty() {
        return Ok(format!("{host}:{DEFAULT_PORT}"));
    }
    let digits = port.strip_prefix(':').ok_or_else(refuse)?;
    let is_port = digits.bytes().all(|byte| byte.is_ascii_digit()) && digits.parse::<u16>().is_ok();
    if is_port {
        Ok(address.to_owned())
    } else {
        Err(refuse())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_split_and_completed() {
        let parsed = parse_addresses(["one, two:1", "[::1]", "[::1]:7"]).expect("addresses");
        assert_eq!(parsed, ["one:17777", "two:1", "[::1]:17777", "[::1]:7"]);
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for address in [
            "",
            "a b",
            "host:70000",
            "host:x",
            "http://host",
            "::1",
            "[::1]x",
            "a]",
        ] {
            assert!(parse_addresses([address]).is_err(), "{address}");
        }
    }
}
