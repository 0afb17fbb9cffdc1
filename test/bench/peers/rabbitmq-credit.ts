import credit from 'rabbitmq-stream-js-client/dist/consumer_credit_policy.js';

/** How many chunks the server may send ahead. */
export const CREDIT = 10;

type Request = Parameters<InstanceType<typeof credit.ConsumerCreditPolicy>['onChunkReceived']>[0];

/**
 * Lets the server send some chunks ahead. The library handles chunks side by side when there is more than one, which
 * would mix up their messages; here each waits for the one before.
 */
export class OrderedCredit extends credit.ConsumerCreditPolicy {
  #last: Promise<void> = Promise.resolve();
  readonly #done: (() => void)[] = [];

  constructor() {
    super(CREDIT);
  }

  override onChunkReceived(_request: Request): Promise<void> {
    const previous = this.#last;
    this.#last = new Promise((resolve) => this.#done.push(resolve));
    return previous;
  }

  override onChunkCompleted(request: Request): Promise<void> {
    this.#done.shift()?.();
    return request(1);
  }
}
