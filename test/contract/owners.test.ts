/** Customers, projects and tenants: what the sandbox holds of them, and the links from them down. */

import { describe, expect, it } from 'vitest';
import { aGateway } from '../a-gateway.ts';

const orNull = (text: string | null) => (text ? text : null);

describe('Customers', () => {
  it('show all that is held of them', async () => {
    const gateway = await aGateway();
    const { data } = await gateway.run(`{ customers(first: 300) { nodes {
      uuid url name nativeName abbreviation description email phoneNumber country created
    } } }`);
    expect(data.customers.nodes).toEqual(
      gateway.sandbox.waldur.world.customers.map((customer) => ({
        uuid: customer.uuid,
        url: `${gateway.sandbox.waldur.server.url}/api/customers/${customer.uuid}/`,
        name: customer.name,
        nativeName: orNull(customer.nativeName),
        abbreviation: orNull(customer.abbreviation),
        description: orNull(customer.description),
        email: customer.email,
        phoneNumber: orNull(customer.phoneNumber),
        country: orNull(customer.country),
        created: `${customer.created}Z`,
      })),
    );
  });

  it.each([
    ['name: "TARTU"', /tartu/i, 'name'],
    ['nativeName: "kohalik"', /kohalik/, 'nativeName'],
    ['abbreviation: "T"', /t/i, 'abbreviation'],
    ['nameExact: "Helsinki Climate Lab"', /^Helsinki Climate Lab$/, 'name'],
    ['query: "org3.example"', /^org3\.example/, 'domain'],
  ] as const)('are filtered by { %s }', async (filter, pattern, property) => {
    const gateway = await aGateway();
    const { data } = await gateway.run(`{ customers(filter: { ${filter} }) { nodes { uuid } } }`);
    expect(data.customers.nodes).toEqual(
      gateway.sandbox.waldur.world.customers
        .filter((customer) => pattern.test(customer[property]))
        .map(({ uuid }) => ({ uuid })),
    );
    expect(data.customers.nodes.length).toBeGreaterThan(0);
  });

  it.each(['NAME', 'CREATED', 'NATIVE_NAME', 'ABBREVIATION'])(
    'are ordered by %s',
    async (field) => {
      const gateway = await aGateway();
      const shown = {
        NAME: 'name',
        CREATED: 'created',
        NATIVE_NAME: 'nativeName',
        ABBREVIATION: 'abbreviation',
      }[field];
      const { data } = await gateway.run(
        `{ customers(first: 50, orderBy: [{ field: ${field}, direction: DESC }]) { nodes { value: ${shown} } } }`,
      );
      const values = data.customers.nodes.map(({ value }: { value: string | null }) => value ?? '');
      expect(values).toEqual([...values].sort().reverse());
    },
  );
});

describe('Projects', () => {
  it('show all that is held of them', async () => {
    const gateway = await aGateway();
    const { data } = await gateway.run(`{ projects(first: 300) { nodes {
      uuid url name description created startDate endDate backendId
      customer { uuid name nativeName abbreviation email }
    } } }`);
    expect(data.projects.nodes).toEqual(
      gateway.sandbox.waldur.world.projects
        .filter(({ isRemoved }) => !isRemoved)
        .map((project) => ({
          uuid: project.uuid,
          url: `${gateway.sandbox.waldur.server.url}/api/projects/${project.uuid}/`,
          name: project.name,
          description: project.description,
          created: `${project.created}Z`,
          startDate: project.startDate,
          endDate: project.endDate,
          backendId: orNull(project.backendId),
          customer: {
            uuid: project.customer.uuid,
            name: project.customer.name,
            nativeName: orNull(project.customer.nativeName),
            abbreviation: orNull(project.customer.abbreviation),
            email: project.customer.email,
          },
        })),
    );
  });

  it('are filtered by name, part of it, query, owners and rights', async () => {
    const gateway = await aGateway();
    const { projects, customers } = gateway.sandbox.waldur.world;
    const [project] = projects;
    const owners = customers.slice(0, 3).map(({ uuid }) => `"${uuid}"`);
    const { data, errors } = await gateway.run(
      `{
      exact: projects(filter: { nameExact: "${project?.name}" }) { nodes { uuid } }
      part: projects(filter: { name: "${project?.name.slice(1, 9).toUpperCase()}" }) { totalCount }
      query: projects(filter: { query: "${project?.uuid}" }) { nodes { uuid } }
      owners: projects(filter: { customers: [${owners}] }) { totalCount }
      none: projects(filter: { customers: [] }) { totalCount nodes { uuid } }
      managed: projects(filter: { canManage: true }) { totalCount }
    }`,
      { as: 'staff' },
    );
    expect(errors).toBeUndefined();
    expect(data.exact.nodes).toEqual([{ uuid: project?.uuid }]);
    expect(data.query.nodes).toEqual([{ uuid: project?.uuid }]);
    const seen = projects.filter(({ isRemoved }) => !isRemoved);
    const part = project?.name.slice(1, 9).toLowerCase() ?? '';
    expect(data.part.totalCount).toBe(
      seen.filter(({ name }) => name.toLowerCase().includes(part)).length,
    );
    expect(data.owners.totalCount).toBe(
      seen.filter(({ customer }) => customers.indexOf(customer) < 3).length,
    );
    expect(data.none).toEqual({ totalCount: 0, nodes: [] });
    expect(data.managed.totalCount).toBe(seen.length);
  });

  it.each([
    ['NAME', 'name'],
    ['CREATED', 'created'],
    ['CUSTOMER_NAME', 'customer { name }'],
    ['START_DATE', 'startDate'],
    ['END_DATE', 'endDate'],
  ])('are ordered by %s', async (field, selection) => {
    const gateway = await aGateway();
    const { data, errors } = await gateway.run(
      `{ projects(first: 100, orderBy: [{ field: ${field} }]) { nodes { ${selection} } } }`,
    );
    expect(errors).toBeUndefined();
    const values = data.projects.nodes.map(
      (node: Record<string, string | null | { name: string }>) => {
        const [value] = Object.values(node);
        return typeof value === 'object' ? (value?.name ?? '9') : value;
      },
    );
    expect(values).toEqual([...values].sort());
  });
});

describe('Tenants', () => {
  it('show all that is held of them, and no password', async () => {
    const gateway = await aGateway();
    const { answer, waldur } = await gateway.calls(`{ tenants(first: 300) { nodes {
      uuid backendId accessUrl availabilityZone internalNetworkId externalNetworkId
      quotas { name usage limit }
    } } }`);
    expect(answer.data.tenants.nodes).toEqual(
      gateway.sandbox.waldur.world.tenants.map((tenant) => ({
        uuid: tenant.uuid,
        backendId: orNull(tenant.backendId),
        accessUrl: Array.isArray(tenant.accessUrl)
          ? (tenant.accessUrl[0] ?? null)
          : tenant.accessUrl,
        availabilityZone: orNull(tenant.availabilityZone),
        internalNetworkId: orNull(tenant.internalNetworkId),
        externalNetworkId: orNull(tenant.externalNetworkId),
        quotas: tenant.quotas.map((quota) => ({
          ...quota,
          limit: quota.limit === -1 ? null : quota.limit,
        })),
      })),
    );
    expect(waldur[0]?.target).not.toContain('user_');
  });
});

describe('Links down', () => {
  it('lead from each owner to what it owns, and no further', async () => {
    const gateway = await aGateway();
    const { world } = gateway.sandbox.waldur;
    const group = world.securityGroups.find(({ tenant }) =>
      world.serverGroups.some((other) => other.tenant === tenant),
    );
    const owners = {
      customer: group?.project.customer.uuid,
      project: group?.project.uuid,
      tenant: group?.tenant.uuid,
    };
    const lists = 'securityGroups { totalCount } serverGroups { totalCount }';
    const { data, errors } = await gateway.run(`{
      customer(uuid: "${owners.customer}") { projects { totalCount } tenants { totalCount } allocations { totalCount } ${lists} }
      project(uuid: "${owners.project}") { tenants { totalCount } allocations { totalCount } ${lists} }
      tenant(uuid: "${owners.tenant}") { ${lists} }
    }`);
    expect(errors).toBeUndefined();
    const count = <T>(rows: readonly T[], keep: (row: T) => boolean) => ({
      totalCount: rows.filter(keep).length,
    });
    const inCustomer = ({ project }: { project: { customer: { uuid: string } } }) =>
      project.customer.uuid === owners.customer;
    const inProject = ({ project }: { project: { uuid: string } }) =>
      project.uuid === owners.project;
    const inTenant = ({ tenant }: { tenant: { uuid: string } }) => tenant.uuid === owners.tenant;
    expect(data).toEqual({
      customer: {
        projects: count(
          world.projects,
          ({ customer, isRemoved }) => customer.uuid === owners.customer && !isRemoved,
        ),
        tenants: count(world.tenants, inCustomer),
        allocations: count(world.allocations, inCustomer),
        securityGroups: count(world.securityGroups, inCustomer),
        serverGroups: count(world.serverGroups, inCustomer),
      },
      project: {
        tenants: count(world.tenants, inProject),
        allocations: count(world.allocations, inProject),
        securityGroups: count(world.securityGroups, inProject),
        serverGroups: count(world.serverGroups, inProject),
      },
      tenant: {
        securityGroups: count(world.securityGroups, inTenant),
        serverGroups: count(world.serverGroups, inTenant),
      },
    });
  });

  it('are empty where the filter names another owner', async () => {
    const gateway = await aGateway();
    const [first, second] = gateway.sandbox.waldur.world.customers;
    const { answer, waldur } = await gateway.calls(
      `{ customer(uuid: "${first?.uuid}") { uuid
           securityGroups(filter: { customer: "${second?.uuid}" }) { totalCount nodes { name } }
           projects(filter: { customers: ["${second?.uuid}"] }) { totalCount } } }`,
    );
    expect(answer.data.customer.securityGroups).toEqual({ totalCount: 0, nodes: [] });
    expect(answer.data.customer.projects).toEqual({ totalCount: 0 });
    expect(waldur).toHaveLength(1);
  });
});

describe('An older Waldur', () => {
  it('is read as well: other names of states, no customer_uuid, times that end in Z', async () => {
    const query = `{ securityGroups(first: 40) { nodes {
      name state created customer { uuid name email } project { description customer { uuid } }
      serviceSettings { state } tenant { customer { uuid } }
    } } viewer { isStaff isSupport } }`;
    const newer = await (await aGateway()).run(query, { as: 'owner' });
    const older = await (await aGateway({ profile: '7.6' })).run(query, { as: 'owner' });
    expect(newer.errors).toBeUndefined();
    expect(older).toEqual(newer);
  });
});
