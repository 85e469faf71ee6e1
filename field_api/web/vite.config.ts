import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';
import { VitePWA } from 'vite-plugin-pwa';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const server = process.env.XUNSHAN_SERVER ?? 'http://127.0.0.1:8600';

export default defineConfig({
  resolve: { alias: { $shared: here('./src/shared') } },
  plugins: [
    svelte(),
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
          'assets/!(command)-*.{js,css}',
          'icons/*.{png,svg}',
        ],
        // The worker lives in /terminal/, the assets beside it: precache by absolute path.
        manifestTransforms: [
          (entries) => ({ manifest: entries.map((e) => ({ ...e, url: `/${e.url}` })) }),
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
    chunkSizeWarningLimit: 900,
    rollupOptions: {
      input: { command: here('./index.html'), terminal: here('./terminal/index.html') },
      output: {
        entryFileNames: 'assets/[name]-[hash].js',
        chunkFileNames: 'assets/shared-[name]-[hash].js',
      },
    },
  },
  server: { proxy: { '/api': { target: server, ws: true } } },
  test: { environment: 'node', include: ['src/**/*.test.ts'] },
});
