/** What all instances together have spent of the calls that an upstream takes from each payer. */

import type { Entry, Ledger, Taken } from '../upstream/http/ledger.ts';
import type { Script, Store } from './store.ts';

/**
 * Takes one call, if one is left, after the caller's own that are not in it yet. What is under way counts
 * until it has ended and for a window after, or as long as any may take if nobody tells of its end.
 *
 * KEYS: all spent calls by their end; the patient ones among them; a pause.
 * ARGV: calls, of these for patient errands, whether this one is, its id, milliseconds that it counts
 * at the most, those that a call counts from its end; then pairs of an id and its milliseconds left, `p` before those that are patient.
 */
const take: Script = {
  name: 'stratographTake',
  numberOfKeys: 3,
  lua: `
    local time = redis.call('TIME')
    local now = time[1] * 1000 + math.floor(time[2] / 1000)
    local keep = tonumber(ARGV[5])
    for i = 7, #ARGV, 2 do
      redis.call('ZADD', KEYS[1], now + ARGV[i + 1], ARGV[i])
      if string.sub(ARGV[i], 1, 1) == 'p' then
        redis.call('ZADD', KEYS[2], now + ARGV[i + 1], ARGV[i])
      end
    end
    redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
    redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)
    local paused = redis.call('PTTL', KEYS[3])
    if paused > 0 then
      return {0, paused, 1}
    end
    local spent = redis.call('ZCARD', KEYS[1])
    local full = nil
    if spent >= tonumber(ARGV[1]) then
      full = KEYS[1]
    elseif ARGV[3] == '1' and redis.call('ZCARD', KEYS[2]) >= tonumber(ARGV[2]) then
      full = KEYS[2]
    end
    if full then
      local first = redis.call('ZRANGE', full, 0, 0, 'WITHSCORES')
      -- Of a call under way nobody knows the end: it is asked again after a window at the most.
      local wait = math.min(first[2] - now, tonumber(ARGV[6]))
      return {0, math.max(1, wait), full == KEYS[1] and 1 or 0}
    end
    redis.call('ZADD', KEYS[1], now + keep, ARGV[4])
    redis.call('PEXPIRE', KEYS[1], keep)
    if ARGV[3] == '1' then
      redis.call('ZADD', KEYS[2], now + keep, ARGV[4])
      redis.call('PEXPIRE', KEYS[2], keep)
    end
    return {1, ARGV[1] - spent - 1, 0}
  `,
};

/** Adds calls that a store has forgotten. KEYS as above; ARGV: how long they are kept, then pairs as above. */
const restore: Script = {
  name: 'stratographRestore',
  numberOfKeys: 2,
  lua: `
    local time = redis.call('TIME')
    local now = time[1] * 1000 + math.floor(time[2] / 1000)
    for i = 2, #ARGV, 2 do
      redis.call('ZADD', KEYS[1], now + ARGV[i + 1], ARGV[i])
      if string.sub(ARGV[i], 1, 1) == 'p' then
        redis.call('ZADD', KEYS[2], now + ARGV[i + 1], ARGV[i])
        redis.call('PEXPIRE', KEYS[2], ARGV[1])
      end
    end
    redis.call('PEXPIRE', KEYS[1], ARGV[1])
  `,
};

/** From here on a call counts for so many milliseconds. KEYS as above; ARGV: its id, these. */
const settle: Script = {
  name: 'stratographSettle',
  numberOfKeys: 2,
  lua: `
    local time = redis.call('TIME')
    local now = time[1] * 1000 + math.floor(time[2] / 1000)
    redis.call('ZADD', KEYS[1], 'XX', now + ARGV[2], ARGV[1])
    redis.call('ZADD', KEYS[2], 'XX', now + ARGV[2], ARGV[1])
  `,
};

export const ledgerScripts: readonly Script[] = [take, restore, settle];

/**
 * @param mostMs - what a call may take at the most
 * @param size - how many instances there are, for when each is on its own
 */
export function ledgerIn(store: Store, mostMs: number, size: () => number): Ledger {
  const keys = (payer: string) => {
    const key = `stratograph:calls:{${payer}}`;
    return { all: key, patient: `${key}:patient`, pause: `${key}:pause` };
  };
  return {
    get epoch() {
      return store.isUp ? store.epoch : undefined;
    },
    get share() {
      return size();
    },
    async take(payer, entry, rate, unknown): Promise<Taken | undefined> {
      const { all, patient, pause } = keys(payer);
      const known = unknown.flatMap(({ id, leftMs }) => [id, Math.ceil(leftMs)]);
      const taken = await store.run<[number, number, number]>(
        take,
        all,
        patient,
        pause,
        rate.calls,
        rate.patientCalls,
        entry.isPatient ? 1 : 0,
        entry.id,
        rate.windowMs + mostMs,
        rate.windowMs,
        ...known,
      );
      if (taken === undefined) {
        return undefined;
      }
      const [isTaken, number, isForAll] = taken;
      return isTaken === 1
        ? { isTaken: true, left: number }
        : { isTaken: false, waitMs: number, isForAll: isForAll === 1 };
    },
    onUp: (listener) => store.onUp(listener),
    restore(payer, spent, windowMs) {
      const { all, patient } = keys(payer);
      const known = spent.flatMap(({ id, leftMs }) => [id, Math.ceil(leftMs)]);
      void store.run(restore, all, patient, windowMs + mostMs, ...known);
    },
    settle(payer: string, { id }: Entry, windowMs: number): void {
      const { all, patient } = keys(payer);
      void store.run(settle, all, patient, id, windowMs);
    },
    pause(payer, ms) {
      const { pause } = keys(payer);
      void store.ask((commands) => commands.set(pause, '1', 'PX', Math.max(1, Math.ceil(ms))));
    },
  };
}
