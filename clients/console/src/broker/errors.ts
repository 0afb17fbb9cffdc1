import type { Problem } from './types.ts';

/** The broker refused: its own words. */
export class RefusedError extends Error {
  readonly status: number;
  readonly reason: string;

  constructor({ status, detail, reason }: Problem) {
    super(detail);
    this.name = 'RefusedError';
    this.status = status;
    this.reason = reason;
  }
}

/** The broker did not answer. */
export class AwayError extends Error {
  constructor(cause?: unknown) {
    super('the broker does not answer', { cause });
    this.name = 'AwayError';
  }
}

/** True for what is over because somebody asked for something else meanwhile: nobody needs to be told. */
export function isAborted(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}

/** True if there is no such topic or subscription, or no more. */
export function isGone(error: unknown): boolean {
  return error instanceof RefusedError && (error.status === 404 || error.status === 410);
}

export function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
