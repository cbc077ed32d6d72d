/** Yoga with nothing behind it: whoever gets as far as being executed meets with a fault. */

import { pino } from 'pino';
import { readConfig } from '../../src/config.ts';
import { openDocuments } from '../../src/edge/documents.ts';
import { openMetrics } from '../../src/edge/metrics.ts';
import { openYoga } from '../../src/edge/yoga.ts';

export function aYoga() {
  const logged: string[] = [];
  const documents = openDocuments();
  const { limits, introspection, corsOrigins, trustedProxies } = readConfig({});
  const { yoga } = openYoga({
    documents,
    limits,
    introspection,
    corsOrigins,
    trustedProxies,
    manifest: undefined,
    onlyManifest: false,
    unchangedBytes: 0,
    instances: undefined,
    metrics: openMetrics(new Set(), {
      upstreams: () => [],
      lagMs: () => 0,
      instances: () => undefined,
    }),
    openSession: () => {
      throw new TypeError('the inside of the gateway');
    },
    log: pino({}, { write: (line: string) => void logged.push(line) }),
    explains: false,
    explorer: undefined,
  });
  const ask = (query: string) =>
    yoga.fetch('http://gateway/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
    });
  return { ask, documents, logged };
}
