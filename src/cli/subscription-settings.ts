import type { BacklogPolicy, DeliveryMode, SubscriptionSettings } from 'playhead-client';
import { usageError } from './exit-code.ts';
import { parseMilliseconds, parseName, parseWholeNumber } from './option-value.ts';

/** The settings of a subscription, as they were written. */
export interface SettingsOptions {
  readonly mode?: string;
  readonly lease?: string;
  readonly maxAttempts?: string;
  readonly maxInFlight?: string;
  readonly backoff?: string;
  readonly backoffInitial?: string;
  readonly backoffMax?: string;
  readonly backoffJitter?: string;
  readonly idleExpiry?: string;
  readonly deadLetterTopic?: string;
  readonly maxPending?: string;
  readonly backlogPolicy?: string;
}

/** The wire's type of these numbers. */
const MAX_INT32 = 2 ** 31 - 1;

/** Delivery modes, as the command line spells them. */
export const MODE_NAMES = ['shared', 'exclusive', 'key-ordered'] as const;
/** Backlog policies, as the command line spells them. */
export const POLICY_NAMES = ['refuse', 'drop-oldest', 'wait'] as const;

const modes: Readonly<Record<(typeof MODE_NAMES)[number], DeliveryMode>> = {
  shared: 'shared',
  exclusive: 'exclusive',
  'key-ordered': 'key_ordered',
};

const policies: Readonly<Record<(typeof POLICY_NAMES)[number], BacklogPolicy>> = {
  refuse: 'refuse',
  'drop-oldest': 'drop_oldest',
  wait: 'wait',
};

/**
 * Reads the settings that were given; what was not is absent. Throws a usage error for what cannot be read; whether a
 * value is in its range is the broker's to say. `none` takes a limit away.
 */
export function parseSettings(options: SettingsOptions): SubscriptionSettings {
  const settings: SubscriptionSettings = {
    mode: given(options.mode, (text) => modes[parseName('--mode', text, MODE_NAMES)]),
    lease: given(options.lease, (text) => parseMilliseconds('--lease', text)),
    maxAttempts: given(options.maxAttempts, (text) =>
      parseWholeNumber('--max-attempts', text, MAX_INT32),
    ),
    maxInFlight: given(options.maxInFlight, (text) =>
      parseWholeNumber('--max-in-flight', text, MAX_INT32),
    ),
    backoff: parseBackoff(options),
    idleExpiry: given(options.idleExpiry, (text) =>
      text === 'none' ? 0 : parseMilliseconds('--idle-expiry', text),
    ),
    deadLetterTopic: options.deadLetterTopic,
    maxPending: given(options.maxPending, (text) =>
      text === 'none' ? 0 : parseWholeNumber('--max-pending', text),
    ),
    backlogPolicy: given(
      options.backlogPolicy,
      (text) => policies[parseName('--backlog-policy', text, POLICY_NAMES)],
    ),
  };
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}

function given<T>(text: string | undefined, parse: (text: string) => T): T | undefined {
  return text === undefined ? undefined : parse(text);
}

function parseBackoff(options: SettingsOptions): SubscriptionSettings['backoff'] {
  const { backoff, backoffInitial, backoffMax, backoffJitter } = options;
  const isExponential = [backoffInitial, backoffMax, backoffJitter].some(
    (text) => text !== undefined,
  );
  if (backoff !== undefined) {
    if (isExponential) {
      throw usageError('--backoff lists the delays itself; --backoff-… exclude it');
    }
    if (backoff === 'none') return [];
    return backoff.split(',').map((delay) => parseMilliseconds('--backoff', delay));
  }
  if (!isExponential) return undefined;
  if (backoffInitial === undefined) {
    throw usageError('--backoff-max and --backoff-jitter need --backoff-initial');
  }
  return {
    initial: parseMilliseconds('--backoff-initial', backoffInitial),
    max: given(backoffMax, (text) => parseMilliseconds('--backoff-max', text)),
    jitter: given(backoffJitter, parseJitter),
  };
}

function parseJitter(text: string): number {
  if (/^\d+(?:\.\d+)?$/.test(text)) return Number(text);
  throw usageError(`--backoff-jitter ${text}: must be a number from 0 to 1 such as 0.2`);
}
