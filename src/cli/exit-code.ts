import type { PlayheadErrorReason } from 'playhead-client';
import { PlayheadError } from 'playhead-client';
import { BrokerError } from '../errors.ts';

/** What the process answers its caller with. Part of the interface: never renumber. */
export const EXIT = {
  ok: 0,
  /** The broker is unreachable or failed. */
  failed: 1,
  /** The command line makes no sense. */
  usage: 2,
  /** The broker said no. */
  refused: 3,
  /** What was asked for does not exist. */
  nothing: 4,
  /** Not authenticated or not allowed. Not used yet; the number is taken. */
  auth: 5,
  dataLoss: 7,
  /** 128 plus the number of the signal, as shells do. */
  interrupted: 130,
  terminated: 143,
} as const;

/** One of {@link EXIT}. */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** A failure that the CLI itself finds. The reason is one of the broker's, or one of its own. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly exitCode: ExitCode;
  readonly reason: PlayheadErrorReason | 'USAGE' | 'FAILED' | 'CHECKSUM_MISMATCH';

  constructor(
    exitCode: ExitCode,
    reason: CliError['reason'],
    message: string,
    options?: { readonly cause?: unknown },
  ) {
    super(message, options);
    this.exitCode = exitCode;
    this.reason = reason;
  }
}

/** The command line makes no sense. */
export function usageError(message: string, cause?: unknown): CliError {
  return new CliError(EXIT.usage, 'USAGE', message, { cause });
}

const exitCodeOfReason: Readonly<Record<PlayheadErrorReason, ExitCode>> = {
  INVALID_ARGUMENT: EXIT.refused,
  MALFORMED: EXIT.refused,
  MESSAGE_TOO_LARGE: EXIT.refused,
  REQUEST_TOO_LARGE: EXIT.refused,
  TOPIC_NOT_FOUND: EXIT.nothing,
  TOPIC_EXISTS: EXIT.refused,
  TOPIC_DELETED: EXIT.nothing,
  CHANNEL_CLOSED: EXIT.refused,
  CONFLICT: EXIT.refused,
  PRODUCER_CONFLICT: EXIT.refused,
  OVERLOADED: EXIT.refused,
  LIMIT_EXCEEDED: EXIT.refused,
  DISK_FULL: EXIT.failed,
  STORAGE_FAILED: EXIT.failed,
  SHUTTING_DOWN: EXIT.failed,
  DATA_LOSS: EXIT.dataLoss,
  INTERNAL: EXIT.failed,
  UNREACHABLE: EXIT.failed,
  DEADLINE_EXCEEDED: EXIT.failed,
  CANCELLED: EXIT.failed,
  CLIENT_CLOSED: EXIT.failed,
  SUBSCRIPTION_NOT_FOUND: EXIT.nothing,
  SUBSCRIPTION_EXISTS: EXIT.refused,
  SUBSCRIPTION_DELETED: EXIT.nothing,
  BACKLOG_FULL: EXIT.refused,
  SCHEDULE_NOT_FOUND: EXIT.nothing,
  SCHEDULE_EXISTS: EXIT.refused,
  PUBLISHER_FULL: EXIT.refused,
};

/** A failure as it is told: on one line for people, as an object for programs. */
export interface Failure {
  readonly exitCode: ExitCode;
  readonly reason: string;
  readonly message: string;
  readonly metadata: Readonly<Record<string, string>>;
}

/** What an error means to the caller of the process. */
export function describeFailure(error: unknown): Failure {
  if (error instanceof PlayheadError || error instanceof BrokerError) {
    const { reason, message, metadata } = error;
    return { exitCode: exitCodeOfReason[reason], reason, message: oneLine(message), metadata };
  }
  if (error instanceof CliError) {
    const { exitCode, reason, message } = error;
    return { exitCode, reason, message: oneLine(message), metadata: {} };
  }
  const message = oneLine(error instanceof Error ? error.message : String(error));
  return { exitCode: EXIT.failed, reason: 'FAILED', message, metadata: {} };
}

function oneLine(message: string): string {
  return message.trim().replaceAll(/\s*\n\s*/g, ' ');
}
