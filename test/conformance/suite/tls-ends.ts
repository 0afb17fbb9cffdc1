import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeCertificate } from './certificates.ts';
import { TlsEnd } from './tls-end.ts';

/** The ends that cases about TLS connect to, and the files that their clients are given. */
export class TlsEnds implements AsyncDisposable {
  readonly variables: Readonly<Record<string, string>>;
  readonly #directory: string;
  readonly #ends: readonly TlsEnd[];

  private constructor(
    directory: string,
    ends: readonly TlsEnd[],
    variables: Readonly<Record<string, string>>,
  ) {
    this.#directory = directory;
    this.#ends = ends;
    this.variables = variables;
  }

  static async start(target: string): Promise<TlsEnds> {
    const directory = await mkdtemp(join(tmpdir(), 'playhead-conformance-tls-'));
    const make = (name: string, host: string) => makeCertificate(directory, name, host);
    const own = await make('own', 'localhost');
    const strange = await make('strange', 'localhost');
    const elsewhere = await make('elsewhere', 'elsewhere.example');
    const client = await make('client', 'client.example');
    const end = await TlsEnd.start(target, own);
    const misnamed = await TlsEnd.start(target, elsewhere);
    const mutual = await TlsEnd.start(target, own, client);
    return new TlsEnds(directory, [end, misnamed, mutual], {
      tlsAddress: end.address,
      caFile: own.certFile,
      strangeCaFile: strange.certFile,
      misnamedTlsAddress: misnamed.address,
      misnamedCaFile: elsewhere.certFile,
      mutualTlsAddress: mutual.address,
      clientCertFile: client.certFile,
      clientKeyFile: client.keyFile,
      strangeCertFile: strange.certFile,
      strangeKeyFile: strange.keyFile,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#ends.map((end) => end[Symbol.asyncDispose]()));
    await rm(this.#directory, { recursive: true, force: true });
  }
}
