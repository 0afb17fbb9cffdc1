/** What an address is, for people. */
export const ADDRESS_RULE =
  'must be HOST:PORT with a port from 0 to 65535, for example 127.0.0.1:17777';

/** Whether a text is `host:port`, with the address of IPv6 in brackets. */
export function isAddress(text: string): boolean {
  return Number(/^(?:[^\s:[\]/]+|\[[\da-fA-F:.]+\]):(\d{1,5})$/.exec(text)?.[1]) <= 65_535;
}

/** Whether a text is the name of a host, in small letters. */
export function isHostName(text: string): boolean {
  return /^(?=.{1,253}$)[a-z\d_-]+(\.[a-z\d_-]+)*$/.test(text);
}
