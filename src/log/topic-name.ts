import { invalidArgument } from '../errors.ts';
import { TOPIC_NAME_BYTES } from '../limits.ts';

/** Printable ASCII without space and without what globs, shells and URLs give a meaning. */
const ALLOWED = /^[!$&-)+->@-Z^-z|~]*$/;
const SEPARATOR = /[/.]/;

/** Throws INVALID_ARGUMENT unless this is the name of a topic. */
export function checkTopicName(name: string): void {
  checkTokens(name, name);
}

/** True if the topic is the broker's own: it can be read by its name, and is written by the broker alone. */
export function isSystemName(name: string): boolean {
  return name.startsWith('_');
}

/** Throws INVALID_ARGUMENT unless clients may write to a topic of this name. */
export function checkWritableName(name: string): void {
  if (!isSystemName(name)) return;
  throw invalidArgument(
    'topic',
    `${quote(name)} begins with "_": topics of such names are the broker's own, and can only be read`,
  );
}

/** True if the name can stand for more than one topic. */
export function isGlob(name: string): boolean {
  return name.includes('*');
}

/** Throws INVALID_ARGUMENT unless this is a glob: a name in which the tokens `*` and `**` may occur. */
export function checkGlob(glob: string): void {
  const tokens = glob.split(SEPARATOR);
  const literals = tokens.filter((token) => token !== '*' && token !== '**');
  const mixed = literals.find((token) => token.includes('*'));
  if (mixed !== undefined) {
    throw invalidArgument(
      'topic',
      `${quote(glob)} has the token ${quote(mixed)}: * and ** stand for whole tokens, which "/" and "." part`,
    );
  }
  checkTokens(glob, literals.join(''));
}

function checkTokens(name: string, characters: string): void {
  const quoted = quote(name);
  if (name === '') throw invalidArgument('topic', 'a topic name must not be empty');
  const bytes = Buffer.byteLength(name);
  if (bytes > TOPIC_NAME_BYTES) {
    throw invalidArgument(
      'topic',
      `${quoted} has ${bytes} bytes; a topic name has at most ${TOPIC_NAME_BYTES}`,
    );
  }
  if (!ALLOWED.test(characters)) {
    throw invalidArgument(
      'topic',
      `${quoted} has a character that a topic name must not have: only printable ASCII without space and * ? [ ] { } \\ " # %`,
    );
  }
  for (const token of name.split('/')) {
    if (token === '.' || token === '..') {
      throw invalidArgument(
        'topic',
        `${quoted} has "${token}" between slashes, where a name belongs`,
      );
    }
    if (token.split('.').includes('')) {
      throw invalidArgument(
        'topic',
        `${quoted} has an empty token: "/" and "." part tokens, and none may be empty`,
      );
    }
  }
}

function quote(name: string): string {
  return JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}…` : name);
}

/**
 * Compiles a glob: `*` stands for one token, `**` for any number of tokens, none included; the broker's own topics
 * match only a glob that begins as they do. The result matches in time proportional to the product of the lengths at
 * worst, whatever the glob.
 */
export function compileGlob(glob: string): (name: string) => boolean {
  const pattern = tokenize(glob);
  const isOfSystem = isSystemName(glob);
  return (name) => isSystemName(name) === isOfSystem && matchTokens(pattern, tokenize(name));
}

/** Tokens with the separator before each, so that `a.b` and `a/b` stay two names. */
function tokenize(name: string): string[] {
  return name.split(/(?=[/.])/);
}

function matchTokens(pattern: readonly string[], tokens: readonly string[]): boolean {
  let p = 0;
  let t = 0;
  let retryPattern = -1;
  let retryToken = -1;
  while (t < tokens.length) {
    const wanted = pattern[p];
    if (wanted !== undefined && bare(wanted) === '**') {
      retryPattern = p++;
      retryToken = t;
    } else if (wanted !== undefined && matchToken(wanted, tokens[t] ?? '', t === 0 || p === 0)) {
      p++;
      t++;
    } else if (retryPattern >= 0) {
      p = retryPattern + 1;
      t = ++retryToken;
    } else {
      return false;
    }
  }
  while (p < pattern.length && bare(pattern[p] ?? '') === '**') p++;
  return p === pattern.length;
}

function matchToken(pattern: string, token: string, isFirst: boolean): boolean {
  if (bare(pattern) !== '*') return isFirst ? bare(pattern) === bare(token) : pattern === token;
  return isFirst || separator(pattern) === separator(token);
}

function bare(token: string): string {
  return token.replace(/^[/.]/, '');
}

function separator(token: string): string {
  return /^[/.]/.exec(token)?.[0] ?? '';
}
