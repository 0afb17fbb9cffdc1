import type { FastifyError } from 'fastify';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import { ZodError } from 'zod';
import { asBrokerError, type BrokerError, invalidArgument } from '../errors.ts';
import { HTTP_STATUS, StatusError } from './problem.ts';

/** What was thrown, as an error of ours. */
export interface Understood {
  readonly error: BrokerError;
  /** If it is not that of the reason. */
  readonly status?: number;
}

export function understand(thrown: unknown): Understood {
  if (thrown instanceof StatusError) return thrown;
  if (hasZodFastifySchemaValidationErrors(thrown)) {
    const [issue] = thrown.validation;
    const where = (issue?.instancePath ?? '').slice(1).replaceAll('/', '.');
    const field = where === '' ? (thrown.validationContext ?? 'body') : where;
    return { error: invalidArgument(field, issue?.message ?? 'is not valid') };
  }
  if (thrown instanceof ZodError) {
    const [issue] = thrown.issues;
    return { error: invalidArgument(issue?.path.join('.') || 'body', issue?.message ?? '') };
  }
  if (isFastifyError(thrown)) {
    const status = thrown.statusCode ?? HTTP_STATUS.INTERNAL;
    if (status < HTTP_STATUS.INTERNAL)
      return { error: invalidArgument('request', thrown.message), status };
  }
  return { error: asBrokerError(thrown) };
}

function isFastifyError(thrown: unknown): thrown is FastifyError {
  return thrown instanceof Error && 'code' in thrown && 'statusCode' in thrown;
}
