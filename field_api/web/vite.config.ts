import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';
import { VitePWA } from 'vite-plugin-pwa';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const server = process.env.XUNSHAN_SERVER ?? 'http://127.0.0.1:8600';

/** Size and hash of a file that the typesetter fetches once and keeps: it checks what arrived. */
function known(path: string): { bytes: number; sha256: string } {
  const content = readFileSync(path);
  return { bytes: content.length, sha256: createHash('sha256').update(content).digest('hex') };
}
const fonts = here('../core/documents/fonts');
const typesetFiles = {
  bold: known(`${fonts}/NotoSansSC-Bold.ttf`),
  regular: known(`${fonts}/NotoSansSC-Regular.ttf`),
  rare: known(`${fonts}/NotoSansSCRare-Regular.ttf`),
  compiler: known(
    createRequire(import.meta.url).resolve('@myriaddreamin/typst-ts-web-compiler/wasm'),
  ),
};

/** Files that the handheld may ever load: what its entry reaches, late loads included. */
const handheldFiles = new Set<string>();

function noteHandheldFiles(): Plugin {
  return {
    name: 'note-handheld-files',
    generateBundle(_, bundle) {
      const reach = (fileName: string) => {
        const chunk = bundle[fileName];
        if (handheldFiles.has(fileName) || chunk?.type !== 'chunk') return;
        handheldFiles.add(fileName);
        const { viteMetadata } = chunk as { viteMetadata?: { importedCss: Set<string> } };
        viteMetadata?.importedCss.forEach((css) => handheldFiles.add(css));
        [...chunk.imports, ...chunk.dynamicImports].forEach(reach);
      };
      for (const chunk of Object.values(bundle)) {
        if (chunk.type === 'chunk' && chunk.isEntry && chunk.name === 'terminal') reach(chunk.fileName);
      }
    },
  };
}

/** Below this a packet is a packet. */
const PACK_FROM_BYTES = 1500;

/** Packs what is fetched by name once, here: the typesetter's compiler alone has 30 MB. */
function packFiles(): Plugin {
  let folder = '';
  return {
    name: 'pack-files',
    apply: 'build',
    configResolved: ({ root, build }) => void (folder = resolve(root, build.outDir, 'assets')),
    closeBundle() {
      for (const name of readdirSync(folder)) {
        const content = readFileSync(join(folder, name));
        if (/\.(js|css|wasm|ttf)$/.test(name) && content.length >= PACK_FROM_BYTES) {
          writeFileSync(join(folder, `${name}.gz`), gzipSync(content, { level: 9 }));
        }
      }
    },
  };
}

export default defineConfig({
  define: { __TYPESET_FILES__: JSON.stringify(typesetFiles) },
  resolve: { alias: { $shared: here('./src/shared') } },
  plugins: [
    svelte(),
    noteHandheldFiles(),
    packFiles(),
    VitePWA({
      // Only the handheld page is a PWA: the console always wants the newest build.
      strategies: 'generateSW',
      filename: 'terminal/sw.js',
      scope: '/terminal/',
      injectRegister: false,
      registerType: 'autoUpdate',
      manifest: false,
      workbox: {
        globPatterns: [
          'terminal/*.{html,webmanifest}',
          'terminal/worker-*.js',
          'assets/*.{js,css}',
          'icons/*.{png,svg}',
        ],
        // The worker lives in /terminal/, the assets beside it: precache by absolute path.
        manifestTransforms: [
          // The console's own files are of no use offline in a pocket; the typesetter's worker is.
          // Its compiler and fonts (36 MB) are not precached: fetched on request, kept by hash.
          (entries) => ({
            manifest: entries
              .filter(({ url }) => !url.startsWith('assets/') || handheldFiles.has(url))
              .map((entry) => ({ ...entry, url: `/${entry.url}` })),
          }),
        ],
        navigateFallback: '/terminal/index.html',
        navigateFallbackAllowlist: [/^\/terminal\//],
        cleanupOutdatedCaches: true,
        clientsClaim: true,
        skipWaiting: true,
        inlineWorkboxRuntime: true,
        runtimeCaching: [
          {
            urlPattern: ({ url }) => url.pathname.startsWith('/api/v1/map/'),
            handler: 'StaleWhileRevalidate',
            options: { cacheName: 'xunshan-map-base' },
          },
          {
            urlPattern: ({ url }) => url.pathname.startsWith('/api/v1/media/'),
            handler: 'CacheFirst',
            options: { cacheName: 'xunshan-media', expiration: { maxEntries: 200 } },
          },
        ],
      },
    }),
  ],
  build: {
    target: 'es2022',
    // What is bundled, with its licences: for the list of what is shipped (make licences).
    license: { fileName: 'licences.json' },
    chunkSizeWarningLimit: 900,
    rollupOptions: {
      input: {
        command: here('./index.html'),
        terminal: here('./terminal/index.html'),
        verify: here('./verify/index.html'),
      },
      output: {
        entryFileNames: 'assets/[name]-[hash].js',
        chunkFileNames: 'assets/shared-[name]-[hash].js',
      },
    },
  },
  worker: {
    format: 'es',
    // In the service worker's scope: a worker's script is asked of the service worker of its own
    // address, not of the page's, and must be there without a network.
    rollupOptions: { output: { entryFileNames: 'terminal/worker-[name]-[hash].js' } },
  },
  server: { proxy: { '/api': { target: server, ws: true } } },
  test: { environment: 'node', include: ['src/**/*.test.ts'] },
});
