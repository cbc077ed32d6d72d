/** Changes of machines that take several steps: whole, broken at every step, and repeated. */

import { describe, expect, it } from 'vitest';
import type { Machine } from '../../../src/sandbox/danube/model.ts';
import type { Fault, ReceivedCall } from '../../../src/sandbox/server.ts';
import { aRecipe, hostname, project, stepsOf, whole } from './a-recipe.ts';

const bodyOf = (call: ReceivedCall | undefined): unknown => JSON.parse(call?.body ?? 'null');

describe('createVirtualMachine', () => {
  it('takes a machine from nothing to running, each step once', async () => {
    const { run, machine } = await aRecipe();
    const { answer, result, writes, sent } = await run('create', whole, { wait: {} });
    expect(answer.errors).toBeUndefined();
    expect(result).toMatchObject({
      settled: true,
      virtualMachine: { hostname, status: 'RUNNING', alias: hostname, vcpus: 2, diskMiB: 21_504 },
      task: { status: 'SUCCESS' },
    });
    expect(result.virtualMachine.ips).toHaveLength(2);
    expect(sent).toEqual(stepsOf());
    expect(bodyOf(writes[0])).toEqual({
      dc: 'main',
      vcpus: 2,
      ram: 2048,
      note: 'for the workshop',
      mdata: { role: 'web' },
      tags: ['env:test', `waldur:project:${project}`],
    });
    expect(bodyOf(writes[1])).toEqual({ dc: 'main', image: 'base-64', size: 20_480 });
    expect(bodyOf(writes[4])).toEqual({ dc: 'main', net: 'admin', model: 'e1000' });
    expect(machine()?.mdata).toEqual({ role: 'web', hostname });
  });

  it('answers at once without wait, with the task that deploys it', async () => {
    const { run } = await aRecipe();
    const { result } = await run('create', whole);
    expect(result).toMatchObject({
      settled: false,
      virtualMachine: { status: 'DEPLOYING' },
      task: { status: 'PENDING' },
    });
  });

  it('leaves the machine defined when it is not to be deployed', async () => {
    const { run, machine } = await aRecipe();
    const { result, sent } = await run('create', { ...whole, deploy: false }, { wait: {} });
    expect(result).toMatchObject({ settled: true, task: null });
    expect(sent).toEqual(stepsOf().slice(0, 5));
    expect(machine()?.status).toBe('notcreated');
  });

  it('gives a zone its image on the disk that it has', async () => {
    const { run, machine } = await aRecipe();
    const { result, sent } = await run(
      'create',
      { ...whole, ostype: 'LINUX_ZONE', disks: [{ image: 'base-zone' }], nics: [] },
      { wait: {} },
    );
    expect(result.virtualMachine?.status).toBe('RUNNING');
    expect(sent).toEqual([
      `POST ${hostname}/define/`,
      `PUT ${hostname}/define/disk/1/`,
      `POST ${hostname}/`,
    ]);
    expect(machine()?.ostype).toBe(6);
  });

  it('takes over what a template has', async () => {
    const { run } = await aRecipe();
    const { result, sent } = await run(
      'create',
      { ...whole, template: 'small-web', disks: [{ sizeMiB: 20_480 }], nics: [{ net: 'lan' }] },
      { wait: {} },
    );
    expect(result.virtualMachine?.status).toBe('RUNNING');
    expect(sent).toEqual([
      `POST ${hostname}/define/`,
      `POST ${hostname}/define/nic/1/`,
      `POST ${hostname}/`,
    ]);
  });

  it('finds every fault before anything is sent', async () => {
    const { run } = await aRecipe();
    const { result, danube } = await run(
      'create',
      {
        hostname: 'a-very-long-hostname-indeed.example.com',
        datacenter: 'no such place',
        vcpus: 0,
        ramMiB: 2_000_000,
        tags: ['fine', 'a.b'],
        mdata: { 'a b': 'x', fine: 7 },
        disks: [{}, { image: 'base', boot: true }],
        nics: [{ net: '', allowedIps: Array.from({ length: 9 }, () => '10.0.0.1') }],
      },
      { wait: { timeoutSeconds: 0 } },
    );
    expect(result.code).toBe('INVALID_INPUT');
    expect(result.recipe).toBe(null);
    expect(result.issues.map(({ path }: { path: string[] }) => path.join('.'))).toEqual([
      'alias',
      'datacenter',
      'vcpus',
      'ramMiB',
      'tags.1',
      'mdata.a b',
      'mdata.fine',
      'disks.0.sizeMiB',
      'disks.1.image',
      'disks.1.boot',
      'nics.0.net',
      'nics.0.allowedIps',
      'wait.timeoutSeconds',
    ]);
    expect(danube).toEqual([]);
  });

  const definition = { kind: 'DEFINITION', number: null };
  const made = [
    definition,
    { kind: 'DISK', number: 1 },
    { kind: 'DISK', number: 2 },
    { kind: 'NIC', number: 1 },
    { kind: 'NIC', number: 2 },
  ];
  const steps = [
    { step: 'DEFINE', number: null },
    { step: 'DISK', number: 1 },
    { step: 'DISK', number: 2 },
    { step: 'NIC', number: 1 },
    { step: 'NIC', number: 2 },
    { step: 'DEPLOY', number: null },
  ];
  const kinds = ['DEFINITION', 'DISK', 'DISK', 'NIC', 'NIC', 'MACHINE'];
  const refused: Fault = {
    kind: 'answer',
    answer: {
      status: 428,
      headers: { 'content-type': 'application/json' },
      body: '{"detail":"Not like this."}',
    },
  };
  const isStep = (at: number) => (call: ReceivedCall) =>
    `${call.method} ${call.path}` === stepsOf()[at]?.replace(' ', ' /api/vm/');

  describe.each(steps.map((step, at) => [`${step.step} ${step.number ?? ''}`, step, at] as const))(
    'broken at %s',
    (_title, step, at) => {
      it('takes back what was made, and names the step', async () => {
        const { run, server, machine } = await aRecipe();
        server.inject({ fault: refused, when: isStep(at) });
        const { result, sent } = await run('create', whole);
        expect(result).toMatchObject({
          code: 'PRECONDITION_FAILED',
          message: expect.stringContaining('Not like this.'),
          recipe: { ...step, left: [] },
        });
        expect(sent).toEqual([
          ...stepsOf().slice(0, at + 1),
          ...(at === 0 ? [] : [`DELETE ${hostname}/define/`]),
        ]);
        expect(machine()).toBeUndefined();
      });

      it('says exactly what is left when that fails as well', async () => {
        const { run, server, machine } = await aRecipe();
        server.inject({ fault: refused, when: isStep(at) });
        server.inject({ fault: refused, when: ({ method }) => method === 'DELETE' });
        const { result } = await run('create', whole);
        expect(result.recipe).toEqual({ ...step, left: made.slice(0, at) });
        const there = machine();
        expect(there?.disks.length ?? 0).toBe(Math.max(0, Math.min(2, at - 1)));
        expect(there?.nics.length ?? 0).toBe(Math.max(0, at - 3));
        expect(there === undefined).toBe(at === 0);
      });

      it.each<[string, Fault]>([
        ['no answer comes', { kind: 'reset' }],
        [
          'an acceptance is cut short',
          {
            kind: 'change',
            change: ({ body = '', ...rest }) => ({ ...rest, body: body.slice(0, -2) }),
          },
        ],
      ])('leaves all as it is when %s', async (_why, fault) => {
        const { run, server, gateway } = await aRecipe();
        server.inject({ fault, when: isStep(at) });
        const { result, sent } = await run('create', whole);
        expect(result).toMatchObject({
          code: 'OUTCOME_UNKNOWN',
          recipe: {
            ...step,
            left: [...made.slice(0, at), { kind: kinds[at], number: step.number }],
          },
        });
        expect(sent).toEqual(stepsOf().slice(0, at + 1));
        const { errors } = await gateway.run(result.checkWith);
        expect(errors).toBeUndefined();
      });

      it('is an error with the step when the cloud fails, and takes back all the same', async () => {
        const { run, server, machine } = await aRecipe();
        const answer = { status: 500, body: 'Server Error' };
        server.inject({ fault: { kind: 'answer', answer }, when: isStep(at) });
        const { answer: told } = await run('create', whole);
        expect(told.errors?.[0]).toMatchObject({
          path: ['result'],
          extensions: { code: 'UPSTREAM_FAILED', recipe: { ...step, left: [] } },
        });
        expect(machine()).toBeUndefined();
      });
    },
  );

  it('takes back a machine whose task fails while it waits', async () => {
    const { run, machine } = await aRecipe();
    const name = 'please-fail.lan';
    const { result } = await run('create', { ...whole, hostname: name }, { wait: {} });
    expect(result).toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining('the node refused'),
      recipe: { step: 'DEPLOY', number: null, left: [] },
    });
    expect(machine(name)).toBeUndefined();
  });

  it('shows where in the input the cloud found a fault', async () => {
    const { run, machine } = await aRecipe();
    const { result } = await run('create', {
      ...whole,
      disks: [{ image: 'missing' }],
    });
    expect(result).toMatchObject({
      code: 'INVALID_INPUT',
      issues: [
        { path: ['disks', '0', 'image'], message: 'Object with name=missing does not exist.' },
      ],
      recipe: { step: 'DISK', number: 1, left: [] },
    });
    expect(machine()).toBeUndefined();
  });

  it('can be repeated: the second call finds everything there', async () => {
    const { run, world } = await aRecipe();
    await run('create', whole, { wait: {} });
    const count = world.machines.length;
    const { result, sent } = await run('create', whole, { wait: {} });
    expect(result).toMatchObject({
      settled: true,
      virtualMachine: { status: 'RUNNING' },
      task: null,
    });
    expect(sent).toEqual([`POST ${hostname}/define/`]);
    expect(world.machines).toHaveLength(count);
  });

  it('waits for the deployment that an earlier call began', async () => {
    const { run } = await aRecipe(200);
    const first = await run('create', whole);
    const { result, sent } = await run('create', whole, { wait: {} });
    expect(first.result.task.status).toBe('PENDING');
    expect(result).toMatchObject({
      settled: true,
      virtualMachine: { status: 'RUNNING' },
      task: { status: 'SUCCESS' },
    });
    expect(sent).toEqual([`POST ${hostname}/define/`]);
  });

  it('goes on from where an earlier call was broken, and takes back only what is its own', async () => {
    const { run, server, machine } = await aRecipe();
    // The earlier one loses its answer at the first network card, which was defined or not.
    const stop = server.inject({ fault: { kind: 'reset' }, when: isStep(3) });
    await run('create', whole);
    stop();
    const restart = server.inject({ fault: refused, when: isStep(5) });
    const broken = await run('create', whole);
    expect(broken.result.recipe).toEqual({ step: 'DEPLOY', number: null, left: [] });
    expect(broken.sent).toEqual([
      `POST ${hostname}/define/`,
      `POST ${hostname}/define/nic/1/`,
      `POST ${hostname}/define/nic/2/`,
      `POST ${hostname}/`,
      `DELETE ${hostname}/define/nic/2/`,
      `DELETE ${hostname}/define/nic/1/`,
    ]);
    expect(machine()).toMatchObject({ nics: [], disks: { length: 2 } });
    restart();
    const { result } = await run('create', whole, { wait: {} });
    expect(result.virtualMachine.status).toBe('RUNNING');
  });

  it.each([
    ['vcpus', { vcpus: 4 }],
    ['tags', { tags: ['env:test', 'another'] }],
    ['mdata', { mdata: { role: 'db' } }],
    ['disk', { disks: [{ image: 'base-64', sizeMiB: 30_000 }, { sizeMiB: 1_024 }] }],
    ['disk', { disks: [{ image: 'base-64', sizeMiB: 20_480 }] }],
    ['nic', { nics: [{ net: 'admin' }, { net: 'admin', model: 'E1000' }] }],
  ])('is a Conflict for a machine with another %s', async (_what, change) => {
    const { run, machine } = await aRecipe();
    await run('create', { ...whole, deploy: false });
    const before = JSON.stringify(machine());
    const { result } = await run('create', { ...whole, ...change });
    expect(result).toMatchObject({ code: 'CONFLICT', recipe: { left: [] } });
    expect(JSON.stringify(machine())).toBe(before);
  });

  it('is a Conflict for a name that is taken where the caller cannot see it', async () => {
    const { run, world } = await aRecipe();
    const elsewhere = world.machines.find(({ datacenter }) => datacenter.id === 2) as Machine;
    const name = elsewhere.hostname.slice(0, 24);
    elsewhere.hostname = name;
    const { result } = await run('create', { ...whole, hostname: name });
    expect(result).toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining('taken elsewhere'),
    });
  });

  it('is Forbidden for who is no administrator', async () => {
    const { run } = await aRecipe();
    const { result } = await run('create', whole, { as: 'stranger' });
    expect(result).toMatchObject({ code: 'FORBIDDEN', recipe: { step: 'DEFINE' } });
  });
});

describe('destroyVirtualMachine', () => {
  async function aMachine(status = 'running') {
    const scene = await aRecipe();
    await scene.run('create', whole, { wait: {} });
    Object.assign(scene.machine() ?? {}, { status });
    return scene;
  }
  const input = { hostname, confirm: true };

  it('stops, deletes and undefines a machine', async () => {
    const { run, machine } = await aMachine();
    const { answer, result, sent } = await run('destroy', input, { wait: {} });
    expect(answer.errors).toBeUndefined();
    expect(result).toMatchObject({ settled: true, virtualMachine: null });
    expect(sent).toEqual([
      `PUT ${hostname}/status/stop/`,
      `DELETE ${hostname}/`,
      `DELETE ${hostname}/define/`,
    ]);
    expect(machine()).toBeUndefined();
  });

  it('begins where the machine is', async () => {
    const stopped = await aMachine('stopped');
    expect((await stopped.run('destroy', input)).sent).toHaveLength(2);
    const defined = await aMachine('notcreated');
    expect((await defined.run('destroy', input)).sent).toEqual([`DELETE ${hostname}/define/`]);
  });

  it('waits for what is under way first', async () => {
    const { run } = await aRecipe();
    await run('create', whole);
    const { result, sent } = await run('destroy', input, { wait: {} });
    expect(result.settled).toBe(true);
    expect(sent).toHaveLength(3);
  });

  it('takes longer than other operations may, as it was asked to', async () => {
    const { run } = await aRecipe(50, { OPERATION_TIMEOUT_MS: '150' });
    await run('create', whole);
    const { answer, result } = await run('destroy', input, { wait: {} });
    expect(answer.errors).toBeUndefined();
    expect(result.settled).toBe(true);
  });

  it('wants to be confirmed, and sends nothing before', async () => {
    const { run } = await aMachine();
    const { result, danube } = await run('destroy', { hostname });
    expect(result).toMatchObject({ code: 'PRECONDITION_FAILED', confirmationRequired: true });
    expect(danube).toEqual([]);
  });

  it('is not settled when its time is up, and can be repeated', async () => {
    const { run, gateway, machine } = await aMachine();
    const { server } = gateway.sandbox.danube;
    // Time stands still for who looks at the task.
    const stop = server.inject({
      fault: {
        kind: 'answer',
        answer: {
          status: 201,
          headers: { 'content-type': 'application/json' },
          body: '{"task_id":"1e1d1-00000000-0000-0000-0000","status":"STARTED","result":null}',
        },
      },
      when: ({ path }) => path.startsWith('/api/task/'),
    });
    const { result } = await run('destroy', input, { wait: { timeoutSeconds: 1 } });
    expect(result).toMatchObject({ settled: false, task: { status: 'STARTED' } });
    stop();
    expect((await run('destroy', input, { wait: {} })).result.settled).toBe(true);
    expect(machine()).toBeUndefined();
  });

  /** Danube answers at once that it has stopped the machine, whose state does not say so yet. */
  async function aLateState() {
    const scene = await aMachine();
    scene.server.inject({
      fault: {
        kind: 'answer',
        answer: {
          status: 200,
          headers: { 'content-type': 'application/json' },
          body: '{"task_id":"1d1-00000000-0000-0000-0000","status":"SUCCESS","result":null}',
        },
      },
      when: ({ path }) => path.endsWith('/status/stop/'),
    });
    return scene;
  }

  it('sends no step again while the state is late', async () => {
    const { run, server, machine } = await aLateState();
    let looks = 0;
    server.inject({
      fault: { kind: 'delay', delayMs: 0 },
      when: ({ method }) => {
        looks += method === 'GET' ? 1 : 0;
        if (looks === 6) {
          Object.assign(machine() ?? {}, { status: 'notcreated' });
        }
        return false;
      },
    });
    const { result, sent } = await run('destroy', input, { wait: {} });
    expect(result.settled).toBe(true);
    expect(sent).toEqual([`PUT ${hostname}/status/stop/`, `DELETE ${hostname}/define/`]);
  });

  it('is not settled when the state is late for longer than it has time', async () => {
    const { run } = await aLateState();
    const { result, sent } = await run('destroy', input, { wait: { timeoutSeconds: 1 } });
    expect(result).toMatchObject({ settled: false, virtualMachine: { status: 'RUNNING' } });
    expect(sent).toEqual([`PUT ${hostname}/status/stop/`]);
  });

  it.each([
    ['STOP', 0, 'PUT', 2],
    ['DELETE', 1, 'DELETE', 2],
    ['UNDEFINE', 2, 'DELETE', 1],
  ])('names the step %s when it is refused, and what is left', async (step, at, method, left) => {
    const { run, gateway } = await aMachine();
    const path = [`${hostname}/status/stop/`, `${hostname}/`, `${hostname}/define/`][at];
    gateway.sandbox.danube.server.inject({
      fault: {
        kind: 'answer',
        answer: {
          status: 423,
          headers: { 'content-type': 'application/json' },
          body: '{"detail":"Not now."}',
        },
      },
      when: (call) => call.method === method && call.path === `/api/vm/${path}`,
    });
    const { result } = await run('destroy', input, { wait: {} });
    expect(result).toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining('Not now.'),
      recipe: { step, number: null },
    });
    expect(result.recipe.left).toHaveLength(left);
  });

  it('is NotFound for what is not there', async () => {
    const { run } = await aRecipe();
    const { result } = await run('destroy', { hostname: 'none.lan', confirm: true });
    expect(result).toMatchObject({ code: 'NOT_FOUND', recipe: null });
  });
});
