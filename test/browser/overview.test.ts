import { expect, it } from 'vitest';
import { ConsoleSession, eventually } from './support/console-session.ts';
import { describeConsole } from './support/describe-console.ts';

describeConsole('the overview', () => {
  it('shows rates, latencies, disk, memory and delay, and plots them', async () => {
    await using session = await ConsoleSession.open();
    const { broker, page } = session;
    await broker.publish('orders', 'first');
    await session.goto('#/overview');
    const done = new AbortController();
    const publishing = (async () => {
      while (!done.signal.aborted) {
        await broker.publish('orders', ...Array.from({ length: 100 }, (_, i) => `${i}`));
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    })();
    try {
      const figure = (label: string) =>
        page.locator('.figure').filter({ hasText: label }).locator('dd').innerText();
      await eventually(() => figure('Publish rate')).toMatch(/^[1-9]/);
      await eventually(() => figure('Publish latency')).toMatch(/\d.* \/ .*\d/);
      expect(await figure('fsync')).toMatch(/\d|–/);
      expect(await figure('Memory')).toMatch(/MiB|GiB/);
      expect(await figure('Tape on disk')).toMatch(/free/);
      await eventually(() => figure('Event-loop delay')).toMatch(/ms|µs| s$/);
      await page.getByRole('img', { name: /^Messages a second\. published: [1-9]/ }).waitFor();
      expect(await page.locator('.plot canvas').count()).toBeGreaterThanOrEqual(8);
      await session.screenshot('overview', true);
    } finally {
      done.abort();
      await publishing;
    }
    // What was seen is there again after the page was loaded anew.
    const title = () => page.getByRole('img', { name: /^Memory/ }).getAttribute('aria-label');
    await page.reload();
    await eventually(title).toMatch(/at most/);
  });
});
