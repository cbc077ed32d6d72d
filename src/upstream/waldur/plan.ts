/**
 * From demand to calls: how to load N rows by uuid with the fewest calls, then the fewest rows.
 *
 * A pure function: no clock, no chance, no input or output. The full planner grows here.
 */

import { maxPageSize } from './connection.ts';

/** A way to list a collection by its owners, e.g. `projects?customer=a,b`. */
export interface Grouping {
  /** The property that leads to the owner. */
  readonly owner: string;
  /** The query parameter that takes the owner's uuid. */
  readonly parameter: string;
  /** Whether it takes several, comma-joined. Repeating a parameter never works: the last one wins. */
  readonly takesMany: boolean;
}

export interface Demand {
  readonly uuid: string;
  /** Owners that the rows in hand name, by property. */
  readonly owners: Readonly<Record<string, string | undefined>>;
}

export type Plan =
  | { readonly kind: 'details' }
  /** One list per entry, each a list of owners for one parameter. */
  | { readonly kind: 'grouped'; readonly parameter: string; readonly owners: readonly string[][] }
  | { readonly kind: 'scan' };

export interface PlannedCost {
  readonly plan: Plan;
  readonly calls: number;
  readonly rows: number;
}

/** Waldur's web server takes request lines of up to 4,094 bytes: about 100 uuids. */
const ownersPerCall = 100;
/** A guess for planning only: how many rows an owner has. */
const rowsPerOwner = 20;

/**
 * The cheapest plan for the demand.
 *
 * @param demand - at least one, no uuid twice
 * @param total - rows that this caller sees in the collection, where that was seen lately
 */
export function planLoad(
  demand: readonly Demand[],
  groupings: readonly Grouping[],
  total: number | undefined,
): Plan {
  const plans = weighedPlans(demand, groupings, total);
  let best = plans[0];
  for (const plan of plans) {
    if (
      best === undefined ||
      plan.calls < best.calls ||
      (plan.calls === best.calls && plan.rows < best.rows)
    ) {
      best = plan;
    }
  }
  return best?.plan ?? { kind: 'details' };
}

/** Every plan that would do, with what it would cost; details come first. */
export function weighedPlans(
  demand: readonly Demand[],
  groupings: readonly Grouping[],
  total: number | undefined,
): readonly PlannedCost[] {
  const plans: PlannedCost[] = [
    { plan: { kind: 'details' }, calls: demand.length, rows: demand.length },
  ];
  for (const { owner, parameter, takesMany } of groupings) {
    const owners = new Set<string>();
    for (const { owners: known } of demand) {
      const uuid = known[owner];
      if (uuid !== undefined) {
        owners.add(uuid);
      }
    }
    if (owners.size === 0 || demand.some(({ owners: known }) => known[owner] === undefined)) {
      continue;
    }
    const perCall = takesMany ? ownersPerCall : 1;
    const groups = chunked([...owners], perCall);
    const rows = Math.min(owners.size * rowsPerOwner, total ?? Number.POSITIVE_INFINITY);
    plans.push({
      plan: { kind: 'grouped', parameter, owners: groups },
      calls: groups.length,
      rows: Math.max(rows, demand.length),
    });
  }
  // Of a collection never seen, two pages are assumed.
  const pages = total === undefined ? 2 : Math.max(1, Math.ceil(total / maxPageSize));
  plans.push({
    plan: { kind: 'scan' },
    calls: pages,
    rows: total ?? pages * maxPageSize,
  });
  return plans;
}

function chunked<T>(all: readonly T[], size: number): T[][] {
  const chunks: T[][] = [];
  for (let start = 0; start < all.length; start += size) {
    chunks.push(all.slice(start, start + size));
  }
  return chunks;
}
