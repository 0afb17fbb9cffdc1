import { expect, it } from 'vitest';
import { ConsoleSession, eventually } from './support/console-session.ts';
import { describeConsole } from './support/describe-console.ts';

/** So many messages, one every so many milliseconds, the last just now. */
async function paced(count: number, everyMs: number): Promise<ConsoleSession> {
  const session = await ConsoleSession.open();
  const { broker } = session;
  // The first publish takes longer than others.
  broker.clock.setAgo(3600);
  await broker.publish('first', 'x');
  await broker.send('POST', '/v1/topics', { topic: 'tape' });
  const beganMs = performance.now();
  for (let i = 0; i < count; i++) {
    // How long publishing takes is made up for: the distance is exact to a millisecond or so.
    const elapsed = (performance.now() - beganMs) / 1000;
    broker.clock.setAgo(((count - i) * everyMs) / 1000 + elapsed);
    await broker.publish('tape', `${i}`);
  }
  broker.clock.setAgo(0);
  return session;
}

const numbers = (count: number) => Array.from({ length: count }, (_, i) => `${i}`);

describeConsole('playing', () => {
  it('goes at the speed at which the messages came, and ends up following the tail', async () => {
    await using session = await paced(5, 600);
    await session.goto('#/topics/tape');
    await eventually(() => session.values()).toEqual(numbers(5));
    const began = Date.now();
    await session.button('Play').click();
    await eventually(() => session.values()).toEqual(['0', '1']);
    await session.see('Playing at 1×');
    await eventually(() => session.values()).toEqual(numbers(5));
    const seconds = (Date.now() - began) / 1000;
    expect(seconds).toBeGreaterThan(2.2);
    expect(seconds).toBeLessThan(20);
    await session.see('Following the tail');
    await session.broker.publish('tape', 'live');
    await eventually(() => session.values()).toEqual([...numbers(5), 'live']);
    await session.screenshot('playing');
  });

  it('shows everything again once a filter is taken away', async () => {
    await using session = await paced(5, 100);
    await session.goto('#/topics/tape');
    await eventually(() => session.values()).toEqual(numbers(5));
    await session.button('Play').click();
    await session.see('Following the tail');
    const filter = session.page.getByLabel('whose text or header has');
    await filter.fill('3');
    await eventually(() => session.values()).toEqual(['3']);
    await filter.fill('');
    await eventually(() => session.values()).toEqual(numbers(5));
    await session.see('Following the tail');
    await session.broker.publish('tape', 'live');
    await eventually(() => session.values()).toEqual([...numbers(5), 'live']);
  });

  it('goes at ten times the speed, is paused, and goes on', async () => {
    await using session = await paced(12, 4000);
    const { page } = session;
    await session.goto('#/topics/tape');
    await eventually(() => session.values()).toEqual(numbers(12));
    await page.getByText('10×').click();
    const began = Date.now();
    await session.button('Play').click();
    await eventually(async () => (await session.values()).length).toBeGreaterThanOrEqual(4);
    await session.button('Pause').click();
    // What is behind the playhead is shown again, since nothing plays.
    await eventually(() => session.values()).toEqual(numbers(12));
    const place = await page.locator('.is-at-playhead .message-value').innerText();
    expect(Number(place)).toBeGreaterThanOrEqual(3);
    expect(Number(place)).toBeLessThan(12);
    await session.button('Play').click();
    await session.see('Following the tail');
    expect(await session.values()).toEqual(numbers(12));
    expect((Date.now() - began) / 1000).toBeGreaterThan(4);
    expect((Date.now() - began) / 1000).toBeLessThan(40);
  });

  it('passes over silence when it is told to', async () => {
    await using session = await ConsoleSession.open();
    const { broker } = session;
    broker.clock.setAgo(7200);
    await broker.publish('tape', 'early');
    broker.clock.setAgo(0);
    await broker.publish('tape', 'late');
    await session.goto('#/topics/tape');
    await eventually(() => session.values()).toEqual(['early', 'late']);
    await session.button('Play').click();
    await session.see(/Silence for [12](\.\d)? h/);
    expect(await session.values()).toEqual(['early']);
    await session.button('Skip it').click();
    await eventually(() => session.values()).toEqual(['early', 'late']);
  });

  it('goes as fast as it can through more than the view keeps, and says so', {
    timeout: 120_000,
  }, async () => {
    await using session = await ConsoleSession.open();
    const { broker, page } = session;
    const count = 130_000;
    await broker.publishMany('tape', count);
    await session.goto('#/topics/tape');
    await eventually(async () => (await session.values())[0]).toBe('message 0');
    await page.getByText('max', { exact: true }).click();
    await session.button('Play').click();
    await page.getByText('Following the tail').waitFor({ timeout: 60_000 });
    await session.see(/the view keeps the last 100,000; 30,000 have left it/);
    await eventually(async () => (await session.values()).at(-1)).toBe(`message ${count - 1}`);
    expect(await session.messages.count()).toBeLessThan(120);
    await session.screenshot('playing-max');
  });

  it('goes along with the tail, and keeps its place for who scrolls away', async () => {
    await using session = await ConsoleSession.open();
    const { broker, page } = session;
    await broker.publishMany('tape', 200);
    await session.goto('#/topics/tape');
    await session.button('Tail').click();
    await session.see('Following the tail');
    await session.see('Waiting for the next message');
    for (let i = 0; i < 100; i++) await broker.publish('tape', `live ${i}`);
    await eventually(async () => (await session.values()).at(-1)).toBe('live 99');
    await page.locator('.message-scroller').hover();
    await page.mouse.wheel(0, -100_000);
    await eventually(async () => (await session.values())[0]).toBe('live 0');
    await broker.publish('tape', 'later');
    await session.see('101 messages');
    expect((await session.values())[0]).toBe('live 0');
  });

  it('ends at the close of a channel', async () => {
    await using session = await ConsoleSession.open();
    const { broker } = session;
    await broker.publish('chan', 'a', 'b');
    await session.goto('#/topics/chan');
    await eventually(() => session.values()).toEqual(['a', 'b']);
    await session.timeline.press('Space');
    await session.see('Following the tail');
    await session.timeline.press('Space');
    await session.button('Play').waitFor();
    await session.button('Tail').click();
    await session.see('Following the tail');
    await broker.send('POST', '/v1/topics/chan/close', { reason: 'done' });
    await session.see(/Closed at/);
    await session.button('Play').waitFor();
  });
});
