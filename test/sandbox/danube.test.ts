/** The simulated Danube Cloud, against what is known of the real one. */

import { describe, expect, it } from 'vitest';
import { aDanube } from './a-danube.ts';

describe('Envelopes', () => {
  it('hold the id of a task that never was', async () => {
    const { ask } = await aDanube();
    const { status, body, headers } = await ask('/vm/?dc=main');
    expect(status).toBe(200);
    expect(body.status).toBe('SUCCESS');
    expect(body.task_id).toMatch(/^1d1d1-6f75849b-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}$/);
    expect(headers.get('es_task_id')).toBe(body.task_id);
    expect(headers.get('es_version')).toBe('4.6');
    expect(headers.get('es_dc')).toBe('main');
    expect((await ask(`/task/${body.task_id}/status/`)).status).toBe(404);
  });

  it('are indented when that is asked for', async () => {
    const { ask } = await aDanube();
    const { text } = await ask('/vm/', { headers: { accept: 'application/json; indent=4' } });
    expect(text).toContain('\n    "status"');
  });

  it('are not for addresses that are not there', async () => {
    const { ask } = await aDanube();
    const { status, text, headers } = await ask('/system/');
    expect([status, text, headers.get('content-type')]).toEqual([
      404,
      'Resource not found',
      'application/json',
    ]);
  });
});

describe('/vm', () => {
  it('lists hostnames, full or extended objects', async () => {
    const { ask } = await aDanube();
    const names = (await ask('/vm/')).body.result;
    const full = (await ask('/vm/?full=true')).body.result;
    const extended = (await ask('/vm/?extended=True')).body.result;
    expect(names).toEqual([...names].sort());
    expect(full.map(({ hostname }: { hostname: string }) => hostname)).toEqual(names);
    expect(Object.keys(full[0])).toEqual(
      'hostname uuid alias node owner status node_status vcpus ram disk ips uptime locked changed'.split(
        ' ',
      ),
    );
    expect(Object.keys(extended[0])).toContain('tags');
    expect(Object.keys(extended[0]).at(-1)).toBe('changed');
    expect((await ask('/vm/?full=false')).body.result).toEqual(names);
  });

  it('takes any text for true in active', async () => {
    const { ask } = await aDanube();
    const changed = async (query: string) =>
      (await ask(`/vm/?full=true${query}`)).body.result.some(
        (vm: { changed: boolean }) => vm.changed,
      );
    expect([await changed(''), await changed('&active=false')]).toEqual([true, false]);
  });

  it('orders by hostname alone', async () => {
    const { ask } = await aDanube();
    const up = (await ask('/vm/')).body.result;
    expect((await ask('/vm/?order_by=-hostname')).body.result).toEqual([...up].reverse());
    expect((await ask('/vm/?order_by=%2Bhostname')).body.result).toEqual([...up].reverse());
    expect((await ask('/vm/?order_by=+hostname')).body.result).toEqual(up);
    expect(await ask('/vm/?order_by=alias')).toMatchObject({
      status: 412,
      body: { detail: 'Invalid order_by; Possible sort fields are: hostname' },
    });
  });

  it('finds one by hostname in any case, or by uuid', async () => {
    const { ask } = await aDanube();
    const [vm] = (await ask('/vm/?full=true')).body.result;
    expect((await ask(`/vm/${vm.hostname.toUpperCase()}/`)).body.result.uuid).toBe(vm.uuid);
    expect((await ask(`/vm/${vm.uuid}/`)).body.result.hostname).toBe(vm.hostname);
    expect(await ask('/vm/nobody.lan/')).toMatchObject({
      status: 404,
      body: { detail: 'VM not found' },
    });
  });

  it('counts uptime on while a machine runs', async () => {
    const { ask, clock } = await aDanube();
    const running = async () =>
      (await ask('/vm/?full=true')).body.result.find(
        (vm: { status: string }) => vm.status === 'running',
      );
    const before = await running();
    clock.advance(90_000);
    expect((await running()).uptime).toBe(before.uptime + 90);
  });

  it('hides replicas, unlicensed nodes, and from plain users the machines of others', async () => {
    const { ask, world } = await aDanube();
    const [machine] = world.machines;
    const other = world.machines.find(
      ({ owner, datacenter }) => owner.username === 'admin' && datacenter.id === 1,
    );
    if (machine !== undefined) {
      machine.isReplica = true;
    }
    expect((await ask(`/vm/${machine?.hostname}/`)).status).toBe(404);
    expect((await ask(`/vm/${other?.hostname}/`, {}, 'member')).status).toBe(404);
    const own = (await ask('/vm/?full=true', {}, 'member')).body.result;
    expect(own.length).toBeGreaterThan(0);
    expect(own.every((vm: { owner: string; node: string }) => vm.owner === 'member')).toBe(true);
    expect(
      own
        .filter((vm: { node: string | null }) => vm.node)
        .every((vm: { node: string }) => /^#[0-9a-f]{6}$/.test(vm.node)),
    ).toBe(true);
  });
});

describe('Datacenters', () => {
  it('are the one in the parameter, else in the path, else main', async () => {
    const { ask } = await aDanube();
    const dc = async (path: string) => (await ask(path)).headers.get('es_dc');
    expect(await dc('/dc/research/vm/?dc=archive')).toBe('archive');
    expect(await dc('/dc/research/vm/')).toBe('research');
    expect(await dc('/vm/')).toBe('main');
    expect(await ask('/vm/?dc=nowhere')).toMatchObject({
      status: 404,
      body: { detail: 'Datacenter not found' },
    });
    expect((await ask('/vm/?dc=research', {}, 'member')).status).toBe(404);
  });
});

describe('Credentials', () => {
  it.each([
    [{}, 'Authentication credentials were not provided.'],
    [{ 'es-api-key': 'nonsense' }, 'Invalid API key'],
    [{ authorization: 'Token nonsense' }, 'Invalid token.'],
    [{ authorization: 'Token' }, 'Invalid token header. No credentials provided.'],
  ])('%j are refused with 403, never 401', async (headers, detail) => {
    const { ask } = await aDanube();
    expect(await ask('/vm/', { headers: headers as Record<string, string> }, null)).toMatchObject({
      status: 403,
      body: { detail },
    });
  });

  it('by login last an hour, and until the next login', async () => {
    const { ask, clock } = await aDanube();
    const login = async () =>
      (
        await ask(
          '/accounts/login/',
          { method: 'POST', body: '{"username":"admin","password":"admin-sandbox"}' },
          null,
        )
      ).body.token;
    const status = async (token: string) =>
      (await ask('/vm/', { headers: { authorization: `Token ${token}` } }, null)).status;
    const first = await login();
    expect(first).toMatch(/^[0-9a-f]{40}$/);
    expect(await status(first)).toBe(200);
    const second = await login();
    expect([await status(first), await status(second)]).toEqual([403, 200]);
    clock.advance(3600_000);
    expect(await status(second)).toBe(403);
  });

  it('are not needed for ping', async () => {
    const { ask } = await aDanube();
    expect((await ask('/ping/', {}, null)).body).toBe('pong');
    expect((await ask('/ping/', { headers: { 'es-api-key': 'nonsense' } }, null)).status).toBe(403);
  });
});

describe('The throttle', () => {
  it('lets 45 calls a minute and user through, and says when to come again', async () => {
    const { ask, clock } = await aDanube({ danubeCallsPerMinute: 45 });
    for (let call = 0; call < 45; call += 1) {
      expect((await ask('/ping/')).status).toBe(200);
    }
    clock.advance(48_000);
    const refused = await ask('/ping/');
    expect(refused).toMatchObject({
      status: 429,
      body: { detail: 'Request was throttled. Expected available in 12.0 seconds.' },
    });
    expect(refused.headers.get('retry-after')).toBe('12');
    expect((await ask('/ping/', {}, 'owner')).status).toBe(200);
    clock.advance(12_001);
    expect((await ask('/ping/')).status).toBe(200);
  });
});

describe('Tasks', () => {
  it('answer by their state, and are forgotten an hour after their end', async () => {
    const { ask, world, clock } = await aDanube();
    const statuses = { PENDING: 201, STARTED: 201, SUCCESS: 200, FAILURE: 400, REVOKED: 410 };
    for (const task of world.tasks.values()) {
      const answer = await ask(`/task/${task.id}/status/`);
      expect(answer.status).toBe(statuses[task.status]);
      expect(answer.body).toEqual({ task_id: task.id, status: task.status, result: task.result });
    }
    const ended = [...world.tasks.values()].find(({ status }) => status === 'SUCCESS');
    clock.advance(3600_000);
    expect((await ask(`/task/${ended?.id}/status/`)).body.status).toBe('PENDING');
  });

  it('that nobody knows are PENDING for ever, and what is no id is refused', async () => {
    const { ask } = await aDanube();
    expect((await ask('/task/1e1d1-00000000-0000-0000-0000/status/')).status).toBe(201);
    expect((await ask('/task/1e1d1-00000000-0000-0000-0000/')).status).toBe(404);
    expect((await ask('/task/0-6f75849b-f2e0-4f1d-a891/status/')).status).toBe(403);
  });

  it('that run are in the list of the datacenter and on their machine', async () => {
    const { ask, world } = await aDanube();
    const running = [...world.tasks.values()].filter(
      ({ endedMs, datacenter }) => endedMs === null && datacenter.id === 1,
    );
    expect((await ask('/task/?dc=main')).body.sort()).toEqual(running.map(({ id }) => id).sort());
    const shown = (await ask('/vm/status/?dc=main')).body.result;
    for (const { id, machine } of running) {
      const status = shown.find(({ uuid }: { uuid: string }) => uuid === machine?.uuid);
      expect(Object.keys(status.tasks)).toContain(id);
    }
  });
});

describe('An update', () => {
  it('shuts everybody but SuperAdmins out', async () => {
    const { ask, world } = await aDanube();
    world.isUpdating = true;
    expect((await ask('/vm/', {}, 'owner')).status).toBe(503);
    expect((await ask('/vm/')).status).toBe(200);
  });
});
