import { defineConfig } from 'vitest/config';

// The rooms are tested from their sources; what a test starts as a process of its own is the build, which
// `npm test` makes first.
const fromSource = { ssr: { resolve: { conditions: ['playhead-source', 'node'] } } };
// Brokers that run at the same time listen on ports of their own.
const env = { PLAYHEAD_HTTP_ADDRESS: '127.0.0.1:0' };
const project = (name: string, options: object = {}) => ({
  ...fromSource,
  test: { name, include: [`test/${name}/**/*.test.ts`], env, ...options },
});

export default defineConfig({
  test: {
    pool: 'forks',
    // By itself it leaves a core idle: of two, half of the machine.
    maxWorkers: '100%',
    projects: [
      project('unit', { testTimeout: 30_000 }),
      project('contract', { testTimeout: 30_000 }),
      project('e2e', { testTimeout: 30_000 }),
      project('conformance', { testTimeout: 30_000 }),
      project('model', { testTimeout: 120_000 }),
      project('crash', { testTimeout: 300_000 }),
      project('browser', {
        testTimeout: 60_000,
        hookTimeout: 60_000,
        globalSetup: 'test/browser/support/announce.ts',
      }),
    ],
  },
});
