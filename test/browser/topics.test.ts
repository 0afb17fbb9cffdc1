import { expect, it } from 'vitest';
import { ConsoleSession, eventually } from './support/console-session.ts';
import { describeConsole } from './support/describe-console.ts';
import { frameTimes } from './support/frame-times.ts';

describeConsole('the list of topics', () => {
  it('shows rate, messages, bytes, times, state and subscriptions, live', async () => {
    await using session = await ConsoleSession.open();
    const { broker, page } = session;
    await broker.publish('orders/eu', 'one', 'two');
    await broker.publish('orders/us', 'one');
    await broker.send('POST', '/v1/topics/orders%2Fus/close', {});
    await broker.send('POST', '/v1/topics/orders%2Feu/subscriptions', {
      subscription: 'billing',
      from: 'earliest',
    });
    await session.goto('');
    const row = page.getByRole('row').filter({ hasText: 'orders/eu' });
    await eventually(() => row.innerText()).toMatch(/lag/);
    expect(await page.getByRole('columnheader').allInnerTexts()).toEqual([
      'Topic',
      'Rate',
      'Messages',
      'Bytes',
      'First',
      'Last',
      'Subscriptions',
    ]);
    const cells = row.getByRole('cell');
    expect(await cells.nth(2).innerText()).toBe('2');
    expect(await cells.nth(3).innerText()).toMatch(/^\d+ B$/);
    expect(await cells.nth(4).innerText()).toMatch(/ago|just now/);
    const closed = page.getByRole('row').filter({ hasText: 'orders/us' });
    expect(await closed.innerText()).toContain('closed');

    for (let i = 0; i < 5; i++) await broker.publish('orders/eu', 'more');
    await eventually(() => cells.nth(2).innerText()).toBe('7');
    await eventually(() => cells.nth(1).innerText()).toMatch(/[1-9].*\/s/);
    await eventually(() => row.locator('.sparkline polyline').count()).toBe(1);
    await broker.publish('new/one', 'x');
    await session.see('new/one');
    await broker.send('DELETE', '/v1/topics/new%2Fone');
    await page.getByText('new/one').waitFor({ state: 'detached' });
    await session.screenshot('topics');
  });

  it('is searched, and left for a topic, by the keyboard alone', async () => {
    await using session = await ConsoleSession.open();
    const { broker, page } = session;
    for (const topic of ['alpha', 'beta/one', 'beta/two']) await broker.publish(topic, 'x');
    await session.goto('#/topics');
    await session.see('3 topics');
    await page.keyboard.press('Tab');
    while (!(await page.getByRole('searchbox').evaluate((element) => element.matches(':focus')))) {
      await page.keyboard.press('Tab');
    }
    await page.keyboard.type('BETA');
    await session.see('2 of 3 topics');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'beta/one' }).waitFor();
    expect(page.url()).toContain('#/topics/beta%2Fone');
    await page.goBack();
    await page.getByRole('heading', { name: 'Topics' }).waitFor();
  });

  it('stays smooth with ten thousand topics', { timeout: 180_000 }, async () => {
    await using session = await ConsoleSession.open();
    const { broker, page } = session;
    const names = Array.from({ length: 10_000 }, (_, i) => `many/${`${i}`.padStart(5, '0')}`);
    await broker.createTopics(names);
    await session.goto('#/topics');
    await session.see('10,000 topics');
    expect(await page.getByRole('row').count()).toBeLessThan(80);
    await page.getByRole('row').nth(5).hover();
    const times = await frameTimes(page, () => page.mouse.wheel(0, 4000), 60);
    expect(times.median).toBeLessThan(50);
    await page.locator('.rows-scroller').evaluate((element) => {
      element.scrollTop = element.scrollHeight;
    });
    await session.see('many/09999');
    // What is seen is kept fresh.
    await broker.publish('many/09999', 'x', 'y', 'z');
    const last = page.getByRole('row').filter({ hasText: 'many/09999' });
    await eventually(() => last.getByRole('cell').nth(2).innerText()).toBe('3');
    await page.getByRole('searchbox').fill('0777');
    await session.see('11 of 10,000 topics');
    await session.screenshot('topics-many');
  });
});
