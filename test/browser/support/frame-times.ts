import type { Page } from 'playwright-core';

/** How long the frames of the screen took, in milliseconds. */
export interface FrameTimes {
  readonly median: number;
  readonly longest: number;
}

/** Measures frames while something is done so many times. */
export async function frameTimes(
  page: Page,
  step: () => Promise<unknown>,
  times: number,
): Promise<FrameTimes> {
  await page.evaluate(`(() => {
    const times = [];
    let last = performance.now();
    let isOn = true;
    const frame = () => {
      const now = performance.now();
      times.push(now - last);
      last = now;
      if (isOn) requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
    globalThis.stopFrames = () => { isOn = false; return times; };
  })()`);
  for (let i = 0; i < times; i++) await step();
  const all = await page.evaluate<number[]>('stopFrames()');
  all.sort((a, b) => a - b);
  return { median: all[Math.floor(all.length / 2)] ?? 0, longest: all.at(-1) ?? 0 };
}
