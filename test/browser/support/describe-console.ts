import { afterAll, describe } from 'vitest';
import { CHROMIUM, closeBrowser } from './chromium.ts';

/** Tests in a browser; without one they are skipped, which is said once. */
export function describeConsole(name: string, tests: () => void): void {
  describe.skipIf(CHROMIUM === undefined)(name, () => {
    afterAll(closeBrowser);
    tests();
  });
}
