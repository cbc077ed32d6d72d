/**
 * From demand to calls: how to answer it at the lowest cost.
 *
 * Pure functions: no clock, no chance, no input or output. The same demand and knowledge give the same
 * plan. Knowledge may be wrong; that costs calls, never rightness.
 */

/** What things cost, in a unit of its own. Settings can change it. */
export interface Weights {
  /** A call, whatever it brings. */
  readonly call: number;
  /** A row in an answer. */
  readonly row: number;
  /** A field of a row that costs Waldur's database queries of its own. */
  readonly expensive: number;
}

/** A way to list a collection by its owners, e.g. `projects?customer=a,b`. */
export interface Grouping {
  /** The property that leads to the owner. */
  readonly owner: string;
  /** The query parameter that takes the owner's uuid. */
  readonly parameter: string;
  /** Whether it takes several, comma-joined; repeated, the last one wins. */
  readonly takesMany: boolean;
}

/** The owners of something, by property; absent where not known. */
export type Owners = Readonly<Record<string, string | undefined>>;

export interface Demand {
  readonly uuid: string;
  readonly owners: Owners;
}

/** A list of what one owner has. */
export interface ListDemand {
  /** The owner's own uuid and, where known, those of the owners above. */
  readonly owners: Owners;
  /** Rows that are wanted of it; 0 when only their number is. */
  readonly rows: number;
}

/** What was seen lately; undefined where nothing was. */
export interface Knowledge {
  /** Rows in the list. @param owner - of one owner, by parameter and uuid; all when absent */
  total(owner?: { readonly parameter: string; readonly uuid: string }): number | undefined;
}

export interface Surroundings {
  readonly groupings: readonly Grouping[];
  readonly knowledge: Knowledge;
  readonly weights: Weights;
  /** Expensive fields that each row will have. */
  readonly expensive: number;
  /** Owners that fit into one request line. */
  ownersPerCall(): number;
  readonly pageSize: number;
}

/** A list for each group of owners; each is read to its end. */
interface Grouped {
  readonly kind: 'grouped';
  readonly parameter: string;
  readonly owners: readonly (readonly string[])[];
}

/** Asking for each: a detail for each row, or a list for each owner. */
interface Seeks {
  readonly kind: 'seeks';
}

/** Reading the whole collection. */
interface Scan {
  readonly kind: 'scan';
}

export type Plan = Seeks | Grouped | Scan;

export interface WeighedPlan {
  readonly plan: Plan;
  readonly calls: number;
  readonly rows: number;
  /** By the weights. */
  readonly cost: number;
}

/** A guess for an owner of whom nothing is known. */
const rowsPerOwner = 20;
/** Of a collection never seen, two pages are assumed. */
const pagesOfUnseen = 2;

export function costOf(
  calls: number,
  rows: number,
  { weights, expensive }: Pick<Surroundings, 'weights' | 'expensive'>,
): number {
  return calls * weights.call + rows * (weights.row + expensive * weights.expensive);
}

/** The first of the cheapest. @param plans - at least one */
export function cheapest(plans: readonly WeighedPlan[]): WeighedPlan {
  return plans.reduce((best, plan) => (plan.cost < best.cost ? plan : best));
}

/**
 * Every plan that brings rows by their uuid, with what it would cost; details come first.
 *
 * @param demand - at least one, no uuid twice
 */
export function weighLoads(demand: readonly Demand[], around: Surroundings): WeighedPlan[] {
  const { length } = demand;
  return [
    weighed({ kind: 'seeks' }, length, length, around),
    ...around.groupings.flatMap((grouping) => {
      const owners = ownersIn(demand, grouping.owner);
      return owners === null ? [] : [weighGrouped(owners, grouping, length, around)];
    }),
    weighScan(around),
  ];
}

/**
 * Every plan that brings the lists of several owners of one kind; a list for each comes first.
 *
 * @param own - the kind of owner that the lists are of
 */
export function weighLists(
  demand: readonly ListDemand[],
  own: Grouping,
  around: Surroundings,
): WeighedPlan[] {
  const { pageSize, groupings } = around;
  // A stretch may lie across two pages; a number alone comes with one row.
  const calls = demand.reduce((sum, { rows }) => sum + Math.max(1, Math.ceil(rows / pageSize)), 0);
  const rows = demand.reduce((sum, one) => sum + Math.max(1, one.rows), 0);
  return [
    weighed({ kind: 'seeks' }, calls, rows, around),
    ...groupings.flatMap((grouping) => {
      const owners = ownersIn(demand, grouping.owner);
      const isSeek = grouping.parameter === own.parameter && !grouping.takesMany;
      return owners === null || isSeek ? [] : [weighGrouped(owners, grouping, 0, around)];
    }),
    weighScan(around),
  ];
}

/** The owners of all, each once; null when one's is not known. */
function ownersIn(demand: readonly { readonly owners: Owners }[], owner: string): string[] | null {
  const found = new Set<string>();
  for (const { owners } of demand) {
    const uuid = owners[owner];
    if (uuid === undefined) {
      return null;
    }
    found.add(uuid);
  }
  return [...found];
}

function weighGrouped(
  owners: readonly string[],
  { parameter, takesMany }: Grouping,
  leastRows: number,
  around: Surroundings,
): WeighedPlan {
  const { knowledge, pageSize } = around;
  const groups = chunked(owners, takesMany ? Math.max(1, around.ownersPerCall()) : 1);
  const all = knowledge.total() ?? Number.POSITIVE_INFINITY;
  const sizes = groups.map((group) =>
    Math.min(
      all,
      group.reduce(
        (sum, uuid) => sum + (knowledge.total({ parameter, uuid }) ?? Math.min(all, rowsPerOwner)),
        0,
      ),
    ),
  );
  const calls = sizes.reduce((sum, size) => sum + Math.max(1, Math.ceil(size / pageSize)), 0);
  const rows = Math.max(
    leastRows,
    sizes.reduce((sum, size) => sum + size, 0),
  );
  return weighed({ kind: 'grouped', parameter, owners: groups }, calls, rows, around);
}

function weighScan(around: Surroundings): WeighedPlan {
  const { knowledge, pageSize } = around;
  const rows = knowledge.total() ?? pagesOfUnseen * pageSize;
  return weighed({ kind: 'scan' }, Math.max(1, Math.ceil(rows / pageSize)), rows, around);
}

function weighed(plan: Plan, calls: number, rows: number, around: Surroundings): WeighedPlan {
  return { plan, calls, rows, cost: costOf(calls, rows, around) };
}

function chunked<T>(all: readonly T[], size: number): T[][] {
  const chunks: T[][] = [];
  for (let start = 0; start < all.length; start += size) {
    chunks.push(all.slice(start, start + size));
  }
  return chunks;
}
