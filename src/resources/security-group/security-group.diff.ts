/** What becomes of a group's rules, and what is to be thought of before. Pure. */

import type { WholeRule } from './security-group.model.ts';
import { covers, isForEverybody, letsIn, portsLetIn } from './security-group.traffic.ts';

/** A rule as it would be. */
export interface PlannedRule extends WholeRule {
  /** Its place in the input; null for one that the input leaves alone. */
  readonly index: number | null;
}

export interface RuleChange {
  readonly before: WholeRule;
  readonly after: PlannedRule;
  /** Which properties differ. */
  readonly properties: readonly (keyof WholeRule)[];
}

/** A rule is the same for as long as it keeps its id, whatever else becomes of it. */
export interface RulesDiff {
  /** Without an id, so that the cloud makes them: also when one of the same traffic is removed. */
  readonly added: readonly PlannedRule[];
  readonly removed: readonly WholeRule[];
  readonly changed: readonly RuleChange[];
  /** With the same id and the same properties. */
  readonly kept: readonly PlannedRule[];
  readonly warnings: readonly RuleWarning[];
}

export type RuleWarningKind = 'OPEN_TO_THE_WORLD' | 'SHADOWED' | 'OWN_ACCESS_REMOVED';

export interface RuleWarning {
  readonly kind: RuleWarningKind;
  readonly message: string;
  /** Null when it is about all of them. */
  readonly rule: PlannedRule | null;
  /** For one that is shadowed: by which. */
  readonly coveredBy: PlannedRule | null;
  readonly ports: readonly number[];
  /** Whether the change brings it about. */
  readonly isNew: boolean;
}

/** What nobody should offer to everybody: remote logins, and databases on their usual ports. */
const logins = [22, 3389];
const databases = [1433, 1521, 3306, 5432, 5984, 6379, 9042, 9200, 11_211, 27_017];

/** Waldur trims texts; for `cidr` and `protocol`, empty and null are the same by now. */
function sameText(one: unknown, other: unknown): boolean {
  const trimmed = (given: unknown) => (typeof given === 'string' ? given.trim() : given);
  return trimmed(one) === trimmed(other);
}

function differences(before: WholeRule, after: WholeRule): (keyof WholeRule)[] {
  const properties = Object.keys(before) as (keyof WholeRule)[];
  return properties.filter((property) => !sameText(before[property], after[property]));
}

/**
 * From the rules that a group has to those that it shall have.
 *
 * @param before - each with an id
 * @param after - those with an id are among the first
 * @param address - the caller's; undefined when not known, and then nothing is said of it
 */
export function rulesDiff(
  before: readonly WholeRule[],
  after: readonly PlannedRule[],
  address: string | undefined,
): RulesDiff {
  const left = new Map(before.map((rule) => [rule.ruleId, rule]));
  const added: PlannedRule[] = [];
  const changed: RuleChange[] = [];
  const kept: PlannedRule[] = [];
  for (const rule of after) {
    const was = rule.ruleId === null ? undefined : left.get(rule.ruleId);
    if (was === undefined) {
      added.push(rule);
      continue;
    }
    left.delete(rule.ruleId);
    const properties = differences(was, rule);
    if (properties.length === 0) {
      kept.push(rule);
    } else {
      changed.push({ before: was, after: rule, properties });
    }
  }
  const old = new Set(kept);
  const warnings = [
    ...openings(after, old),
    ...shadows(after, old),
    ...(address === undefined ? [] : lockouts(before, after, address)),
  ];
  return { added, removed: [...left.values()], changed, kept, warnings };
}

function openings(rules: readonly PlannedRule[], old: ReadonlySet<PlannedRule>): RuleWarning[] {
  return rules.flatMap((rule) => {
    const ports = isForEverybody(rule) ? portsLetIn(rule, [...logins, ...databases]) : [];
    return ports.length === 0
      ? []
      : [
          {
            kind: 'OPEN_TO_THE_WORLD' as const,
            message: `Everybody may connect to port ${ports.join(', ')}.`,
            rule,
            coveredBy: null,
            ports,
            isNew: !old.has(rule),
          },
        ];
  });
}

/** Each is compared with every other: more would keep everybody waiting for seconds. */
const mostCompared = 500;

/** Of two that cover each other, the later. */
function shadows(rules: readonly PlannedRule[], old: ReadonlySet<PlannedRule>): RuleWarning[] {
  if (rules.length > mostCompared) {
    return [];
  }
  return rules.flatMap((rule, at) => {
    const coveredBy = rules.find(
      (other, place) => place !== at && covers(other, rule) && (place < at || !covers(rule, other)),
    );
    return coveredBy === undefined
      ? []
      : [
          {
            kind: 'SHADOWED' as const,
            message: 'All traffic that it allows is allowed by another rule as well.',
            rule,
            coveredBy,
            ports: [],
            isNew: !old.has(rule) || !old.has(coveredBy),
          },
        ];
  });
}

/** Where the caller came in, and no longer would. */
function lockouts(
  before: readonly WholeRule[],
  after: readonly WholeRule[],
  address: string,
): RuleWarning[] {
  const [now, then] = [before, after].map((rules) => rules.filter((rule) => letsIn(rule, address)));
  const open = (rules: readonly WholeRule[] = []) =>
    new Set(rules.flatMap((rule) => portsLetIn(rule, logins)));
  const [openNow, openThen] = [open(now), open(then)];
  const ports = [...openNow].filter((port) => !openThen.has(port));
  const isShutOut = now?.length !== 0 && then?.length === 0;
  const where = ports.length > 0 ? `on port ${ports.join(', ')}` : 'on any port';
  return ports.length > 0 || isShutOut
    ? [
        {
          kind: 'OWN_ACCESS_REMOVED',
          message: `Your own address, ${address}, is not let in ${where} any more.`,
          rule: null,
          coveredBy: null,
          ports: ports.sort((one, other) => one - other),
          isNew: true,
        },
      ]
    : [];
}
