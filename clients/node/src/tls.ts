/** How to speak TLS to a broker, or to what stands before it. */
export interface TlsOptions {
  /** PEM of the authorities to trust; those that Node trusts by default. */
  readonly ca?: string | Uint8Array | undefined;
  /** PEM of the client's certificate and its chain, if the broker asks for one; with `key`. */
  readonly cert?: string | Uint8Array | undefined;
  /** PEM of the private key of `cert`. */
  readonly key?: string | Uint8Array | undefined;
}

/** Undefined: no TLS. Throws a TypeError. */
export function tlsOptions(tls: boolean | TlsOptions | undefined): TlsOptions | undefined {
  if (tls === undefined || tls === false) return undefined;
  if (tls === true) return {};
  if ((tls.cert === undefined) !== (tls.key === undefined)) {
    throw new TypeError('tls.cert and tls.key go together');
  }
  return tls;
}

/** The bytes of a PEM; null, as grpc-js has it, if there is none. */
export function pemBytes(pem: string | Uint8Array | undefined): Buffer | null {
  return pem === undefined ? null : Buffer.from(pem);
}
