// /prometheus is passed on to the Prometheus whose data the panels show.
import react from '@vitejs/plugin-react';
import { fileURLToPath } from 'node:url';

const proxy = {
  '/prometheus': { target: process.env.PROMETHEUS_URL ?? 'http://127.0.0.1:9090', rewrite: (path) => path.replace('/prometheus', '') },
};

export default {
  plugins: [react()],
  build: { outDir: 'build' },
  preview: { host: '127.0.0.1', proxy },
  resolve: { alias: [{ find: /^react-custom-scrollbars-2$/, replacement: fileURLToPath(new URL('src/scrollbars.js', import.meta.url)) }] },
  define: { 'process.env.NODE_ENV': JSON.stringify(process.env.NODE_ENV ?? 'production'), 'process.env': {}, global: 'globalThis' },
};
