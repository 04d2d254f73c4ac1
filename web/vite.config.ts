import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

/** Where a Papo is that `npm run dev` can speak to. */
const papo = process.env.PAPO_DEV_URL ?? 'http://127.0.0.1:8080';

export default defineConfig({
  plugins: [react()],
  server: {
    proxy: {
      // The server takes cookies and sockets only from pages of its own address.
      '/api': { target: papo, changeOrigin: true, headers: { origin: papo } },
      '/ws': { target: papo, changeOrigin: true, ws: true, headers: { origin: papo } },
    },
  },
  build: {
    target: 'es2022',
    // These know light-dark(), which must not be taken apart.
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    // Every rule of the components comes in one file: pages that arrive later must not move what is
    // on the screen.
    cssCodeSplit: false,
    reportCompressedSize: false,
    // build/size.mjs judges what matters of it.
    chunkSizeWarningLimit: 2048,
    manifest: true,
  },
  test: {
    environment: 'happy-dom',
    include: ['src/**/*.test.ts', 'src/**/*.test.tsx'],
  },
});
