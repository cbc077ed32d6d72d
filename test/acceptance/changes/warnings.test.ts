/** Warnings about rules, against packets that are tried one by one. */

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { aGateway } from '../../a-gateway.ts';
import { sceneIn } from './mutations.ts';

interface AnyRule {
  readonly direction: string;
  readonly protocol: string | null;
  readonly fromPort: number | null;
  readonly toPort: number | null;
  readonly cidr: string | null;
}

interface Packet {
  readonly direction: string;
  readonly protocol: string;
  readonly port: number;
  readonly address: number;
}

const asNumber = (address: string) =>
  address.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0);

const asText = (address: number) =>
  [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');

/** From a rule's own words, without any of the gateway's code. */
function letsThrough(rule: AnyRule, packet: Packet): boolean {
  const [network = '', bits = '0'] = (rule.cidr ?? '0.0.0.0/0').split('/');
  const size = 2 ** (32 - Number(bits));
  return (
    rule.direction === packet.direction &&
    (rule.protocol === null || rule.protocol === packet.protocol) &&
    (rule.fromPort ?? 0) <= packet.port &&
    packet.port <= (rule.toPort ?? 65_535) &&
    Math.floor(asNumber(network) / size) === Math.floor(packet.address / size)
  );
}

/** Few ends and ports, so that rules often meet. */
const anyRule: fc.Arbitrary<AnyRule> = fc
  .record({
    direction: fc.constantFrom('INGRESS', 'EGRESS'),
    protocol: fc.constantFrom('tcp', 'udp', null),
    ports: fc.tuple(fc.constantFrom(20, 22, 24), fc.constantFrom(24, 26, 3_400)),
    hasPorts: fc.boolean(),
    cidr: fc.constantFrom(
      '10.0.0.0/8',
      '10.0.0.0/9',
      '10.128.0.0/9',
      '10.7.7.7/32',
      '10.7.7.6/31',
      '0.0.0.0/0',
      null,
    ),
  })
  .map(({ ports: [fromPort, toPort], hasPorts, protocol, ...rule }) => ({
    ...rule,
    protocol,
    fromPort: hasPorts && protocol !== null ? fromPort : null,
    toPort: hasPorts && protocol !== null ? toPort : null,
  }));

const edges = [
  '9.255.255.255',
  '10.0.0.0',
  '10.7.7.6',
  '10.7.7.7',
  '10.7.7.8',
  '10.127.255.255',
  '10.128.0.0',
  '10.255.255.255',
  '11.0.0.0',
];

/** Each side of every border that a rule can have. */
const packets: readonly Packet[] = ['INGRESS', 'EGRESS'].flatMap((direction) =>
  ['tcp', 'udp', 'icmp'].flatMap((protocol) =>
    [1, 19, 20, 21, 22, 23, 24, 25, 26, 27, 3_389, 3_400, 3_401, 65_535].flatMap((port) =>
      edges.map((edge) => ({ direction, protocol, port, address: asNumber(edge) })),
    ),
  ),
);

const key = ({ direction, protocol, fromPort, toPort, cidr }: AnyRule) =>
  JSON.stringify([direction, protocol, fromPort, toPort, cidr]);

it('warnings say of any rules what packets find out', { timeout: 60_000 }, async () => {
  const gateway = await aGateway({ env: { TRUSTED_PROXIES: '127.0.0.1' } });
  const { securityGroup: group } = sceneIn(gateway.sandbox);
  let shadows = 0;
  let lockouts = 0;
  const anyRules = fc.uniqueArray(anyRule, { maxLength: 6, selector: key });
  await fc.assert(
    fc.asyncProperty(anyRules, anyRules, fc.constantFrom(...edges), async (now, then, address) => {
      group.rules = now.map((rule, at) => ({
        id: 9_000 + at,
        ethertype: 'IPv4',
        direction: rule.direction === 'INGRESS' ? 'ingress' : 'egress',
        protocol: rule.protocol ?? '',
        fromPort: rule.fromPort ?? -1,
        toPort: rule.toPort ?? -1,
        cidr: rule.cidr,
        description: '',
        remoteGroup: null,
      }));
      const { data, errors } = await gateway.run(
        `query Q($uuid: UUID!, $rules: [SecurityGroupRuleInput!]!) {
          diff: securityGroupRulesDiff(uuid: $uuid, rules: $rules) {
            warnings { kind ports rule { index } coveredBy { index } }
          }
        }`,
        {
          variables: { uuid: group.uuid, rules: then },
          headers: { 'x-forwarded-for': asText(asNumber(address)) },
        },
      );
      expect(errors).toBeUndefined();
      type Warning = {
        kind: string;
        ports: number[];
        rule: { index: number } | null;
        coveredBy: { index: number } | null;
      };
      const warnings: Warning[] = data.diff.warnings;
      const of = (kind: string) => warnings.filter((warning) => warning.kind === kind);

      const covers = (one: AnyRule, other: AnyRule) =>
        packets.every((packet) => !letsThrough(other, packet) || letsThrough(one, packet));
      const shadowed = then.flatMap((rule, at) =>
        then.some(
          (other, place) =>
            place !== at && covers(other, rule) && (place < at || !covers(rule, other)),
        )
          ? [at]
          : [],
      );
      expect(of('SHADOWED').map(({ rule }) => rule?.index)).toEqual(shadowed);
      for (const { rule, coveredBy } of of('SHADOWED')) {
        const [one, other] = [then[coveredBy?.index ?? -1], then[rule?.index ?? -1]];
        expect(covers(one as AnyRule, other as AnyRule)).toBe(true);
      }
      shadows += shadowed.length;

      const mine = (rules: readonly AnyRule[], port?: number) =>
        packets.some(
          (packet) =>
            packet.direction === 'INGRESS' &&
            packet.protocol !== 'icmp' &&
            packet.address === asNumber(address) &&
            (port === undefined || packet.port === port) &&
            rules.some((rule) => letsThrough(rule, packet)),
        );
      const lost = [22, 3_389].filter((port) => mine(now, port) && !mine(then, port));
      const isLost = lost.length > 0 || (mine(now) && !mine(then));
      expect(of('OWN_ACCESS_REMOVED').map(({ ports }) => ports)).toEqual(isLost ? [lost] : []);
      lockouts += isLost ? 1 : 0;

      const open = then.flatMap((rule, at) => {
        const isForAll = edges.every((edge) =>
          packets.some((packet) => packet.address === asNumber(edge) && letsThrough(rule, packet)),
        );
        const ports = [22, 3_389].filter((port) =>
          packets.some(
            (packet) =>
              packet.port === port && packet.direction === 'INGRESS' && letsThrough(rule, packet),
          ),
        );
        return isForAll && ports.length > 0 ? [at] : [];
      });
      expect(of('OPEN_TO_THE_WORLD').map(({ rule }) => rule?.index)).toEqual(open);
    }),
    { numRuns: 150 },
  );
  expect(shadows).toBeGreaterThan(50);
  expect(lockouts).toBeGreaterThan(20);
});
