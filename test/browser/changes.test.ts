import { expect, it } from 'vitest';
import { ConsoleSession, eventually } from './support/console-session.ts';
import { describeConsole } from './support/describe-console.ts';

interface TopicJson {
  readonly state: string;
  readonly message_count: number;
  readonly config: { readonly max_age_ms: number };
}

const dialog = (session: ConsoleSession) => session.page.getByRole('dialog');
const topicOf = (session: ConsoleSession, name: string) =>
  session.broker.send<TopicJson>('GET', `/v1/topics/${name}`);

/** Types the name that is asked for, a wrong one first, and confirms. */
async function confirm(session: ConsoleSession, name: string, label: string): Promise<void> {
  const button = dialog(session).getByRole('button', { name: label });
  const input = dialog(session).getByLabel(/Type the name/);
  expect(await button.isDisabled()).toBe(true);
  await input.fill(name.slice(0, -1));
  expect(await button.isDisabled()).toBe(true);
  await input.fill(name);
  await button.click();
  await dialog(session).waitFor({ state: 'detached' });
}

describeConsole('changes', () => {
  it('a topic is created with its limits, by the keyboard', async () => {
    await using session = await ConsoleSession.open({ expectedErrors: /400/ });
    const { page } = session;
    await session.goto('#/topics');
    await session.button('New topic').focus();
    await page.keyboard.press('Enter');
    await dialog(session).waitFor();
    await page.keyboard.press('Escape');
    await dialog(session).waitFor({ state: 'detached' });
    await page.keyboard.press('Enter');
    await dialog(session).getByLabel('Name').fill('bad name');
    await page.keyboard.press('Enter');
    await session.see(/character that a topic name must not have/);
    await dialog(session).getByLabel('Name').fill('orders');
    await dialog(session).getByLabel(/days/).fill('30');
    await session.screenshot('create');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'orders' }).waitFor();
    expect((await topicOf(session, 'orders')).config.max_age_ms).toBe(30 * 86_400_000);
  });

  it('a message is published', async () => {
    await using session = await ConsoleSession.open();
    const { broker, page } = session;
    await broker.send('POST', '/v1/topics', { topic: 'orders' });
    await session.goto('#/topics/orders');
    await session.button('Tail').click();
    await session.button('Publish').click();
    await dialog(session).getByLabel('Key').fill('order-7');
    await dialog(session).getByLabel('Headers, one a line').fill('by: web\n\nno header');
    await dialog(session).getByLabel('Value').fill('{"paid":true}');
    await session.screenshot('publish');
    await dialog(session).getByRole('button', { name: 'Publish' }).click();
    await session.see(/header 3 has no name/);
    await dialog(session).getByLabel('Headers, one a line').fill('by: web\ntrace: 1:2');
    await dialog(session).getByRole('button', { name: 'Publish' }).click();
    await session.see(/Published at \d{4}-.*\.\d{9}Z/);
    await eventually(() => page.locator('.message-row .message-value').innerText()).toContain(
      '{"paid":true}',
    );
    const { messages } = await broker.send<{ messages: object[] }>(
      'GET',
      '/v1/topics/orders/messages',
    );
    expect(messages).toMatchObject([
      {
        key: 'order-7',
        value: '{"paid":true}',
        headers: [
          { name: 'by', value: 'web' },
          { name: 'trace', value: '1:2' },
        ],
      },
    ]);
  });

  it('what others publish at the tail is seen without playing, and that it is closed', async () => {
    await using session = await ConsoleSession.open();
    const { broker } = session;
    await broker.send('POST', '/v1/topics', { topic: 'orders' });
    await session.goto('#/topics/orders');
    await session.see('No message from here on, yet');
    await broker.publish('orders', 'first');
    await eventually(() => session.values()).toEqual(['first']);
    await broker.publish('orders', 'second');
    await eventually(() => session.values()).toEqual(['first', 'second']);
    await broker.send('POST', '/v1/topics/orders/close');
    await session.see(/Closed at/);
  });

  it('a channel is closed once its name is typed', async () => {
    await using session = await ConsoleSession.open();
    await session.broker.publish('chan', 'a', 'b');
    await session.goto('#/topics/chan');
    await session.button('Close…').click();
    await session.see('2 messages');
    await dialog(session)
      .getByLabel(/Reason/)
      .fill('done');
    await session.screenshot('close');
    await confirm(session, 'chan', 'Close it for good');
    await session.page.locator('[data-mark=closed]').waitFor();
    expect(await topicOf(session, 'chan')).toMatchObject({
      state: 'closed',
      closed: { reason: 'done' },
    });
    expect(await session.button('Publish').count()).toBe(0);
  });

  it('a tape is trimmed at the playhead, which is told what goes', async () => {
    await using session = await ConsoleSession.open();
    const { broker, page } = session;
    const firstNs = await broker.publish('tape', 'a', 'b', 'c', 'd');
    await session.goto(`#/topics/tape?at=${firstNs + 3n}`);
    await eventually(() => session.values()).toEqual(['d']);
    await session.button('Trim…').click();
    await eventually(() => dialog(session).innerText()).toMatch(/3 messages, \d+ B/);
    await session.screenshot('trim');
    await confirm(session, 'tape', 'Remove these messages');
    await page.locator('[data-mark=trimmed]').waitFor();
    expect(await topicOf(session, 'tape')).toMatchObject({ message_count: 1 });
  });

  it('a topic is deleted with what the question names', async () => {
    await using session = await ConsoleSession.open({ expectedErrors: /404/ });
    const { broker, page } = session;
    await broker.publish('old/topic', 'a', 'b', 'c');
    await broker.send('POST', '/v1/topics/old%2Ftopic/subscriptions', { subscription: 'billing' });
    await session.goto('#/topics/old%2Ftopic');
    await session.button('Delete…').click();
    await eventually(() => dialog(session).innerText()).toMatch(/1 subscription: billing/);
    expect(await dialog(session).innerText()).toMatch(/3 messages of \d+ B/);
    await session.screenshot('delete');
    await confirm(session, 'old/topic', 'Delete it with all of this');
    await page.getByRole('heading', { name: 'Topics' }).waitFor();
    await page.getByText('old/topic').waitFor({ state: 'detached' });
    await session.goto('#/topics/old%2Ftopic');
    await session.see('There is no such topic');
  });
});
