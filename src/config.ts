import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import type * as yamlLibrary from 'yaml';
import { z } from 'zod';
import { ADDRESS_RULE, DIALABLE_RULE, isAddress, isDialable, isHostName } from './address.ts';
import { GOPHERMQ_MAX_PENDING_MAX, MESSAGE_BYTES_MAX } from './limits.ts';
import { LOG_LEVELS } from './logger.ts';

const require = createRequire(import.meta.url);

const KIB = 1024;

const BYTES_PER_UNIT: Readonly<Record<string, number>> = {
  '': 1,
  B: 1,
  KiB: KIB,
  MiB: KIB ** 2,
  GiB: KIB ** 3,
};

/**
 * Bytes from a number or a text such as `65536`, `512KiB` or `1 MiB`; undefined if it is neither or no
 * whole number of bytes. The decimal units are refused: what they mean differs from program to program.
 */
export function parseByteSize(text: string | number): number | undefined {
  const match = /^(\d+(?:\.\d+)?) ?(B|KiB|MiB|GiB|)$/.exec(String(text).trim());
  if (match === null) return undefined;
  const bytes = Number(match[1]) * (BYTES_PER_UNIT[match[2] ?? ''] ?? Number.NaN);
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

const byteSize = (min: number, max: number) => {
  const rule = `must be a size from ${min} B to ${max / KIB ** 2} MiB, for example 512KiB or 1MiB`;
  return z.union([z.string(), z.number()], { error: rule }).transform((value, context) => {
    const bytes = parseByteSize(value);
    if (bytes !== undefined && bytes >= min && bytes <= max) return bytes;
    context.addIssue({ code: 'custom', message: rule });
    return z.NEVER;
  });
};

const MS_PER_UNIT: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};
const DURATION_RULE = 'must be a duration with a unit (ms, s, m, h, d), for example 500ms or 7d';

/** Milliseconds. */
const duration = z.string({ error: DURATION_RULE }).transform((text, context) => {
  const match = /^(\d{1,9})(ms|s|m|h|d)$/.exec(text.trim());
  if (match !== null) return Number(match[1]) * (MS_PER_UNIT[match[2] ?? ''] ?? Number.NaN);
  context.addIssue({ code: 'custom', message: DURATION_RULE });
  return z.NEVER;
});

const address = z.string({ error: ADDRESS_RULE }).refine(isAddress, { error: ADDRESS_RULE });

/** Undefined if there is to be none. */
const addressOrOff = z
  .string({ error: ADDRESS_RULE })
  .refine((text) => text === 'off' || isAddress(text), { error: `${ADDRESS_RULE}, or off` })
  .transform((text) => (text === 'off' ? undefined : text));

const ADVERTISE_RULE = `${DIALABLE_RULE}; or none`;

/** Undefined if there is none. */
const dialableOrNone = z
  .string({ error: ADVERTISE_RULE })
  .refine((text) => text === 'none' || isDialable(text), { error: ADVERTISE_RULE })
  .transform((text) => (text === 'none' ? undefined : text));

const HOSTS_RULE =
  'must be names of hosts, separated by commas, such as broker.example.org; or none';

/** In the file it may be a list, too. */
const hosts = z
  .union([z.string(), z.array(z.string())], { error: HOSTS_RULE })
  .transform((given) => (given === 'none' ? [] : [given].flat()))
  .transform((given) => given.flatMap((each) => each.split(',')))
  .transform((given) => given.map((name) => name.trim().toLowerCase()))
  .refine((names) => names.every(isHostName), { error: HOSTS_RULE });

const oneOf = <const T extends readonly [string, ...string[]]>(...names: T) =>
  z.enum(names, { error: `must be one of ${names.join(', ')}` });

const BOOLEAN_RULE = 'must be true or false';

// The environment has only texts.
const flag = z
  .union([z.boolean(), z.enum(['true', 'false', '1', '0'])], { error: BOOLEAN_RULE })
  .transform((value) => value === true || value === 'true' || value === '1');

const wholeNumber = (min: number, max: number) => {
  const rule = `must be a whole number from ${min} to ${max}`;
  return z.union([z.string(), z.number()], { error: rule }).transform((value, context) => {
    const number = /^\d{1,15}$/.test(String(value).trim()) ? Number(value) : Number.NaN;
    if (number >= min && number <= max) return number;
    context.addIssue({ code: 'custom', message: rule });
    return z.NEVER;
  });
};

const path = z.string({ error: 'must be a path' }).min(1, { error: 'must be a path' });

const schema = z.object({
  grpcAddress: address,
  httpAddress: addressOrOff,
  httpHosts: hosts,
  advertiseAddress: dialableOrNone,
  dataDir: path,
  memory: flag,
  durability: oneOf('fsync', 'os'),
  maxMessageBytes: byteSize(1, MESSAGE_BYTES_MAX),
  autoCreateTopics: flag,
  queueIdleExpiry: duration,
  gophermqMaxPending: wholeNumber(1, GOPHERMQ_MAX_PENDING_MAX),
  gophermqSubscriberTtl: duration,
  logLevel: oneOf(...LOG_LEVELS),
});

/** Everything that can be set about a broker, checked. */
export type BrokerConfig = Readonly<z.output<typeof schema>>;

/** The name of a setting in {@link BrokerConfig}. */
export type SettingName = keyof BrokerConfig;

/** How a setting is named and described to people. */
export interface Setting {
  readonly name: SettingName;
  /** On the command line, with dashes and placeholder. */
  readonly flags: string;
  /** In the configuration file. */
  readonly fileKey: string;
  readonly environmentName: string;
  readonly description: string;
  /** As it would be written in the file. The data directory's depends on the environment. */
  readonly defaultText: string;
}

const descriptions: Readonly<Record<SettingName, readonly [string, string, string]>> = {
  grpcAddress: ['<host:port>', 'where gRPC is served; port 0 takes a free one', '127.0.0.1:17777'],
  httpAddress: ['<host:port>', 'where HTTP is served; off for none', '127.0.0.1:17778'],
  httpHosts: ['<names>', 'hosts that HTTP is served for besides localhost', 'none'],
  advertiseAddress: [
    '<host:port>',
    'what clients of SeaweedFS are told to dial; none: what they have dialled',
    'none',
  ],
  dataDir: ['<dir>', 'where the tape is kept', 'XDG data directory, ~/.local/share/playhead'],
  memory: ['', 'keep everything in memory, nothing on disk', 'false'],
  durability: ['<fsync|os>', 'acknowledge when the disk, or the system, has the message', 'fsync'],
  maxMessageBytes: ['<size>', 'largest message, where the topic sets none', '1MiB'],
  autoCreateTopics: ['', 'refuse a publish to a topic that does not exist', 'true'],
  queueIdleExpiry: ['<duration>', 'drop a queue that is empty and unused so long; 0s: never', '0s'],
  gophermqMaxPending: [
    '<count>',
    'messages that a subscriber of gophermq may leave unfetched',
    '10',
  ],
  gophermqSubscriberTtl: [
    '<duration>',
    'drop one that has not fetched for so long; 0s: never',
    '10m',
  ],
  logLevel: ['<level>', 'trace, debug, info, warn, error, fatal or silent', 'info'],
};

/** All settings, in the order in which help shows them. */
export const settings: readonly Setting[] = settingNames().map((name) => {
  const [placeholder, description, defaultText] = descriptions[name];
  const fileKey = name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  const flags = defaultText === 'true' ? `--no-${fileKey}` : `--${fileKey} ${placeholder}`.trim();
  const environmentName = `PLAYHEAD_${fileKey.replaceAll('-', '_').toUpperCase()}`;
  return { name, flags, fileKey, environmentName, description, defaultText };
});

/** A setting that breaks a rule, or a configuration file that cannot be used. The message names the source. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** Where settings come from: command line before environment before file before default. */
export interface ConfigSources {
  /** Of the command line; what was not given is absent. `config` names the file. */
  readonly flags: Readonly<Partial<Record<SettingName | 'config', string | boolean>>>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Reads a file as UTF-8, or throws. Called only if a file is named. */
  readonly readFile: (path: string) => string;
}

/** Reads, merges and checks all sources. Throws {@link ConfigError} with every broken rule in its message. */
export function loadConfig({ flags, env, readFile }: ConfigSources): BrokerConfig {
  refuseMisspelledVariables(env);
  const filePath =
    (typeof flags.config === 'string' ? flags.config : undefined) ?? env['PLAYHEAD_CONFIG'];
  const file = filePath === undefined || filePath === '' ? {} : readConfigFile(filePath, readFile);

  const values: Record<string, unknown> = {};
  const sources = new Map<PropertyKey, string>();
  for (const { name, fileKey, environmentName, defaultText } of settings) {
    // A variable that is set to nothing counts as not set, as everywhere on a shell.
    const variable = env[environmentName] === '' ? undefined : env[environmentName];
    if (flags[name] !== undefined) {
      values[name] = flags[name];
      sources.set(name, `--${fileKey} ${flags[name]}`);
    } else if (variable !== undefined) {
      values[name] = variable;
      sources.set(name, `${environmentName}=${variable}`);
    } else if (Object.hasOwn(file, fileKey)) {
      values[name] = file[fileKey];
      sources.set(name, `${filePath}: ${fileKey}: ${JSON.stringify(file[fileKey])}`);
    } else {
      values[name] = name === 'dataDir' ? defaultDataDir(env) : defaultText;
    }
  }

  const result = schema.safeParse(values);
  if (result.success) return result.data;
  const problems = result.error.issues.map(
    ({ path, message }) => `${sources.get(path[0] ?? '') ?? path.join('.')}: ${message}`,
  );
  throw new ConfigError(problems.join('; '));
}

function settingNames(): SettingName[] {
  return schema.keyof().options;
}

/** The XDG data directory's `playhead`. A relative `XDG_DATA_HOME` is ignored, as its specification demands. */
function defaultDataDir(env: ConfigSources['env']): string {
  const dataHome = env['XDG_DATA_HOME'] ?? '';
  if (isAbsolute(dataHome)) return join(dataHome, 'playhead');
  const home = env['HOME'] ?? '';
  return join(home === '' ? homedir() : home, '.local', 'share', 'playhead');
}

function readConfigFile(
  filePath: string,
  readFile: ConfigSources['readFile'],
): Record<string, unknown> {
  // Loaded for a file alone: it has seventy modules.
  const yaml: typeof yamlLibrary = require('yaml');
  let content: unknown;
  try {
    content = yaml.parse(readFile(filePath));
  } catch (error) {
    const [reason] = (error instanceof Error ? error.message : String(error)).split('\n');
    throw new ConfigError(`${filePath}: ${reason}`, { cause: error });
  }
  if (content === null) return {};
  const result = z.record(z.string(), z.unknown()).safeParse(content);
  if (!result.success)
    throw new ConfigError(`${filePath}: must hold settings, one "name: value" a line`);
  const known = settings.map(({ fileKey }) => fileKey);
  for (const key of Object.keys(result.data)) {
    if (known.includes(key)) continue;
    const near = known.find((candidate) => areAlike(key, candidate));
    const hint =
      near === undefined ? `the settings are ${known.join(', ')}` : `did you mean ${near}?`;
    throw new ConfigError(`${filePath}: ${key}: no such setting; ${hint}`);
  }
  return result.data;
}

// Only what is nearly a setting is refused: Kubernetes gives every container variables such as
// PLAYHEAD_SERVICE_HOST and PLAYHEAD_PORT when a service is called playhead.
function refuseMisspelledVariables(env: ConfigSources['env']): void {
  const known = [...settings.map(({ environmentName }) => environmentName), 'PLAYHEAD_CONFIG'];
  for (const name of Object.keys(env)) {
    if (!name.startsWith('PLAYHEAD_') || known.includes(name)) continue;
    const near = known.find((candidate) => areAlike(name, candidate));
    if (near === undefined) continue;
    throw new ConfigError(`${name}: no such setting; did you mean ${near}?`);
  }
}

/** Whether two names differ in separators and case, or in at most two letters. */
function areAlike(left: string, right: string): boolean {
  const plain = (name: string) => name.replaceAll(/[-_]/g, '').toLowerCase();
  return editDistance(plain(left), plain(right)) <= 2;
}

function editDistance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let i = 1; i <= left.length; i++) {
    const next = [i];
    for (let j = 1; j <= right.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (left[i - 1] === right[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[right.length] ?? 0;
}
