/** What nobody expected stays inside. */

import { pino } from 'pino';
import { expect, it } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { openMetrics } from '../../src/edge/metrics.ts';
import { openYoga } from '../../src/edge/yoga.ts';

it('masks an unexpected error, under an id that the log has too', async () => {
  const logged: string[] = [];
  const { limits, introspection, corsOrigins, trustedProxies } = readConfig({});
  const yoga = openYoga({
    limits,
    introspection,
    corsOrigins,
    trustedProxies,
    manifest: undefined,
    onlyManifest: false,
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
  const response = await yoga.fetch('http://gateway/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: '{ projects { totalCount } }' }),
  });
  const text = await response.text();
  const [error] = (JSON.parse(text) as { errors: { extensions: Record<string, string> }[] }).errors;
  expect(text).not.toContain('inside');
  expect(error).toMatchObject({
    message: 'Unexpected error.',
    extensions: { code: 'INTERNAL_SERVER_ERROR', errorId: expect.any(String) },
  });
  expect(logged.join('')).toContain(error?.extensions.errorId);
  expect(logged.join('')).toContain('the inside of the gateway');
});
