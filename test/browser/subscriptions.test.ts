import { expect, it } from 'vitest';
import type { ConsoleBroker } from './support/console-broker.ts';
import { ConsoleSession, eventually } from './support/console-session.ts';
import { describeConsole } from './support/describe-console.ts';

const PATH = '/v1/topics/orders/subscriptions/billing';

interface Delivered {
  readonly deliveries: readonly {
    readonly receipt: string;
    readonly message: { readonly timestamp_ns: string };
  }[];
}

/** A subscription that has acknowledged some, holds some, and gave up some. */
async function worked(broker: ConsoleBroker): Promise<void> {
  await broker.publish('orders', ...Array.from({ length: 10 }, (_, i) => `order ${i}`));
  await broker.send('POST', '/v1/topics/orders/subscriptions', {
    subscription: 'billing',
    from: 'earliest',
    config: { max_attempts: 2, lease_ms: 600_000 },
  });
  const { deliveries } = await broker.send<Delivered>('POST', `${PATH}/pull`, { max_messages: 6 });
  const settle = (index: number, action: object) => ({
    receipt: deliveries[index]?.receipt,
    timestamp_ns: deliveries[index]?.message.timestamp_ns,
    ...action,
  });
  await broker.send('POST', `${PATH}/acknowledge`, {
    settlements: [
      settle(0, { action: 'ack' }),
      settle(1, { action: 'terminate', reason: 'no such customer' }),
      settle(2, { action: 'terminate', reason: 'no address' }),
      settle(3, { action: 'terminate', reason: 'no address' }),
    ],
  });
}

describeConsole('subscriptions', () => {
  it('are listed with backlog, in flight, oldest and attempts, live', async () => {
    await using session = await ConsoleSession.open();
    const { broker, page } = session;
    await worked(broker);
    await session.goto('#/subscriptions');
    const row = page.getByRole('row').filter({ hasText: 'billing' });
    const cell = (index: number) => row.getByRole('cell').nth(index).innerText();
    await eventually(() => cell(6)).toBe('3');
    expect(await cell(2)).toBe('6');
    expect(await cell(3)).toBe('2');
    expect(await cell(4)).toMatch(/ s$| ms$/);
    await broker.publish('orders', 'more');
    await eventually(() => cell(2)).toBe('7');
    await session.screenshot('subscriptions');
    await row.getByRole('link').click();
    await page.getByRole('heading', { name: 'billing' }).waitFor();
    await session.see('Further attempts');
    await page.getByRole('img', { name: /^Lag\. oldest: / }).waitFor();
    await eventually(() => page.getByRole('img', { name: /^Backlog\. pending: 7/ }).count()).toBe(
      1,
    );
    await session.screenshot('subscription', true);
  });

  it('seek to the playhead of the same timeline', async () => {
    await using session = await ConsoleSession.open();
    const { broker, page } = session;
    await worked(broker);
    await session.goto('#/subscriptions/orders/billing');
    await page.locator('[data-mark=cursor]').waitFor();
    await session.timeline.focus();
    await page.keyboard.press('Home');
    await session.button('Seek to the playhead…').click();
    const dialog = page.getByRole('dialog');
    await eventually(() => dialog.innerText()).toMatch(/10 messages/);
    expect(await dialog.innerText()).toMatch(/2 messages that workers hold now/);
    await dialog.getByRole('button', { name: 'Seek' }).click();
    await session.see(/billing is at/);
    await eventually(() => broker.send('GET', PATH)).toMatchObject({
      pending_count: 10,
      in_flight_count: 0,
    });
  });

  it('show dead letters with their reason, and redrive one or all', async () => {
    await using session = await ConsoleSession.open();
    const { broker, page } = session;
    await worked(broker);
    await session.goto('#/subscriptions/orders/billing');
    const table = page.getByRole('table');
    await eventually(() => table.getByRole('row').count()).toBe(4);
    expect(await table.getByRole('row').nth(1).innerText()).toMatch(
      /no such customer\s+1\s+order 1/,
    );
    await page.getByRole('heading', { name: 'Dead letters' }).scrollIntoViewIfNeeded();
    await session.screenshot('dead-letters');
    await table.getByRole('row').nth(1).getByRole('button', { name: 'Redrive' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Redrive 1' }).click();
    await session.see('1 dead letter published again');
    await eventually(() => table.getByRole('row').count()).toBe(3);
    await session.button('Redrive all…').click();
    await page.getByRole('dialog').getByRole('button', { name: 'Redrive all' }).click();
    await session.see('2 dead letters published again');
    await session.see('None: nothing was given up.');
    const { messages } = await broker.send<{ messages: { value: string }[] }>(
      'GET',
      '/v1/topics/orders/messages',
    );
    expect(messages.slice(10).map(({ value }) => value)).toEqual(['order 1', 'order 2', 'order 3']);
  });
});
