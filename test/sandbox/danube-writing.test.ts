/** Changing machines in the simulated Danube Cloud, against what is known of the real one. */

import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { describe, expect, it } from 'vitest';
import { definitionOf } from '../../src/sandbox/danube/machines.ts';
import type { Machine } from '../../src/sandbox/danube/model.ts';
import { hangingMs, queuedMs, workingMs } from '../../src/sandbox/danube/writing/work.ts';
import { portOf } from '../a-port.ts';
import { aDanube, type DanubeCaller } from './a-danube.ts';

const untilDoneMs = queuedMs + workingMs;

async function aScene(change: Partial<Machine> = {}) {
  const danube = await aDanube();
  const { world, ask } = danube;
  const machine = world.machines.find(
    ({ datacenter, node }) => datacenter.id === 1 && node?.status === 'online',
  ) as Machine;
  Object.assign(machine, {
    status: 'stopped',
    locked: false,
    isReplica: false,
    snapshots: 0,
    deployed: definitionOf(machine),
    ...change,
  });
  world.tasks.clear();
  const send = (
    method: string,
    path: string,
    body: object = {},
    as: DanubeCaller = 'staff',
    headers: Record<string, string> = {},
  ) =>
    ask(
      path,
      {
        method,
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
      },
      as,
    );
  const vm = `/vm/${machine.hostname}/`;
  return { ...danube, machine, send, vm };
}

/** A machine that is not there yet. */
const fresh = 'fresh01.lan';

describe('Definitions', () => {
  it('are made with 201, shown, changed and deleted', async () => {
    const { send, ask } = await aScene();
    const made = await send('POST', `/vm/${fresh}/define/`, {
      vcpus: '2',
      ram: 512,
      tags: ['a b'],
    });
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({
      status: 'SUCCESS',
      result: { hostname: fresh, alias: fresh, vcpus: 2, ram: 512, owner: 'admin', changed: true },
    });
    expect(made.body.result.mdata).toEqual({ hostname: fresh });
    const changed = await send('PUT', `/vm/${fresh}/define/`, { vcpus: 4, note: 'hello' });
    expect([changed.status, changed.body.result.vcpus]).toEqual([200, 4]);
    expect((await ask(`/vm/${fresh}/`)).body.result.status).toBe('notcreated');
    const gone = await send('DELETE', `/vm/${fresh}/define/`);
    expect([gone.status, gone.body.result]).toEqual([200, null]);
    expect((await ask(`/vm/${fresh}/define/`)).status).toBe(404);
  });

  it.each([
    [{}, { vcpus: ['This field is required.'], ram: ['This field is required.'] }],
    [{ vcpus: 0, ram: 1 }, { vcpus: ['Ensure this value is greater than or equal to 1.'] }],
    [{ vcpus: 'two', ram: 1 }, { vcpus: ['Enter a whole number.'] }],
    [{ vcpus: 1, ram: 1, tags: ['a.b'] }, { tags: ['Invalid value.'] }],
    [
      { vcpus: 1, ram: 1, alias: 'abc' },
      { alias: ['Ensure this value has at least 4 characters (it has 3).'] },
    ],
    [
      { vcpus: 1, ram: 1, owner: 'nobody' },
      { owner: ['Object with username=nobody does not exist.'] },
    ],
    [
      { vcpus: 1, ram: 1, template: 'none' },
      { template: ['Object with name=none does not exist.'] },
    ],
    [{ vcpus: 1, ram: 1, ostype: 9 }, { ostype: [expect.stringContaining('valid choice')] }],
  ])('refuse %j field by field', async (body, result) => {
    const { send } = await aScene();
    const refused = await send('POST', `/vm/${fresh}/define/`, body);
    expect(refused.status).toBe(400);
    expect(refused.body).toMatchObject({ status: 'FAILURE', result });
  });

  it('refuse a name that is there, and an alias that its owner has', async () => {
    const { machine, send } = await aScene();
    const again = await send('POST', `/vm/${machine.hostname}/define/`, { vcpus: 1, ram: 1 });
    expect([again.status, again.body]).toEqual([406, { detail: 'VM already exists' }]);
    const alias = await send('POST', `/vm/${fresh}/define/`, {
      vcpus: 1,
      ram: 1,
      alias: machine.alias,
      owner: machine.owner.username,
    });
    expect(alias.status).toBe(machine.owner.username === 'admin' ? 400 : 201);
  });

  it.each([
    ['main', 5, 400],
    ['research', 5, 201],
    ['research', 1, 400],
  ])(
    'in %s and of ostype %i without a limit of processors answer %i',
    async (dc, ostype, status) => {
      const { send } = await aScene();
      const body = { dc, ostype, vcpus: 0, ram: 512 };
      expect((await send('POST', `/vm/${fresh}/define/`, body)).status).toBe(status);
    },
  );

  it('rename a machine, which is deployed under its old name until that is carried over', async () => {
    const { send, ask, vm, machine, clock } = await aScene();
    const { hostname } = machine;
    const taken = await send('PUT', `${vm}define/`, { hostname: machine.uuid });
    expect(taken.body.result).toEqual({ hostname: ['Invalid value.'] });
    await send('PUT', `${vm}define/`, { hostname: fresh });
    const namesWith = async (query: string) =>
      (await ask(`/vm/?${query}`)).body.result.map((one: string | { hostname: string }) =>
        typeof one === 'string' ? one : one.hostname,
      );
    expect(await namesWith('full=true&active=true')).toContain(hostname);
    // Without details, active means nothing.
    expect(await namesWith('active=true')).toContain(fresh);
    expect((await send('PUT', `/vm/${fresh}/`)).status).toBe(201);
    clock.advance(untilDoneMs);
    expect(await namesWith('full=true&active=true')).toContain(fresh);
  });

  it('are for administrators', async () => {
    const { send } = await aScene();
    const { status, body } = await send('POST', `/vm/${fresh}/define/`, {}, 'stranger');
    expect([status, body]).toEqual([403, { detail: 'Permission denied' }]);
  });

  it('have the disk of their template, and zones their first', async () => {
    const { send, ask } = await aScene();
    await send('POST', `/vm/${fresh}/define/`, { vcpus: 1, ram: 1, template: 'small-web' });
    expect((await ask(`/vm/${fresh}/define/disk/`)).body.result).toMatchObject([
      { disk_id: 1, size: 20_480, image: 'base-64' },
    ]);
    await send('POST', '/vm/zone.lan/define/', { vcpus: 1, ram: 1, ostype: 5 });
    const again = await send('POST', '/vm/zone.lan/define/disk/1/', { size: 1 });
    expect([again.status, again.body.detail]).toEqual([406, 'VM disk already exists']);
    const changed = await send('PUT', '/vm/zone.lan/define/disk/1/', { image: 'base-zone' });
    expect(changed.body.result).toMatchObject({ image: 'base-zone', size: 10_240 });
    expect((await send('DELETE', '/vm/zone.lan/define/disk/1/')).status).toBe(501);
  });
});

describe('Disks and network cards', () => {
  async function aDefinition() {
    const scene = await aScene();
    await scene.send('POST', `/vm/${fresh}/define/`, { vcpus: 1, ram: 1 });
    const part = (method: string, path: string, body: object = {}) =>
      scene.send(method, `/vm/${fresh}/define/${path}/`, body);
    return { ...scene, part };
  }

  it('are numbered from 1, in their order', async () => {
    const { part, ask } = await aDefinition();
    expect((await part('POST', 'disk/2', { size: 10 })).body.detail).toBe('VM disk out of range');
    expect((await part('POST', 'disk/1', { size: 20_480 })).status).toBe(201);
    expect((await part('POST', 'disk/1', { size: 10 })).body.detail).toBe('VM disk already exists');
    expect((await part('POST', 'disk/2', { size: 10 })).body.result).toMatchObject({
      disk_id: 2,
      boot: false,
    });
    expect((await part('POST', 'disk/3', { size: 10 })).body.detail).toBe('VM disk out of range');
    expect((await ask(`/vm/${fresh}/`)).body.result.disk).toBe(20_490);
    expect((await part('DELETE', 'disk/3')).body.detail).toBe('VM disk not found');
    expect((await part('DELETE', 'disk/2')).body.result).toBe(null);
    expect((await part('PUT', 'disk/2')).body.detail).toBe('VM disk not found');
    expect((await ask(`/vm/${fresh}/`)).body.result.disk).toBe(20_480);
  });

  it.each([
    ['disk/1', {}, { size: ['This field is required.'] }],
    [
      'disk/1',
      { size: 1, image: 'base' },
      { size: ['Cannot define smaller disk size than image size (10240).'] },
    ],
    ['disk/1', { image: 'missing' }, { image: ['Object with name=missing does not exist.'] }],
    ['disk/1', { size: 1, model: 'floppy' }, { model: [expect.stringContaining('floppy')] }],
    ['nic/1', {}, { net: ['This field is required.'] }],
    ['nic/1', { net: 'wan' }, { net: ['Object with name=wan does not exist.'] }],
    ['nic/1', { net: 'lan', model: 'x' }, { model: [expect.stringContaining('valid choice')] }],
  ])('refuse %s %j', async (path, body, result) => {
    const { part } = await aDefinition();
    const refused = await part('POST', path, body);
    expect(refused.status).toBe(400);
    expect(refused.body.result).toEqual(result);
  });

  it('give an address of the pool, and none twice', async () => {
    const { part, ask } = await aDefinition();
    const first = (await part('POST', 'nic/1', { net: 'lan' })).body.result;
    expect(first).toMatchObject({ nic_id: 1, primary: true, mac: null });
    expect(first.ip).toMatch(/^10\.10\.91\.\d+$/);
    const taken = await part('POST', 'nic/2', { net: 'lan', ip: first.ip });
    expect(taken.body.result).toEqual({ ip: ['IP address is already taken.'] });
    expect((await part('PUT', 'nic/1', { ip: '10.10.91.200' })).body.result.ip).toBe(
      '10.10.91.200',
    );
    expect((await ask(`/vm/${fresh}/`)).body.result.ips).toEqual(['10.10.91.200']);
    expect((await part('DELETE', 'nic/1')).status).toBe(200);
    expect((await ask(`/vm/${fresh}/define/nic/1/`)).body.detail).toBe('VM NIC not found');
  });

  it('are left alone while a task is under way', async () => {
    const { send, vm, machine } = await aScene();
    await send('PUT', `${vm}status/start/`);
    const refused = await send('POST', `${vm}define/nic/${machine.nics.length + 1}/`, {
      net: 'lan',
    });
    expect([refused.status, refused.body.detail]).toEqual([409, 'VM has pending tasks']);
  });
});

describe('Nodes', () => {
  const largest = { vcpus: 1_024, ram: 1_048_576 };

  it('have no room for the largest machine that can be defined', async () => {
    const { send } = await aScene();
    expect((await send('POST', `/vm/${fresh}/define/`, largest)).status).toBe(201);
    const { status, body } = await send('POST', `/vm/${fresh}/`);
    expect([status, body.detail]).toEqual([417, 'Could not find node with free resources']);
    await send('PUT', `/vm/${fresh}/define/`, { vcpus: 2, ram: 512 });
    expect((await send('POST', `/vm/${fresh}/`)).status).toBe(201);
  });

  it('that a definition names have to have room for it', async () => {
    const { send, vm } = await aScene();
    const shortages = ['Not enough free vCPUs on node.', 'Not enough free RAM on node.'];
    const defined = await send('POST', `/vm/${fresh}/define/`, { ...largest, node: 'cn01.local' });
    expect([defined.status, defined.body.result]).toEqual([400, { node: shortages }]);
    const changed = await send('PUT', `${vm}define/`, largest);
    expect([changed.status, changed.body.result]).toEqual([400, { node: shortages }]);
  });
});

describe('A definition that was changed', () => {
  it.each([
    ['carried over', 'start', 'stopped', {}],
    ['carried over', 'reboot', 'running', {}],
    ['carried over', 'stop', 'running', { update: true }],
    ['kept back', 'stop', 'running', {}],
    ['kept back', 'start', 'stopped', { update: false }],
  ] as const)('is %s by %s of what is %s with %j', async (fate, action, status, body) => {
    const { send, ask, vm, clock } = await aScene({ status });
    await send('PUT', `${vm}define/`, { vcpus: 16 });
    expect((await send('PUT', `${vm}status/${action}/`, body)).status).toBe(201);
    clock.advance(untilDoneMs);
    expect((await ask(vm)).body.result.changed).toBe(fate === 'kept back');
  });

  it('is not carried over while another task is pending', async () => {
    const { send, vm, machine } = await aScene();
    await send('PUT', `${vm}status/start/`);
    machine.vcpus += 1;
    const refused = await send('PUT', `${vm}status/start/`);
    expect([refused.status, refused.body.detail]).toEqual([409, 'VM has pending tasks']);
    const declined = await send('PUT', `${vm}status/start/`, { update: false });
    expect([declined.status, declined.body.result]).toEqual([400, 'Task did not acquire lock']);
  });
});

describe('An image that cannot be had', () => {
  it.each([
    ['deploying', 'POST', { status: 'notcreated', deployed: null }],
    ['updating', 'PUT', { status: 'stopped' }],
  ] as const)('is refused with 424 in %s', async (_what, method, change) => {
    const { send, vm, machine } = await aScene(change);
    const disk = { image: 'refused-64', size: machine.disk + 1 };
    expect((await send('PUT', `${vm}define/disk/1/`, disk)).status).toBe(200);
    const refused = await send(method, vm);
    expect([refused.status, refused.body.detail]).toEqual([
      424,
      `Cannot import required image refused-64 to node ${machine.node?.hostname} (404: gone)`,
    ]);
    expect(machine.status).toBe(change.status);
  });
});

describe('Tasks', () => {
  it('pass from pending to started to their end', async () => {
    const { send, ask, vm, clock } = await aScene();
    const { status, body, headers } = await send('PUT', `${vm}status/start/`);
    expect(status).toBe(201);
    expect(body).toEqual({ task_id: headers.get('es_task_id'), status: 'PENDING', result: null });
    expect(headers.get('es_task_response')).toBe('true');
    const look = () => ask(`/task/${body.task_id}/status/`);
    clock.advance(queuedMs);
    expect((await look()).body.status).toBe('STARTED');
    expect((await ask('/task/')).body).toEqual([body.task_id]);
    clock.advance(workingMs);
    expect((await look()).status).toBe(200);
    // The outcome is kept for an hour; then it is as if it had never been.
    clock.advance(3600_000);
    expect([(await look()).status, (await look()).body.status]).toEqual([201, 'PENDING']);
  });

  it('can be cancelled by who began them, until they have ended', async () => {
    const { send, vm, machine, clock } = await aScene();
    const { body } = await send('PUT', `${vm}status/start/`);
    const cancelled = await send('PUT', `/task/${body.task_id}/cancel/`);
    expect(cancelled.status).toBe(410);
    expect(cancelled.body.status).toBe('REVOKED');
    clock.advance(untilDoneMs);
    expect(machine.status).toBe('stopped');
    const again = await send('PUT', `/task/${body.task_id}/cancel/`);
    expect([again.status, again.body.detail]).toEqual([406, 'Task cannot be canceled']);
  });

  it('are refused while nobody takes them up, and the state is as before', async () => {
    const { send, vm, world, machine } = await aScene({ status: 'notcreated', deployed: null });
    world.isWorkerDown = true;
    const { status, body } = await send('POST', vm);
    expect(status).toBe(400);
    expect(body).toMatchObject({
      status: 'FAILURE',
      result: expect.stringMatching(/^Task queue worker .* is not responding!$/),
    });
    expect(machine.status).toBe('notcreated');
  });

  it('of a machine that does not come up end well, and the machine in error', async () => {
    const { send, ask, vm, world, machine, clock } = await aScene({
      status: 'notcreated',
      deployed: null,
    });
    world.doDeploysHang = true;
    const { body } = await send('POST', vm);
    clock.advance(untilDoneMs);
    expect(machine.status).toBe('deploying');
    clock.advance(hangingMs);
    const look = await ask(`/task/${body.task_id}/status/`);
    expect(look.body).toMatchObject({
      status: 'SUCCESS',
      result: { message: `VM ${machine.hostname} deploy has timed out` },
    });
    expect(machine.status).toBe('error');
  });

  it('call back when they have ended, signed', async () => {
    const { send, vm, clock, world } = await aScene();
    const called = Promise.withResolvers<{ method: string; agent: string; body: string }>();
    const server = createServer((request, response) => {
      let body = '';
      request.on('data', (piece) => {
        body += piece;
      });
      request.on('end', () => {
        response.end();
        called.resolve({
          method: request.method ?? '',
          agent: request.headers['user-agent'] ?? '',
          body,
        });
      });
    });
    const url = `http://127.0.0.1:${await portOf(server)}/hook`;
    const { body } = await send('PUT', `${vm}status/start/`, { cb_url: url, cb_method: 'PUT' });
    clock.advance(untilDoneMs);
    const { method, agent, body: text } = await called.promise;
    const told = JSON.parse(text);
    expect([method, agent]).toEqual(['PUT', 'DanubeCloud/4.6']);
    expect(told).toMatchObject({ task_id: body.task_id, status: 'SUCCESS' });
    const key = world.users[0]?.callbackKey;
    const signature = createHash('md5').update(`${told.random_token}${key}`).digest('hex');
    expect(told.security_token).toBe(signature);
  });

  it.each(['ftp://127.0.0.1/', 'nonsense', 'http://example.com/', 7])(
    'do not fail for the callback %s',
    async (url) => {
      const { send, vm, clock, machine } = await aScene();
      expect((await send('PUT', `${vm}status/start/`, { cb_url: url })).status).toBe(201);
      clock.advance(untilDoneMs);
      expect(machine.status).toBe('running');
    },
  );
});

/** As `es` 1.3.3 and `esdc_api` 2.0.1 ask: Danube's own command line and Python library. */
describe("The vendor's clients", () => {
  const asEs = {
    'user-agent': 'es/1.3.3',
    accept: 'application/json; indent=4',
    'content-type': 'application/json; indent=4',
    'es-stream': 'es',
  };

  async function aShell(change: Partial<Machine> = {}) {
    const scene = await aScene(change);
    const { ask } = scene;
    const login = await ask(
      '/accounts/login/',
      {
        method: 'POST',
        headers: asEs,
        body: JSON.stringify({ username: 'admin', password: 'admin-sandbox' }),
      },
      null,
    );
    const headers = { ...asEs, authorization: `Token ${login.body.token}` };
    const es = (method: string, path: string, body?: object) =>
      ask(
        path,
        { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) },
        null,
      );
    return { ...scene, login, es };
  }

  /** Has sandbox time pass for as long as somebody waits. */
  async function whileTimePasses<V>(
    clock: { advance(ms: number): void },
    waiting: Promise<V>,
  ): Promise<V> {
    const timer = setInterval(() => clock.advance(500), 1);
    return waiting.finally(() => clearInterval(timer));
  }

  it('log in for a token of 40 characters, and out', async () => {
    const { login, es } = await aShell();
    expect(login.status).toBe(200);
    expect(login.body.token).toMatch(/^[0-9a-f]{40}$/);
    expect((await es('GET', '/accounts/logout/')).body).toEqual({ detail: 'Bye.' });
    expect((await es('GET', '/vm/')).status).toBe(403);
  });

  it('list machines, and take True for true', async () => {
    const { es } = await aShell();
    const names = await es('GET', '/vm/?dc=main');
    expect(names.body.result.every((name: unknown) => typeof name === 'string')).toBe(true);
    const extended = await es('GET', '/vm/?extended=True');
    expect(extended.body.result[0]).toHaveProperty('size_backups');
  });

  it('wait in a stream for the end of a task, with its code before its JSON', async () => {
    const { es, vm, clock, machine } = await aShell({ status: 'notcreated', deployed: null });
    const { status, headers, text } = await whileTimePasses(clock, es('POST', vm, {}));
    expect(status).toBe(201);
    expect(headers.get('es_stream')).toBe('True');
    expect(headers.get('es_task_response')).toBe('true');
    const [, spaces = '', code, json = ''] = /^( *)(\d{3})\n(.*)$/s.exec(text) ?? [];
    expect(spaces.length).toBeGreaterThanOrEqual(6);
    expect(code).toBe('200');
    expect(JSON.parse(json)).toEqual({
      task_id: headers.get('es_task_id'),
      status: 'SUCCESS',
      result: { returncode: 0, message: `Successfully created VM ${machine.hostname}` },
    });
  });

  it('read 400 at the end of what failed, and 410 of what was cancelled', async () => {
    const failing = await aShell({
      status: 'notcreated',
      deployed: null,
      hostname: 'please-fail.lan',
    });
    const failed = await whileTimePasses(
      failing.clock,
      failing.es('POST', '/vm/please-fail.lan/', {}),
    );
    expect(failed.text).toMatch(/^ +400\n\{/);
    const { es, vm, clock, world, send } = await aShell();
    const waiting = es('PUT', `${vm}status/start/`, {});
    await expect.poll(() => world.tasks.size).toBe(1);
    const [task] = world.tasks.values();
    await send('PUT', `/task/${task?.id}/cancel/`);
    expect((await whileTimePasses(clock, waiting)).text).toMatch(/^ +410\n\{/);
  });

  it('get the JSON alone when the stream is asked for by another name', async () => {
    const { send, vm, clock } = await aShell();
    const waiting = send('PUT', `${vm}status/start/`, {}, 'staff', { 'es-stream': 'yes' });
    const { text } = await whileTimePasses(clock, waiting);
    expect(JSON.parse(text.trim()).status).toBe('SUCCESS');
  });

  it('get what is said at once as it is, stream or not', async () => {
    const { es, vm } = await aShell({ status: 'running' });
    const refused = await es('DELETE', vm, {});
    expect(refused.status).toBe(423);
    expect(refused.headers.get('es_stream')).toBe(null);
    const unchanged = await es('PUT', vm, {});
    expect([unchanged.status, unchanged.body.status]).toEqual([200, 'SUCCESS']);
  });

  it('send numbers as texts', async () => {
    const { send, vm } = await aShell({ status: 'running' });
    const stopped = await send('PUT', `${vm}status/stop/`, { force: true, timeout: '20' });
    expect(stopped.status).toBe(201);
  });

  it('get 201 for a task that nobody knows, and 404 for one that never was', async () => {
    const { es } = await aShell();
    const unknown = await es('GET', '/task/1e1d1-00000000-0000-0000-0000/status/');
    expect([unknown.status, unknown.body.status]).toEqual([201, 'PENDING']);
    const { body } = await es('GET', '/vm/');
    expect((await es('GET', `/task/${body.task_id}/status/`)).status).toBe(404);
    expect((await es('GET', '/task/0-6f75849b-1111-2222-3333/status/')).status).toBe(403);
  });

  it('pay for a stream with two calls', async () => {
    const { sandbox, clock, ask } = await aDanube({ danubeCallsPerMinute: 1 });
    const machine = sandbox.danube.world.machines.find(
      ({ datacenter, node }) => datacenter.id === 1 && node?.status === 'online',
    ) as Machine;
    Object.assign(machine, { status: 'stopped', isReplica: false });
    sandbox.danube.world.tasks.clear();
    const waiting = ask(`/vm/${machine.hostname}/status/start/`, {
      method: 'PUT',
      headers: asEs,
      body: '{}',
    });
    expect((await whileTimePasses(clock, waiting)).text).toMatch(/^ +429\n\{"detail"/);
  });
});
