/** What a query costs upstream: counted where the calls arrive. */

import { describe, expect, it } from 'vitest';
import { aGateway } from '../a-gateway.ts';

const fieldsOf = (target: string) => new URL(target, 'http://waldur').searchParams.getAll('field');

describe('Links that the payload holds', () => {
  it('cost no call: 50 security groups with all their owners are one', async () => {
    const gateway = await aGateway();
    const { waldur, answer } = await gateway.calls(`{
      securityGroups(first: 50) { nodes {
        project { uuid name } customer { uuid name abbreviation } tenant { uuid name }
        serviceSettings { uuid name state }
      } }
    }`);
    expect(answer.errors).toBeUndefined();
    expect(answer.data.securityGroups.nodes).toHaveLength(50);
    expect(waldur).toHaveLength(1);
  });

  it('lead on: the customer of the project of the tenant is in the same row', async () => {
    const gateway = await aGateway();
    const { waldur } = await gateway.calls(
      '{ securityGroups(first: 5) { nodes { tenant { project { customer { name } } } } } }',
    );
    expect(waldur).toHaveLength(1);
  });
});

describe('Links that need a call', () => {
  it('are grouped: the projects of 50 security groups are one call more', async () => {
    const gateway = await aGateway();
    const { waldur } = await gateway.calls(
      '{ securityGroups(first: 50) { nodes { project { description created } } } }',
    );
    expect(waldur).toHaveLength(2);
    expect(waldur[1]?.path).toBe('/api/projects/');
  });

  it('never cost a call for each row, for any noun', async () => {
    const gateway = await aGateway();
    const { waldur } = await gateway.calls(`{
      securityGroups(first: 100) { nodes {
        customer { email } tenant { availabilityZone } project { startDate }
      } }
    }`);
    expect(waldur.length).toBeLessThanOrEqual(4);
  });

  it('reach a soft-deleted project, which the list of projects leaves out', async () => {
    const gateway = await aGateway();
    const removed = gateway.sandbox.waldur.world.projects.find(({ isRemoved }) => isRemoved);
    const groups = gateway.sandbox.waldur.world.securityGroups;
    for (const group of groups.slice(0, 20)) {
      group.project = removed ?? group.project;
    }
    const { data } = await gateway.run(
      '{ securityGroups(first: 50) { nodes { uuid project { uuid description } } } }',
    );
    const shown = data.securityGroups.nodes.filter(
      (group: { project: { uuid: string } }) => group.project.uuid === removed?.uuid,
    );
    expect(shown).toHaveLength(20);
    expect(shown[0].project.description).toBe(removed?.description);
  });
});

describe('Counts', () => {
  it('alone cost one call that carries one row at most', async () => {
    const gateway = await aGateway();
    const { waldur, answer } = await gateway.calls('{ securityGroups { totalCount } }');
    expect(answer.data.securityGroups.totalCount).toBe(400);
    expect(waldur).toHaveLength(1);
    expect(waldur[0]?.rows).toBeLessThanOrEqual(1);
  });
});

describe('Selected fields', () => {
  it('are all that is asked for, beside the identity of the row', async () => {
    const gateway = await aGateway();
    const { waldur } = await gateway.calls(
      '{ securityGroups(first: 5) { nodes { name inTransition } } }',
    );
    expect(fieldsOf(waldur[0]?.target ?? '')).toEqual(['uuid', 'name', 'state']);
  });

  it.each([
    ['tenants', 'openstack-tenants'],
    ['serverGroups', 'openstack-server-groups'],
    ['allocations', 'openportal-allocations'],
    ['securityGroups', 'openstack-security-groups'],
    ['projects', 'projects'],
    ['customers', 'customers'],
  ])('of %s are named in every request, and none is a secret', async (list) => {
    const gateway = await aGateway();
    const type = { tenants: 'Tenant', customers: 'Customer', projects: 'Project' }[list];
    const { waldur } = await gateway.calls(
      `{ ${list}(first: 3) { nodes { uuid ${type === undefined ? 'rest: resourceType' : 'name'} } } }`,
    );
    for (const call of waldur) {
      const fields = fieldsOf(call.target);
      expect(fields.length).toBeGreaterThan(0);
      expect(fields).not.toContain('user_password');
      expect(fields).not.toContain('options');
      expect(fields).not.toContain('token');
    }
  });

  it('come through fragments, interfaces and directives, in each execution by its variables', async () => {
    const gateway = await aGateway();
    const asked = async (variables: Record<string, boolean>) => {
      const { waldur } = await gateway.calls(
        `query Q($with: Boolean!, $nodes: Boolean = true) {
          securityGroups(first: 2) { totalCount edges @include(if: $nodes) { node { ...Named ... on Resource { state } } } }
        }
        fragment Named on SecurityGroup { name description @include(if: $with) created @skip(if: $with) }`,
        { variables },
      );
      return waldur.map(({ method, target }) => [method, ...fieldsOf(target)]);
    };
    expect(await asked({ with: true })).toEqual([['GET', 'uuid', 'name', 'description', 'state']]);
    expect(await asked({ with: false })).toEqual([['GET', 'uuid', 'name', 'created', 'state']]);
    expect(await asked({ with: true, nodes: false })).toEqual([['HEAD', 'uuid']]);
  });
});

describe('One thing under several aliases', () => {
  it('is one call with the fields of all', async () => {
    const gateway = await aGateway();
    const [group] = gateway.sandbox.waldur.world.securityGroups;
    const { waldur, answer } = await gateway.calls(
      `query Q($uuid: UUID!) {
        a: securityGroup(uuid: $uuid) { name }
        b: securityGroup(uuid: $uuid) { description }
        c: securityGroup(uuid: $uuid) { name state }
      }`,
      { variables: { uuid: group?.uuid } },
    );
    expect(answer.data.b.description).toBe(group?.description);
    expect(waldur).toHaveLength(1);
  });

  it('is one call for lists, too', async () => {
    const gateway = await aGateway();
    const { waldur, answer } = await gateway.calls(
      '{ a: projects(first: 3) { nodes { name } } b: projects(first: 3) { nodes { created } totalCount } }',
    );
    expect(answer.data.a.nodes).toHaveLength(3);
    expect(waldur).toHaveLength(1);
  });
});

describe('node and nodes', () => {
  it('fetch 30 ids without a call for each', async () => {
    const gateway = await aGateway();
    const { data } = await gateway.run('{ securityGroups(first: 30) { nodes { id name } } }');
    const ids = data.securityGroups.nodes.map(({ id }: { id: string }) => id);
    const { waldur, answer } = await gateway.calls(
      'query Q($ids: [ID!]!) { nodes(ids: $ids) { id ... on SecurityGroup { name } } }',
      { variables: { ids } },
    );
    expect(answer.data.nodes).toEqual(data.securityGroups.nodes);
    expect(waldur.length).toBeLessThanOrEqual(2);
  });
});

describe('Machines', () => {
  it('with their tasks and projects cost no call for each machine', async () => {
    const gateway = await aGateway();
    const { waldur, danube, answer } = await gateway.calls(`{
      virtualMachines(datacenter: "main", first: 20) { nodes {
        hostname tasks { taskId status } project { name description } customer { name }
      } }
    }`);
    expect(answer.errors).toBeUndefined();
    expect(answer.data.virtualMachines.nodes).toHaveLength(20);
    expect(danube.map(({ path }) => path).sort()).toEqual(['/api/vm/', '/api/vm/status/']);
    expect(waldur.length).toBeLessThanOrEqual(4);
  });

  it('ask for names alone where only hostnames are wanted', async () => {
    const gateway = await aGateway();
    const { lines } = await gateway.calls(
      '{ virtualMachines(datacenter: "main", first: 5) { nodes { hostname } totalCount } }',
    );
    expect(lines).toEqual(['GET /api/vm/?dc=main']);
  });

  it('are one list, too, when their identity is all that is wanted beside', async () => {
    const gateway = await aGateway();
    const { lines } = await gateway.calls(
      '{ virtualMachines(datacenter: "main", first: 5) { nodes { hostname uuid } } }',
    );
    expect(lines).toEqual(['GET /api/vm/?dc=main&full=true']);
  });

  it('are one list for several machines asked for by name', async () => {
    const gateway = await aGateway();
    const { data } = await gateway.run(
      '{ virtualMachines(datacenter: "main", first: 3) { nodes { hostname } } }',
    );
    const [a, b, c] = data.virtualMachines.nodes.map(
      ({ hostname }: { hostname: string }) => hostname,
    );
    const { danube, answer } = await gateway.calls(
      `{ a: virtualMachine(hostname: "${a}") { alias } b: virtualMachine(hostname: "${b}") { alias }
         c: virtualMachine(hostname: "${c}") { alias } }`,
    );
    expect(answer.errors).toBeUndefined();
    expect(danube).toHaveLength(1);
  });

  it('always name their datacenter, and ask for the active view only where it is wanted', async () => {
    const gateway = await aGateway();
    const { danube } = await gateway.calls(
      '{ virtualMachines(first: 1) { nodes { vcpus } } active: virtualMachines(active: true, datacenter: "main", first: 1) { nodes { vcpus } } }',
    );
    const lists = danube.filter(({ path }) => path === '/api/vm/').map(({ query }) => query);
    expect(lists.every((query) => query.has('dc'))).toBe(true);
    expect(lists.filter((query) => query.has('active'))).toHaveLength(1);
  });
});
