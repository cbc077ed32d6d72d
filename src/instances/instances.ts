/** This instance among others: what they share, and what becomes of it when they cannot. */

import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import { RateLimiterRedis, type RateLimiterRes } from 'rate-limiter-flexible';
import type { TakeSeat } from '../session/round.ts';
import type { Ledger } from '../upstream/http/ledger.ts';
import { Census, censusScripts } from './census.ts';
import { SharedDocuments } from './documents.ts';
import { ledgerIn, ledgerScripts } from './ledger.ts';
import { sealWith } from './seal.ts';
import { seatScripts, seatsIn } from './seats.ts';
import { Store, type StoreHealth } from './store.ts';

export interface InstancesOptions {
  readonly url: string;
  readonly timeoutMs: number;
  /** The same for all instances: what they write, only they can read. */
  readonly secret: string;
  /** How many there are, for when they have not counted each other yet. */
  readonly expected: number;
  /** How long a call upstream may take. */
  readonly mostMs: number;
  /** Persisted operations of this instance, by id. */
  readonly documents: ReadonlyMap<string, string>;
}

export interface Instances {
  readonly health: StoreHealth;
  /** How many there are, this one among them, as last seen. */
  readonly size: number;
  readonly ledger: Ledger;
  readonly takeSeat: TakeSeat;
  readonly documents: SharedDocuments;
  /**
   * Counts points of a key, within what all instances together allow.
   *
   * @returns undefined while the store is away
   */
  readonly consume: (
    key: string,
    points: number,
    limit: number,
    windowSeconds: number,
  ) => Promise<RateLimiterRes | undefined>;
  /** Waits until it knows of the others, no longer than a start may take. */
  readonly settled: () => Promise<void>;
  readonly close: () => Promise<void>;
}

export function openInstances(options: InstancesOptions, log: Logger): Instances {
  const { secret, mostMs } = options;
  const id = randomUUID();
  const store = new Store(options, [...ledgerScripts, ...censusScripts, ...seatScripts], log);
  const census = new Census(store, id, options.expected);
  const documents = new SharedDocuments(store, sealWith(secret, 'operations'), options.documents);
  let limiter: RateLimiterRedis | undefined;
  return {
    get health() {
      return store.health;
    },
    get size() {
      return census.size;
    },
    ledger: ledgerIn(store, mostMs, () => census.size),
    takeSeat: seatsIn({ store, id, seal: sealWith(secret, 'watching') }),
    documents,
    consume: (key, points, limit, windowSeconds) =>
      store.ask(async (commands) => {
        limiter ??= new RateLimiterRedis({
          storeClient: commands,
          keyPrefix: 'stratograph:cost',
          points: limit,
          duration: windowSeconds,
        });
        return limiter.consume(key, points).catch((reason: unknown) => {
          if (reason instanceof Error) {
            throw reason;
          }
          return reason as RateLimiterRes;
        });
      }),
    async settled() {
      // Once it answers, this one is counted and its operations are there.
      await store.settled();
    },
    async close() {
      documents.close();
      await census.close();
      store.close();
    },
  };
}
