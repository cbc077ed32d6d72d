/** How many instances there are. */

import type { Script, Store } from './store.ts';

const beatMs = 1_000;
/** How long an instance counts that says nothing more. */
const lifeMs = 5_000;

/** KEYS: the instances by the end of their life. ARGV: this one's id, how long it lives on. */
const count: Script = {
  name: 'stratographCount',
  numberOfKeys: 1,
  lua: `
    local time = redis.call('TIME')
    local now = time[1] * 1000 + math.floor(time[2] / 1000)
    redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1])
    redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
    redis.call('PEXPIRE', KEYS[1], ARGV[2])
    return redis.call('ZCARD', KEYS[1])
  `,
};

export const censusScripts: readonly Script[] = [count];

const key = 'stratograph:instances';

export class Census {
  readonly #store: Store;
  readonly #id: string;
  readonly #beating: NodeJS.Timeout;
  /** As last seen: those that are there do not go because the store does. */
  size: number;

  /** @param expected - how many there are, until they have been counted */
  constructor(store: Store, id: string, expected: number) {
    this.#store = store;
    this.#id = id;
    this.size = expected;
    store.onUp(() => void this.beat());
    this.#beating = setInterval(() => void this.beat(), beatMs).unref();
  }

  async beat(): Promise<void> {
    this.size = (await this.#store.run<number>(count, key, this.#id, lifeMs)) ?? this.size;
  }

  async close(): Promise<void> {
    clearInterval(this.#beating);
    await this.#store.ask((commands) => commands.zrem(key, this.#id));
  }
}
