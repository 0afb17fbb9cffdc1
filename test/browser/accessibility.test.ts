import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import type { ConsoleBroker } from './support/console-broker.ts';
import { ConsoleSession, eventually } from './support/console-session.ts';
import { describeConsole } from './support/describe-console.ts';

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const found = await page.evaluate<Violation[]>('axe.run().then(({ violations }) => violations)');
  return found.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)} ${failureSummary}`),
  );
}

async function filled(broker: ConsoleBroker): Promise<void> {
  broker.clock.setAgo(7200);
  await broker.publish('orders/eu', { key: 'k', value: '{"a":[1,{"b":null}],"c":"<b>"}' }, 'early');
  broker.clock.setAgo(0);
  await broker.publish('orders/eu', { value: 'v', headers: [{ name: 'h', value: 'x' }] });
  await broker.publish('chan', 'a');
  await broker.send('POST', '/v1/topics/chan/close', { reason: 'done' });
  const path = '/v1/topics/orders%2Feu/subscriptions';
  await broker.send('POST', path, { subscription: 'billing', from: 'earliest' });
  const { deliveries } = await broker.send<{
    deliveries: { receipt: string; message: { timestamp_ns: string } }[];
  }>('POST', `${path}/billing/pull`, { max_messages: 1 });
  const [first] = deliveries;
  await broker.send('POST', `${path}/billing/acknowledge`, {
    settlements: [
      {
        receipt: first?.receipt,
        timestamp_ns: first?.message.timestamp_ns,
        action: 'terminate',
        reason: 'no such customer',
      },
    ],
  });
}

/** Each view, and how to get there. */
const VIEWS: Readonly<Record<string, (session: ConsoleSession) => Promise<void>>> = {
  topics: async (session) => {
    await session.goto('#/topics');
    await session.see('orders/eu');
  },
  topic: async (session) => {
    await session.goto('#/topics/orders%2Feu');
    await session.messages.first().click();
    await session.page.locator('.json').waitFor();
  },
  'topic-closed': async (session) => {
    await session.goto('#/topics/chan');
    await session.see(/Closed at/);
  },
  'topic-playing': async (session) => {
    await session.goto('#/topics/orders%2Feu');
    await eventually(() => session.values()).not.toEqual([]);
    await session.button('Play').click();
    await session.see(/Silence for/);
  },
  delete: async (session) => {
    await session.goto('#/topics/orders%2Feu');
    await session.button('Delete…').click();
    await session.see('1 subscription');
  },
  publish: async (session) => {
    await session.goto('#/topics/orders%2Feu');
    await session.button('Publish').click();
  },
  subscriptions: async (session) => {
    await session.goto('#/subscriptions');
    await session.see('billing');
  },
  subscription: async (session) => {
    await session.goto('#/subscriptions/orders%2Feu/billing');
    await session.see('no such customer');
    await session.page.locator('[data-mark=cursor]').waitFor();
  },
  overview: async (session) => {
    await session.goto('#/overview');
    await eventually(() => session.page.locator('.figure dd').allInnerTexts()).not.toContain('– –');
  },
  unknown: async (session) => {
    await session.goto('#/nowhere');
    await session.see('There is no such page');
  },
};

describeConsole('every view', () => {
  it.each(['light', 'dark'] as const)('is accessible when it is %s', async (colorScheme) => {
    await using session = await ConsoleSession.open({ colorScheme });
    await filled(session.broker);
    const found: Record<string, string[]> = {};
    for (const [name, open] of Object.entries(VIEWS)) {
      await session.page.goto('about:blank');
      await open(session);
      await session.screenshot(`${name}-${colorScheme}`);
      const all = await violations(session.page);
      if (all.length > 0) found[name] = all;
    }
    expect(found).toEqual({});
  });

  it('fits the width of a phone', async () => {
    await using session = await ConsoleSession.open({
      viewport: { width: 375, height: 720 },
      deviceScaleFactor: 2,
      hasTouch: true,
      isMobile: true,
      colorScheme: 'dark',
    });
    await filled(session.broker);
    const found: Record<string, unknown> = {};
    for (const [name, open] of Object.entries(VIEWS)) {
      await session.page.goto('about:blank');
      await open(session).catch((error: unknown) => {
        throw new Error(name, { cause: error });
      });
      await session.screenshot(`${name}-phone`);
      const width = await session.page.evaluate<number>('document.documentElement.scrollWidth');
      const all = await violations(session.page);
      if (width > 375 || all.length > 0) found[name] = { width, all };
    }
    expect(found).toEqual({});
  });
});
