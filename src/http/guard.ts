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
export class Guard {
  readonly #names: ReadonlySet<string>;
  /** Most requests are for the same host. */
  #lastOwnHost: string | undefined;

  /** `hosts` are names of the broker's, besides localhost and IP addresses. */
  constructor(hosts: readonly string[] = []) {
    this.#names = new Set(hosts.map((name) => name.toLowerCase()));
  }

  refusalOf(headers: IncomingHttpHeaders): Refusal | undefined {
    const { host = '', origin } = headers;
    if (!this.#isOwnHost(host)) {
      return forbidden(
        `host ${host.slice(0, 80)} is not served; use localhost or an IP address, or set http-hosts`,
      );
    }
    const isForeign = origin !== undefined && hostOf(origin) !== host.toLowerCase();
    // A link on another page may lead here: what is shown then is ours, and that page sees nothing of it. A form that is
    // sent has an origin.
    const isLink =
      headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document';
    if (isForeign || (headers['sec-fetch-site'] === 'cross-site' && !isLink)) {
      return forbidden(`requests of other sites are refused: ${(origin ?? '').slice(0, 80)}`);
    }
    const type = headers['content-type'];
    return type === undefined ? undefined : formRefusal(type);
  }

  /** True for an IP address, for localhost, which a name of somebody else's can never be, and for names of the broker's. */
  #isOwnHost(host: string): boolean {
    if (host === this.#lastOwnHost) return true;
    const name = host
      .replace(/:\d+$/, '')
      .replace(/^\[(.*)\]$/, '$1')
      .toLowerCase();
    const isLocal = name === 'localhost' || name.endsWith('.localhost') || isIP(name) > 0;
    if (!isLocal && !this.#names.has(name)) return false;
    this.#lastOwnHost = host;
    return true;
  }
}

function formRefusal(contentType: string): Refusal | undefined {
  const type = contentType.split(';')[0]?.trim().toLowerCase() ?? '';
  if (!FORMS.includes(type)) return undefined;
  const message = `content type ${type} is not taken; send application/json, application/x-ndjson, or application/octet-stream for one message`;
  return { status: 415, message };
}

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}

function forbidden(message: string): Refusal {
  return { status: 403, message };
}
