/** Everything that Danube Cloud's published page lets a person read of machines, through the graph. */

import { describe, expect, it } from 'vitest';
import { differs } from '../../src/sandbox/danube/machines.ts';
import type { Machine } from '../../src/sandbox/danube/model.ts';
import { aGateway, type TestGateway } from '../a-gateway.ts';

const statusOf = (status: string) => status.replace(/-$/, '').toUpperCase();

/** Every key of Danube's machine object with the field that shows it, and what the sandbox holds for it. */
const keys: readonly [key: string, field: string, holds: (machine: Machine) => unknown][] = [
  ['hostname', 'hostname', ({ hostname }) => hostname],
  ['uuid', 'uuid', ({ uuid }) => uuid],
  ['alias', 'alias', ({ alias }) => alias],
  ['node', 'node', ({ node }) => node?.hostname ?? null],
  ['owner', 'owner', ({ owner }) => owner.username],
  ['status', 'status', ({ status }) => statusOf(status)],
  ['status', 'inTransition', ({ status }) => /deploying|stopping|notready|-$/.test(status)],
  ['node_status', 'nodeStatus', ({ node }) => node?.status ?? null],
  ['vcpus', 'vcpus', ({ vcpus }) => vcpus],
  ['ram', 'ramMiB', ({ ram }) => ram],
  ['disk', 'diskMiB', ({ disk }) => disk],
  ['ips', 'ips', ({ ips }) => ips],
  ['locked', 'locked', ({ locked }) => locked],
  ['tags', 'tags', ({ tags }) => tags],
  ['snapshots', 'snapshots', ({ snapshots }) => snapshots],
  ['size_snapshots', 'snapshotsSizeMiB', ({ sizeSnapshots }) => sizeSnapshots],
  [
    'snapshot_define_active',
    'activeSnapshotDefinitions',
    ({ activeSnapshotDefinitions }) => activeSnapshotDefinitions,
  ],
  [
    'snapshot_define_inactive',
    'inactiveSnapshotDefinitions',
    ({ inactiveSnapshotDefinitions }) => inactiveSnapshotDefinitions,
  ],
  ['backups', 'backups', ({ backups }) => backups],
  ['size_backups', 'backupsSizeMiB', ({ sizeBackups }) => sizeBackups],
  [
    'backup_define_active',
    'activeBackupDefinitions',
    ({ activeBackupDefinitions }) => activeBackupDefinitions,
  ],
  [
    'backup_define_inactive',
    'inactiveBackupDefinitions',
    ({ inactiveBackupDefinitions }) => inactiveBackupDefinitions,
  ],
  ['slaves', 'slaves', ({ slaves }) => slaves],
  [
    'uptime',
    'uptimeSeconds',
    ({ runningSinceMs, uptime }) => (runningSinceMs ? expect.any(Number) : uptime),
  ],
  ['changed', 'changed', (machine) => machine.deployed === null || differs(machine)],
  ['dc', 'datacenter { name }', ({ datacenter }) => ({ name: datacenter.name })],
];

function machinesIn(gateway: TestGateway, datacenter: string): Machine[] {
  return gateway.sandbox.danube.world.machines
    .filter(
      (machine) =>
        machine.datacenter.name === datacenter &&
        !machine.isReplica &&
        machine.node?.status !== 'unlicensed',
    )
    .sort((one, other) => (one.hostname < other.hostname ? -1 : 1));
}

describe('The page of /vm', () => {
  it.each(['/api/vm/', '/api/vm/{name}/'])('has every extended key of %s here', async (path) => {
    const gateway = await aGateway();
    const { danube, callers } = gateway.sandbox;
    const [{ hostname } = { hostname: '' }] = machinesIn(gateway, 'main');
    const address = `${danube.server.url}${path.replace('{name}', hostname)}?extended=true`;
    const answer = await fetch(address, { headers: { 'ES-API-KEY': callers.staff.danubeApiKey } });
    const { result } = (await answer.json()) as { result: object | object[] };
    // The datacenter is in a header.
    expect(new Set(['dc', ...[result].flat().flatMap(Object.keys)])).toEqual(
      new Set(keys.map(([key]) => key)),
    );
  });

  it.each(keys)('shows the key %s as %s', async (_key, selection, holds) => {
    const gateway = await aGateway();
    const machines = machinesIn(gateway, 'main');
    const field = selection.split(' ', 1)[0] ?? '';
    const { data, errors } = await gateway.run(
      `{ virtualMachines(datacenter: "main", first: 300) { nodes { ${selection} } } }`,
    );
    expect(errors).toBeUndefined();
    expect(data.virtualMachines.nodes.map((node: Record<string, unknown>) => node[field])).toEqual(
      machines.map(holds),
    );
    const [machine] = machines;
    const { data: one } = await gateway.run(
      `{ byName: virtualMachine(hostname: "${machine?.hostname}") { ${selection} } }`,
    );
    expect(one.byName[field]).toEqual(machine && holds(machine));
    const { data: other } = await gateway.run(
      `{ byUuid: virtualMachine(uuid: "${machine?.uuid.replaceAll('-', '')}") { ${selection} } }`,
    );
    expect(other.byUuid[field]).toEqual(machine && holds(machine));
  });

  it('shows what is deployed with active, and what is defined without', async () => {
    const gateway = await aGateway();
    const machine = machinesIn(gateway, 'main').find(
      ({ deployed, vcpus }) => deployed !== null && deployed.vcpus !== vcpus,
    );
    const query = (active: boolean) =>
      `{ virtualMachine(hostname: "${machine?.hostname}", active: ${active}) { vcpus ips changed } }`;
    expect((await gateway.run(query(true))).data.virtualMachine).toEqual({
      vcpus: machine?.deployed?.vcpus,
      ips: machine?.deployed?.ips,
      changed: false,
    });
    expect((await gateway.run(query(false))).data.virtualMachine).toEqual({
      vcpus: machine?.vcpus,
      ips: machine?.ips,
      changed: true,
    });
  });

  it('shows the hostname that is deployed with active, also where nothing else is asked', async () => {
    const gateway = await aGateway();
    const machine = machinesIn(gateway, 'main').find(({ deployed }) => deployed) as Machine;
    const before = machine.hostname;
    machine.hostname = `renamed-${before}`;
    const hostnames = async (active: boolean, selection: string) => {
      const { data } = await gateway.run(
        `{ virtualMachines(datacenter: "main", first: 300, active: ${active}) { nodes { ${selection} } } }`,
      );
      return data.virtualMachines.nodes.map(({ hostname }: { hostname: string }) => hostname);
    };
    for (const selection of ['hostname', 'hostname owner', 'hostname tags']) {
      expect(await hostnames(true, selection)).toContain(before);
      expect(await hostnames(false, selection)).toContain(machine.hostname);
    }
  });

  it.each<[string, (machine: Machine) => boolean]>([
    ['hostname: "WEB"', ({ hostname }) => hostname.includes('web')],
    ['owner: "member"', ({ owner }) => owner.username === 'member'],
    ['tag: "web"', ({ tags }) => tags.includes('web')],
    ['status: [RUNNING, ERROR]', ({ status }) => /^(running-?|error)$/.test(status)],
    ['status: []', () => false],
    ['owner: "", hostname: null', () => true],
  ])('is filtered by { %s }', async (filter, keeps) => {
    const gateway = await aGateway();
    const { data } = await gateway.run(
      `{ virtualMachines(datacenter: "main", first: 300, filter: { ${filter} }) { nodes { hostname } } }`,
    );
    expect(
      data.virtualMachines.nodes.map(({ hostname }: { hostname: string }) => hostname),
    ).toEqual(
      machinesIn(gateway, 'main')
        .filter(keeps)
        .map(({ hostname }) => hostname),
    );
  });
});

describe('The tags of a machine', () => {
  it('lead to its project, customer and tenant, and back', async () => {
    const gateway = await aGateway();
    const { data, errors } = await gateway.run(`{
      virtualMachines(first: 300) { nodes {
        hostname tags project { uuid name } customer { uuid name } tenant { uuid name }
      } }
    }`);
    expect(errors).toBeUndefined();
    const linked = data.virtualMachines.nodes.filter(
      (machine: { tenant: unknown }) => machine.tenant !== null,
    );
    expect(linked.length).toBeGreaterThan(2);
    for (const { hostname, tags, project, customer, tenant } of linked.slice(0, 3)) {
      expect(tags).toContain(`waldur:project:${project.uuid}`);
      expect(tags).toContain(`waldur:customer:${customer.uuid}`);
      expect(tags).toContain(`waldur:tenant:${tenant.uuid}`);
      const back = await gateway.run(`{
        project(uuid: "${project.uuid}") { virtualMachines { nodes { hostname } } }
        customer(uuid: "${customer.uuid}") { virtualMachines { nodes { hostname } } }
        tenant(uuid: "${tenant.uuid}") { virtualMachines { nodes { hostname } } }
        virtualMachines(filter: { project: "${project.uuid}", tenant: "${tenant.uuid}" }) { nodes { hostname } }
      }`);
      for (const list of [
        back.data.project.virtualMachines,
        back.data.customer.virtualMachines,
        back.data.tenant.virtualMachines,
        back.data.virtualMachines,
      ]) {
        expect(list.nodes).toContainEqual({ hostname });
      }
    }
  });

  it('of another form are no links', async () => {
    const gateway = await aGateway();
    const [machine] = machinesIn(gateway, 'main');
    machine?.tags.splice(0, 9, 'waldur:project:not-a-uuid', 'waldur:tenant:', 'waldur:customer');
    const { data, errors } = await gateway.run(
      `{ virtualMachine(hostname: "${machine?.hostname}") { project { name } customer { name } tenant { name } } }`,
    );
    expect(errors).toBeUndefined();
    expect(data.virtualMachine).toEqual({ project: null, customer: null, tenant: null });
  });
});

describe('Tasks', () => {
  it('that run are listed on their machine', async () => {
    const gateway = await aGateway();
    const { world } = gateway.sandbox.danube;
    const running = [...world.tasks.values()].filter(
      ({ endedMs, machine }) => endedMs === null && machine?.datacenter.name === 'main',
    );
    const { data } = await gateway.run(
      '{ virtualMachines(datacenter: "main", first: 300) { nodes { hostname tasks { taskId done } } } }',
    );
    for (const task of running.filter(({ machine }) => machine && !machine.isReplica)) {
      const shown = data.virtualMachines.nodes.find(
        ({ hostname }: { hostname: string }) => hostname === task.machine?.hostname,
      );
      expect(shown.tasks).toContainEqual({ taskId: task.id, done: false });
    }
    expect(running.length).toBeGreaterThan(0);
  });

  it('show how they ended', async () => {
    const gateway = await aGateway();
    for (const task of gateway.sandbox.danube.world.tasks.values()) {
      const { data } = await gateway.run(
        `{ task(taskId: "${task.id}") { taskId status done message detail returnCode } }`,
      );
      const result = task.result as
        | { message?: string; detail?: string; returncode?: number }
        | string
        | null;
      const isText = typeof result === 'string';
      expect(data.task).toEqual({
        taskId: task.id,
        status: task.status,
        done: task.endedMs !== null,
        message: isText ? result : (result?.message ?? null),
        detail: isText ? null : (result?.detail ?? null),
        returnCode: isText ? null : (result?.returncode ?? null),
      });
    }
  });

  it('of others are FORBIDDEN', async () => {
    const gateway = await aGateway();
    const task = [...gateway.sandbox.danube.world.tasks.values()].find(
      ({ owner }) => owner.username === 'admin',
    );
    const { data, errors } = await gateway.run(`{ task(taskId: "${task?.id}") { status } }`, {
      as: 'stranger',
    });
    expect(data.task).toBeNull();
    expect(errors?.[0]?.extensions.code).toBe('FORBIDDEN');
  });
});

describe('Datacenters', () => {
  it('show all that Danube tells of them', async () => {
    const gateway = await aGateway();
    const { data } = await gateway.run(
      '{ datacenters { id name alias owner description access } }',
    );
    expect(data.datacenters).toEqual(
      [...gateway.sandbox.danube.world.datacenters]
        .sort((one, other) => (one.name < other.name ? -1 : 1))
        .map(({ name, alias, owner, description, isPublic }) => ({
          id: expect.any(String),
          name,
          alias,
          owner: owner.username,
          description: description || null,
          access: isPublic ? 'public' : 'private',
        })),
    );
  });

  it('lead down to their machines, and machines lead up to them', async () => {
    const gateway = await aGateway();
    const { answer, lines } = await gateway.calls(
      '{ datacenters { name virtualMachines(first: 300) { totalCount nodes { hostname datacenter { name alias } } } } }',
    );
    for (const { name, virtualMachines } of answer.data.datacenters) {
      expect(virtualMachines.totalCount).toBe(machinesIn(gateway, name).length);
      for (const { datacenter } of virtualMachines.nodes) {
        expect(datacenter.name).toBe(name);
      }
    }
    // Three lists of machines, one of datacenters by name and one with their details.
    expect(lines.length).toBeLessThanOrEqual(5);
  });
});

describe('node', () => {
  it('gives every kind of thing again', async () => {
    const gateway = await aGateway();
    const { data } = await gateway.run(`{
      customers(first: 1) { nodes { id } } projects(first: 1) { nodes { id } }
      tenants(first: 1) { nodes { id } } securityGroups(first: 1) { nodes { id } }
      serverGroups(first: 1) { nodes { id } } allocations(first: 1) { nodes { id } }
      virtualMachines(first: 1) { nodes { id } } datacenters { id }
    }`);
    const [task] = gateway.sandbox.danube.world.tasks.keys();
    const { data: found } = await gateway.run(`{ task(taskId: "${task}") { id } }`);
    const ids = [
      ...Object.values(data as Record<string, { nodes?: { id: string }[] }>).map(
        (list) => list.nodes?.[0]?.id ?? (list as unknown as { id: string }[])[0]?.id,
      ),
      found.task.id,
    ];
    const { data: again, errors } = await gateway.run(
      'query Q($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }',
      { variables: { ids } },
    );
    expect(errors).toBeUndefined();
    expect(again.nodes.map(({ __typename }: { __typename: string }) => __typename)).toEqual([
      'Customer',
      'Project',
      'Tenant',
      'SecurityGroup',
      'ServerGroup',
      'Allocation',
      'VirtualMachine',
      'Datacenter',
      'Task',
    ]);
    expect(again.nodes.map(({ id }: { id: string }) => id)).toEqual(ids);
  });

  it('is null in its own slot for what is gone', async () => {
    const gateway = await aGateway();
    const { data } = await gateway.run('{ projects(first: 2) { nodes { id uuid } } }');
    const [kept, gone] = data.projects.nodes;
    gateway.sandbox.waldur.world.projects.splice(
      gateway.sandbox.waldur.world.projects.findIndex(({ uuid }) => uuid === gone.uuid),
      1,
    );
    const answer = await gateway.run(`{ nodes(ids: ["${gone.id}", "${kept.id}"]) { id } }`);
    expect(answer).toEqual({ data: { nodes: [null, { id: kept.id }] } });
  });
});
