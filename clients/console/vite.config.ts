import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: here('.'),
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    // Into the package, from where the broker serves it.
    outDir: here('../../dist/console'),
    emptyOutDir: true,
    target: 'es2022',
    // The Content-Security-Policy of the console allows neither scripts nor styles inside of the page.
    assetsInlineLimit: 0,
    modulePreload: false,
    reportCompressedSize: false,
  },
});
