import { expect, it } from 'vitest';
import { ConsoleSession, eventually } from './support/console-session.ts';
import { describeConsole } from './support/describe-console.ts';

const DAY = 86_400;

/** A tape of three days: a message every hour or so, and a few now. */
async function threeDays(): Promise<ConsoleSession> {
  const session = await ConsoleSession.open();
  const { broker } = session;
  for (let hour = 72; hour > 0; hour -= 2) {
    broker.clock.setAgo(hour * 3600);
    await broker.publish('tape', `${hour} h ago`, `${hour} h ago, too`);
  }
  broker.clock.setAgo(240);
  await broker.publish('tape', 'four minutes ago');
  broker.clock.setAgo(0);
  await broker.publish('tape', 'now');
  return session;
}

/** The playhead as the slider tells it. */
async function playhead(session: ConsoleSession): Promise<string> {
  return (await session.timeline.getAttribute('aria-valuetext')) ?? '';
}

async function shownSpan(session: ConsoleSession): Promise<string> {
  return /, ([^,]+) shown$/.exec(await playhead(session))?.[1] ?? '';
}

describeConsole('the tape', () => {
  it('is a histogram that zooms from days to nanoseconds around the pointer', async () => {
    await using session = await threeDays();
    const { page } = session;
    await session.goto('#/topics/tape');
    const bars = page.locator('.timeline-bars');
    await eventually(() => bars.getAttribute('data-most')).not.toBe('0');
    expect(await shownSpan(session)).toMatch(/^3(\.\d)? d$/);
    await session.screenshot('tape-days');
    await session.timeline.focus();
    await page.keyboard.press('Home');
    for (let i = 0; i < 80 && !/^\d\d ns$/.test(await shownSpan(session)); i++) {
      await page.keyboard.press('+');
    }
    expect(await shownSpan(session)).toMatch(/^\d\d ns$/);
    await eventually(() => bars.getAttribute('data-most')).toBe('1');
    expect(await page.locator('.timeline-axis').textContent()).toMatch(/\.\d{3} \d{3} \d{3}/);
    await session.screenshot('tape-nanoseconds');

    await session.button('All').click();
    expect(await shownSpan(session)).toMatch(/ d$/);
    const box = await session.timeline.boundingBox();
    if (box === null) throw new Error('the timeline has no place');
    await page.mouse.move(box.x + box.width / 2, box.y + 50);
    for (let i = 0; i < 20; i++) await page.mouse.wheel(0, -200);
    await eventually(() => shownSpan(session)).toMatch(/ (min|s|ms)$/);
    await page.keyboard.down('Shift');
    const before = await page.locator('.timeline-range').innerText();
    await page.mouse.down();
    await page.mouse.move(box.x + box.width / 4, box.y + 50);
    await page.mouse.up();
    await page.keyboard.up('Shift');
    expect(await page.locator('.timeline-range').innerText()).not.toBe(before);
  });

  it('shows the messages from where the playhead is dragged to', async () => {
    await using session = await threeDays();
    const { page } = session;
    await session.goto('#/topics/tape');
    await eventually(() => session.values()).toContain('72 h ago');
    const box = await session.timeline.boundingBox();
    if (box === null) throw new Error('the timeline has no place');
    const y = box.y + 50;
    await page.mouse.move(box.x + 30, y);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.3, y, { steps: 5 });
    await page.mouse.move(box.x + box.width * 0.5, y, { steps: 5 });
    await page.mouse.up();
    await eventually(async () => (await session.values())[0]).toMatch(/^3[4-8] h ago/);
    expect(await page.locator('[data-mark=playhead]').count()).toBe(1);
    expect(await page.locator('.is-at-playhead').count()).toBe(1);
    await session.screenshot('tape-dragged');
  });

  it('shows the messages from a time that is typed, and from five minutes ago', async () => {
    await using session = await threeDays();
    const { page } = session;
    await session.goto('#/topics/tape');
    const input = page.getByLabel('Playhead, in UTC');
    await input.fill('10h ago');
    await input.press('Enter');
    await eventually(async () => (await session.values())[0]).toMatch(/^(8|10) h ago/);
    await session.button('5 min ago').click();
    await eventually(() => session.values()).toEqual(['four minutes ago', 'now']);
    await input.fill('whenever');
    await input.press('Enter');
    await session.see(/A time such as/);
    expect(await input.getAttribute('aria-invalid')).toBe('true');
    await input.fill('earliest');
    await input.press('Enter');
    await eventually(async () => (await session.values())[0]).toBe('72 h ago');
  });

  it('is moved by keys, and a link shows the same moment', async () => {
    await using session = await threeDays();
    const { page } = session;
    await session.goto('#/topics/tape');
    await eventually(() => session.values()).not.toEqual([]);
    await session.timeline.focus();
    await page.keyboard.press('End');
    await eventually(() => session.values()).toEqual([]);
    await page.keyboard.press('PageDown');
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('+');
    await eventually(async () => (await session.values()).length).toBeGreaterThan(0);
    await eventually(() => page.url()).toMatch(/at=\d{19}&from=\d{19}&until=\d{19}/);
    // The address follows a little later than the playhead.
    const at = async () => /at=(\d+)/.exec(page.url())?.[1];
    const shown = await session.values();
    const moment = await playhead(session);
    await page.waitForTimeout(600);
    const link = page.url();
    expect(await at()).toMatch(/^\d{19}$/);
    await page.goto('about:blank');
    await page.goto(link);
    await eventually(() => session.values()).toEqual(shown);
    await eventually(() => playhead(session)).toBe(moment);
  });

  it('shows where it is trimmed and where it is closed', async () => {
    await using session = await threeDays();
    const { broker, page } = session;
    const now = await broker.send<{ clock_ns: string }>('GET', '/v1/server');
    const before = BigInt(now.clock_ns) - BigInt(DAY * 2) * 1_000_000_000n;
    await broker.send('POST', '/v1/topics/tape/trim', { before: `${before}` });
    await broker.send('POST', '/v1/topics/tape/close', { reason: 'that is all' });
    await session.goto('#/topics/tape');
    await page.locator('[data-mark=trimmed]').waitFor();
    await page.locator('[data-mark=closed]').waitFor();
    await eventually(async () => (await session.values())[0]).toBe('46 h ago');
    await page.getByText(/Closed at/).waitFor();
    await session.see('that is all');
    await session.screenshot('tape-closed');
  });
});
