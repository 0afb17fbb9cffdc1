import { describe, expect, it } from 'vitest';
import { gophermqError } from '../../../src/compat/gophermq-errors.ts';
import { BrokerError, type ErrorReason, invalidArgument } from '../../../src/errors.ts';
import { HTTP_STATUS, StatusError } from '../../../src/http/problem.ts';

describe('what gophermq answers', () => {
  it.each<[ErrorReason, number, string]>([
    ['BACKLOG_FULL', 429, 'broker overflow'],
    ['SUBSCRIPTION_NOT_FOUND', 404, 'bad id'],
    ['SUBSCRIPTION_DELETED', 404, 'bad id'],
    ['TOPIC_DELETED', 404, 'bad id'],
    ['INTERNAL', 500, 'server error'],
  ])('to %s is %i %s', (reason, status, message) => {
    expect(gophermqError(new BrokerError(reason, 'why'))).toMatchObject({ status, message });
  });

  it('to any other reason is its status and why', () => {
    const own = ['BACKLOG_FULL', 'SUBSCRIPTION_NOT_FOUND', 'SUBSCRIPTION_DELETED'];
    own.push('TOPIC_DELETED', 'INTERNAL');
    for (const [reason, status] of Object.entries(HTTP_STATUS) as [ErrorReason, number][]) {
      if (own.includes(reason)) continue;
      expect(gophermqError(new BrokerError(reason, 'why'))).toMatchObject({
        status,
        message: 'why',
      });
    }
  });

  it('to a body that is none does not depend on what it is', () => {
    const { status, message } = gophermqError(invalidArgument('body', 'is no JSON'));
    expect([status, message]).toEqual([400, "request's body is invalid"]);
  });

  it('is what a route has said itself', () => {
    const refusal = new StatusError(new BrokerError('SUBSCRIPTION_NOT_FOUND', 'nobody'), 404);
    expect(gophermqError(refusal)).toMatchObject({ status: 404, message: 'nobody' });
  });

  it('to what is a bug does not tell what it was', () => {
    const answer = gophermqError(new TypeError('secret'));
    expect(answer).toMatchObject({ status: 500, message: 'server error', isOurFault: true });
  });

  it('says when to come again if that helps', () => {
    expect(gophermqError(new BrokerError('OVERLOADED', 'why')).retryAfter).toBe(1);
    expect(gophermqError(new BrokerError('MESSAGE_TOO_LARGE', 'why')).retryAfter).toBeUndefined();
  });
});
