/** Waldur's check of security group rules: the same order, and the first fault of each alone. */

import { isIPv6 } from 'node:net';
import type { Rule, SecurityGroup } from '../model.ts';
import type { Profile } from '../serializers.ts';
import {
  type Checked,
  checkFields,
  choice,
  type Field,
  hyperlink,
  integer,
  optional,
  text,
  typeOf,
} from './fields.ts';

export interface RuleChecking {
  readonly profile: Profile;
  readonly groups: readonly SecurityGroup[];
  /** The rules that an item may keep by `id`. */
  readonly kept: readonly Rule[];
}

/** A rule with an `id` is one of `kept`, changed. */
export type CheckedRule = Omit<Rule, 'id'> & { readonly id: number | undefined };

const namedProtocols = ['tcp', 'udp', 'icmp', ''];

function protocol(profile: Profile): Field<string> {
  return (given) => {
    const isNumber = profile === '8.1' && /^\d{1,3}$/.test(String(given)) && Number(given) <= 255;
    return isNumber ? { value: String(given) } : choice(namedProtocols)(given);
  };
}

const port = optional(
  (given): Checked<bigint | undefined> =>
    given === null
      ? { value: undefined }
      : integer(-(2n ** 31n), 65_535n)(typeof given === 'boolean' ? '' : given),
);

/**
 * Every item of a list of rules.
 *
 * @returns the rules, or complaints as long as the list, empty where an item is right
 */
export function checkRules(body: unknown, checking: RuleChecking): Checked<CheckedRule[]> {
  if (!Array.isArray(body)) {
    const complaint = `Expected a list of items but got type "${typeOf(body)}".`;
    return { complaints: { non_field_errors: [complaint] } };
  }
  const checked = body.map((item) => checkRule(item, checking));
  return checked.every((one) => 'value' in one)
    ? { value: checked.map(({ value }) => value) }
    : { complaints: checked.map((one) => ('value' in one ? {} : one.complaints)) };
}

function checkRule(item: unknown, { profile, groups, kept }: RuleChecking): Checked<CheckedRule> {
  const length = profile === '8.1' ? 4_096 : 2_000;
  const fields = checkFields(
    {
      id: optional(integer(-(2n ** 31n))),
      ethertype: optional(choice(['IPv4', 'IPv6'])),
      direction: optional(choice(['ingress', 'egress'])),
      protocol: optional(protocol(profile)),
      from_port: port,
      to_port: port,
      cidr: optional(text({ maxLength: 255, isBlankAllowed: true, isNullAllowed: true })),
      description: optional(text({ maxLength: length, isBlankAllowed: true })),
      remote_group: optional(
        (given): Checked<SecurityGroup | null> =>
          given === null
            ? { value: null }
            : hyperlink('openstack-security-groups', groups, () => true)(given),
      ),
    },
    item,
  );
  if (!('value' in fields)) {
    return fields;
  }
  const given = fields.value;
  const id = given.id === undefined ? undefined : Number(given.id);
  const before = kept.find((rule) => rule.id === id);
  if (id !== undefined && before === undefined) {
    return { complaints: { id: `Security group does not have rule with id ${id}.` } };
  }
  // Newer Waldur has defaults for these two, which reset them in a rule that is kept without them.
  const old = profile === '8.1' ? undefined : before;
  const rule: CheckedRule = {
    id,
    ethertype: (given.ethertype ?? old?.ethertype ?? 'IPv4') as Rule['ethertype'],
    direction: (given.direction ?? old?.direction ?? 'ingress') as Rule['direction'],
    protocol: given.protocol ?? before?.protocol ?? '',
    fromPort: Number(given.from_port ?? -1n),
    toPort: Number(given.to_port ?? -1n),
    cidr: given.cidr === undefined ? (before?.cidr ?? null) : given.cidr,
    description: given.description ?? before?.description ?? '',
    remoteGroup:
      given.remote_group === undefined ? (before?.remoteGroup ?? null) : given.remote_group,
  };
  const complaints = faultOf(rule, given.from_port === undefined, given.to_port === undefined);
  return complaints === undefined ? { value: rule } : { complaints };
}

function faultOf(rule: CheckedRule, isFromMissing: boolean, isToMissing: boolean) {
  const { ethertype, protocol: name, fromPort, toPort, cidr } = rule;
  if (cidr) {
    if (ethertype === 'IPv4' && !isCidr4(cidr)) {
      return { cidr: ['Expected CIDR format: <0-255>.<0-255>.<0-255>.<0-255>/<0-32>'] };
    }
    if (ethertype === 'IPv6' && !isCidr6(cidr)) {
      return { cidr: ['IPv6 addresses are represented as eight groups, separated by colons.'] };
    }
    if (rule.remoteGroup !== null) {
      return general('You can specify either the remote_group_id or cidr attribute, not both.');
    }
  }
  if (isToMissing) {
    return { to_port: ['Empty value is not allowed.'] };
  }
  if (isFromMissing) {
    return { from_port: ['Empty value is not allowed.'] };
  }
  if (name === 'icmp') {
    return outside('from_port', fromPort, -1, 255) ?? outside('to_port', toPort, -1, 255);
  }
  if (name === 'tcp' || name === 'udp') {
    if (fromPort > toPort) {
      return general('"from_port" should be less or equal to "to_port"');
    }
    if (fromPort === -1 && toPort !== -1) {
      return general('"from_port" should not be -1 if "to_port" is defined.');
    }
    return fromPort === -1
      ? undefined
      : (outside('from_port', fromPort, 1, 65_535) ?? outside('to_port', toPort, 1, 65_535));
  }
  // Names and numbers of other protocols were looked at before: none of them has ports.
  const text = 'Port range is not supported if protocol is not specified.';
  if (fromPort !== -1) {
    return { from_port: [text] };
  }
  return toPort === -1 ? undefined : { to_port: [text] };
}

function general(complaint: string) {
  return { non_field_errors: [complaint] };
}

function outside(field: string, value: number, least: number, most: number) {
  return value < least || value > most
    ? { [field]: [`Value should be in range [${least}, ${most}], found ${value}`] }
    : undefined;
}

/** One to four octets, as `10/8` is allowed, and a mask; bits of the host do not matter. */
function isCidr4(cidr: string): boolean {
  const [, address = '', mask] = /^([\d.]+)\/(\d{1,2})$/.exec(cidr) ?? [];
  const octets = address.split('.');
  return (
    mask !== undefined &&
    Number(mask) <= 32 &&
    octets.length <= 4 &&
    octets.every((octet) => /^\d{1,3}$/.test(octet) && Number(octet) <= 255)
  );
}

function isCidr6(cidr: string): boolean {
  const [, address = '', mask] = /^([0-9a-f:.]+)\/(\d{1,3})$/i.exec(cidr) ?? [];
  return mask !== undefined && Number(mask) <= 128 && isIPv6(address);
}

/** Whether two rules allow the very same, whatever is said about them. */
export function isSame(one: CheckedRule, other: CheckedRule): boolean {
  return (
    one.ethertype === other.ethertype &&
    one.direction === other.direction &&
    one.protocol === other.protocol &&
    one.fromPort === other.fromPort &&
    one.toPort === other.toPort &&
    one.cidr === other.cidr &&
    one.remoteGroup === other.remoteGroup
  );
}
