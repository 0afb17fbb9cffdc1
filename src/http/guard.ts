import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';

/** Content types that a page of any other site may send without being asked. */
const FORMS = ['application/x-www-form-urlencoded', 'multipart/form-data'];

/** Why a request is refused. */
export interface Refusal {
  readonly status: 403 | 415;
  readonly message: string;
}

/**
 * Keeps pages of other sites from using a broker on the visitor's machine: a name that such a site lets point here is
 * not taken for ours, and what a browser says comes from another site is refused. Programs say neither.
 */
export function refusalOf(headers: IncomingHttpHeaders): Refusal | undefined {
  const { host = '', origin } = headers;
  if (!isOwnHost(host)) {
    return forbidden(`host ${host.slice(0, 80)} is not served; use localhost or an IP address`);
  }
  const isForeign = origin !== undefined && hostOf(origin) !== host.toLowerCase();
  if (isForeign || headers['sec-fetch-site'] === 'cross-site') {
    return forbidden(`requests of other sites are refused: ${(origin ?? '').slice(0, 80)}`);
  }
  const type = (headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  if (!FORMS.includes(type)) return undefined;
  const message = `content type ${type} is not taken; send application/json, application/x-ndjson, or application/octet-stream for one message`;
  return { status: 415, message };
}

/** True for an IP address and for localhost: what a name of somebody else's can never be. */
function isOwnHost(host: string): boolean {
  const name = host
    .replace(/:\d+$/, '')
    .replace(/^\[(.*)\]$/, '$1')
    .toLowerCase();
  return name === 'localhost' || name.endsWith('.localhost') || isIP(name) > 0;
}

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}

function forbidden(message: string): Refusal {
  return { status: 403, message };
}
