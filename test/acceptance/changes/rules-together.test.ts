/** Difference, set, add and remove agree with each other and with the cloud, whoever else is at work. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openClock } from '../../../src/sandbox/clock.ts';
import type { Rule, SecurityGroup } from '../../../src/sandbox/waldur/model.ts';
import { aGateway, type TestGateway } from '../../a-gateway.ts';
import { sceneIn } from './mutations.ts';

type Input = Readonly<Record<string, unknown>>;

const networks = ['10.0.0.0/8', '10.1.0.0/16', '0.0.0.0/0', '127.0.0.0/8', '192.168.7.9/32'];

/** New rules that Waldur takes. */
const anyRule: fc.Arbitrary<Input> = fc.record(
  {
    direction: fc.constantFrom('INGRESS', 'EGRESS'),
    protocol: fc.constantFrom('tcp', 'udp'),
    fromPort: fc.integer({ min: 1, max: 30 }),
    toPort: fc.integer({ min: 31, max: 65_535 }),
    cidr: fc.constantFrom(...networks, null),
    description: fc.constantFrom('', 'why', ' why '),
  },
  { requiredKeys: ['protocol', 'fromPort', 'toPort'] },
);

const anyRules = fc.uniqueArray(anyRule, {
  maxLength: 5,
  selector: ({ direction = 'INGRESS', protocol, fromPort, toPort, cidr = null }) =>
    JSON.stringify([direction, protocol, fromPort, toPort, cidr]),
});

/** What is said of a rule that is kept: right, mostly. */
const anyKept: fc.Arbitrary<Input> = fc.record(
  {
    fromPort: fc.integer({ min: 1, max: 40 }),
    toPort: fc.integer({ min: 20, max: 70 }),
    cidr: fc.constantFrom(...networks, null, 'no network'),
    description: fc.constantFrom('why', null),
    direction: fc.constantFrom('INGRESS', 'EGRESS'),
  },
  { requiredKeys: [] },
);

/** By what every rule is and does, its id left out where that is not known beforehand. */
interface Planned {
  readonly ruleId: number | null;
  readonly direction: string;
  readonly protocol: string | null;
  readonly fromPort: number | null;
  readonly toPort: number | null;
  readonly cidr: string | null;
  readonly description: string;
}

const shown = 'ruleId direction protocol fromPort toPort cidr description';
const shownDiff = `added { ${shown} } removed { ruleId } kept { ${shown} }
  changed { before { ruleId } after { ${shown} } properties }
  warnings { kind ports isNew message }`;

const comparable = (rule: Planned) =>
  JSON.stringify([
    rule.direction,
    rule.protocol,
    rule.fromPort,
    rule.toPort,
    rule.cidr,
    rule.description.trim(),
  ]);

const ofWorld = (rule: Rule) =>
  comparable({
    ruleId: rule.id,
    direction: rule.direction.toUpperCase(),
    protocol: rule.protocol || null,
    fromPort: rule.fromPort === -1 ? null : rule.fromPort,
    toPort: rule.toPort === -1 ? null : rule.toPort,
    cidr: rule.cidr || null,
    description: rule.description,
  });

interface Diff {
  readonly added: readonly Planned[];
  readonly removed: readonly { readonly ruleId: number }[];
  readonly kept: readonly Planned[];
  readonly changed: readonly { readonly after: Planned }[];
}

/** That the group has what the difference says, and nothing beside it. */
function expectHeld(group: SecurityGroup, { added, removed, kept, changed }: Diff): void {
  const known = [...kept, ...changed.map(({ after }) => after)];
  expect(group.rules.map(ofWorld).sort()).toEqual([...known, ...added].map(comparable).sort());
  const byId = new Map(group.rules.map((rule) => [rule.id, ofWorld(rule)]));
  for (const rule of known) {
    expect(byId.get(rule.ruleId ?? 0)).toBe(comparable(rule));
  }
  for (const { ruleId } of removed) {
    expect(byId.has(ruleId)).toBe(false);
  }
}

async function aGroup(rules: readonly Input[]) {
  const clock = openClock(Date.parse('2026-11-21T12:00:00Z'));
  const gateway = await aGateway({ clock });
  const { securityGroup: group } = sceneIn(gateway.sandbox);
  group.rules = [];
  const change = async (name: string, input: Input, ifModified?: string, dryRun = false) => {
    const title = `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
    const ofRules = name.endsWith('Rules');
    const { data, errors } = await gateway.run(
      `mutation M($input: ${title}Input!, $ifModified: DateTime${ofRules ? ', $dryRun: Boolean!' : ''}) {
        result: ${name}(input: $input, ifModified: $ifModified${ofRules ? ', dryRun: $dryRun' : ''}) {
          __typename
          ... on ${title}Success { ${ofRules ? `diff { ${shownDiff} }` : 'settled'} }
          ... on Failure { message }
          ... on InvalidInput { issues { path message } }
          ... on Conflict { current { modified ... on SecurityGroup { rules { ruleId } } } }
        }
      }`,
      { variables: { input: { uuid: group.uuid, ...input }, ifModified, dryRun } },
    );
    expect(errors).toBeUndefined();
    return data.result;
  };
  await change('setSecurityGroupRules', { rules });
  const settle = () => {
    clock.advance(10_000);
    expect(group.state).toBe('OK');
  };
  settle();
  return {
    gateway,
    clock,
    group,
    change,
    settle,
    [Symbol.asyncDispose]: () => gateway[Symbol.asyncDispose](),
  };
}

const diffOf = async (gateway: TestGateway, { uuid }: SecurityGroup, rules: readonly Input[]) => {
  const { data, errors } = await gateway.run(
    `query Q($uuid: UUID!, $rules: [SecurityGroupRuleInput!]!) {
      diff: securityGroupRulesDiff(uuid: $uuid, rules: $rules) { ${shownDiff} }
    }`,
    { variables: { uuid, rules } },
  );
  return { diff: data.diff, issues: errors?.[0]?.extensions.issues };
};

describe('The difference', () => {
  it('is what setting the rules does, in a dry run and for good; or both find the same faults', {
    timeout: 120_000,
  }, async () => {
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(
        anyRules,
        anyRules,
        fc.array(fc.tuple(fc.boolean(), anyKept)),
        async (there, fresh, keeping) => {
          await using scene = await aGroup(there);
          const { gateway, group, change } = scene;
          const kept = group.rules.flatMap(({ id }, at) => {
            const [isKept, said] = keeping[at] ?? [at % 2 === 0, {}];
            return isKept ? [{ ruleId: id, ...said }] : [];
          });
          const rules = [...fresh, ...kept];
          const before = group.rules.map(ofWorld);
          const { diff, issues } = await diffOf(gateway, group, rules);
          const dry = await change('setSecurityGroupRules', { rules }, undefined, true);
          expect(group.rules.map(ofWorld)).toEqual(before);
          const real = await change('setSecurityGroupRules', { rules });
          if (issues !== undefined) {
            refused += 1;
            expect(real).toMatchObject({ __typename: 'InvalidInput', issues });
            expect(dry).toEqual(real);
            expect(group.rules.map(ofWorld)).toEqual(before);
          } else {
            expect(dry.diff).toEqual(diff);
            expect(real.diff).toEqual(diff);
            expectHeld(group, diff);
          }
        },
      ),
      { numRuns: 60 },
    );
    // Neither of the two is all that was tried.
    expect(refused).toBeGreaterThan(0);
    expect(refused).toBeLessThan(60);
  });

  it('of adding and of removing is that of setting all rules', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(anyRules, anyRules, fc.array(fc.boolean()), async (there, more, marks) => {
        await using scene = await aGroup(there);
        const { gateway, group, change, settle } = scene;
        const all = group.rules.map(({ id }) => ({ ruleId: id }));
        const added = await change('addSecurityGroupRules', { rules: more }, undefined, true);
        if (added.__typename === 'AddSecurityGroupRulesSuccess') {
          const { diff } = await diffOf(gateway, group, [...all, ...more]);
          expect(added.diff).toEqual(diff);
          const real = await change('addSecurityGroupRules', { rules: more });
          expect(real.diff).toEqual(diff);
          expectHeld(group, diff);
          settle();
        }
        const ids = group.rules.map(({ id }) => id).filter((_id, at) => marks[at] ?? at === 0);
        if (ids.length > 0) {
          const others = group.rules.filter(({ id }) => !ids.includes(id));
          const { diff } = await diffOf(
            gateway,
            group,
            others.map(({ id }) => ({ ruleId: id })),
          );
          const removed = await change('removeSecurityGroupRules', { ruleIds: ids });
          expect(removed.diff).toEqual(diff);
          expectHeld(group, diff);
        }
      }),
      { numRuns: 60 },
    );
  });
});

/** What one of several people does: looks, thinks, and writes what depends on the look. */
interface Turn {
  readonly act: 'add' | 'remove' | 'set' | 'rename';
  /** Whose look it follows: this turn's own, or that of so many turns ago. */
  readonly staleness: number;
  readonly port: number;
  /** Whether Waldur is done with the change before. */
  readonly isSettled: boolean;
  /** How many others do the same at the same time. */
  readonly rivals: number;
}

const anyTurn: fc.Arbitrary<Turn> = fc.record({
  act: fc.constantFrom('add', 'remove', 'set', 'rename'),
  staleness: fc.integer({ min: 0, max: 2 }),
  port: fc.integer({ min: 1, max: 65_535 }),
  isSettled: fc.boolean(),
  rivals: fc.integer({ min: 0, max: 2 }),
});

describe('With ifModified', () => {
  it('no update is lost that modified can show, whoever else is at work', {
    timeout: 120_000,
  }, async () => {
    let conflicts = 0;
    let successes = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(anyTurn, { minLength: 2, maxLength: 8 }), async (turns) => {
        await using scene = await aGroup([{ protocol: 'tcp', fromPort: 1, toPort: 1 }]);
        const { gateway, group, clock, change } = scene;
        const look = async () => {
          const { data } = await gateway.run(
            'query Q($uuid: UUID!) { group: securityGroup(uuid: $uuid) { modified rules { ruleId } } }',
            { variables: { uuid: group.uuid } },
          );
          return data.group as { modified: string; rules: { ruleId: number }[] };
        };
        const looks = [await look()];
        for (const { act, staleness, port, isSettled, rivals } of turns) {
          if (isSettled) {
            clock.advance(10_000);
          }
          looks.push(await look());
          const seen = looks.at(-1 - staleness) ?? looks[0];
          const { modified, rules } = seen as (typeof looks)[number];
          const isCurrent = modified === `${group.modified}Z`;
          const before = { rules: group.rules.map(({ id }) => id), modified: group.modified };
          const attempts = await Promise.all(
            Array.from({ length: 1 + rivals }, (_, rival) => {
              const mine = {
                protocol: 'udp',
                fromPort: port,
                toPort: port,
                description: `${rival}`,
              };
              switch (act) {
                case 'add':
                  return change('addSecurityGroupRules', { rules: [mine] }, modified);
                case 'remove':
                  return change(
                    'removeSecurityGroupRules',
                    { ruleIds: [rules[0]?.ruleId ?? 1] },
                    modified,
                  );
                case 'set':
                  return change(
                    'setSecurityGroupRules',
                    { rules: [...rules.map(({ ruleId }) => ({ ruleId })), mine] },
                    modified,
                  );
                default:
                  return change('updateSecurityGroup', { description: `${rival}` }, modified);
              }
            }),
          );
          const made = attempts.filter(({ __typename }) => __typename.endsWith('Success'));
          const inConflict = attempts.filter(({ __typename }) => __typename === 'Conflict');
          successes += made.length;
          conflicts += inConflict.length;
          // Of all who saw the same, one at most is first.
          expect(made.length).toBeLessThanOrEqual(1);
          if (!isCurrent) {
            expect(made).toEqual([]);
            expect(inConflict).toHaveLength(attempts.length);
            for (const { current } of inConflict) {
              expect(current).toEqual({
                modified: `${before.modified}Z`,
                rules: before.rules.map((ruleId) => ({ ruleId })),
              });
            }
          }
          if (made.length === 0) {
            expect(group.rules.map(({ id }) => id)).toEqual(before.rules);
            expect(group.modified).toBe(before.modified);
          } else {
            // Who wrote had seen all that was there, and nothing else of it is gone.
            expect(before.rules).toEqual(rules.map(({ ruleId }) => ruleId));
            if (act !== 'rename') {
              expectHeld(group, made[0].diff);
            }
            const ids = group.rules.map(({ id }) => id);
            const left = act === 'remove' ? before.rules.slice(1) : before.rules;
            expect(ids).toEqual(expect.arrayContaining(left));
            expect(ids).toHaveLength(left.length + (act === 'add' || act === 'set' ? 1 : 0));
          }
        }
      }),
      { numRuns: 60 },
    );
    expect(successes).toBeGreaterThan(20);
    expect(conflicts).toBeGreaterThan(20);
  });
});

describe('Without ifModified', () => {
  it('what several add and remove at the same time is there and gone, or was refused', {
    timeout: 120_000,
  }, async () => {
    let successes = 0;
    const anyRound = fc.array(
      fc.record({ adds: fc.boolean(), port: fc.integer({ min: 1, max: 65_535 }) }),
      { minLength: 1, maxLength: 4 },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(anyRound, { minLength: 1, maxLength: 4 }), async (rounds) => {
        await using scene = await aGroup([{ protocol: 'tcp', fromPort: 1, toPort: 1 }]);
        const { group, change, clock } = scene;
        for (const round of rounds) {
          clock.advance(10_000);
          const before = group.rules.map(({ id }) => id);
          const ends = await Promise.all(
            round.map(async ({ adds, port }, at) => {
              const rule = { protocol: 'udp', fromPort: port, toPort: port, description: `${at}` };
              const id = before[at % before.length] ?? 0;
              const result = adds
                ? await change('addSecurityGroupRules', { rules: [rule] })
                : await change('removeSecurityGroupRules', { ruleIds: [id] });
              return { adds, id, port, isMade: result.__typename.endsWith('Success') };
            }),
          );
          const made = ends.filter(({ isMade }) => isMade);
          successes += made.length;
          const gone = new Set(made.flatMap(({ adds, id }) => (adds ? [] : [id])));
          const left = before.filter((id) => !gone.has(id));
          const ids = group.rules.map(({ id }) => id);
          expect(ids.filter((id) => before.includes(id))).toEqual(left);
          const fresh = group.rules.filter(({ id }) => !before.includes(id));
          expect(fresh.map(({ fromPort }) => fromPort)).toEqual(
            made.flatMap(({ adds, port }) => (adds ? [port] : [])),
          );
        }
      }),
      { numRuns: 60 },
    );
    expect(successes).toBeGreaterThan(20);
  });
});
