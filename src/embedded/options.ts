import { inspect } from 'node:util';
import type { ClientOptions, RetryOptions } from 'playhead-client';
import { PlayheadError } from 'playhead-client/transport';
import { ADDRESS_RULE, isAddress, isHostName } from '../address.ts';
import type { Clock } from '../clock.ts';
import { CLOCK_NS_MAX, MESSAGE_BYTES_MAX } from '../limits.ts';
import type { ListenOptions } from './embedded-broker.ts';
import type { OpenOptions } from './open.ts';

/** What an option must be. What is undefined is not set, and is not asked. */
interface Rule {
  readonly isMet: (value: unknown) => boolean;
  readonly text: string;
}

/** A rule for each option: a name without one is misspelled. */
type Rules<T> = { readonly [Name in keyof Required<T>]: Rule };

const boolean: Rule = {
  isMet: (value) => typeof value === 'boolean',
  text: 'true or false',
};
const string: Rule = { isMet: (value) => typeof value === 'string', text: 'a string' };

/** An object with these methods; they may be those of its class. */
const having = (what: string, ...methods: string[]): Rule => ({
  isMet: (value) => isObject(value) && methods.every((name) => typeof value[name] === 'function'),
  text: `${what}, with the methods ${methods.join(', ')}`,
});

const wholeNumber = (min: number, max = Number.MAX_SAFE_INTEGER): Rule => ({
  isMet: (value) => Number.isSafeInteger(value) && Number(value) >= min && Number(value) <= max,
  text: `a whole number from ${min} to ${max}`,
});

const RETRY: Rules<RetryOptions> = {
  initialBackoffMs: wholeNumber(1),
  maxBackoffMs: wholeNumber(1),
  giveUpAfterMs: {
    isMet: (value) => typeof value === 'number' && value >= 0,
    text: 'a number, 0 or more',
  },
};

const CLIENT: Rules<ClientOptions> = {
  requestTimeoutMs: wholeNumber(1),
  retry: { isMet: isObject, text: `an object with ${Object.keys(RETRY).join(', ')}` },
  onRetry: { isMet: (value) => typeof value === 'function', text: 'a function' },
  signal: {
    // Not by its class: test runners have one of their own.
    isMet: (value) =>
      isObject(value) &&
      typeof value['aborted'] === 'boolean' &&
      typeof value['addEventListener'] === 'function',
    text: 'an AbortSignal',
  },
  tracing: having('a Tracing', 'publish', 'deliver'),
};

const OPEN: Rules<OpenOptions> = {
  dataDir: {
    isMet: (value) => typeof value === 'string' && value !== '',
    text: 'the path of a directory',
  },
  memory: boolean,
  durability: {
    isMet: (value) => value === 'fsync' || value === 'os',
    text: "'fsync' or 'os'",
  },
  maxMessageBytes: wholeNumber(1, MESSAGE_BYTES_MAX),
  autoCreateTopics: boolean,
  queueIdleExpiryMs: wholeNumber(0),
  clock: having('a Clock', 'nowNs', 'schedule'),
  logger: having('a Logger', 'debug', 'info', 'warn', 'error'),
  ...CLIENT,
};

const LISTEN: Rules<ListenOptions> = {
  grpcAddress: string,
  httpAddress: string,
  httpHosts: {
    isMet: (value) => Array.isArray(value) && value.every((each) => typeof each === 'string'),
    text: 'an array of strings',
  },
};

/** Throws a TypeError that says what is wrong with the options of `open`. */
export function checkOpenOptions(options: OpenOptions): void {
  check('open', options, OPEN);
  checkRetry(options);
  const { dataDir, memory, clock } = options;
  if ((dataDir === undefined) === (memory !== true)) {
    throw new TypeError('open needs either dataDir or memory: true');
  }
  if (clock !== undefined) checkTimeOf(clock);
}

/** Likewise, for those of another client of a broker. */
export function checkClientOptions(options: ClientOptions): void {
  check('client', options, CLIENT);
  checkRetry(options);
}

/** Likewise, for those of `listen`; a PlayheadError for a text that is no address, or no name of a host. */
export function checkListenOptions(options: ListenOptions): void {
  check('listen', options, LISTEN);
  const { grpcAddress, httpAddress, httpHosts = [] } = options;
  if (grpcAddress !== undefined && !isAddress(grpcAddress)) {
    throw unusable('grpcAddress', ADDRESS_RULE, grpcAddress);
  }
  if (httpAddress !== undefined && httpAddress !== 'off' && !isAddress(httpAddress)) {
    throw unusable('httpAddress', `${ADDRESS_RULE}, or off`, httpAddress);
  }
  for (const name of httpHosts) {
    if (isHostName(name.toLowerCase())) continue;
    throw unusable('httpHosts', 'must be names of hosts, such as broker.example.org', name);
  }
}

function check<T extends object>(whose: string, options: T, rules: Rules<T>): void {
  if (!isObject(options) || Array.isArray(options)) {
    throw new TypeError(`the options of ${whose} must be an object, not ${shown(options)}`);
  }
  const known = Object.entries<Rule>(rules);
  const names = known.map(([name]) => name);
  for (const name of Object.keys(options)) {
    if (names.includes(name)) continue;
    throw new TypeError(`${whose} has no option ${name}, but ${names.join(', ')}`);
  }
  for (const [name, rule] of known) {
    const value = options[name];
    if (value === undefined || rule.isMet(value)) continue;
    throw new TypeError(`${name} must be ${rule.text}, not ${shown(value)}`);
  }
}

function checkRetry({ retry }: ClientOptions): void {
  if (retry !== undefined) check('retry', retry, RETRY);
}

/** A clock of somebody else's making may count in another unit, and what does not fit int64 would end the process. */
function checkTimeOf(clock: Clock): void {
  const nowNs: unknown = clock.nowNs();
  if (typeof nowNs === 'bigint' && nowNs >= 0n && nowNs <= CLOCK_NS_MAX) return;
  const rule = `a bigint of nanoseconds since 1970, from 0 to ${CLOCK_NS_MAX}`;
  throw new TypeError(`clock.nowNs() must give ${rule}, not ${shown(nowNs)}`);
}

function unusable(field: string, rule: string, value: string): PlayheadError {
  const message = `${field} ${rule}, not ${shown(value)}`;
  return new PlayheadError('INVALID_ARGUMENT', message, { metadata: { field } });
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

/** A value for people, in a line. */
function shown(value: unknown): string {
  return inspect(value, { depth: 0, breakLength: Number.POSITIVE_INFINITY, maxStringLength: 100 });
}
