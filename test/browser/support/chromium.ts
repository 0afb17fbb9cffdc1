import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Browser } from 'playwright-core';
import { chromium } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

/** The browser that is tested with: that of PLAYHEAD_CHROMIUM, or what is installed. */
export const CHROMIUM = process.env['PLAYHEAD_CHROMIUM'] ?? installed();

/** True where tests must not be skipped. */
export const IS_REQUIRED =
  process.env['PLAYHEAD_REQUIRE_CHROMIUM'] === '1' || (process.env['CI'] ?? '') !== '';

let launched: Promise<Browser> | undefined;

/** The browser of this file of tests; it is started once. */
export function browser(): Promise<Browser> {
  launched ??= chromium.launch({
    executablePath: CHROMIUM ?? 'chromium',
    // As root, as in a container, Chromium starts only without its sandbox.
    args: ['--no-sandbox', '--disable-dev-shm-usage'],
  });
  return launched;
}

export async function closeBrowser(): Promise<void> {
  const open = await launched;
  launched = undefined;
  await open?.close();
}

function installed(): string | undefined {
  const paths = (process.env['PATH'] ?? '').split(delimiter);
  return NAMES.flatMap((name) => paths.map((path) => join(path, name))).find(existsSync);
}
