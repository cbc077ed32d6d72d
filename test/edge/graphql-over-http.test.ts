/** GraphQL over HTTP, by the audits of its reference implementation: each a test of its own. */

import { serverAudits } from 'graphql-http';
import { describe, expect, it } from 'vitest';
import { aGateway } from '../a-gateway.ts';

/** Audits only name a URL when they run, so each gets a gateway of its own. */
const audits = serverAudits({ url: 'http://gateway/graphql' });

describe('GraphQL over HTTP', () => {
  it('has 61 audits', () => {
    expect(new Set(audits.map(({ id }) => id)).size).toBe(61);
  });

  it.each(audits.map(({ id, name }) => [id, name] as const))('%s %s', async (id) => {
    const gateway = await aGateway();
    const audit = serverAudits({ url: gateway.url }).find((one) => one.id === id);
    expect(await audit?.fn()).toMatchObject({ status: 'ok' });
  });
});
