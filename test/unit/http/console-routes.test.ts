import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fastify } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { describe, expect, it } from 'vitest';
import { consoleRoutes } from '../../../src/http/console-routes.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

async function served(directory: string) {
  const app = fastify().withTypeProvider<ZodTypeProvider>();
  await consoleRoutes(app, directory);
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  return { url, [Symbol.asyncDispose]: () => app.close() };
}

describe('the console over HTTP', () => {
  it('is served with a policy that allows nothing foreign and nothing inline', async () => {
    await using directory = await temporaryDirectory();
    await mkdir(join(directory.path, 'assets'));
    await writeFile(join(directory.path, 'index.html'), '<!doctype html>');
    await writeFile(join(directory.path, 'assets/main-1a2b.js'), '1;');
    await using app = await served(directory.path);
    const page = await fetch(app.url);
    expect(page.status).toBe(200);
    expect(Object.fromEntries(page.headers)).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-cache',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    });
    const policy = page.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain('unsafe');
    const asset = await fetch(`${app.url}/assets/main-1a2b.js`);
    expect(asset.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect((await fetch(`${app.url}/assets/other.js`)).status).toBe(404);
    expect((await fetch(`${app.url}/..%2f..%2fpackage.json`)).status).toBe(404);
  });

  it('is not there if it was not built', async () => {
    await using directory = await temporaryDirectory();
    await using app = await served(directory.path);
    expect((await fetch(app.url)).status).toBe(404);
  });
});
