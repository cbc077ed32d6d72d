/** Rules for seeded security groups: of every kind that Waldur allows. */

import type { Random } from '../random.ts';
import type { Rule, SecurityGroup } from './model.ts';
import { isSame } from './writing/rules.ts';

type Shape = Omit<Rule, 'id' | 'remoteGroup' | 'description'>;

const anyPort = { fromPort: -1, toPort: -1 };
const inbound = { ethertype: 'IPv4', direction: 'ingress' } as const;

const shapes: readonly Shape[] = [
  { ...inbound, protocol: 'tcp', fromPort: 22, toPort: 22, cidr: '10.0.0.0/8' },
  { ...inbound, protocol: 'tcp', fromPort: 443, toPort: 443, cidr: '0.0.0.0/0' },
  { ...inbound, protocol: 'tcp', fromPort: 8000, toPort: 8999, cidr: '192.168.0.0/16' },
  { ...inbound, protocol: 'udp', fromPort: 53, toPort: 53, cidr: null },
  { ...inbound, protocol: 'icmp', fromPort: 8, toPort: 0, cidr: '0.0.0.0/0' },
  { ...inbound, protocol: 'icmp', ...anyPort, cidr: '' },
  { ...inbound, protocol: '', ...anyPort, cidr: null },
  { ...inbound, protocol: '112', ...anyPort, cidr: '10.10.0.0/16' },
  {
    ethertype: 'IPv6',
    direction: 'ingress',
    protocol: 'tcp',
    fromPort: 443,
    toPort: 443,
    cidr: '::/0',
  },
  { ethertype: 'IPv4', direction: 'egress', protocol: '', ...anyPort, cidr: '0.0.0.0/0' },
  { ethertype: 'IPv6', direction: 'egress', protocol: 'udp', ...anyPort, cidr: '2001:db8::/32' },
];

/** Gives each group up to six rules, some of which lead to another group. */
export function seedRules(random: Random, groups: readonly SecurityGroup[]): void {
  const byTenant = new Map<SecurityGroup['tenant'], SecurityGroup[]>();
  for (const group of groups) {
    const same = byTenant.get(group.tenant);
    if (same === undefined) {
      byTenant.set(group.tenant, [group]);
    } else {
      same.push(group);
    }
  }
  let id = 0;
  for (const group of groups) {
    const count = random.integer(0, 6);
    for (let index = 0; index < count; index += 1) {
      id += 1;
      const shape = random.pick(shapes);
      const leadsElsewhere = random.chance(0.25);
      const others = random.chance(0.8) ? (byTenant.get(group.tenant) ?? groups) : groups;
      const description = random.chance(0.5) ? '' : `Rule ${id}`;
      const remoteGroup = leadsElsewhere ? random.pick(others) : null;
      group.rules.push(unlike(group.rules, shape, { id, description, remoteGroup }));
    }
  }
}

/** Waldur keeps no rule twice: the first of the shapes, from the given one on, that is not there yet. */
function unlike(
  there: readonly Rule[],
  shape: Shape,
  rest: Pick<Rule, 'id' | 'description' | 'remoteGroup'>,
): Rule {
  const rule = { ...shape, ...rest, cidr: rest.remoteGroup === null ? shape.cidr : null };
  const next = shapes[(shapes.indexOf(shape) + 1) % shapes.length] as Shape;
  return there.some((other) => isSame(rule, other)) ? unlike(there, next, rest) : rule;
}
