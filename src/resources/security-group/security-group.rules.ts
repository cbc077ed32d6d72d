/** Rules as clients give them: made whole, and checked as Waldur would. */

import { isIPv6 } from 'node:net';
import type { Issue } from '../../failure.ts';
import { descriptionIssues } from '../resource/resource.check.ts';
import type { SecurityGroupRuleInput, WholeRule } from './security-group.model.ts';

const maxCidrLength = 255;

/** New rules keep none; the paths lead into `rules`. */
export function newRulesIssues(rules: readonly SecurityGroupRuleInput[], why: string): Issue[] {
  return rules.flatMap(({ ruleId }, index) =>
    ruleId == null ? [] : [{ path: ['rules', String(index), 'ruleId'], message: why }],
  );
}

/** Whether a kept rule can only be made whole with what it is now. */
export function isPartial(rule: SecurityGroupRuleInput): boolean {
  const { ethertype, direction, protocol, fromPort, toPort, description } = rule;
  const said = [ethertype, direction, protocol, fromPort, toPort, description, otherEnd(rule)];
  return rule.ruleId != null && said.includes(undefined);
}

/**
 * The rule with everything that was not said: as it is now for one that is kept, else Waldur's own
 * defaults.
 *
 * @param before - the rule that is kept, undefined when it is new or not known
 */
export function wholeRule(rule: SecurityGroupRuleInput, before?: WholeRule): WholeRule {
  const said = <V>(given: V | undefined, kept: V | undefined, otherwise: V): V =>
    given === undefined ? (kept ?? otherwise) : given;
  // Naming one of the two lets go of the other.
  const isOtherEndSaid = otherEnd(rule) !== undefined;
  return {
    ruleId: rule.ruleId ?? null,
    ethertype: rule.ethertype ?? before?.ethertype ?? 'IPV4',
    direction: rule.direction ?? before?.direction ?? 'INGRESS',
    protocol: said(rule.protocol, before?.protocol, null) || null,
    fromPort: anyUnlessPort(said(rule.fromPort, before?.fromPort, null)),
    toPort: anyUnlessPort(said(rule.toPort, before?.toPort, null)),
    cidr: said(rule.cidr, isOtherEndSaid ? null : before?.cidr, null) || null,
    description: said(rule.description, before?.description, '') ?? '',
    remoteGroup: said(rule.remoteGroup, isOtherEndSaid ? null : before?.remoteGroup, null),
  };
}

function otherEnd({ cidr, remoteGroup }: SecurityGroupRuleInput): string | null | undefined {
  return cidr === undefined ? remoteGroup : (cidr ?? remoteGroup ?? null);
}

/** Waldur's own word for any port is taken as well. */
function anyUnlessPort(port: number | null): number | null {
  return port === -1 ? null : port;
}

/**
 * Every fault of a list of rules, but for its length: that is up to the tenant's quota, which only
 * Waldur knows.
 *
 * @param there - rules that are in the group beside them
 */
export function ruleListIssues(
  rules: readonly WholeRule[],
  there: readonly WholeRule[] = [],
): Issue[] {
  const issues: Issue[] = [];
  const seen = new Map(there.map((rule) => [trafficOf(rule), `rule ${rule.ruleId} of the group`]));
  const kept = new Set<number>();
  for (const [index, rule] of rules.entries()) {
    const path = ['rules', String(index)];
    issues.push(...ruleIssues(rule, path));
    const { ruleId } = rule;
    const traffic = trafficOf(rule);
    const first = seen.get(traffic);
    if (first === undefined) {
      seen.set(traffic, `rules.${index}`);
    } else {
      issues.push({ path, message: `allows the same as ${first}` });
    }
    if (ruleId !== null && kept.has(ruleId)) {
      issues.push({ path: [...path, 'ruleId'], message: 'is given twice' });
    }
    if (ruleId !== null) {
      kept.add(ruleId);
    }
  }
  return issues;
}

/** What Waldur compares to find the same rule twice. */
function trafficOf(rule: WholeRule): string {
  const { ethertype, direction, protocol, fromPort, toPort, cidr, remoteGroup } = rule;
  return JSON.stringify([ethertype, direction, protocol, fromPort, toPort, cidr, remoteGroup]);
}

/**
 * Every fault of one rule.
 *
 * Source: the rule serializer of Waldur's OpenStack plugin, which tells the first fault alone.
 */
function ruleIssues(rule: WholeRule, path: readonly string[]): Issue[] {
  return [
    ...cidrIssues(rule, path),
    ...portIssues(rule, path),
    ...descriptionIssues(rule.description, [...path, 'description']),
  ];
}

function cidrIssues({ cidr, ethertype, remoteGroup }: WholeRule, path: readonly string[]): Issue[] {
  if (cidr === null) {
    return [];
  }
  const issues: Issue[] = [];
  const about = [...path, 'cidr'];
  if (cidr.length > maxCidrLength) {
    issues.push({ path: about, message: `must have at most ${maxCidrLength} characters` });
  } else if (ethertype === 'IPV4' && !isCidr4(cidr.trim())) {
    issues.push({ path: about, message: 'must be an IPv4 network with a mask, e.g. 10.0.0.0/8' });
  } else if (ethertype === 'IPV6' && !isCidr6(cidr.trim())) {
    issues.push({ path: about, message: 'must be an IPv6 network with a mask, e.g. fd00::/8' });
  }
  if (remoteGroup !== null) {
    issues.push({ path, message: 'must not have both cidr and remoteGroup' });
  }
  return issues;
}

function portIssues(rule: WholeRule, path: readonly string[]): Issue[] {
  const { protocol, fromPort, toPort } = rule;
  const ports = [
    ['fromPort', fromPort],
    ['toPort', toPort],
  ] as const;
  const each = (isRight: (port: number) => boolean, message: string): Issue[] =>
    ports.flatMap(([field, port]) =>
      port === null || isRight(port) ? [] : [{ path: [...path, field], message }],
    );
  if (protocol === 'icmp') {
    return each((port) => port >= 0 && port <= 255, 'must be from 0 to 255, or null, for icmp');
  }
  if (protocol === 'tcp' || protocol === 'udp') {
    const outside = each((port) => port >= 1 && port <= 65_535, 'must be from 1 to 65535, or null');
    const isOneMissing = (fromPort === null) !== (toPort === null);
    const isReversed = fromPort !== null && toPort !== null && fromPort > toPort;
    return isOneMissing || isReversed
      ? [
          ...outside,
          {
            path,
            message: isOneMissing
              ? 'must have both fromPort and toPort, or neither'
              : 'must not have a fromPort after toPort',
          },
        ]
      : outside;
  }
  const unknown: Issue[] = isProtocol(protocol)
    ? []
    : [
        {
          path: [...path, 'protocol'],
          message: 'must be tcp, udp, icmp, a number from 0 to 255 as text, or null',
        },
      ];
  return [...unknown, ...each(() => false, 'must be null: only tcp, udp and icmp have ports')];
}

function isProtocol(protocol: string | null): boolean {
  return protocol === null || (/^\d{1,3}$/.test(protocol) && Number(protocol) <= 255);
}

/** One to four octets, as Waldur takes 10/8; bits of the host do not matter. */
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
