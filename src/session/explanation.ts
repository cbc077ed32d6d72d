/** How a request was answered, for whoever asks: calls, plans, and links that cost nothing. */

import type { Row } from '../rows/row.ts';
import type { ObservedCall, Observer } from '../upstream/http/asker.ts';
import type { WeighedPlan } from '../upstream/waldur/plan.ts';
import type { Weighing } from '../upstream/waldur/source.ts';

/** As clients see it. No credential is in it; paths hold what the query asked for. */
export interface Explained {
  readonly calls: readonly (ObservedCall & {
    /** Null where that is no question. */
    readonly rows: number | null;
  })[];
  readonly plans: readonly {
    readonly collection: string;
    readonly demand: string;
    readonly weighed: readonly {
      readonly plan: string;
      readonly calls: number;
      readonly rows: number;
      readonly cost: number;
      readonly taken: boolean;
    }[];
  }[];
  /** Links that rows in hand answered, and how often. */
  readonly freeLinks: Readonly<Record<string, number>>;
  /** Properties that selection analysis missed; each cost a call. */
  readonly topUps: readonly string[];
  /** The same for people, line by line. */
  readonly text: readonly string[];
}

export class Explanation implements Observer {
  readonly #calls: ObservedCall[] = [];
  readonly #rows = new Map<ObservedCall, number>();
  readonly #weighings: Weighing[] = [];
  readonly #freeLinks = new Map<string, number>();

  readonly onCall = (call: ObservedCall): void => {
    this.#calls.push(call);
  };

  readonly onRows = (call: ObservedCall, rows: number): void => {
    this.#rows.set(call, rows);
  };

  readonly onPlan = (weighing: Weighing): void => {
    this.#weighings.push(weighing);
  };

  readonly onFreeLink = (row: Row, property: string): void => {
    const link = `${row.noun?.name ?? 'part'}.${property}`;
    this.#freeLinks.set(link, (this.#freeLinks.get(link) ?? 0) + 1);
  };

  toJson(topUps: readonly string[]): Explained {
    const plans = this.#weighings.map(({ noun, demand, weighed, taken }) => ({
      collection: noun,
      demand,
      weighed: weighed.map((one) => ({
        plan: nameOf(one.plan),
        calls: one.calls,
        rows: one.rows,
        cost: Math.round(one.cost * 10) / 10,
        taken: one === taken,
      })),
    }));
    const freeLinks = Object.fromEntries(this.#freeLinks);
    const calls = this.#calls.map((call) => ({ ...call, rows: this.#rows.get(call) ?? null }));
    const explained = { calls, plans, freeLinks, topUps };
    return { ...explained, text: textOf(explained) };
  }
}

function nameOf(plan: WeighedPlan['plan']): string {
  return plan.kind === 'grouped' ? `by ${plan.parameter}` : plan.kind;
}

function textOf({ calls, plans, freeLinks, topUps }: Omit<Explained, 'text'>): string[] {
  const links = Object.entries(freeLinks).map(([link, count]) => `${link} ×${count}`);
  return [
    ...plans.flatMap(({ collection, demand, weighed }) => [
      `Plan ${collection}, ${demand}`,
      ...weighed.map(
        ({ plan, calls: count, rows, cost, taken }) =>
          `  ${taken ? '→' : ' '} ${plan}  calls=${count} rows=${rows} cost=${cost}`,
      ),
    ]),
    ...calls.map(
      ({ method, path, status, rows, bytes, durationMs, shared, budgetLeft, tries }) =>
        `Call ${method} ${path}  status=${status ?? 'none'}${rows === null ? '' : ` rows=${rows}`} bytes=${bytes} time=${durationMs}ms${shared ? ' shared' : ''}${budgetLeft === null ? '' : ` left=${budgetLeft}`}${tries > 1 ? ` tries=${tries}` : ''}`,
    ),
    ...(links.length > 0 ? [`Free ${links.join(', ')}`] : []),
    ...(topUps.length > 0 ? [`Missed ${topUps.join(', ')}`] : []),
  ];
}
