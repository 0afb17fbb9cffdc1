import type { Fields } from './bytes.ts';

/** Does what a case asks of a client. */
export interface Driver {
  /** Begins at once; calls may be under way at the same time. Rejects with a {@link DriverError}. */
  call(operation: string, request: Fields): Promise<Fields>;
  /** Ends, whatever is under way. */
  close(): Promise<void>;
}

export interface OpenedDriver extends Driver {
  /** What it has complained of. */
  readonly log?: string;
}

/** Of what goes wrong in the driver itself. */
export const DRIVER_FAULT = 'DRIVER';

/** What a driver answers instead of a result. */
export class DriverError extends Error {
  readonly reason: string;
  readonly retryable: boolean;
  readonly metadata: Fields;

  constructor(error: {
    readonly reason: string;
    readonly message: string;
    readonly retryable?: boolean | undefined;
    readonly metadata?: Fields | undefined;
  }) {
    super(error.message);
    this.reason = error.reason;
    this.retryable = error.retryable ?? false;
    this.metadata = error.metadata ?? {};
  }

  get fields(): Fields {
    const { reason, message, retryable, metadata } = this;
    return { reason, message, retryable, metadata };
  }
}
