/** Rows by uuid: everything that is needed in one tick is one demand. */

import DataLoader from 'dataloader';
import { asError } from '../../failure.ts';
import { Loading } from '../../rows/loading.ts';
import { Row, type Wanted } from '../../rows/row.ts';
import { nothing, union } from '../../rows/wanted.ts';
import { inSpan } from '../../tracing.ts';
import type { Query } from './address.ts';
import { costOf, type Demand, type Owners, weighLoads } from './plan.ts';
import { byCreation } from './query.ts';
import type { Source } from './source.ts';

interface LoadDemand {
  readonly uuid: string;
  readonly owners: Owners;
  readonly wanted: Wanted;
  /** Whether what was read before does not count. */
  readonly isFresh: boolean;
}

/** What is asked for, and who is to be told. */
interface Errand {
  readonly demand: LoadDemand;
  readonly loading: Loading<Row>;
}

/** All that is asked for in one tick. */
interface Batch {
  readonly errands: Errand[];
  /** Ends when all have been told. */
  readonly end: Promise<void>;
}

export class Loads {
  readonly #source: Source;
  readonly #loader: DataLoader<readonly Errand[], void>;
  #batch: Batch | undefined;

  constructor(source: Source) {
    this.#source = source;
    this.#loader = new DataLoader(
      (batches) => {
        // Whoever comes from now on is too late for this one.
        this.#batch = undefined;
        return Promise.all(batches.map((errands) => this.#loadAll(errands)));
      },
      { cache: false },
    );
  }

  /** @returns never rejected: ends when `loading` has been told */
  load(demand: LoadDemand, loading: Loading<Row>): Promise<void> {
    this.#batch ??= this.#open();
    this.#batch.errands.push({ demand, loading });
    return this.#batch.end;
  }

  /** @throws {UpstreamFailure} `not-found` too */
  one(demand: LoadDemand): Promise<Row> {
    const loading = new Loading<Row>(demand.wanted);
    return loading.endsWith(this.load(demand, loading)).come();
  }

  #open(): Batch {
    const errands: Errand[] = [];
    const end = this.#loader.load(errands).catch((reason: unknown) => {
      for (const { loading } of errands) {
        loading.fail(reason);
      }
    });
    return { errands, end };
  }

  async #loadAll(errands: readonly Errand[]): Promise<void> {
    const source = this.#source;
    const needed = new Map<string, LoadDemand>();
    for (const { demand } of errands) {
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
    for (const { demand, loading } of errands) {
      const row = found.get(demand.uuid);
      if (row instanceof Row) {
        loading.take(row);
      } else {
        loading.fail(row ?? new Error(`${demand.uuid} was not dealt out`));
      }
    }
  }

  /** Follows the cheapest plan; what its lists do not bring is asked for one by one. */
  async #fetch(
    demand: readonly Demand[],
    fields: ReadonlySet<string>,
    found: Map<string, Row | Error>,
  ): Promise<void> {
    const source = this.#source;
    const around = source.surroundings(fields, byCreation);
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
          const query = [...filter, ...byCreation];
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
          found.set(uuid, asError(reason));
        }
      }),
    );
  }
}
