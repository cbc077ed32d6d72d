/** Rules of security groups without fear: what a change comes to, before and without making it. */

import { describe, expect, it } from 'vitest';
import type { Rule } from '../../../src/sandbox/waldur/model.ts';
import { aGateway, type RunOptions } from '../../a-gateway.ts';
import { plain, sceneIn } from './mutations.ts';

type Input = Readonly<Record<string, unknown>>;

const ssh: Omit<Rule, 'id'> = {
  ethertype: 'IPv4',
  direction: 'ingress',
  protocol: 'tcp',
  fromPort: 22,
  toPort: 22,
  cidr: '10.0.0.0/8',
  description: 'from the office',
  remoteGroup: null,
};
const web = { ...ssh, fromPort: 443, toPort: 443, cidr: '0.0.0.0/0', description: '' };

const planned = 'index ruleId protocol fromPort toPort cidr';
const shownDiff = `
  added { ${planned} } removed { ruleId } kept { ruleId }
  changed { before { ruleId cidr } after { ${planned} } properties }
  warnings { kind ports isNew rule { index ruleId } coveredBy { index ruleId } }`;

/** A group with SSH from 10.0.0.0/8 as rule 9001, and HTTPS for everybody as 9002. */
async function aGroup(rules: readonly Partial<Rule>[] = [ssh, web], options: RunOptions = {}) {
  const gateway = await aGateway({ env: { TRUSTED_PROXIES: '127.0.0.1' } });
  const scene = sceneIn(gateway.sandbox);
  const group = scene.securityGroup;
  group.rules = rules.map((rule, at) => ({ ...ssh, ...rule, id: 9_001 + at }));
  const { uuid } = group;
  const diff = async (input: readonly Input[], given: RunOptions = options) => {
    const made = await gateway.calls(
      `query Q($uuid: UUID!, $rules: [SecurityGroupRuleInput!]!) {
        diff: securityGroupRulesDiff(uuid: $uuid, rules: $rules) { ${shownDiff} }
      }`,
      { ...given, variables: { uuid, rules: input } },
    );
    return { ...made, diff: made.answer.data?.diff };
  };
  const change = async (
    name: 'setSecurityGroupRules' | 'addSecurityGroupRules' | 'removeSecurityGroupRules',
    input: Input,
    { dryRun, shown = `diff { ${shownDiff} }` }: { dryRun?: boolean; shown?: string } = {},
  ) => {
    const title = `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
    const made = await gateway.calls(
      `mutation M($input: ${title}Input!${dryRun === undefined ? '' : ', $dryRun: Boolean!'}) {
        result: ${name}(input: $input${dryRun === undefined ? '' : ', dryRun: $dryRun'}) {
          __typename
          ... on ${title}Success { dryRun settled securityGroup { state rules { ruleId } } ${shown} }
          ... on Failure { code message }
          ... on InvalidInput { issues { path message } }
          ... on Conflict { allowedStates }
        }
      }`,
      { variables: { input: { uuid, ...input }, dryRun } },
    );
    const writes = made.waldur.filter(({ method }) => method !== 'GET');
    return { ...made, writes, result: made.answer.data?.result };
  };
  const topUps = () =>
    gateway.logged.flatMap((line) => (JSON.parse(line) as { topUps?: string[] }).topUps ?? []);
  return { gateway, scene, group, diff, change, topUps };
}

const kinds = (diff: { readonly warnings: readonly { readonly kind: string }[] }) =>
  diff.warnings.map(({ kind }) => kind);

describe('Query.securityGroupRulesDiff', () => {
  it('tells added, removed, changed and kept rules apart by ruleId, in one call', async () => {
    const { diff, topUps } = await aGroup([ssh, web, { ...web, fromPort: 80, toPort: 80 }]);
    const made = await diff([
      { ruleId: 9_001, cidr: '192.168.0.0/16' },
      { ruleId: 9_002 },
      { protocol: 'udp', fromPort: 53, toPort: 53, cidr: '10.0.0.0/8' },
    ]);
    expect(made.answer.errors).toBeUndefined();
    expect(made.diff).toEqual({
      added: [
        { index: 2, ruleId: null, protocol: 'udp', fromPort: 53, toPort: 53, cidr: '10.0.0.0/8' },
      ],
      removed: [{ ruleId: 9_003 }],
      kept: [{ ruleId: 9_002 }],
      changed: [
        {
          before: { ruleId: 9_001, cidr: '10.0.0.0/8' },
          after: {
            index: 0,
            ruleId: 9_001,
            protocol: 'tcp',
            fromPort: 22,
            toPort: 22,
            cidr: '192.168.0.0/16',
          },
          properties: ['cidr'],
        },
      ],
      warnings: [],
    });
    expect(made.lines).toHaveLength(1);
    expect(topUps()).toEqual([]);
  });

  it('takes a rule without ruleId for a new one, whatever is there', async () => {
    const { diff } = await aGroup([ssh]);
    const made = await diff([{ protocol: 'tcp', fromPort: 22, toPort: 22, cidr: '10.0.0.0/8' }]);
    expect(made.diff).toMatchObject({
      added: [{ ruleId: null }],
      removed: [{ ruleId: 9_001 }],
      changed: [],
      kept: [],
    });
  });

  it('keeps what Waldur writes otherwise: empty texts, and blanks around', async () => {
    const { diff } = await aGroup([{ ...ssh, protocol: '', fromPort: -1, toPort: -1, cidr: '' }]);
    const made = await diff([
      { ruleId: 9_001, protocol: null, fromPort: -1, cidr: null, description: ' from the office ' },
    ]);
    expect(made.diff).toMatchObject({ kept: [{ ruleId: 9_001 }], changed: [] });
  });

  it('names every property that differs, a description included', async () => {
    const { diff } = await aGroup([ssh]);
    const made = await diff([{ ruleId: 9_001, direction: 'EGRESS', toPort: 23, description: '' }]);
    expect(made.diff.changed[0].properties).toEqual(['direction', 'toPort', 'description']);
  });

  it('is null for a group that is hidden, as for one that is not there', async () => {
    const { diff } = await aGroup();
    const { answer } = await diff([], { as: 'stranger' });
    expect(answer).toEqual({ data: { diff: null } });
  });

  it('has every fault of the rules with its path, as setSecurityGroupRules has', async () => {
    const { diff, change } = await aGroup();
    const rules = [
      { ruleId: 77 },
      { protocol: 'tcp', fromPort: 0, toPort: 70_000, cidr: 'x' },
      { ruleId: 9_001, toPort: null },
    ];
    const { answer } = await diff(rules);
    const { result } = await change('setSecurityGroupRules', { rules });
    expect(answer.errors).toHaveLength(1);
    const [error] = answer.errors ?? [];
    expect(error?.path).toEqual(['diff']);
    expect(error?.extensions).toEqual({
      code: 'BAD_USER_INPUT',
      argument: ['rules', '0', 'ruleId'],
      issues: result.issues,
    });
    expect(result.issues.map(({ path }: { path: string[] }) => path.join('.'))).toEqual([
      'rules.0.ruleId',
      'rules.1.cidr',
      'rules.1.fromPort',
      'rules.1.toPort',
      'rules.2',
    ]);
  });

  it('shows the group that it looked at, and the groups that rules lead to, without a call each', async () => {
    const { gateway, group, topUps } = await aGroup();
    const other = gateway.sandbox.waldur.world.securityGroups.find((one) => one !== group);
    const { answer, waldur } = await gateway.calls(
      `query Q($uuid: UUID!, $other: UUID!) {
        securityGroupRulesDiff(uuid: $uuid, rules: [{ remoteGroup: $other }, { protocol: "udp", remoteGroup: $other }]) {
          securityGroup { modified project { name } rules { ruleId } }
          added { remoteGroupUuid remoteGroup { name tenant { name } } }
        }
      }`,
      { variables: { uuid: group.uuid, other: other?.uuid } },
    );
    const remote = {
      remoteGroupUuid: other?.uuid,
      remoteGroup: { name: other?.name, tenant: { name: other?.tenant.name } },
    };
    expect(answer.data.securityGroupRulesDiff).toMatchObject({
      securityGroup: {
        modified: `${group.modified}Z`,
        project: { name: group.project.name },
        rules: [{ ruleId: 9_001 }, { ruleId: 9_002 }],
      },
      added: [remote, remote],
    });
    expect(waldur).toHaveLength(2);
    expect(topUps()).toEqual([]);
  });
});

describe('A warning', () => {
  const tcp = { protocol: 'tcp', fromPort: 22, toPort: 22 };

  it.each<[string, Input, number[]]>([
    ['SSH for everybody', { ...tcp, cidr: '0.0.0.0/0' }, [22]],
    ['SSH for everybody, whatever host is named', { ...tcp, cidr: '10.1.2.3/0' }, [22]],
    ['SSH without an other end', tcp, [22]],
    ['SSH for all of IPv6', { ...tcp, ethertype: 'IPV6', cidr: '::/0' }, [22]],
    ['RDP over UDP', { protocol: 'udp', fromPort: 3_389, toPort: 3_389 }, [3_389]],
    [
      'a range with databases',
      { ...tcp, fromPort: 3_000, toPort: 5_999 },
      [3_389, 3_306, 5_432, 5_984],
    ],
    [
      'a protocol by its number',
      { protocol: '6' },
      [22, 3_389, 1_433, 1_521, 3_306, 5_432, 5_984, 6_379, 9_042, 9_200, 11_211, 27_017],
    ],
  ])('is there for %s', async (_rule, rule, ports) => {
    const { diff } = await aGroup([]);
    const made = await diff([rule]);
    expect(made.diff.warnings).toEqual([
      {
        kind: 'OPEN_TO_THE_WORLD',
        ports,
        isNew: true,
        rule: { index: 0, ruleId: null },
        coveredBy: null,
      },
    ]);
  });

  it.each<[string, Input]>([
    ['HTTPS for everybody', { ...tcp, fromPort: 443, toPort: 443 }],
    ['SSH for a network', { ...tcp, cidr: '10.0.0.0/8' }],
    ['SSH out of the instances', { ...tcp, direction: 'EGRESS' }],
    ['pings', { protocol: 'icmp' }],
    ['another protocol', { protocol: '112' }],
  ])('is not there for %s', async (_rule, rule) => {
    const { diff } = await aGroup([]);
    const made = await diff([rule]);
    expect(made.diff.warnings).toEqual([]);
  });

  it('says of a rule that is kept that it is nothing new', async () => {
    const { diff } = await aGroup([{ ...ssh, cidr: null }]);
    const made = await diff([{ ruleId: 9_001 }]);
    expect(made.diff.warnings).toMatchObject([{ kind: 'OPEN_TO_THE_WORLD', isNew: false }]);
  });

  it.each<[string, Input, Input, number | null]>([
    ['a narrower network', { ...tcp, cidr: '10.0.0.0/8' }, { ...tcp, cidr: '10.1.0.0/16' }, 1],
    ['an abbreviated network', { ...tcp, cidr: '10/8' }, { ...tcp, cidr: '10.9.9.9/32' }, 1],
    ['a wider network', { ...tcp, cidr: '10.1.0.0/16' }, { ...tcp, cidr: '10.0.0.0/7' }, 0],
    ['another network', { ...tcp, cidr: '10.0.0.0/8' }, { ...tcp, cidr: '11.0.0.0/8' }, null],
    [
      'IPv6 within IPv6',
      { ...tcp, ethertype: 'IPV6', cidr: 'fd00::/8' },
      { ...tcp, ethertype: 'IPV6', cidr: 'fd12:3::/33' },
      1,
    ],
    [
      'a range within a range',
      { ...tcp, fromPort: 20, toPort: 30, cidr: '10.0.0.0/8' },
      { ...tcp, cidr: '10.0.0.0/8' },
      1,
    ],
    [
      'a range that only overlaps',
      { ...tcp, fromPort: 20, toPort: 30, cidr: '10.0.0.0/8' },
      { ...tcp, toPort: 31, cidr: '10.0.0.0/8' },
      null,
    ],
    ['a protocol among all', { cidr: '10.0.0.0/8' }, { ...tcp, cidr: '10.0.0.0/8' }, 1],
    ['all protocols', { protocol: 'tcp', cidr: '10.0.0.0/8' }, { cidr: '10.0.0.0/8' }, 0],
    [
      'the same by number',
      { protocol: '6', cidr: '10.0.0.0/8' },
      { ...tcp, cidr: '10.0.0.0/8' },
      1,
    ],
    [
      'a type of icmp among all',
      { protocol: 'icmp', cidr: '10.0.0.0/8' },
      { protocol: 'icmp', fromPort: 8, toPort: 0, cidr: '10.0.0.0/8' },
      1,
    ],
    [
      'another type of icmp',
      { protocol: 'icmp', fromPort: 8, cidr: '10.0.0.0/8' },
      { protocol: 'icmp', fromPort: 0, cidr: '10.0.0.0/8' },
      null,
    ],
    [
      'another direction',
      { cidr: '10.0.0.0/8' },
      { direction: 'EGRESS', cidr: '10.0.0.0/8' },
      null,
    ],
    [
      'another ethertype',
      { ...tcp, cidr: '10.0.0.0/8' },
      { ...tcp, ethertype: 'IPV6', cidr: 'fd00::/8' },
      null,
    ],
  ])('of a shadow knows %s', async (_what, first, second, shadowed) => {
    const { diff } = await aGroup([]);
    const made = await diff([first, second]);
    expect(made.diff.warnings).toEqual(
      shadowed === null
        ? []
        : [
            {
              kind: 'SHADOWED',
              ports: [],
              isNew: true,
              rule: { index: shadowed, ruleId: null },
              coveredBy: { index: 1 - shadowed, ruleId: null },
            },
          ],
    );
  });

  it('of a shadow knows protocols apart that only OpenStack has names for', async () => {
    const other = { ...ssh, fromPort: -1, toPort: -1 };
    const { change } = await aGroup([
      { ...other, protocol: 'vrrp' },
      { ...other, protocol: 'gre' },
      { ...other, protocol: 'gre', cidr: '10.2.0.0/16' },
    ]);
    const rules = [{ protocol: 'tcp', fromPort: 443, toPort: 443 }];
    const { result } = await change('addSecurityGroupRules', { rules }, { dryRun: true });
    expect(result.diff.warnings).toEqual([
      {
        kind: 'SHADOWED',
        ports: [],
        isNew: false,
        rule: { index: null, ruleId: 9_003 },
        coveredBy: { index: null, ruleId: 9_002 },
      },
    ]);
  });

  it('of a shadow is given once for two rules of the same traffic', async () => {
    const { diff } = await aGroup([]);
    const made = await diff([
      { ...tcp, cidr: '10.0.0.0/8' },
      { ...tcp, cidr: '10.1.1.1/8' },
    ]);
    expect(made.diff.warnings).toMatchObject([{ kind: 'SHADOWED', rule: { index: 1 } }]);
  });

  it.each([
    [500, 1],
    [501, 0],
  ])('of a shadow among %i rules are %i', async (length, count) => {
    const { diff } = await aGroup([]);
    const many = Array.from({ length: length - 2 }, (_, at) => ({
      protocol: 'udp',
      fromPort: 40_000 + at,
      toPort: 40_000 + at,
    }));
    const made = await diff([
      { ...tcp, cidr: '10.0.0.0/8' },
      { ...tcp, cidr: '10.1.0.0/16' },
      ...many,
    ]);
    expect(made.diff.warnings).toHaveLength(count);
  });

  it('of a shadow knows that a remote group is within everybody, and within itself alone', async () => {
    const { diff, scene } = await aGroup([]);
    const remoteGroup = scene.securityGroup.uuid;
    const https = { protocol: 'tcp', fromPort: 443, toPort: 443 };
    const within = await diff([https, { ...https, remoteGroup }]);
    expect(within.diff.warnings).toMatchObject([{ kind: 'SHADOWED', rule: { index: 1 } }]);
    const beside = await diff([
      { ...https, cidr: '10.0.0.0/8' },
      { ...https, remoteGroup },
    ]);
    expect(beside.diff.warnings).toEqual([]);
  });

  const from = (address: string): RunOptions => ({ headers: { 'x-forwarded-for': address } });

  it.each<[string, string, readonly Partial<Rule>[], readonly Input[], readonly number[] | null]>([
    ['SSH is closed', '10.1.2.3', [ssh], [], [22]],
    [
      'SSH is for others',
      '10.1.2.3',
      [ssh, web],
      [{ ruleId: 9_001, cidr: '192.168.0.0/16' }, { ruleId: 9_002 }],
      [22],
    ],
    ['another rule lets it in', '10.1.2.3', [ssh], [{ ...tcp, cidr: '10.1.0.0/16' }], null],
    ['it was never let in', '192.168.1.1', [ssh], [], null],
    ['the last port is closed', '192.168.1.1', [web], [{ protocol: 'icmp' }], []],
    [
      'one port of two is left',
      '192.168.1.1',
      [web, { ...web, fromPort: 80, toPort: 80 }],
      [{ ruleId: 9_001 }],
      null,
    ],
    [
      'everything is closed',
      'fd00::7',
      [{ ...ssh, ethertype: 'IPv6', protocol: '', fromPort: -1, toPort: -1, cidr: 'fd00::/8' }],
      [],
      [22, 3_389],
    ],
    [
      'only the other IP version is left',
      'fd00::7',
      [{ ...ssh, ethertype: 'IPv6', cidr: null }],
      [{ ...tcp }],
      [22],
    ],
    [
      'a rule that OpenStack has made is no network',
      '10.1.2.3',
      [{ ...ssh, cidr: 'ten/8' }],
      [],
      null,
    ],
  ])('of the own access: %s', async (_what, address, rules, input, ports) => {
    const { diff } = await aGroup(rules, from(address));
    const made = await diff(input);
    const own = made.diff.warnings.filter(
      ({ kind }: { kind: string }) => kind === 'OWN_ACCESS_REMOVED',
    );
    const warning = { kind: 'OWN_ACCESS_REMOVED', isNew: true, rule: null, coveredBy: null };
    expect(own).toEqual(ports === null ? [] : [{ ...warning, ports }]);
  });
});

describe('A dry run', () => {
  it('shows what the change would be, sends nothing and changes nothing', async () => {
    const { group, change, topUps } = await aGroup();
    const before = plain(group);
    const rules = [{ ruleId: 9_002, cidr: '10.0.0.0/8' }];
    const dry = await change('setSecurityGroupRules', { rules }, { dryRun: true });
    expect(dry.writes).toEqual([]);
    expect(dry.waldur).toHaveLength(1);
    expect(plain(group)).toEqual(before);
    expect(dry.result).toMatchObject({
      __typename: 'SetSecurityGroupRulesSuccess',
      dryRun: true,
      settled: true,
      securityGroup: { state: 'OK', rules: [{ ruleId: 9_001 }, { ruleId: 9_002 }] },
      diff: { removed: [{ ruleId: 9_001 }], changed: [{ properties: ['cidr'] }] },
    });
    const real = await change('setSecurityGroupRules', { rules });
    expect(real.result).toMatchObject({
      dryRun: false,
      settled: false,
      securityGroup: { state: 'UPDATE_SCHEDULED', rules: [{ ruleId: 9_002 }] },
      diff: dry.result.diff,
    });
    expect(topUps()).toEqual([]);
  });

  it('is refused as the change would be, as far as that can be known', async () => {
    const { group, change } = await aGroup();
    group.state = 'UPDATING';
    const busy = await change('setSecurityGroupRules', { rules: [] }, { dryRun: true });
    expect(busy.result).toMatchObject({ __typename: 'Conflict', allowedStates: ['OK'] });
    const real = await change('setSecurityGroupRules', { rules: [] }, { dryRun: false });
    expect(busy.result).toEqual(real.result);
    const gone = await change(
      'setSecurityGroupRules',
      { rules: [{ ruleId: 5 }] },
      { dryRun: true },
    );
    expect(gone.result.issues).toEqual([
      { path: ['rules', '0', 'ruleId'], message: 'is no rule of this group' },
    ]);
  });
});

describe('Mutation.setSecurityGroupRules', () => {
  it('is one call, unless what was there before is needed', async () => {
    const { change } = await aGroup();
    const rules = [{ protocol: 'tcp', fromPort: 22, toPort: 22, cidr: '10.0.0.0/8' }];
    const plainly = await change('setSecurityGroupRules', { rules }, { shown: '' });
    // The second shows the group after the change.
    expect(plainly.lines.map((line) => line.split(' ')[0])).toEqual(['POST', 'GET']);
  });
});

describe('Mutation.addSecurityGroupRules', () => {
  it('adds to the rules that are there, in a look and a write', async () => {
    const { group, change, topUps } = await aGroup();
    const rules = [{ protocol: 'udp', fromPort: 53, toPort: 53, cidr: '10.0.0.0/8' }];
    const made = await change('addSecurityGroupRules', { rules });
    expect(made.result).toMatchObject({
      diff: { added: [{ index: 0, protocol: 'udp' }], kept: [{}, {}], removed: [], changed: [] },
    });
    expect(made.waldur.map(({ method }) => method)).toEqual(['GET', 'POST', 'GET']);
    expect(group.rules).toEqual([
      { ...ssh, id: 9_001 },
      { ...web, id: 9_002 },
      expect.objectContaining({ protocol: 'udp', fromPort: 53, toPort: 53, cidr: '10.0.0.0/8' }),
    ]);
    expect(topUps()).toEqual([]);
  });

  it.each<[string, readonly Input[], readonly string[], number]>([
    ['none', [], ['rules'], 0],
    ['one that is to be kept', [{ ruleId: 9_001 }], ['rules.0.ruleId'], 0],
    ['one that cannot be', [{ protocol: 'tcp', fromPort: 5 }], ['rules.0'], 0],
    [
      'one that is there',
      [{ protocol: 'tcp', fromPort: 22, toPort: 22, cidr: '10.0.0.0/8', description: 'x' }],
      ['rules.0'],
      1,
    ],
    ['two that are the same', [{ protocol: 'udp' }, { protocol: 'udp' }], ['rules.1'], 0],
  ])('refuses %s before anything is sent', async (_what, rules, paths, reads) => {
    const { change } = await aGroup();
    const { result, writes, waldur } = await change('addSecurityGroupRules', { rules });
    expect(result.issues.map(({ path }: { path: string[] }) => path.join('.'))).toEqual(paths);
    expect(writes).toEqual([]);
    expect(waldur).toHaveLength(reads);
  });

  it("has Waldur's complaints at the place of the new rule, and of others at none", async () => {
    const { gateway, change } = await aGroup();
    gateway.sandbox.waldur.server.inject({
      fault: {
        kind: 'answer',
        answer: {
          status: 400,
          body: '[{}, {"id": "Security group does not have rule with id 9002."}, {"cidr": ["No."]}]',
          headers: { 'content-type': 'application/json' },
        },
      },
      when: ({ method }) => method === 'POST',
    });
    const { result } = await change('addSecurityGroupRules', { rules: [{ protocol: 'udp' }] });
    expect(result.issues).toEqual([
      { path: [], message: 'id: Security group does not have rule with id 9002.' },
      { path: ['rules', '0', 'cidr'], message: 'No.' },
    ]);
  });
});

describe('Mutation.removeSecurityGroupRules', () => {
  it('leaves all others as they are, in a look and a write', async () => {
    const egress = { ...ssh, direction: 'egress', ethertype: 'IPv6', cidr: '::/0' } as const;
    const { group, change, topUps } = await aGroup([ssh, egress, web]);
    const made = await change('removeSecurityGroupRules', { ruleIds: [9_001] });
    expect(made.result).toMatchObject({ diff: { removed: [{ ruleId: 9_001 }], added: [] } });
    expect(made.waldur.map(({ method }) => method)).toEqual(['GET', 'POST', 'GET']);
    expect(group.rules).toEqual([
      { ...egress, id: 9_002 },
      { ...web, id: 9_003 },
    ]);
    expect(topUps()).toEqual([]);
  });

  it('warns of the last rule that lets the caller in', async () => {
    const { change } = await aGroup([{ ...ssh, cidr: '127.0.0.0/8' }]);
    const made = await change('removeSecurityGroupRules', { ruleIds: [9_001] }, { dryRun: true });
    expect(kinds(made.result.diff)).toEqual(['OWN_ACCESS_REMOVED']);
  });

  it.each<[string, readonly number[], readonly string[]]>([
    ['none', [], ['ruleIds']],
    ['one twice', [9_001, 9_001], ['ruleIds.1']],
    ['one of another group', [9_001, 1], ['ruleIds.1']],
  ])('refuses %s before anything is sent', async (_what, ruleIds, paths) => {
    const { change } = await aGroup();
    const { result, writes } = await change('removeSecurityGroupRules', { ruleIds });
    expect(result.issues.map(({ path }: { path: string[] }) => path.join('.'))).toEqual(paths);
    expect(writes).toEqual([]);
  });

  it('tells the first hundred faults of an input that has many', async () => {
    const { change } = await aGroup();
    const ruleIds = Array.from({ length: 30_000 }, () => 9_001);
    const { result, writes } = await change('removeSecurityGroupRules', { ruleIds });
    const paths = result.issues.map(({ path }: { path: string[] }) => path.join('.'));
    expect(paths).toEqual(Array.from({ length: 100 }, (_, at) => `ruleIds.${at + 1}`));
    expect(writes).toEqual([]);
  });
});
