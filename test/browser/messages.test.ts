import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { ConsoleSession, eventually } from './support/console-session.ts';
import { describeConsole } from './support/describe-console.ts';
import { frameTimes } from './support/frame-times.ts';

const run = promisify(execFile);
const detail = (session: ConsoleSession) =>
  session.page.getByRole('region', { name: 'Message', exact: true });

async function choose(session: ConsoleSession, text: string): Promise<void> {
  await session.messages.filter({ hasText: text }).click();
  await detail(session).waitFor();
}

describeConsole('messages', () => {
  it('have a time of nine digits, key, headers, value and size', async () => {
    await using session = await ConsoleSession.open();
    const { broker, page } = session;
    const value = JSON.stringify({
      id: 7,
      lines: [{ sku: 'tea', count: 2 }],
      paid: true,
      note: null,
    });
    const timestampNs = await broker.publish('orders', {
      key: 'order-7',
      value,
      headers: [{ name: 'by', value: 'web' }],
    });
    await session.goto('#/topics/orders');
    const row = session.messages.first();
    await eventually(() => row.locator('time').textContent()).toMatch(
      /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{9}$/,
    );
    expect(await row.innerText()).toContain('order-7');
    await choose(session, 'order-7');
    const shown = await detail(session).innerText();
    for (const text of [`${timestampNs}`, 'order-7', 'by', 'web', `${value.length} B`]) {
      expect(shown).toContain(text);
    }
    // JSON first, since it says most; it folds.
    await detail(session).getByText('"sku"').waitFor();
    await page.locator('.json-children .json-parent > summary').first().click();
    await detail(session).getByText('"sku"').waitFor({ state: 'hidden' });
    await detail(session).getByText('Text', { exact: true }).click();
    expect(await page.locator('.value-text').innerText()).toBe(value);
    await detail(session).getByText('Hex', { exact: true }).click();
    expect(await page.locator('.value-hex').innerText()).toContain('7b 22 69 64 22 3a 37 2c');
    await session.screenshot('message');
  });

  it('that are no text are shown as bytes', async () => {
    await using session = await ConsoleSession.open();
    await session.broker.publish('bytes', {
      value_base64: Buffer.from([0, 255, 128]).toString('base64'),
    });
    await session.goto('#/topics/bytes');
    await choose(session, '00 ff 80');
    expect(await session.page.locator('.value-hex').innerText()).toContain('00 ff 80');
    expect(await detail(session).getByRole('radio').count()).toBe(1);
  });

  it('that are HTML stay text', async () => {
    await using session = await ConsoleSession.open();
    const { broker, page } = session;
    const attack = '<script>window.isTaken=1</script><img src=x onerror="window.isTaken=2">';
    await broker.publish('html', {
      key: attack,
      value: attack,
      headers: [{ name: '<b>h</b>', value: attack }],
    });
    await session.goto('#/topics/html');
    await choose(session, '<script>');
    expect(await page.locator('.value-text').innerText()).toBe(attack);
    await session.screenshot('message-html');
    expect(await page.locator('#console script, #console img, #console b:text("h")').count()).toBe(
      0,
    );
    expect(await page.evaluate('window.isTaken')).toBeUndefined();
    const { headers } = await fetch(session.broker.url);
    const policy = headers.get('content-security-policy');
    expect(policy).toContain("script-src 'self'");
    expect(policy).not.toContain('unsafe');
  });

  it('are filtered by key and by text', async () => {
    await using session = await ConsoleSession.open();
    const { broker, page } = session;
    const messages = Array.from({ length: 3000 }, (_, i) => ({
      key: `k${i % 10}`,
      value: `value ${i}`,
    }));
    await broker.publish('many', ...messages);
    await session.goto('#/topics/many');
    await page.getByLabel('whose key has').fill('K7');
    await session.see(/300 of 3,000 messages match/);
    expect((await session.values()).slice(0, 2)).toEqual(['value 7', 'value 17']);
    await page.getByLabel('whose text or header has').fill('1997');
    await eventually(() => session.values()).toEqual(['value 1997']);
    await page.getByLabel('whose key has').fill('');
    await page.getByLabel('whose text or header has').fill('');
    await eventually(async () => (await session.values())[0]).toBe('value 0');
  });

  it('are chosen by keys', async () => {
    await using session = await ConsoleSession.open();
    const { broker, page } = session;
    await broker.publishMany('tape', 1000);
    await session.goto('#/topics/tape');
    await session.see('message 0');
    await page.getByRole('listbox').focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await eventually(() => page.locator('.value-text').innerText()).toBe('message 1');
    await page.keyboard.press('PageDown');
    const selected = page.locator('[aria-selected=true]');
    await eventually(() => selected.getAttribute('aria-posinset')).not.toBe('2');
    expect(await page.getByRole('listbox').getAttribute('aria-activedescendant')).toBe(
      await selected.getAttribute('id'),
    );
  });

  it('are copied as curl, which does what it says', async () => {
    await using session = await ConsoleSession.open();
    const { broker, page } = session;
    await broker.publish('orders/eu', { key: "it's", value: 'a "b" $c' });
    await session.goto('#/topics/orders%2Feu');
    await choose(session, 'a "b"');
    await detail(session).getByRole('button', { name: 'Copy as curl' }).click();
    await session.see('Copied');
    const command = await page.evaluate<string>('navigator.clipboard.readText()');
    expect(command).toMatch(/^curl 'http.*orders%2Feu\/messages' --json /);
    await run('/bin/sh', ['-c', command]);
    await detail(session).getByRole('button', { name: 'Copy curl that reads it' }).click();
    const reading = await page.evaluate<string>('navigator.clipboard.readText()');
    const { stdout } = await run('/bin/sh', ['-c', reading]);
    expect(JSON.parse(stdout)).toMatchObject({ messages: [{ key: "it's", value: 'a "b" $c' }] });
    const all = await broker.send<{ messages: object[] }>('GET', '/v1/topics/orders%2Feu/messages');
    expect(all.messages).toMatchObject([{ value: 'a "b" $c' }, { key: "it's", value: 'a "b" $c' }]);
  });

  it('are downloaded as NDJSON', async () => {
    await using session = await ConsoleSession.open();
    const { broker, page } = session;
    await broker.publishMany('orders/eu', 5000);
    await session.goto('#/topics/orders%2Feu');
    await session.button('Download').click();
    await page.getByText('All of the tape').click();
    const downloading = page.waitForEvent('download');
    await page.getByRole('dialog').getByRole('button', { name: 'Download' }).click();
    const download = await downloading;
    expect(download.suggestedFilename()).toBe('orders-eu.ndjson');
    const lines = (await readFile(await download.path(), 'utf8')).trimEnd().split('\n');
    const values = lines
      .map((line) => JSON.parse(line) as { value?: string })
      .flatMap(({ value }) => value ?? []);
    expect(values).toHaveLength(5000);
    expect(values.at(-1)).toBe('message 4999');
  });

  it('stay smooth with a hundred thousand in view', { timeout: 120_000 }, async () => {
    await using session = await ConsoleSession.open();
    const { broker, page } = session;
    await broker.publishMany('tape', 100_000);
    await session.goto('#/topics/tape');
    await page.getByText('max', { exact: true }).click();
    await session.button('Play').click();
    await page.getByText('Following the tail').waitFor({ timeout: 60_000 });
    await session.see('100,000 messages');
    await page.locator('.message-scroller').hover();
    const times = await frameTimes(page, () => page.mouse.wheel(0, -20_000), 60);
    expect(times.median).toBeLessThan(50);
    expect(await session.messages.count()).toBeLessThan(120);
  });
});
