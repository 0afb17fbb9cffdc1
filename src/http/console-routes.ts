import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import serveFiles from '@fastify/static';
import type { App } from './context.ts';

/** Where `npm run build` puts the console: the same place as seen from src/http/ and from dist/http/. */
const BUILT_CONSOLE = fileURLToPath(new URL('../../dist/console/', import.meta.url));

/** The page may load and ask what is the broker's own, and nothing else; and nobody may put it into a frame. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Serves the console at `/`, if it has been built. */
export async function consoleRoutes(app: App, directory = BUILT_CONSOLE): Promise<void> {
  if (!existsSync(`${directory}/index.html`)) return;
  await app.register(serveFiles, {
    root: directory,
    // A route for each file: what is none of them is answered like any other path that is not there.
    wildcard: false,
    cacheControl: false,
    decorateReply: false,
    schemaHide: true,
    setHeaders: (response, path) => {
      // The name of an asset has the hash of what is in it; the page that names them is asked for each time.
      const isAsset = path.includes('/assets/');
      const caching = isAsset ? 'public, max-age=31536000, immutable' : 'no-cache';
      response.setHeader('cache-control', caching);
      response.setHeader('content-security-policy', POLICY);
      response.setHeader('x-content-type-options', 'nosniff');
      response.setHeader('referrer-policy', 'no-referrer');
    },
  });
}
