import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A certificate that nobody but itself vouches for, and its key, in PEM. */
export interface CertificateFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

/** Makes one for a host, for two days. */
export async function makeCertificate(
  directory: string,
  name: string,
  host: string,
): Promise<CertificateFiles> {
  const certFile = join(directory, `${name}.pem`);
  const keyFile = join(directory, `${name}.key`);
  const words =
    `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=${host} ` +
    `-addext subjectAltName=DNS:${host}`;
  await run('openssl', [...words.split(' '), '-keyout', keyFile, '-out', certFile]);
  return { certFile, keyFile };
}
