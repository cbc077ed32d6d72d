/** The Redis (or Valkey) that instances share, which may be away at any time. */

import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { Patience } from './patience.ts';

export interface StoreOptions {
  readonly url: string;
  /** How long a command may take before the store counts as away, in milliseconds. */
  readonly timeoutMs: number;
}

/** Whether the store answers. */
export interface StoreHealth {
  readonly state: 'up' | 'down';
  /** ISO 8601. */
  readonly since: string;
}

/** A script that is carried out as one: its keys come before its other arguments. */
export interface Script {
  readonly name: string;
  readonly numberOfKeys: number;
  readonly lua: string;
}

type Listener = (message: string) => void;

/** Between two looks at whether it answers. */
const probeMs = 250;
const connectTimeoutMs = 1_000;
const awayMs = 1_000;
/** How long one is left alone that refuses. */
const refusedRestMs = 5_000;
const betweenTellingsMs = 60_000;

/**
 * Writes and reads something, once.
 *
 * @returns what went wrong; undefined when nothing did
 */
export async function askOnce(url: string, timeoutMs: number): Promise<string | undefined> {
  const redis = new Redis(url, {
    lazyConnect: true,
    retryStrategy: null,
    connectTimeout: timeoutMs,
  });
  redis.on('error', () => undefined);
  try {
    await new Patience(timeoutMs).within(
      redis.connect().then(() => redis.set('stratograph:check', '1', 'PX', 1_000)),
    );
    return undefined;
  } catch (reason) {
    return reason instanceof Error ? reason.message : String(reason);
  } finally {
    redis.disconnect();
  }
}

export class Store {
  readonly #commands: Redis;
  readonly #subscriber: Redis;
  readonly #log: Logger;
  readonly #patience: Patience;
  readonly #listeners = new Map<string, Listener>();
  readonly #probing: NodeJS.Timeout;
  readonly #firstAnswer = Promise.withResolvers<void>();
  #health: StoreHealth = { state: 'down', since: new Date().toISOString() };
  #isProbing = false;
  #restsUntilMs = 0;
  #lastFault: unknown = 'it has not answered yet';
  readonly #onUp: (() => void)[] = [];
  #toldMs = 0;
  /** How often it has begun to answer: it may have forgotten everything in between. */
  epoch = 0;

  constructor({ url, timeoutMs }: StoreOptions, scripts: readonly Script[], log: Logger) {
    this.#log = log;
    this.#patience = new Patience(timeoutMs);
    const options = {
      connectTimeout: connectTimeoutMs,
      // Whoever asks while it is away goes on alone, at once.
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
      retryStrategy: () => probeMs,
    };
    this.#commands = new Redis(url, {
      ...options,
      scripts: Object.fromEntries(
        scripts.map(({ name, numberOfKeys, lua }) => [name, { numberOfKeys, lua }]),
      ),
    });
    this.#subscriber = new Redis(url, { ...options, autoResubscribe: false });
    for (const connection of [this.#commands, this.#subscriber]) {
      // What becomes of it is seen by probing.
      connection.on('error', (reason: unknown) => {
        this.#lastFault = reason;
      });
    }
    this.#subscriber.on('message', (channel: string, message: string) =>
      this.#listeners.get(channel)?.(message),
    );
    this.#subscriber.on('ready', () => this.#listen([...this.#listeners.keys()]));
    this.#probing = setInterval(() => void this.#probe(), probeMs).unref();
    this.#commands.once('ready', () => void this.#probe());
  }

  get health(): StoreHealth {
    return this.#health;
  }

  get isUp(): boolean {
    return this.#health.state === 'up';
  }

  /** Whether it has been away for so long that others are not to be waited for. */
  get isAway(): boolean {
    const { state, since } = this.#health;
    return state === 'down' && (this.epoch === 0 || Date.now() - Date.parse(since) >= awayMs);
  }

  /** Waits for its first answer, no longer than a start may take. */
  async settled(): Promise<void> {
    const late = new AbortController();
    await Promise.race([
      this.#firstAnswer.promise,
      delay(connectTimeoutMs, undefined, { signal: late.signal }).catch(() => undefined),
    ]);
    late.abort();
    if (!this.isUp) {
      this.#tell(this.#lastFault);
    }
  }

  /** Calls back each time that it begins to answer. */
  onUp(listener: () => void): void {
    this.#onUp.push(listener);
  }

  /**
   * Asks it for something.
   *
   * @returns undefined, at once, while it is away, and as soon as it turns out to be
   */
  async ask<T>(act: (commands: Redis) => Promise<T>): Promise<T | undefined> {
    if (!this.isUp) {
      return undefined;
    }
    try {
      return await this.#patience.within(act(this.#commands));
    } catch (reason) {
      if (reason instanceof Error && reason.name === 'ReplyError') {
        // It is there, and will not: its memory is full, or its rights do not go so far.
        this.#restsUntilMs = Date.now() + refusedRestMs;
      }
      this.#turn('down', reason);
      return undefined;
    }
  }

  /** Carries out one of its scripts, as `ask` does. */
  run<T>(script: Script, ...given: readonly (string | number)[]): Promise<T | undefined> {
    return this.ask((commands) => {
      const scripts = commands as unknown as Record<string, (...args: unknown[]) => Promise<T>>;
      return scripts[script.name]?.(...given) as Promise<T>;
    });
  }

  /** Hears of what is published; while the store is away nothing is, and nothing comes later. */
  listen(channel: string, listener: Listener): void {
    this.#listeners.set(channel, listener);
    this.#listen([channel]);
  }

  unlisten(channel: string): void {
    this.#listeners.delete(channel);
    this.#subscriber.unsubscribe(channel).catch(() => undefined);
  }

  close(): void {
    clearInterval(this.#probing);
    this.#commands.disconnect();
    this.#subscriber.disconnect();
  }

  #listen(channels: readonly string[]): void {
    if (channels.length > 0) {
      // It is tried again when the connection is.
      this.#subscriber.subscribe(...channels).catch(() => undefined);
    }
  }

  async #probe(): Promise<void> {
    if (this.#isProbing || Date.now() < this.#restsUntilMs) {
      return;
    }
    this.#isProbing = true;
    const ping = this.#commands.ping();
    // One that is frozen may answer later: no other is sent before.
    const onEnd = () => {
      this.#isProbing = false;
    };
    ping.then(onEnd, onEnd);
    try {
      await this.#patience.within(ping);
      this.#turn('up');
      this.#firstAnswer.resolve();
    } catch (reason) {
      this.#lastFault = reason;
      this.#turn('down', reason);
    }
  }

  #turn(state: StoreHealth['state'], reason?: unknown): void {
    if (this.#health.state === state) {
      return;
    }
    this.#health = { state, since: new Date().toISOString() };
    if (state === 'up') {
      this.epoch += 1;
      for (const onUp of this.#onUp) {
        onUp();
      }
    }
    this.#tell(reason);
  }

  /** One that refuses is asked every few seconds, and told of now and then. */
  #tell(reason: unknown): void {
    const why = reason instanceof Error ? reason.message : String(reason);
    const nowMs = Date.now();
    const isRefusing = nowMs - this.#restsUntilMs < refusedRestMs;
    if (isRefusing && nowMs - this.#toldMs < betweenTellingsMs) {
      return;
    }
    this.#toldMs = nowMs;
    if (this.isUp) {
      this.#log.info('Redis answers: instances act as one');
    } else {
      this.#log.warn({ reason: why }, 'Redis is away: this instance is on its own');
    }
  }
}
