/** Rows by uuid: everything that is needed in one tick is one demand. */

import DataLoader from 'dataloader';
import type { Row, Wanted } from '../../rows/row.ts';
import { nothing, union } from '../../rows/wanted.ts';
import { inSpan } from '../../tracing.ts';
import type { Query } from './address.ts';
import { costOf, type Demand, type Owners, weighLoads } from './plan.ts';
import type { Source } from './source.ts';

interface LoadDemand {
  readonly uuid: string;
  readonly owners: Owners;
  readonly wanted: Wanted;
  /** Whether what was read before does not count. */
  readonly isFresh: boolean;
}

export class Loads {
  readonly #source: Source;
  readonly #loader: DataLoader<LoadDemand, Row>;

  constructor(source: Source) {
    this.#source = source;
    this.#loader = new DataLoader((demands) => this.#loadAll(demands), { cache: false });
  }

  /** @throws {UpstreamFailure} `not-found` too */
  load(demand: LoadDemand): Promise<Row> {
    return this.#loader.load(demand);
  }

  async #loadAll(demands: readonly LoadDemand[]): Promise<(Row | Error)[]> {
    const source = this.#source;
    const needed = new Map<string, LoadDemand>();
    for (const demand of demands) {
      const before = needed.get(demand.uuid);
      needed.set(
        demand.uuid,
        before === undefined
          ? demand
          : {
              uuid: demand.uuid,
              owners: { ...before.owners, ...demand.owners },
              wanted: union(before.wanted, demand.wanted),
              isFresh: demand.isFresh || before.isFresh,
            },
      );
    }
    const found = new Map<string, Row | Error>();
    let all = nothing;
    for (const { uuid, wanted, isFresh } of needed.values()) {
      if (isFresh) {
        source.forget(uuid);
      }
      const known = source.known(uuid, source.fieldsFor(wanted));
      if (known !== undefined) {
        found.set(uuid, known);
        needed.delete(uuid);
      } else {
        all = union(all, wanted);
      }
    }
    if (needed.size > 0) {
      await inSpan(`plan ${source.noun.name}`, { attributes: {} }, () =>
        this.#fetch([...needed.values()], source.fieldsFor(all), found),
      );
    }
    return demands.map(({ uuid }) => found.get(uuid) ?? new Error(`${uuid} was not dealt out`));
  }

  /** Follows the cheapest plan; what its lists do not bring is asked for one by one. */
  async #fetch(
    demand: readonly Demand[],
    fields: ReadonlySet<string>,
    found: Map<string, Row | Error>,
  ): Promise<void> {
    const source = this.#source;
    const around = source.surroundings(fields);
    const weighed = weighLoads(demand, around);
    const { plan } = source.decided(`${demand.length} by uuid`, demand.length, weighed);
    const missing = new Set(demand.map(({ uuid }) => uuid));
    const take = (rows: readonly Row[]) => {
      for (const row of rows) {
        if (missing.delete(row.key)) {
          found.set(row.key, row);
        }
      }
    };
    if (plan.kind !== 'seeks') {
      const filters: readonly Query[] =
        plan.kind === 'scan'
          ? [[]]
          : plan.owners.map((owners) => [[plan.parameter, owners.join()]]);
      await Promise.all(
        filters.map(async (filter) => {
          const query: Query = [...filter, ['o', 'created']];
          const { rows } = await source.sweep(query, fields, (pagesLeft, rowsLeft, first) => {
            take(first);
            // Asking for each of the missing may have become the cheaper way.
            const seeks = costOf(missing.size, missing.size, around);
            return costOf(pagesLeft, rowsLeft, around) < seeks;
          });
          take(rows);
        }),
      );
    }
    await Promise.all(
      [...missing].map(async (uuid) => {
        try {
          found.set(uuid, await source.detail(uuid, fields));
        } catch (reason) {
          found.set(uuid, reason instanceof Error ? reason : new Error(String(reason)));
        }
      }),
    );
  }
}
