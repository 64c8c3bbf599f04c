import path from 'node:path';
import { defineConfig } from 'vite';

/** One script and one style sheet, for the runner to put into the page: nothing is loaded when it is read. */
export default defineConfig({
  root: import.meta.dirname,
  publicDir: false,
  envDir: false,
  logLevel: 'warn',
  // The folder's tsconfig is for tsc: what the build needs of it stands here.
  esbuild: {
    jsx: 'automatic',
    jsxImportSource: 'preact',
    legalComments: 'none',
    tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true } },
  },
  build: {
    target: 'es2022',
    minify: 'esbuild',
    sourcemap: false,
    cssCodeSplit: false,
    // Its polyfill would fetch.
    modulePreload: false,
    reportCompressedSize: false,
    rollupOptions: {
      input: path.join(import.meta.dirname, 'main.tsx'),
      output: {
        format: 'es',
        inlineDynamicImports: true,
        entryFileNames: 'page.js',
        assetFileNames: 'page[extname]',
      },
    },
  },
});
