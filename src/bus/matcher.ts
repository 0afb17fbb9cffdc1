import { PlayheadError } from 'playhead-client';
import { toPlayheadError } from '../client-error.ts';
import { checkGlob, compileGlob } from '../log/topic-name.ts';

/**
 * Which topics a handler is for: a regular expression, which matches anywhere in the name unless it has `^` and `$`, or a
 * glob as subscriptions have it (`order.*`, `order.**`), which stands for whole names.
 */
export type Matcher = string | RegExp | { readonly glob: string };

/** Throws INVALID_ARGUMENT if it is no expression and no glob. */
export function compileMatcher(matcher: Matcher): (topic: string) => boolean {
  if (matcher instanceof RegExp) {
    // One that remembers where it stopped would match every other time.
    const expression = new RegExp(matcher.source, matcher.flags.replaceAll(/[gy]/g, ''));
    return (topic) => expression.test(topic);
  }
  if (typeof matcher === 'string') {
    const expression = parseExpression(matcher);
    return (topic) => expression.test(topic);
  }
  if (typeof matcher === 'object' && matcher !== null && typeof matcher.glob === 'string') {
    return compileTopicGlob(matcher.glob);
  }
  throw new TypeError('a matcher is a regular expression, its text, or { glob }');
}

/** Throws INVALID_ARGUMENT if it is no glob. */
export function compileTopicGlob(glob: string): (topic: string) => boolean {
  try {
    checkGlob(glob);
  } catch (error) {
    throw toPlayheadError(error);
  }
  return compileGlob(glob);
}

function parseExpression(text: string): RegExp {
  try {
    return new RegExp(text);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new PlayheadError('INVALID_ARGUMENT', `matcher: ${why}`, {
      metadata: { field: 'matcher' },
      cause,
    });
  }
}
