/** What rules let through: networks, ports and protocols compared. Pure; no rule is looked up. */

import { BlockList, isIP, SocketAddress } from 'node:net';
import type { WholeRule } from './security-group.model.ts';

type Family = 'ipv4' | 'ipv6';

interface Network {
  /** An address in it; bits of the host in it do not matter. */
  readonly address: SocketAddress;
  readonly bits: number;
  /** All of it. */
  readonly addresses: BlockList;
}

/** A range of ports, or of types and codes; null = any. */
type Range = Pick<WholeRule, 'fromPort' | 'toPort'>;

const familyOf = ({ ethertype }: Pick<WholeRule, 'ethertype'>): Family =>
  ethertype === 'IPV4' ? 'ipv4' : 'ipv6';

/** Each rule is compared with every other. */
const networks = new WeakMap<WholeRule, Network | undefined>();

/** The rule's network; undefined without one, and for what is none. */
function networkOf(rule: WholeRule): Network | undefined {
  if (!networks.has(rule)) {
    networks.set(rule, rule.cidr === null ? undefined : toNetwork(rule.cidr, familyOf(rule)));
  }
  return networks.get(rule);
}

/**
 * Waldur takes one to four octets, as in 10/8, and leading zeros.
 *
 * @returns undefined for what is no network: rules that come from OpenStack are not checked
 */
function toNetwork(cidr: string, family: Family): Network | undefined {
  const [given = '', mask = ''] = cidr.trim().split('/');
  const octets = given.split('.').map(Number);
  const text = family === 'ipv4' ? [...octets, 0, 0, 0].slice(0, 4).join('.') : given;
  const [version, most] = family === 'ipv4' ? [4, 32] : [6, 128];
  const bits = /^\d{1,3}$/.test(mask) ? Number(mask) : Number.NaN;
  if (isIP(text) !== version || !(bits <= most)) {
    return undefined;
  }
  const address = new SocketAddress({ address: text, family });
  const addresses = new BlockList();
  addresses.addSubnet(address, bits);
  return { address, bits, addresses };
}

/** Numbers by name: a rule may say either. ICMP of IPv6 is a protocol of its own. */
function numberOf({ protocol, ethertype }: WholeRule): string | null {
  const icmp = ethertype === 'IPV4' ? '1' : '58';
  const numbers: Readonly<Record<string, string>> = { icmp, tcp: '6', udp: '17' };
  // OpenStack has names that Waldur does not take.
  return protocol === null ? null : (numbers[protocol] ?? protocol.replace(/^0+(?=\d)/, ''));
}

const isIcmp = ({ protocol }: WholeRule) => protocol === 'icmp';

function coversPorts(one: WholeRule, other: WholeRule): boolean {
  if (one.fromPort === null && one.toPort === null) {
    return true;
  }
  if (isIcmp(one)) {
    const [type, code] = [one.fromPort, one.toPort];
    return (type === null || type === other.fromPort) && (code === null || code === other.toPort);
  }
  return from(one) <= from(other) && until(other) <= until(one);
}

const from = ({ fromPort }: Range) => fromPort ?? 1;
const until = ({ toPort }: Range) => toPort ?? 65_535;

/** Whether the other end can be any address. */
export function isForEverybody({ cidr, remoteGroup }: WholeRule): boolean {
  return remoteGroup === null && (cidr === null || /\/0+$/.test(cidr.trim()));
}

/** Who is in a group is not known here: it covers itself alone, and is covered by everybody. */
function coversOtherEnd(one: WholeRule, other: WholeRule): boolean {
  if (isForEverybody(one)) {
    return true;
  }
  if (one.remoteGroup !== null || other.remoteGroup !== null) {
    return one.remoteGroup === other.remoteGroup;
  }
  const [outer, inner] = [networkOf(one), networkOf(other)];
  return (
    outer !== undefined &&
    inner !== undefined &&
    outer.bits <= inner.bits &&
    outer.addresses.check(inner.address)
  );
}

/** Whether all traffic that the other rule lets through is let through by this one. */
export function covers(one: WholeRule, other: WholeRule): boolean {
  const protocol = numberOf(one);
  return (
    one.direction === other.direction &&
    one.ethertype === other.ethertype &&
    (protocol === null || protocol === numberOf(other)) &&
    coversPorts(one, other) &&
    coversOtherEnd(one, other)
  );
}

/** Whether the rule is for TCP or UDP, or for any protocol: whatever has ports. */
function hasPorts(rule: WholeRule): boolean {
  return [null, '6', '17'].includes(numberOf(rule));
}

/** Those of the ports that the rule lets in, over TCP or UDP, to whomever it is for. */
export function portsLetIn(rule: WholeRule, ports: readonly number[]): number[] {
  return rule.direction === 'INGRESS' && hasPorts(rule)
    ? ports.filter((port) => from(rule) <= port && port <= until(rule))
    : [];
}

/**
 * Whether the rule lets the address in on at least one port; a rule for a group does not, as far as
 * can be known here.
 *
 * @param address - of IPv4 or IPv6, as sockets tell it
 */
export function letsIn(rule: WholeRule, address: string): boolean {
  const family = familyOf(rule);
  if (rule.direction !== 'INGRESS' || !hasPorts(rule) || rule.remoteGroup !== null) {
    return false;
  }
  // A zone, as in fe80::1%eth0, is no part of the address.
  const [plain = ''] = address.split('%');
  return (
    isIP(plain) === (family === 'ipv4' ? 4 : 6) &&
    (rule.cidr === null || networkOf(rule)?.addresses.check(plain, family) === true)
  );
}
