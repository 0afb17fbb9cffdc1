import { invalidArgument } from '../errors.ts';
import type { TopicConfig } from './topic.ts';

/** The settings with the changes; `maxMessageBytes` is the broker's limit. Throws INVALID_ARGUMENT. */
export function configWith(
  config: TopicConfig,
  changes: Partial<TopicConfig>,
  maxMessageBytes: number,
): TopicConfig {
  const changed = { ...config, ...changes };
  for (const [field, limit] of [
    ['max_age_ms', changed.maxAgeMs],
    ['max_bytes', changed.maxBytes],
    ['max_messages', changed.maxMessages],
  ] as const) {
    if (limit < 0n) throw invalidArgument(field, `${limit} is negative; 0 means no limit`);
  }
  if (changed.maxMessageBytes < 0 || changed.maxMessageBytes > maxMessageBytes) {
    throw invalidArgument(
      'max_message_bytes',
      `${changed.maxMessageBytes} is not between 0 and ${maxMessageBytes}, which is the broker's limit`,
    );
  }
  return changed;
}

/**
 * In what settings differ from those asked for; undefined if they do not. What is left to the broker and what asks for
 * the same in words are no difference.
 */
export function differenceOf(
  actual: TopicConfig,
  asked: TopicConfig,
  maxMessageBytes: number,
): string | undefined {
  const fields = [
    ['max_age_ms', 'maxAgeMs', 0n],
    ['max_bytes', 'maxBytes', 0n],
    ['max_messages', 'maxMessages', 0n],
    ['max_message_bytes', 'maxMessageBytes', maxMessageBytes],
    ['trim_consumed', 'trimConsumed', false],
  ] as const;
  for (const [name, field, unset] of fields) {
    const [a, b] = [actual[field] || unset, asked[field] || unset];
    if (a !== b) return `${name} (${a}, not ${b})`;
  }
  return undefined;
}
