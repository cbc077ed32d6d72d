/** A caller sees what the clouds let that caller see, and nothing of anybody else. */

import { describe, expect, it } from 'vitest';
import { aGateway } from '../a-gateway.ts';

const query = `{
  viewer { username isStaff }
  projects { totalCount }
  securityGroups { totalCount }
  datacenters { name }
  virtualMachines { totalCount nodes { owner } }
}`;

describe('Credentials', () => {
  it('show staff everything, a member a little, a stranger nothing', async () => {
    const gateway = await aGateway();
    const { world } = gateway.sandbox.waldur;
    const [first, second] = world.customers;
    const seenBy = async (as: 'staff' | 'owner' | 'member' | 'stranger') => {
      const { data, errors } = await gateway.run(query, { as });
      expect(errors).toBeUndefined();
      expect(data.viewer.username).toBe(as);
      return {
        projects: data.projects.totalCount,
        groups: data.securityGroups.totalCount,
        datacenters: data.datacenters.map(({ name }: { name: string }) => name),
      };
    };
    const owned = world.projects.filter(
      (project) => project.customer === first && !project.isRemoved,
    );
    const groupsOf = (keep: (uuid: string) => boolean) =>
      world.securityGroups.filter(({ project }) => keep(project.uuid)).length;
    const joined = world.projects.filter((project) => project.customer === second).slice(0, 2);
    expect(await seenBy('staff')).toEqual({
      projects: 59,
      groups: 400,
      datacenters: ['archive', 'main', 'research'],
    });
    expect(await seenBy('owner')).toEqual({
      projects: owned.length,
      groups: groupsOf((uuid) => owned.some((project) => project.uuid === uuid)),
      datacenters: ['main', 'research'],
    });
    expect(await seenBy('member')).toEqual({
      projects: 2,
      groups: groupsOf((uuid) => joined.some((project) => project.uuid === uuid)),
      datacenters: ['main'],
    });
    expect(await seenBy('stranger')).toEqual({ projects: 0, groups: 0, datacenters: ['main'] });
  });

  it('are not mixed up by two callers who ask the same at the same time', async () => {
    const gateway = await aGateway();
    const callers = ['staff', 'member', 'owner', 'stranger'] as const;
    const alone = new Map<string, unknown>();
    for (const as of callers) {
      alone.set(as, await gateway.run(query, { as }));
    }
    const together = await Promise.all(
      Array.from({ length: 40 }, (_, at) => gateway.run(query, { as: callers[at % 4] ?? 'staff' })),
    );
    for (const [at, answer] of together.entries()) {
      expect(answer).toEqual(alone.get(callers[at % 4] ?? 'staff'));
    }
  });

  it('go to their own upstream alone', async () => {
    const gateway = await aGateway();
    const { waldur, danube } = await gateway.calls(query);
    const { waldurToken, danubeApiKey } = gateway.sandbox.callers.staff;
    expect(JSON.stringify(waldur.map(({ headers }) => headers))).not.toContain(danubeApiKey);
    expect(JSON.stringify(danube.map(({ headers }) => headers))).not.toContain(waldurToken);
    expect(waldur.every(({ headers }) => headers.authorization === `Token ${waldurToken}`)).toBe(
      true,
    );
    expect(danube.every(({ headers }) => headers['es-api-key'] === danubeApiKey)).toBe(true);
  });

  it('are UNAUTHENTICATED when missing or wrong, each for its own fields', async () => {
    const gateway = await aGateway();
    const { data, errors } = await gateway.run(query, {
      headers: { authorization: 'Token wrong', 'x-danube-api-key': 'wrong' },
    });
    expect(data).toEqual({
      viewer: null,
      projects: null,
      securityGroups: null,
      datacenters: null,
      virtualMachines: null,
    });
    expect(new Set(errors?.map(({ extensions }) => extensions.code))).toEqual(
      new Set(['UNAUTHENTICATED']),
    );
    expect(new Set(errors?.map(({ extensions }) => extensions.upstream))).toEqual(
      new Set(['waldur', 'danube']),
    );
    const response = await gateway.request({
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: '{ projects { totalCount } }' }),
    });
    const bare = (await response.json()) as { errors: { extensions: { code: string } }[] };
    expect(bare.errors[0]?.extensions.code).toBe('UNAUTHENTICATED');
  });

  it('for one cloud are none for the other', async () => {
    const gateway = await aGateway();
    const { staff } = gateway.sandbox.callers;
    const ask = async (headers: Record<string, string>) => {
      const response = await gateway.request({
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ query: '{ viewer { username } datacenters { name } }' }),
      });
      const { data } = (await response.json()) as { data: Record<string, unknown> };
      return Object.keys(data).filter((field) => data[field] !== null);
    };
    expect(await ask({ authorization: `Token ${staff.waldurToken}` })).toEqual(['viewer']);
    expect(await ask({ 'x-danube-api-key': staff.danubeApiKey })).toEqual(['datacenters']);
    const { danube, waldur } = gateway.sandbox;
    expect([waldur.server.calls.length, danube.server.calls.length]).toEqual([1, 1]);
  });

  it('of the configuration serve requests that bring none, and only those', async () => {
    const gateway = await aGateway();
    const { owner } = gateway.sandbox.callers;
    const served = await aGateway({
      env: {
        WALDUR_URL: gateway.sandbox.waldur.server.url,
        WALDUR_TOKEN: owner.waldurToken,
      },
    });
    const ask = async (headers: Record<string, string>) => {
      const response = await served.request({
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ query: '{ viewer { username } }' }),
      });
      return (await response.json()) as { data: { viewer: { username: string } | null } };
    };
    expect((await ask({})).data.viewer?.username).toBe('owner');
    expect((await ask({ authorization: 'Basic b3duZXI6eA==' })).data.viewer).toBeNull();
    const { member } = gateway.sandbox.callers;
    const brought = await ask({ authorization: `Token ${member.waldurToken}` });
    expect(brought.data.viewer?.username).toBe('member');
  });

  it('are never logged, nor shown in an error', async () => {
    const gateway = await aGateway();
    const { staff } = gateway.sandbox.callers;
    gateway.sandbox.waldur.server.inject({ times: 1, fault: { kind: 'reset' } });
    const answers = [
      await gateway.run(query),
      await gateway.run(query, { headers: { authorization: 'Token s3cr3t-token' } }),
      await gateway.run('{ nonsense }'),
    ];
    const written = JSON.stringify(answers) + gateway.logged.join('');
    expect(gateway.logged.length).toBeGreaterThan(0);
    for (const secret of [staff.waldurToken, staff.danubeApiKey, 's3cr3t-token']) {
      expect(written).not.toContain(secret);
    }
  });
});

describe('Impersonation', () => {
  it("acts with the other user's rights, where Waldur confirms it", async () => {
    const gateway = await aGateway();
    const member = gateway.sandbox.waldur.world.users.find(({ username }) => username === 'member');
    const { data } = await gateway.run('{ viewer { username } projects { totalCount } }', {
      headers: { 'x-impersonated-user-uuid': member?.uuid ?? '' },
    });
    expect(data).toEqual({ viewer: { username: 'member' }, projects: { totalCount: 2 } });
  });

  it.each([
    ['a uuid that nobody has', 'staff' as const, '0'.repeat(32)],
    ['a caller who is not staff', 'owner' as const, null],
  ])(
    'is FORBIDDEN for %s, rather than answered with rights of the caller',
    async (_case, as, uuid) => {
      const gateway = await aGateway();
      const member = gateway.sandbox.waldur.world.users.find(
        ({ username }) => username === 'member',
      );
      const { data, errors } = await gateway.run('{ projects { totalCount } }', {
        as,
        headers: { 'x-impersonated-user-uuid': uuid ?? member?.uuid ?? '' },
      });
      expect(data.projects).toBeNull();
      expect(errors?.[0]?.extensions.code).toBe('FORBIDDEN');
    },
  );
});

describe('A caller who comes again', () => {
  it('with somebody to be impersonated acts as that one, and as nobody else after it', async () => {
    const gateway = await aGateway();
    const member = gateway.sandbox.waldur.world.users.find(({ username }) => username === 'member');
    const names: unknown[] = [];
    for (const uuid of [undefined, member?.uuid, undefined]) {
      const headers = uuid === undefined ? {} : { 'x-impersonated-user-uuid': uuid };
      const { data } = await gateway.run('{ viewer { username } }', { headers });
      names.push(data.viewer.username);
    }
    expect(names).toEqual(['staff', 'member', 'staff']);
  });

  it('from elsewhere comes from there', async () => {
    const gateway = await aGateway({ env: { TRUSTED_PROXIES: '127.0.0.1' } });
    const seen: unknown[] = [];
    for (const address of ['198.51.100.7', '198.51.100.7', '198.51.100.8', '198.51.100.7']) {
      const { waldur } = await gateway.calls('{ projects { totalCount } }', {
        headers: { 'x-forwarded-for': address },
      });
      seen.push(waldur[0]?.headers['x-forwarded-for']);
    }
    expect(seen).toEqual(['198.51.100.7', '198.51.100.7', '198.51.100.8', '198.51.100.7']);
  });
});

describe("The client's address", () => {
  it('is passed on, so that organizations closed to it stay closed', async () => {
    const gateway = await aGateway();
    const { waldur } = await gateway.calls('{ projects { totalCount } }');
    expect(waldur[0]?.headers['x-forwarded-for']).toMatch(/127\.0\.0\.1$/);
  });

  it('is not taken from what the client claims', async () => {
    const gateway = await aGateway();
    const { waldur } = await gateway.calls('{ projects { totalCount } }', {
      headers: { 'x-forwarded-for': '198.51.100.7' },
    });
    expect(waldur[0]?.headers['x-forwarded-for']).not.toContain('198.51.100.7');
  });
});
