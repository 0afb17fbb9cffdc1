import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { ConsoleSession, eventually } from './support/console-session.ts';
import { describeConsole } from './support/describe-console.ts';

const PICTURE = fileURLToPath(new URL('../../docs/console.png', import.meta.url));
const CITIES = ['Oslo', 'Lisbon', 'Kraków', 'Ghent', 'Turin'];

/** How busy the shop is at an hour of the day. */
function ordersAt(hour: number): number {
  const day = Math.max(0, Math.sin(((hour - 6) / 15) * Math.PI));
  return Math.round(2 + 26 * day ** 1.5 + 4 * Math.sin(hour * 7.3) ** 2);
}

function order(id: number) {
  const city = CITIES[id % CITIES.length];
  return {
    key: `order-${id}`,
    value: JSON.stringify({
      id,
      customer: { city, loyal: id % 3 === 0 },
      lines: [
        { sku: 'tea/assam', count: 1 + (id % 4), cents: 890 },
        { sku: 'cup/blue', count: 1, cents: 1250 },
      ],
      paid: true,
    }),
    headers: [{ name: 'by', value: id % 2 === 0 ? 'web' : 'app' }],
  };
}

// Not a test of anything: PLAYHEAD_PICTURE=1 takes the picture that README shows.
describeConsole('the picture of the README', () => {
  it.runIf(process.env['PLAYHEAD_PICTURE'] === '1')('is taken', async () => {
    await using session = await ConsoleSession.open({ viewport: { width: 1280, height: 760 } });
    const { broker, page } = session;
    let id = 1000;
    for (let quarter = 48 * 4; quarter > 0; quarter--) {
      broker.clock.setAgo(quarter * 900);
      const count = ordersAt(((48 * 4 - quarter) / 4) % 24);
      await broker.publish('orders/eu', ...Array.from({ length: count }, () => order(id++)));
    }
    broker.clock.setAgo(0);
    await broker.send('POST', '/v1/topics/orders%2Feu/subscriptions', {
      subscription: 'billing',
      from: '-5m',
    });
    await broker.publish('orders/eu', order(id++));
    await session.goto('#/topics/orders%2Feu');
    await page.getByLabel('Playhead, in UTC').fill('16h ago');
    await page.keyboard.press('Enter');
    await eventually(() => session.messages.count()).toBeGreaterThan(5);
    await session.messages.nth(2).click();
    await session.see('"sku"');
    await page.waitForTimeout(1000);
    await page.screenshot({ path: PICTURE });
    expect(await page.locator('[data-mark=playhead]').count()).toBe(1);
  });
});
