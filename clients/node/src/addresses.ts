const DEFAULT_PORT = 17777;

/** Splits and completes addresses: `host`, `host:port`, `[::1]:port`, `unix:path`. Throws a TypeError. */
export function parseAddresses(address: string | readonly string[]): readonly string[] {
  const parts = (typeof address === 'string' ? [address] : address).flatMap((each) =>
    each.split(','),
  );
  const addresses = parts.map((part) => part.trim()).filter((part) => part !== '');
  if (addresses.length === 0)
    throw new TypeError('connect needs an address such as 127.0.0.1:17777');
  return addresses.map((each) => {
    if (/^(?:unix|dns|ipv4|ipv6):/.test(each)) return each;
    if (/^[^\s/:]+$/.test(each) || /^\[[0-9a-fA-F:.]+\]$/.test(each))
      return `${each}:${DEFAULT_PORT}`;
    const port = /^(?:[^\s/:]+|\[[0-9a-fA-F:.]+\]):(\d+)$/.exec(each)?.[1];
    if (port === undefined || Number(port) > 65535) {
      throw new TypeError(`"${each}" is no address such as 127.0.0.1:17777`);
    }
    return each;
  });
}
