import { expect, it } from 'vitest';
import { ConsoleSession, eventually } from './support/console-session.ts';
import { describeConsole } from './support/describe-console.ts';

/** What Chromium says of requests to a broker that is not there. */
const expectedErrors =
  /ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE|ERR_INCOMPLETE|ERR_FAILED|ERR_ABORTED|50\d/;

describeConsole('a page that nobody sees', () => {
  it('asks nothing, and is fresh when it is seen again', async () => {
    await using session = await ConsoleSession.open();
    const { broker, page } = session;
    await broker.publish('tape', 'one');
    await session.goto('#/topics');
    await session.see('1 topic');
    const show = (isHidden: boolean) =>
      page.evaluate(`Object.defineProperty(document, 'hidden', { value: ${isHidden}, configurable: true });
        document.dispatchEvent(new Event('visibilitychange'))`);
    await show(true);
    // What is under way comes to its end.
    await page.waitForTimeout(2500);
    let requests = 0;
    page.on('request', () => requests++);
    await page.waitForTimeout(5000);
    expect(requests).toBe(0);
    await broker.publish('other', 'two');
    await show(false);
    await session.see('2 topics');
  });
});

describeConsole('a broker that goes away', () => {
  it('is told of, and the page goes on by itself when it is back', async () => {
    await using session = await ConsoleSession.open({ expectedErrors });
    const { broker, page } = session;
    await broker.publish('tape', 'before');
    await session.goto('#/topics/tape');
    await session.button('Tail').click();
    await session.see('Following the tail');
    await broker.publish('tape', 'one');
    await eventually(() => session.values()).toEqual(['one']);
    await broker.stop();
    await page.getByRole('alert').filter({ hasText: 'The broker does not answer' }).waitFor();
    await session.screenshot('away');
    await broker.start();
    // Published before the page is back, so that nothing is missed and nothing comes twice.
    await broker.publish('tape', 'two');
    await page.getByText('The broker does not answer').waitFor({ state: 'detached' });
    await eventually(() => session.values()).toEqual(['one', 'two']);
    await broker.publish('tape', 'three');
    await eventually(() => session.values()).toEqual(['one', 'two', 'three']);
    await session.see('Following the tail');
  });

  it('is asked again at once when somebody wants to know', async () => {
    await using session = await ConsoleSession.open({ expectedErrors });
    const { broker, page } = session;
    await broker.publish('tape', 'before');
    await session.goto('#/topics');
    await session.see('1 topic');
    await broker.stop();
    await page.getByText('The broker does not answer').waitFor();
    await page.waitForTimeout(4000);
    await broker.start();
    await broker.publish('other', 'x');
    await session.button('Ask now').click();
    await session.see('2 topics');
    expect(await page.getByText('The broker does not answer').count()).toBe(0);
  });
});
