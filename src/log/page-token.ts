import { invalidArgument } from '../errors.ts';

/**
 * Throws INVALID_ARGUMENT for a page token that no page can have had; an empty one stands for the first page. `check`
 * throws for what no token is made of.
 */
export function checkPageToken(token: string, check: (token: string) => void): void {
  if (token === '') return;
  try {
    check(token);
  } catch {
    const quoted = JSON.stringify(token.length > 80 ? `${token.slice(0, 80)}…` : token);
    throw invalidArgument('page_token', `${quoted} is no next_page_token of a page before`);
  }
}
