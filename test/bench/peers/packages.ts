import { readFile } from 'node:fs/promises';

/** The command that installs the client libraries of all peers. */
export const INSTALL_PACKAGES = 'npm ci --prefix test/bench/peers';

/** Whether all of these packages are installed for the peers. */
export async function areInstalled(names: readonly string[]): Promise<boolean> {
  const versions = await Promise.all(names.map((name) => versionOf(name)));
  return versions.every((version) => version !== undefined);
}

/** Name and version of an installed package, such as `redis 6.3.1`, for a table. */
export async function describePackage(name: string): Promise<string> {
  return `${name} ${(await versionOf(name)) ?? 'of an unknown version'}`;
}

async function versionOf(name: string): Promise<string | undefined> {
  try {
    const file = new URL(`./node_modules/${name}/package.json`, import.meta.url);
    const { version }: { version: string } = JSON.parse(await readFile(file, 'utf8'));
    return version;
  } catch {
    return undefined;
  }
}
