/** GraphQL over HTTP, by the audits of its reference implementation: each a test of its own. */

import { serverAudits } from 'graphql-http';
import { describe, expect, it } from 'vitest';
import { aGateway } from '../a-gateway.ts';

/** Audits only name a URL when they run, so each gets a gateway of its own. */
const known = serverAudits({ url: 'http://gateway/graphql' });

describe('GraphQL over HTTP', () => {
  it('has 61 audits', () => {
    expect(new Set(known.map(({ id }) => id)).size).toBe(61);
  });

  it.each(known.map(({ id, name }) => [id, name] as const))('%s %s', async (id) => {
    const gateway = await aGateway();
    // Queries by GET are for clients that can set a header, which no link of another site can.
    const fetchFn = (url: string, init: RequestInit = {}) =>
      fetch(url, { ...init, headers: { ...init.headers, 'graphql-require-preflight': 'true' } });
    const audits = serverAudits({ url: gateway.url, fetchFn });
    const audit = audits.find((one) => one.id === id);
    expect(await audit?.fn()).toMatchObject({ status: 'ok' });
  });

  it.each(['variables', 'extensions'])('names %s by GET that are no JSON', async (name) => {
    const gateway = await aGateway();
    const headers = { 'graphql-require-preflight': 'true' };
    const search = `?query=%7B__typename%7D&${name}=%7Bbad`;
    const response = await gateway.request({ method: 'GET', headers }, search);
    expect(response.status).toBe(400);
    const message = `The parameter ${name} has to be JSON.`;
    expect(await response.json()).toEqual({
      errors: [{ message, extensions: { code: 'BAD_REQUEST' } }],
    });
  });
});
