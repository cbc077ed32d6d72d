/** What clients may send, and how much of it. */

import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { aGateway, type TestGateway } from '../a-gateway.ts';

interface Refused {
  readonly errors: readonly { readonly message: string; readonly extensions: object }[];
}

const post = (gateway: TestGateway, body: unknown, headers: Record<string, string> = {}) => {
  const { waldurToken, danubeApiKey } = gateway.sandbox.callers.staff;
  return gateway.request({
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Token ${waldurToken}`,
      'x-danube-api-key': danubeApiKey,
      ...headers,
    },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
};

async function refusedBy(gateway: TestGateway, query: string, variables?: object) {
  const response = await post(gateway, { query, variables });
  const { errors } = (await response.json()) as Refused;
  return errors?.[0]?.extensions;
}

/** Fragments that spread each other twice: small to write, endless to spell out. */
function bomb(levels: number, more = ''): string {
  const fragments = Array.from(
    { length: levels },
    (_, at) => `fragment F${at} on Project { ...F${at + 1} ...F${at + 1} }`,
  );
  return `{ projects(first: 1) { nodes { ...F0 } } } ${fragments.join(' ')} fragment F${levels} on Project { name ${more} }`;
}

describe('Documents', () => {
  it.each([
    ['tokens', `{ ${'__typename '.repeat(1_999)} }`, 2_000],
    [
      'levels',
      `{ projects { nodes { customer { projects { nodes { customer { projects { nodes { customer { projects { nodes { customer { name } } } } } } } } } } } } }`,
      12,
    ],
    ['aliases', `{ ${Array.from({ length: 31 }, (_, at) => `a${at}: __typename`).join(' ')} }`, 30],
    ['directives', `{ __typename ${'@skip(if: false) '.repeat(11)} }`, 10],
    ['root fields', `{ ${'viewer { username } '.repeat(21)} }`, 20],
    [
      'levels of introspection',
      `{ __schema { types { ${'fields { type { '.repeat(9)} name ${'} } '.repeat(9)} } } }`,
      16,
    ],
  ])('have at most so many %s', async (limit, query, most) => {
    const gateway = await aGateway();
    expect(await refusedBy(gateway, query)).toMatchObject({ code: 'LIMIT_EXCEEDED', limit, most });
    expect(gateway.sandbox.waldur.server.calls).toEqual([]);
  });

  it('may not be made of comments, of which each is a token that is kept', async () => {
    const gateway = await aGateway({ env: { MAX_TOKENS: '100' } });
    const commented = (lines: number) => `{ __typename }${'\n#'.repeat(lines)}`;
    expect((await gateway.run(commented(97))).errors).toBeUndefined();
    const refused = await refusedBy(gateway, commented(98));
    expect(refused).toMatchObject({ code: 'LIMIT_EXCEEDED', limit: 'tokens', most: 100 });
  });

  it.each([
    ['one beside the other', `{ viewer { ${'a: username '.repeat(210)} } }`],
    [
      'in fragments',
      `{ ${'...F ...G '.repeat(5)} } ${['F', 'G'].map((name) => `fragment ${name} on Query { viewer { ${'username '.repeat(105)} } }`).join(' ')}`,
    ],
    [
      'in objects that are one',
      `{ viewer { username } ${`... on Query { viewer { ${'username '.repeat(21)} } } `.repeat(10)} }`,
    ],
    ['where nobody spreads them', `{ a } fragment F on Viewer { ${'username '.repeat(210)} }`],
  ])('may not repeat a field without end, %s', async (_where, query) => {
    const gateway = await aGateway({ env: { MAX_ALIASES: '1000' } });
    const limit = 'pairs of fields of one name';
    expect(await refusedBy(gateway, query)).toMatchObject({ limit, most: 20_000 });
    const half = query.replace(/((?:a: )?username )+/g, 'username '.repeat(10));
    expect((await refusedBy(gateway, half)) ?? {}).not.toHaveProperty('limit');
  });

  it('whose fragments spread themselves are told so', async () => {
    const gateway = await aGateway();
    const answer = await gateway.run(
      '{ projects { nodes { ...F } } } fragment F on Project { customer { projects { nodes { ...F } } } }',
    );
    expect(answer.errors?.[0]?.message).toBe('Cannot spread fragment "F" within itself.');
  });

  it('are counted through fragments as often as these are spread', async () => {
    const gateway = await aGateway();
    const query = `{ ...A ...A } fragment A on Query { ${Array.from({ length: 16 }, (_, at) => `a${at}: __typename`).join(' ')} }`;
    expect(await refusedBy(gateway, query)).toMatchObject({ limit: 'aliases', found: 32 });
  });

  it('that blow up are answered as fast as others', async () => {
    const gateway = await aGateway({ env: { MAX_COST: '999999999' } });
    const { data } = (await (await post(gateway, { query: bomb(100) })).json()) as {
      data: { projects: { nodes: { name: string }[] } };
    };
    expect(data.projects.nodes[0]?.name).toEqual(expect.any(String));
    expect(await refusedBy(gateway, bomb(100, 'customer { name }'))).toMatchObject({
      limit: 'cost',
    });
  });

  it('that spread themselves are refused', async () => {
    const query = '{ ...A } fragment A on Query { ...A }';
    expect(await refusedBy(await aGateway(), query)).toMatchObject({
      code: 'GRAPHQL_VALIDATION_FAILED',
    });
  });

  it('may be larger where that is set', async () => {
    const gateway = await aGateway({ env: { MAX_ALIASES: '200' } });
    const query = `{ ${Array.from({ length: 150 }, (_, at) => `a${at}: __typename`).join(' ')} }`;
    expect(await refusedBy(gateway, query)).toMatchObject({ limit: 'root fields' });
  });
});

describe('The cost', () => {
  it.each<[string, object | undefined, number]>([
    ['{ viewer { username } }', undefined, 11],
    ['{ projects { totalCount } }', undefined, 10],
    ['{ projects(first: 50) { nodes { name } } }', undefined, 60],
    ['{ projects(first: 50) { nodes { customer { name } } } }', undefined, 110],
    ['query Q($n: Int) { projects(first: $n) { nodes { name } } }', { n: 7 }, 17],
    ['query Q($n: Int) { projects(last: $n) { nodes { name } } }', {}, 30],
    ['query Q($n: Int = 300) { projects(first: $n) { nodes { name } } }', undefined, 310],
    [
      '{ projects(first: 20) { nodes { securityGroups(first: 5) { nodes { name } } } } }',
      undefined,
      10 + 20 * (1 + 10 + 5),
    ],
    ['query Q($ids: [ID!]!) { nodes(ids: $ids) { id } }', { ids: ['a', 'b', 'c'] }, 13],
    [
      '{ projects(first: 2) { ...P } } fragment P on ProjectConnection { nodes { name } }',
      undefined,
      12,
    ],
    ['{ search(text: "a") { type } }', undefined, 10 + 10],
    [
      '{ search(text: "a", types: [TENANT, PROJECT], first: 5) { hits { totalCount nodes { __typename } } } }',
      undefined,
      10 + 2 * (1 + 10 + 1 + 5),
    ],
    [
      'query Q($t: [SearchType!], $n: Int = 7) { search(text: "a", types: $t, first: $n) { ...S } } fragment S on SearchSection { hits { nodes { ... on SecurityGroup { rules { cidr } } } } }',
      { t: ['SECURITY_GROUP'] },
      10 + 1 * (1 + 10 + 1 + 7 * (1 + 10)),
    ],
    [
      '{ problems(first: 5) { nodes { remedies { document } } } }',
      undefined,
      80 + 1 + 5 * (1 + 10),
    ],
    ['{ problems { nodes { kind } } }', undefined, 80 + 1 + 20],
  ])('of %s with %j', async (query, variables, cost) => {
    const open = await aGateway({ env: { MAX_COST: String(cost) } });
    const strict = await aGateway({ env: { MAX_COST: String(cost - 1) } });
    const refused = await refusedBy(strict, query, variables);
    expect(refused).toEqual({ code: 'LIMIT_EXCEEDED', limit: 'cost', most: cost - 1, found: cost });
    const allowed = await refusedBy(open, query, variables);
    expect(allowed).not.toMatchObject({ code: 'LIMIT_EXCEEDED' });
    expect(strict.sandbox.waldur.server.calls).toEqual([]);
  });

  it('is that of each execution: the same document with other variables costs otherwise', async () => {
    const gateway = await aGateway({ env: { MAX_COST: '1000' } });
    const query =
      'query Q($n: Int) { projects(first: $n) { nodes { securityGroups(first: 5) { nodes { name } } } } }';
    expect(await refusedBy(gateway, query, { n: 5 })).toBeUndefined();
    expect(await refusedBy(gateway, query, { n: 300 })).toMatchObject({ limit: 'cost' });
    expect(await refusedBy(gateway, query, { n: 5 })).toBeUndefined();
  });

  it('counts references of larger graphs', async () => {
    const gateway = await aGateway({ env: { MAX_COST: '500' } });
    const query =
      'query Q($r: [_Any!]!) { _entities(representations: $r) { ... on Project { name } } }';
    const references = (count: number) =>
      Array.from({ length: count }, () => ({ __typename: 'Project', uuid: '0'.repeat(32) }));
    expect(await refusedBy(gateway, query, { r: references(600) })).toMatchObject({
      limit: 'cost',
    });
  });

  it('is limited for subscriptions', async () => {
    const gateway = await aGateway({ env: { MAX_COST: '5' } });
    const query = 'subscription { virtualMachineChanged(hostname: "a.lan") { project { name } } }';
    const response = await post(gateway, { query }, { accept: 'text/event-stream' });
    expect(await response.text()).toContain('LIMIT_EXCEEDED');
  });
});

describe('A caller', () => {
  it('may ask for so much in a minute, and is told what is left', async () => {
    const gateway = await aGateway({ env: { MAX_COST_PER_MINUTE: '50' } });
    const query = '{ viewer { username } }';
    const first = await post(gateway, { query });
    expect(first.headers.get('ratelimit-remaining')).toBe('39');
    expect(((await first.json()) as { extensions: object }).extensions).toMatchObject({
      rateLimit: { limit: 50, cost: 11, remaining: 39, resetSeconds: expect.any(Number) },
    });
    for (let more = 0; more < 3; more += 1) {
      expect(await refusedBy(gateway, query)).toBeUndefined();
    }
    const over = await post(gateway, { query });
    expect(Number(over.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(((await over.json()) as Refused).errors[0]?.extensions).toMatchObject({
      code: 'RATE_LIMITED',
      retryAfterSeconds: expect.any(Number),
    });
    const other = await gateway.run(query, { as: 'member' });
    expect(other.errors).toBeUndefined();
  });

  const madeUp = (at: number) => String(at).repeat(32);
  it.each<[string, (at: number, token: string) => Record<string, string>]>([
    ['a key', (at) => ({ 'x-danube-api-key': madeUp(at) })],
    ['a token', (at) => ({ authorization: `Token ${madeUp(at)}` })],
    ['somebody to act as', (at) => ({ 'x-impersonated-user-uuid': madeUp(at) })],
    [
      'a spelling',
      (at, token) => ({ authorization: `${'token'.slice(0, at)}${'TOKEN'.slice(at)} ${token}` }),
    ],
  ])('has no more of it with %s made up each time', async (_what, headers) => {
    const gateway = await aGateway({ env: { MAX_COST_PER_MINUTE: '50' } });
    const { waldurToken } = gateway.sandbox.callers.staff;
    const codes: unknown[] = [];
    for (let at = 0; at < 6; at += 1) {
      const { errors } = await gateway.run('{ viewer { username } }', {
        headers: headers(at, waldurToken),
      });
      codes.push(errors?.[0]?.extensions.code === 'RATE_LIMITED');
    }
    expect(codes).toEqual([false, false, false, false, true, true]);
  });

  it('without a credential is told apart by the address', async () => {
    const gateway = await aGateway({
      env: { MAX_COST_PER_MINUTE: '50', TRUSTED_PROXIES: '127.0.0.1' },
    });
    const codeFor = async (address: string) => {
      const response = await gateway.request({
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-forwarded-for': address },
        body: '{"query":"{ projects(first: 30) { totalCount nodes { name } } }"}',
      });
      return ((await response.json()) as Refused).errors[0]?.extensions;
    };
    expect(await codeFor('203.0.113.1')).toMatchObject({ code: 'UNAUTHENTICATED' });
    expect(await codeFor('203.0.113.1')).toMatchObject({ code: 'RATE_LIMITED' });
    expect(await codeFor('203.0.113.2')).toMatchObject({ code: 'UNAUTHENTICATED' });
  });
});

describe('Bodies', () => {
  it('have at most so many bytes, said beforehand or not', async () => {
    const gateway = await aGateway({ env: { MAX_BODY_BYTES: '2000' } });
    const large = JSON.stringify({ query: `{ __typename } # ${'x'.repeat(3_000)}` });
    const said = await post(gateway, large);
    expect(said.status).toBe(413);
    expect(((await said.json()) as Refused).errors[0]?.extensions).toEqual({
      code: 'LIMIT_EXCEEDED',
    });
    const pieces = new ReadableStream({
      start(controller) {
        for (let at = 0; at < large.length; at += 500) {
          controller.enqueue(new TextEncoder().encode(large.slice(at, at + 500)));
        }
        controller.close();
      },
    });
    const init = {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: pieces,
      duplex: 'half',
    };
    const chunked = await gateway.request(init as RequestInit);
    expect(chunked.status).toBe(413);
  });

  it('that never come do not hold others up', async () => {
    const gateway = await aGateway();
    const { port, host } = new URL(gateway.url);
    const socket = connect(Number(port), '127.0.0.1');
    socket.write(
      `POST /graphql HTTP/1.1\r\nhost: ${host}\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"que`,
    );
    expect((await gateway.run('{ __typename }')).data).toEqual({ __typename: 'Query' });
    socket.destroy();
    expect((await gateway.run('{ __typename }')).data).toEqual({ __typename: 'Query' });
  });

  it.each(['', '[]', 'null', '7', '"x"', '{', '{"query": 7}', '{"query": "{ a", "variables": 3}'])(
    'such as %j get a 400 that says why',
    async (body) => {
      const response = await post(await aGateway(), body);
      expect(response.status).toBe(400);
      expect(((await response.json()) as Refused).errors[0]?.message).toEqual(expect.any(String));
    },
  );

  it.each([
    'application/x-www-form-urlencoded',
    'text/plain',
    'multipart/form-data; boundary=x',
    'application/graphql',
    '',
  ])('of the type %j are refused', async (type) => {
    const response = await post(await aGateway(), '{"query":"{ __typename }"}', {
      'content-type': type,
    });
    expect(response.status).toBe(415);
  });

  it('in batches are refused', async () => {
    const gateway = await aGateway();
    const batch = Array.from({ length: 10 }, () => ({ query: '{ __typename }' }));
    expect((await post(gateway, batch)).status).toBe(400);
  });
});

describe('The host that is asked for', () => {
  it.each(['[', 'a b', 'x:99999', '%zz', 'a/b?query={__typename}', '"<>', '::1'])(
    'may be anything, such as %s',
    async (host) => {
      const gateway = await aGateway();
      const { hostname, port } = new URL(gateway.url);
      for (const target of ['/graphql', 'http://[/graphql', '//[/graphql']) {
        const socket = connect(Number(port), hostname);
        socket.end(
          `GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\nAccept: */*\r\n\r\n`,
        );
        const answer = await text(socket);
        expect(answer).toMatch(
          target === '/graphql' ? /^HTTP\/1.1 200 / : /^HTTP\/1.1 (200|400|404) /,
        );
        expect(answer).not.toMatch(/Error: |node_modules| at /);
      }
    },
  );
});

describe('Pages of other sites', () => {
  it('may not ask, unless they are named', async () => {
    const closed = await aGateway();
    const open = await aGateway({ env: { CORS_ORIGINS: 'https://app.example.com' } });
    const ask = async (gateway: TestGateway, origin: string) => {
      const response = await post(gateway, { query: '{ __typename }' }, { origin });
      return response.headers.get('access-control-allow-origin');
    };
    expect(await ask(closed, 'https://app.example.com')).toBe(null);
    expect(await ask(open, 'https://app.example.com')).toBe('https://app.example.com');
    expect(await ask(open, 'https://evil.example.com')).not.toBe('https://evil.example.com');
  });

  it('may not send a query by a link or an image', async () => {
    const gateway = await aGateway();
    const get = (headers: Record<string, string>) =>
      gateway.request({ method: 'GET', headers }, '?query=%7B__typename%7D');
    expect((await get({})).status).toBe(403);
    expect((await get({ 'content-type': 'application/json' })).status).toBe(403);
    expect((await get({ 'apollo-require-preflight': 'true' })).status).toBe(200);
  });

  it.each(['%71uery=%7B__typename%7D', 'a&query=%7B__typename%7D', 'quer%79=%7B__typename%7D'])(
    'may not do so in other words: %s',
    async (search) => {
      const gateway = await aGateway();
      const response = await gateway.request({ method: 'GET' }, `?${search}`);
      expect(response.status).toBe(403);
    },
  );

  it('are told why they are refused, if they are named', async () => {
    const gateway = await aGateway({ env: { CORS_ORIGINS: 'https://app.example.com' } });
    const ask = (origin: string) => post(gateway, 'x'.repeat(300_000), { origin });
    const told = await ask('https://app.example.com');
    expect(told.status).toBe(413);
    expect(told.headers.get('access-control-allow-origin')).toBe('https://app.example.com');
    const { headers } = await ask('https://evil.example.com');
    expect(headers.get('access-control-allow-origin')).toBe(null);
  });

  it('may not change anything by GET at all', async () => {
    const gateway = await aGateway();
    const query = encodeURIComponent('mutation { pullAllocation(uuid: "x") { __typename } }');
    const headers = { 'apollo-require-preflight': 'true' };
    const response = await gateway.request({ method: 'GET', headers }, `?query=${query}`);
    expect(response.status).toBe(405);
  });
});
