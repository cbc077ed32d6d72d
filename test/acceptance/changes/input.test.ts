/** What is wrong with an input: found here before anything is sent, or by Waldur. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Fault } from '../../../src/sandbox/server.ts';
import { aGateway } from '../../a-gateway.ts';
import { sceneIn } from './mutations.ts';

interface Issue {
  readonly path: readonly string[];
  readonly message: string;
}

async function aScene() {
  const gateway = await aGateway();
  const scene = sceneIn(gateway.sandbox);
  const change = async (field: string, input: Readonly<Record<string, unknown>>) => {
    const title = `${field.charAt(0).toUpperCase()}${field.slice(1)}`;
    const { answer, waldur } = await gateway.calls(
      `mutation M($input: ${title}Input!) {
        result: ${field}(input: $input) {
          __typename ... on Failure { message } ... on InvalidInput { issues { path message } }
        }
      }`,
      { variables: { input } },
    );
    const issues: readonly Issue[] = answer.data?.result?.issues ?? [];
    const writes = waldur.filter(({ method }) => method !== 'GET');
    return { answer, issues, paths: issues.map(({ path }) => path.join('.')), waldur, writes };
  };
  const setRules = (rules: readonly unknown[]) =>
    change('setSecurityGroupRules', { uuid: scene.securityGroup.uuid, rules });
  return { gateway, scene, change, setRules };
}

const tcp = { protocol: 'tcp', fromPort: 22, toPort: 22 };

describe('A rule', () => {
  it.each<[string, Record<string, unknown>, string[]]>([
    ['a network without a mask', { ...tcp, cidr: '10.0.0.0' }, ['rules.0.cidr']],
    ['an octet of 256', { cidr: '256.0.0.0/8' }, ['rules.0.cidr']],
    ['a mask of 33', { cidr: '10.0.0.0/33' }, ['rules.0.cidr']],
    ['IPv6 where IPv4 is said', { cidr: '::/0' }, ['rules.0.cidr']],
    ['IPv4 where IPv6 is said', { ethertype: 'IPV6', cidr: '10.0.0.0/8' }, ['rules.0.cidr']],
    ['an IPv6 mask of 129', { ethertype: 'IPV6', cidr: '::/129' }, ['rules.0.cidr']],
    ['an IPv6 zone', { ethertype: 'IPV6', cidr: 'fe80::1%eth0/64' }, ['rules.0.cidr']],
    ['a name for a network', { cidr: 'example.com/24' }, ['rules.0.cidr']],
    ['an unknown protocol', { protocol: 'sctp' }, ['rules.0.protocol']],
    ['a protocol in capitals', { protocol: 'TCP' }, ['rules.0.protocol']],
    ['the protocol 256', { protocol: '256' }, ['rules.0.protocol']],
    [
      'a port without a protocol',
      { fromPort: 22, toPort: 22 },
      ['rules.0.fromPort', 'rules.0.toPort'],
    ],
    ['a port of a numbered protocol', { protocol: '112', toPort: 22 }, ['rules.0.toPort']],
    ['the port 0', { ...tcp, fromPort: 0 }, ['rules.0.fromPort']],
    ['the port 65536', { ...tcp, toPort: 65_536 }, ['rules.0.toPort']],
    ['a range that is reversed', { ...tcp, fromPort: 23 }, ['rules.0']],
    ['a range without an end', { protocol: 'udp', fromPort: 22 }, ['rules.0']],
    ['a range without a start', { protocol: 'udp', toPort: 22 }, ['rules.0']],
    ['the icmp type 256', { protocol: 'icmp', fromPort: 256, toPort: 0 }, ['rules.0.fromPort']],
    [
      'a description of 4,097 characters',
      { description: 'x'.repeat(4_097) },
      ['rules.0.description'],
    ],
    [
      'all of it at once',
      { protocol: 'tcp', fromPort: 0, toPort: 70_000, cidr: 'x', description: 'x'.repeat(4_097) },
      ['rules.0.cidr', 'rules.0.fromPort', 'rules.0.toPort', 'rules.0.description'],
    ],
  ])('cannot have %s', async (_fault, rule, paths) => {
    const { setRules } = await aScene();
    const refused = await setRules([rule]);
    expect(refused.paths).toEqual(paths);
    expect(refused.waldur).toEqual([]);
  });

  it.each<[string, Record<string, unknown>]>([
    ['nothing said', {}],
    ['null for any', { protocol: null, fromPort: null, toPort: null, cidr: null }],
    ["Waldur's own words for any", { protocol: '', fromPort: -1, toPort: -1, cidr: '' }],
    ['all ports', { protocol: 'tcp' }],
    ['bits of the host', { ...tcp, cidr: '10.1.2.3/8' }],
    ['a network cut short', { ...tcp, cidr: '10/8' }],
    ['an IPv6 network', { ethertype: 'IPV6', cidr: '2001:DB8::/32' }],
    ['an icmp type that comes after the code', { protocol: 'icmp', fromPort: 8, toPort: 0 }],
    ['a numbered protocol', { protocol: '112', direction: 'EGRESS' }],
  ])('may have %s', async (_name, rule) => {
    const { setRules } = await aScene();
    const { answer, issues } = await setRules([rule]);
    expect(issues).toEqual([]);
    expect(answer.data.result.__typename).toBe('SetSecurityGroupRulesSuccess');
  });

  it('cannot have both a network and a remote group', async () => {
    const { scene, setRules } = await aScene();
    const remoteGroup = scene.securityGroup.uuid;
    expect((await setRules([{ cidr: '10.0.0.0/8', remoteGroup }])).paths).toEqual(['rules.0']);
    expect((await setRules([{ remoteGroup }])).paths).toEqual([]);
  });

  it('cannot be the same as another', async () => {
    const { setRules } = await aScene();
    expect((await setRules([tcp, {}, { ...tcp, description: 'again' }])).paths).toEqual([
      'rules.2',
    ]);
  });

  it('can be the hundred-and-first where the quota of the tenant is larger', async () => {
    const { scene, setRules, change } = await aScene();
    const quota = scene.securityGroup.tenant.quotas.find(
      ({ name }) => name === 'security_group_rule_count',
    );
    const udp = (port: number) => ({ protocol: 'udp', fromPort: port, toPort: port });
    const many = Array.from({ length: 100 }, (_, at) => udp(at + 1));
    const others = (quota?.usage ?? 0) - scene.securityGroup.rules.length;
    Object.assign(quota ?? {}, { limit: others + 100 });
    expect((await setRules([...many, udp(101)])).issues).toEqual([
      { path: ['rules'], message: expect.stringContaining('quotas were exceeded') },
    ]);
    Object.assign(quota ?? {}, { limit: -1 });
    expect((await setRules([...many, udp(101)])).issues).toEqual([]);
    scene.securityGroup.state = 'OK';
    const { uuid } = scene.securityGroup;
    expect((await change('addSecurityGroupRules', { uuid, rules: [udp(102)] })).issues).toEqual([]);
    expect(scene.securityGroup.rules).toHaveLength(102);
  });

  it('cannot keep what is not there, or the same twice, or anything in a new group', async () => {
    const { scene, setRules, change } = await aScene();
    const [rule] = scene.securityGroup.rules;
    expect((await setRules([{ ruleId: 987_654 }])).paths).toEqual(['rules.0.ruleId']);
    const twice = [{ ruleId: rule?.id }, { ruleId: rule?.id, ...tcp }];
    expect((await setRules(twice)).paths).toEqual(['rules.1.ruleId']);
    const created = await change('createSecurityGroup', {
      tenant: scene.tenant.uuid,
      name: 'x',
      rules: [{}, { ruleId: rule?.id }],
    });
    expect(created.paths).toContain('rules.1.ruleId');
  });

  it('tells what Waldur alone can know: a remote group that is not there', async () => {
    const { setRules } = await aScene();
    const { issues, writes } = await setRules([{}, { ...tcp, remoteGroup: 'f'.repeat(32) }]);
    expect(issues).toEqual([
      {
        path: ['rules', '1', 'remoteGroup'],
        message: 'Invalid hyperlink - Object does not exist.',
      },
    ]);
    expect(writes).toHaveLength(1);
  });
});

describe('Names, descriptions and limits', () => {
  const long = 'x'.repeat(151);
  it.each<[string, Record<string, unknown>, string[]]>([
    ['createServerGroup', { name: ' \t', description: 'x'.repeat(4_097) }, ['name', 'description']],
    ['createServerGroup', { name: long }, ['name']],
    ['createSecurityGroup', { tenant: 'a'.repeat(32), name: 'default' }, ['name']],
    [
      'createSecurityGroup',
      { tenant: 'a'.repeat(32), name: '', rules: [{ protocol: 'x' }] },
      ['name', 'rules.0.protocol'],
    ],
    ['updateSecurityGroup', { uuid: 'a'.repeat(32), name: '' }, ['name']],
    ['replaceSecurityGroup', { uuid: 'a'.repeat(32), name: long }, ['name']],
    [
      'createAllocation',
      {
        project: 'a'.repeat(32),
        serviceSettings: 'b'.repeat(32),
        name: '',
        nodeLimit: -1,
        groupname: 'g'.repeat(65),
      },
      ['name', 'nodeLimit', 'groupname'],
    ],
    [
      'updateAllocation',
      { uuid: 'a'.repeat(32), nodeLimit: null, name: ' ' },
      ['name', 'nodeLimit'],
    ],
    ['setAllocationLimits', { uuid: 'a'.repeat(32), nodeLimit: -1 }, ['nodeLimit']],
  ])('of %s %o are refused before anything is sent', async (field, input, paths) => {
    const { change } = await aScene();
    const refused = await change(field, input);
    expect(refused.paths).toEqual(paths);
    expect(refused.waldur).toEqual([]);
  });

  it('are trimmed of blanks before they are measured', async () => {
    const { scene, change } = await aScene();
    const { issues } = await change('createServerGroup', {
      name: ` ${'x'.repeat(150)} `,
      tenant: scene.tenant.uuid,
    });
    expect(issues).toEqual([]);
  });

  it.each(['9223372036854775808', '1.5', 'ten', '-9223372036854775809'])(
    'of more than 64 bits, or no whole number, are no BigInt: %s',
    async (nodeLimit) => {
      const { scene, change } = await aScene();
      const { answer } = await change('setAllocationLimits', {
        uuid: scene.allocation.uuid,
        nodeLimit,
      });
      expect(answer.errors?.[0]?.extensions).toMatchObject({
        code: 'BAD_USER_INPUT',
        argument: ['input', 'nodeLimit'],
      });
    },
  );
});

describe('What Waldur finds wrong', () => {
  const refusing = (body: unknown): Fault => ({
    kind: 'answer',
    answer: {
      status: 400,
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    },
  });

  it.each<[string, unknown, Issue[]]>([
    ['text', 'No.', [{ path: ['rules'], message: 'No.' }]],
    ['a list of texts', ['Duplicate.'], [{ path: ['rules'], message: 'Duplicate.' }]],
    [
      'a list of objects with holes',
      [{}, { protocol: ['Bad.', 'Worse.'] }, {}, { non_field_errors: ['Both.'] }],
      [
        { path: ['rules', '1', 'protocol'], message: 'Bad.' },
        { path: ['rules', '1', 'protocol'], message: 'Worse.' },
        { path: ['rules', '3'], message: 'Both.' },
      ],
    ],
    [
      'an object of texts',
      { non_field_errors: 'Expected a list.', detail: 'Bad.' },
      [
        { path: ['rules'], message: 'Expected a list.' },
        { path: ['rules'], message: 'Bad.' },
      ],
    ],
    [
      'a list in the place of an object',
      [{ id: 'No rule 9.' }, { from_port: 'Low.', to_port: ['High.'] }],
      [
        { path: ['rules', '0', 'ruleId'], message: 'No rule 9.' },
        { path: ['rules', '1', 'fromPort'], message: 'Low.' },
        { path: ['rules', '1', 'toPort'], message: 'High.' },
      ],
    ],
    [
      'a field that the input does not have',
      [{ backend_name: ['Taken.'] }],
      [{ path: ['rules', '0'], message: 'backend_name: Taken.' }],
    ],
    ['nothing readable', 42, []],
  ])('is told with our names and paths when it comes as %s', async (_shape, body, issues) => {
    const { scene, setRules } = await aScene();
    scene.sandbox.waldur.server.inject({
      fault: refusing(body),
      when: ({ method }) => method === 'POST',
    });
    expect((await setRules([tcp])).issues).toEqual(issues);
  });

  it('is told of nested lists', async () => {
    const { scene, change } = await aScene();
    scene.sandbox.waldur.server.inject({
      fault: refusing({
        rules: [[], ['Cannot add existed rule.']],
        name: ['Taken.'],
      }),
      when: ({ method }) => method === 'POST',
    });
    const { issues } = await change('createSecurityGroup', {
      tenant: scene.tenant.uuid,
      name: 'x',
    });
    expect(issues).toEqual([
      { path: ['rules', '1'], message: 'Cannot add existed rule.' },
      { path: ['name'], message: 'Taken.' },
    ]);
  });

  it.each([
    ['createServerGroup', 'serverGroup', 'Server group name should be unique.'],
    ['createSecurityGroup', 'securityGroup', 'Security group name should be unique.'],
  ] as const)('about a name that is taken: %s', async (field, noun, message) => {
    const { scene, change } = await aScene();
    const { issues } = await change(field, { tenant: scene.tenant.uuid, name: scene[noun].name });
    expect(issues).toEqual([{ path: [], message }]);
  });

  it('about a quota that is used up', async () => {
    const { scene, change } = await aScene();
    for (const quota of scene.tenant.quotas) {
      quota.limit = quota.usage;
    }
    const { issues } = await change('createSecurityGroup', {
      tenant: scene.tenant.uuid,
      name: 'x',
      rules: [{}],
    });
    expect(issues).toMatchObject([{ path: [], message: /security_group_count quota limit/ }]);
  });

  it('about the default group, which OpenStack keeps', async () => {
    const { scene, change } = await aScene();
    scene.securityGroup.name = 'default';
    const { uuid } = scene.securityGroup;
    expect((await change('updateSecurityGroup', { uuid, description: 'x' })).issues).toEqual([
      { path: ['name'], message: 'Default security group is managed by OpenStack itself.' },
    ]);
  });
});

describe('Rule sets at random', () => {
  const port = fc.option(
    fc.oneof(
      fc.integer({ min: -2, max: 300 }),
      fc.integer({ min: 65_530, max: 65_540 }),
      fc.constantFrom(22, 443),
    ),
    { nil: null },
  );
  const cidr = fc.oneof(
    fc.constantFrom(null, '', '10/8', '10.0.0.0', '0.0.0.0/0', '::/0', 'fd00::/129', '1.2.3.4.5/8'),
    fc.tuple(fc.ipV4(), fc.integer({ min: 0, max: 40 })).map(([net, mask]) => `${net}/${mask}`),
    fc.tuple(fc.ipV6(), fc.integer({ min: 0, max: 140 })).map(([net, mask]) => `${net}/${mask}`),
  );
  const rule = (remote: string) =>
    fc.record({
      ethertype: fc.constantFrom('IPV4', 'IPV6'),
      direction: fc.constantFrom('INGRESS', 'EGRESS'),
      protocol: fc.constantFrom(null, '', 'tcp', 'udp', 'icmp', '6', '255', '256', 'any', 'TCP'),
      fromPort: port,
      toPort: port,
      cidr,
      description: fc.constantFrom(null, '', 'said'),
      remoteGroup: fc.constantFrom(null, null, remote),
    });

  it('are accepted here exactly when Waldur accepts them, with the same places of faults', async () => {
    const { gateway, scene, setRules } = await aScene();
    const { securityGroup, origin } = scene;
    const token = gateway.sandbox.callers.staff.waldurToken;
    /** What the sandbox says when it is asked without a gateway before it. */
    const direct = async (rules: readonly Record<string, unknown>[]) => {
      securityGroup.state = 'OK';
      const body = rules.map(
        ({ fromPort, toPort, remoteGroup, ethertype, direction, ...rest }) => ({
          ...rest,
          ethertype: String(ethertype).replace('IPV', 'IPv'),
          direction: String(direction).toLowerCase(),
          protocol: rest.protocol ?? '',
          description: rest.description ?? '',
          from_port: fromPort ?? -1,
          to_port: toPort ?? -1,
          remote_group: remoteGroup && `${origin}/api/openstack-security-groups/${remoteGroup}/`,
        }),
      );
      const response = await fetch(
        `${origin}/api/openstack-security-groups/${securityGroup.uuid}/set_rules/`,
        {
          method: 'POST',
          headers: { 'content-type': 'application/json', authorization: `Token ${token}` },
          body: JSON.stringify(body),
        },
      );
      return { status: response.status, body: (await response.json()) as unknown };
    };
    const placesIn = (body: unknown): string[] => {
      const names: Record<string, string> = {
        from_port: '.fromPort',
        to_port: '.toPort',
        non_field_errors: '',
      };
      return (body as readonly unknown[]).flatMap((entry, index) =>
        typeof entry === 'string'
          ? ['rules']
          : Object.keys(entry as object).map((key) => `rules.${index}${names[key] ?? `.${key}`}`),
      );
    };
    await fc.assert(
      fc.asyncProperty(fc.array(rule(securityGroup.uuid), { maxLength: 4 }), async (rules) => {
        const { status, body } = await direct(rules);
        securityGroup.state = 'OK';
        const { paths, waldur } = await setRules(rules);
        if (status === 202) {
          expect(paths).toEqual([]);
          return;
        }
        expect(waldur).toEqual([]);
        for (const place of placesIn(body)) {
          // Of duplicates Waldur does not say which they are.
          expect(place === 'rules' ? paths.length > 0 : paths.includes(place)).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('come back as they were set', async () => {
    const { gateway, scene, setRules } = await aScene();
    const { securityGroup } = scene;
    await fc.assert(
      fc.asyncProperty(fc.array(rule(securityGroup.uuid), { maxLength: 4 }), async (rules) => {
        securityGroup.state = 'OK';
        const { paths } = await setRules(rules);
        fc.pre(paths.length === 0);
        const { data } = await gateway.run(
          `{ securityGroup(uuid: "${securityGroup.uuid}") { rules { ethertype direction protocol fromPort toPort cidr description remoteGroup { uuid } } } }`,
        );
        const any = (value: unknown) => (value === -1 || value === '' ? null : value);
        expect(data.securityGroup.rules).toEqual(
          rules.map((given) => ({
            ...given,
            protocol: any(given.protocol),
            fromPort: any(given.fromPort),
            toPort: any(given.toPort),
            cidr: any(given.cidr),
            description: given.description ?? '',
            remoteGroup: given.remoteGroup && { uuid: given.remoteGroup },
          })),
        );
      }),
      { numRuns: 200 },
    );
  });
});
