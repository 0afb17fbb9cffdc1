import { isIPv6 } from 'node:net';

/** What an address is, for people. */
export const ADDRESS_RULE =
  'must be HOST:PORT with a port from 0 to 65535, for example 127.0.0.1:17777';

/** Whether a text is `host:port`, with the address of IPv6 in brackets. */
export function isAddress(text: string): boolean {
  return Number(/^(?:[^\s:[\]/]+|\[[\da-fA-F:.]+\]):(\d{1,5})$/.exec(text)?.[1]) <= 65_535;
}

/** What an address is that others reach, for people. */
export const DIALABLE_RULE =
  'must be HOST:PORT, a host that clients reach and a port from 1 to 65535, for example broker.example.org:17777';

/** Whether a text is `host:port` of one host and one port, and so can be dialled. */
export function isDialable(text: string): boolean {
  const colon = text.lastIndexOf(':');
  const port = Number(/^\d{1,5}$/.exec(text.slice(colon + 1))?.[0]);
  return port >= 1 && port <= 65_535 && isHost(text.slice(0, colon));
}

/** Whether a text is one host: a name, or an address, that of IPv6 in brackets; and not one that stands for all. */
export function isHost(text: string): boolean {
  if (text.startsWith('[') && text.endsWith(']')) {
    const address = text.slice(1, -1);
    return isIPv6(address) && !/^[0:]+$/.test(address);
  }
  return isHostName(text.toLowerCase()) && text !== '0.0.0.0';
}

/** Whether a text is the name of a host, in small letters. */
export function isHostName(text: string): boolean {
  return /^(?=.{1,253}$)[a-z\d_-]+(\.[a-z\d_-]+)*$/.test(text);
}
