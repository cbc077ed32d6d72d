/** The simulated Waldur, against what is known of the real one. */

import { describe, expect, it } from 'vitest';
import { serialize, toJson } from '../../src/sandbox/waldur/serializers.ts';
import { isSame } from '../../src/sandbox/waldur/writing/rules.ts';
import { aWaldur, type Caller } from './a-waldur.ts';

const groups = '/api/openstack-security-groups/';

describe('The world', () => {
  it('has no rule twice in a group, as Waldur keeps none', async () => {
    const { world } = await aWaldur();
    const twice = world.securityGroups.filter(({ rules }) =>
      rules.some((rule, at) => rules.slice(0, at).some((other) => isSame(rule, other))),
    );
    expect(twice).toEqual([]);
  });
});

describe('Paging', () => {
  it('gives ten rows, a count and links by default', async () => {
    const { server, ask } = await aWaldur();
    const { body, headers } = await ask(`${groups}?state=OK&name=a,b&page=1`);
    const whole = await ask(`${groups}?page_size=7&page=2`);
    expect(body).toEqual([]);
    expect(headers.get('link')).toBe(
      `<${server.url}${groups}?name=a%2Cb&state=OK>; rel="first", <${server.url}${groups}?name=a%2Cb&state=OK>; rel="last"`,
    );
    expect(whole.headers.get('x-result-count')).toBe('400');
    expect(whole.headers.get('link')).toBe(
      [
        `<${server.url}${groups}?page_size=7>; rel="first"`,
        `<${server.url}${groups}?page_size=7>; rel="prev"`,
        `<${server.url}${groups}?page=3&page_size=7>; rel="next"`,
        `<${server.url}${groups}?page=58&page_size=7>; rel="last"`,
      ].join(', '),
    );
  });

  it.each([
    ['', 10],
    ['page_size=0', 10],
    ['page_size=-4', 10],
    ['page_size=x', 10],
    ['page_size=301', 300],
    ['page_size=300&page=last', 100],
  ])('with %s gives %i rows', async (query, rows) => {
    const { ask } = await aWaldur();
    expect((await ask(`${groups}?${query}`)).body).toHaveLength(rows);
  });

  it.each(['page=0', 'page=-1', 'page=x', 'page=41'])('with %s is no page', async (query) => {
    const { ask } = await aWaldur();
    expect(await ask(`${groups}?${query}`)).toMatchObject({
      status: 404,
      body: { detail: 'Invalid page.' },
    });
  });

  it('breaks ties otherwise each time, unless the order has none', async () => {
    const { ask } = await aWaldur();
    const first = async (order: string) =>
      JSON.stringify((await ask(`${groups}?field=uuid${order}`)).body);
    const defaults = new Set(await Promise.all(Array.from({ length: 5 }, () => first(''))));
    const created = new Set(
      await Promise.all(Array.from({ length: 5 }, () => first('&o=created'))),
    );
    expect(defaults.size).toBeGreaterThan(1);
    expect(created.size).toBe(1);
  });

  it('answers HEAD with the headers of GET', async () => {
    const { ask } = await aWaldur();
    const head = await ask(`${groups}?page_size=1`, { method: 'HEAD' });
    expect(head.body).toBe('');
    expect(head.headers.get('x-result-count')).toBe('400');
  });
});

describe('field', () => {
  it('keeps what is named, in the order of the serializer', async () => {
    const { ask } = await aWaldur();
    const { body } = await ask(`${groups}?field=state&field=uuid&field=nonsense`);
    expect(Object.keys(body[0])).toEqual(['uuid', 'state']);
  });

  it.each(['field=nonsense', 'field=uuid,name', ''])('gives everything for "%s"', async (query) => {
    const { ask } = await aWaldur();
    const { body } = await ask(`${groups}?${query}`);
    expect(Object.keys(body[0]).length).toBeGreaterThan(30);
  });

  it('applies to details and to the caller', async () => {
    const { ask, world } = await aWaldur();
    const detail = await ask(`${groups}${world.securityGroups[0]?.uuid}/?field=name`);
    expect(Object.keys(detail.body)).toEqual(['name']);
    expect((await ask('/api/users/me/?field=username')).body).toEqual({ username: 'staff' });
  });
});

describe('Filters', () => {
  it.each([
    ['tenant_uuid=xyz', { tenant_uuid: ['Enter a valid UUID.'] }],
    ['state=Ok', { state: ['Select a valid choice. Ok is not one of the available choices.'] }],
    [
      'state=OK,ERRED',
      { state: ['Select a valid choice. OK,ERRED is not one of the available choices.'] },
    ],
    ['o=policy', { o: ['Select a valid choice. policy is not one of the available choices.'] }],
  ])('refuse %s', async (query, body) => {
    const { ask } = await aWaldur();
    expect(await ask(`${groups}?${query}`)).toMatchObject({ status: 400, body });
  });

  it('take the last of repeated values, and any of several states', async () => {
    const { ask, world } = await aWaldur();
    const [one, other] = world.projects;
    const last = await ask(
      `${groups}?project_uuid=${one?.uuid}&project_uuid=${other?.uuid}&page_size=300`,
    );
    expect(
      last.body.every((row: { project_uuid: string }) => row.project_uuid === other?.uuid),
    ).toBe(true);
    const states = await ask(`${groups}?state=OK&state=ERRED&field=state&page_size=300`);
    expect(new Set(states.body.map(({ state }: { state: string }) => state))).toEqual(
      new Set(['OK', 'ERRED']),
    );
  });

  it('take a comma list of customers for projects, and only there', async () => {
    const { ask, world } = await aWaldur();
    const uuids = world.customers.slice(0, 2).map(({ uuid }) => uuid);
    const both = await ask(`/api/projects/?customer=${uuids.join()}&page_size=300`);
    expect(both.headers.get('x-result-count')).toBe('10');
    const repeated = await ask(`/api/projects/?customer=${uuids[0]}&customer=${uuids[1]}`);
    expect(repeated.headers.get('x-result-count')).toBe('5');
    expect((await ask(`${groups}?customer=${uuids.join()}`)).status).toBe(400);
  });

  it('ignore what they do not know, uuid included since 8.0.8', async () => {
    const { ask, world } = await aWaldur();
    const query = `?uuid=${world.securityGroups[0]?.uuid}&nonsense=1`;
    expect((await ask(`${groups}${query}`)).headers.get('x-result-count')).toBe('400');
    const older = await aWaldur({ profile: '7.6' });
    expect((await older.ask(`${groups}${query}`)).headers.get('x-result-count')).toBe('1');
  });

  it('find tenants by hyperlink alone', async () => {
    const { ask, world } = await aWaldur();
    const uuid = world.tenants[0]?.uuid;
    const count = async (value: string) =>
      (await ask(`${groups}?tenant=${encodeURIComponent(value)}`)).headers.get('x-result-count');
    const here = world.securityGroups.filter(({ tenant }) => tenant.uuid === uuid).length;
    expect(await count(`https://elsewhere/api/openstack-tenants/${uuid}/`)).toBe(String(here));
    expect(await count(uuid ?? '')).toBe('0');
    expect(await count(`/api/projects/${uuid}/`)).toBe('0');
    expect((await ask(`${groups}?tenant=/nope/`)).status).toBe(404);
  });

  it('apply to details, too', async () => {
    const { ask, world } = await aWaldur();
    const group = world.securityGroups.find(({ state }) => state === 'OK');
    expect((await ask(`${groups}${group?.uuid}/?state=OK`)).status).toBe(200);
    expect((await ask(`${groups}${group?.uuid}/?state=ERRED`)).status).toBe(404);
    expect((await ask(`${groups}${group?.uuid}/?state=odd`)).status).toBe(400);
  });
});

describe('Refusals', () => {
  it.each([
    [undefined, 'Authentication credentials were not provided.'],
    ['Token', 'Invalid token. No credentials provided.'],
    ['Token a b', 'Invalid token. Token string should not contain spaces.'],
    ['Token nonsense', 'Invalid token.'],
    ['Bearer nonsense', 'Invalid JWT token.'],
  ])('of the credential %s are 401', async (authorization, detail) => {
    const { ask } = await aWaldur();
    const answer = await ask(groups, { headers: authorization ? { authorization } : {} }, null);
    expect(answer).toMatchObject({ status: 401, body: { detail } });
    expect(answer.headers.get('www-authenticate')).toBe('Token');
  });

  it('come in their order: address, media type, credential, method, object', async () => {
    const { ask } = await aWaldur();
    const xml = { headers: { accept: 'application/xml' } };
    expect((await ask('/api/nonsense/', xml, null)).status).toBe(404);
    expect((await ask(groups, xml, null)).status).toBe(406);
    expect((await ask(groups, { method: 'POST' }, null)).status).toBe(401);
    expect(
      await ask(`/api/openstack-server-groups/${'0'.repeat(32)}/`, { method: 'PATCH' }),
    ).toMatchObject({
      status: 405,
      body: { detail: 'Method "PATCH" not allowed.' },
    });
    expect(await ask(`${groups}nonsense/`)).toMatchObject({
      status: 404,
      body: { detail: 'No SecurityGroup matches the given query.' },
    });
  });

  it('of addresses without their slash are 301', async () => {
    const { ask } = await aWaldur();
    const { status, headers } = await ask('/api/projects?page=2');
    expect([status, headers.get('location')]).toEqual([301, '/api/projects/?page=2']);
  });

  it('of request lines over 4094 bytes are 400', async () => {
    const { ask } = await aWaldur();
    expect((await ask(`/api/projects/?name=${'x'.repeat(4060)}`)).status).toBe(200);
    expect((await ask(`/api/projects/?name=${'x'.repeat(4070)}`)).status).toBe(400);
  });
});

describe('Callers', () => {
  it('do not find what they may not see', async () => {
    const { ask, world } = await aWaldur();
    const [first] = world.customers;
    expect((await ask(`/api/customers/${first?.uuid}/`, {}, 'owner')).status).toBe(200);
    expect((await ask(`/api/customers/${first?.uuid}/`, {}, 'member')).status).toBe(404);
    expect((await ask('/api/customers/', {}, 'stranger')).body).toEqual([]);
    expect((await ask('/api/service-settings/', {}, 'stranger')).body).toHaveLength(4);
  });

  it('see nothing of an organization from outside of its network', async () => {
    const { ask, world } = await aWaldur();
    const [first] = world.customers;
    if (first !== undefined) {
      first.accessSubnet = '10.1.';
    }
    const from = async (address: string) =>
      (await ask('/api/customers/', { headers: { 'x-forwarded-for': address } }, 'owner')).body
        .length;
    expect([await from('10.1.2.3, 10.9.9.9'), await from('10.2.0.1')]).toEqual([1, 0]);
  });

  it('get their token for their password', async () => {
    const { ask, sandbox } = await aWaldur();
    const login = (body: object) =>
      ask('/api-auth/password/', { method: 'POST', body: JSON.stringify(body) }, null);
    expect(await login({ username: 'owner', password: 'owner-sandbox' })).toMatchObject({
      status: 200,
      body: { token: sandbox.callers.owner.waldurToken },
    });
    expect((await login({ username: 'owner', password: 'x' })).status).toBe(401);
    expect((await login({ username: 'owner' })).body).toEqual({
      password: ['This field is required.'],
    });
  });

  it('act as others when they are staff, and are not told when that failed', async () => {
    const { ask, world } = await aWaldur();
    const member = world.users.find(({ username }) => username === 'member');
    const as = (uuid: string | undefined, caller: Caller) =>
      ask(
        '/api/users/me/?field=username',
        { headers: { 'x-impersonated-user-uuid': uuid ?? '' } },
        caller,
      );
    const granted = await as(member?.uuid, 'staff');
    expect(granted.body.username).toBe('member');
    expect(granted.headers.get('x-impersonator-uuid')).toMatch(/^[0-9a-f]{32}$/);
    for (const dropped of [await as('nonsense', 'staff'), await as(member?.uuid, 'owner')]) {
      expect(dropped.status).toBe(200);
      expect(dropped.headers.get('x-impersonator-uuid')).toBeNull();
    }
  });
});

describe('Rows', () => {
  it('leave out the keys of a remote group that is not there', async () => {
    const { ask, world } = await aWaldur();
    const group = world.securityGroups.find(({ rules }) => rules.some((rule) => rule.remoteGroup));
    const { body } = await ask(`${groups}${group?.uuid}/?field=rules`);
    for (const rule of body.rules) {
      expect('remote_group_uuid' in rule).toBe(rule.remote_group !== null);
    }
  });

  it('hold integers that a double cannot', async () => {
    const { sandbox, world } = await aWaldur();
    const big = world.allocations.find(({ nodeLimit }) => nodeLimit > 2n ** 53n);
    const response = await fetch(
      `${sandbox.waldur.server.url}/api/openportal-allocations/${big?.uuid}/?field=node_limit`,
      { headers: { authorization: `Token ${sandbox.callers.staff.waldurToken}` } },
    );
    expect(await response.text()).toBe('{"node_limit":9007199254740993}');
    expect(toJson({ text: '17n', big: -1n })).toBe('{"text":"17n","big":-1}');
  });

  it('show secrets to staff, as Waldur does: it is up to the gateway not to ask', async () => {
    const { ask } = await aWaldur();
    expect((await ask('/api/openstack-tenants/')).body[0].user_password).toMatch(
      /^tenant-password-/,
    );
    const hidden = await aWaldur({ tenantCredentialsVisible: false });
    expect((await hidden.ask('/api/openstack-tenants/')).body[0]).not.toHaveProperty(
      'user_password',
    );
  });

  it('are the same in every world of one seed, and others in another', async () => {
    const [one, same, other] = [await aWaldur(), await aWaldur(), await aWaldur({ seed: 8 })];
    const names = ({ world }: typeof one) =>
      world.securityGroups.map(({ uuid, name }) => uuid + name);
    expect(names(one)).toEqual(names(same));
    expect(names(one)).not.toEqual(names(other));
  });

  it('can be a hundred thousand', async () => {
    const { ask } = await aWaldur({ sizes: { securityGroups: 100_000 } });
    const { headers, body } = await ask(`${groups}?o=created&page=900&page_size=100&field=uuid`);
    expect(headers.get('x-result-count')).toBe('100000');
    expect(body).toHaveLength(100);
  });

  it('occur in every state', async () => {
    const { world } = await aWaldur();
    expect(new Set(world.securityGroups.map(({ state }) => state)).size).toBe(8);
  });
});

describe('serialize', () => {
  it('falls back to the whole row when no name is known', () => {
    const serializer = { a: () => 1, b: () => undefined };
    const showing = {} as Parameters<typeof serialize>[2];
    expect(serialize(serializer, {}, showing, ['x'])).toEqual({ a: 1 });
  });
});
