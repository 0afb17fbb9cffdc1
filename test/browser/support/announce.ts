import { existsSync } from 'node:fs';
import { CHROMIUM, IS_REQUIRED } from './chromium.ts';

/** Says once what is missing, and whether that is a failure. */
export function setup(): void {
  if (!existsSync(new URL('../../../dist/console/index.html', import.meta.url))) {
    throw new Error('the console is not built: npm run build');
  }
  if (CHROMIUM !== undefined) return;
  const missing = 'there is no Chromium: install it, or name it by PLAYHEAD_CHROMIUM';
  if (IS_REQUIRED) throw new Error(missing);
  process.stdout.write(`The tests of the console are skipped: ${missing}\n`);
}
