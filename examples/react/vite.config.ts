import { defineConfig } from 'vite';

/** The page and the graph are one site for browsers, so that no other has to be let in. */
const proxy = { '/graphql': process.env.GATEWAY ?? 'http://127.0.0.1:4000' };

export default defineConfig({
  oxc: { jsx: { runtime: 'automatic' } },
  server: { proxy },
  preview: { proxy },
});
