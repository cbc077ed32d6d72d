/** Whose turn it is to look at what several instances watch as one caller. */

import { createHash } from 'node:crypto';
import { type FailureKind, UpstreamFailure, type UpstreamName } from '../failure.ts';
import type { Seat, SeatEvents, Seen, TakeSeat } from '../session/round.ts';
import type { Seal } from './seal.ts';
import type { Script, Store } from './store.ts';

const beatMs = 1_000;
/** How long the turn of one that says nothing more lasts: with a beat, less than four seconds. */
const turnMs = 2_500;
const lastLifeMs = 10_000;

/**
 * Takes or keeps the turn if nobody else has it, and tells of the names watched here.
 *
 * KEYS: whose turn it is; the names by their end; what was seen last.
 * ARGV: this instance's id, the turn's length, the time of what it has heard of last; the names.
 * Gives whether it has the turn, all names, and what was seen since by whoever has it: when, how long ago in
 * milliseconds, and the text.
 */
const beat: Script = {
  name: 'stratographBeat',
  numberOfKeys: 3,
  lua: `
    local time = redis.call('TIME')
    local now = time[1] * 1000 + math.floor(time[2] / 1000)
    local holder = redis.call('GET', KEYS[1])
    local mine = 0
    if not holder or holder == ARGV[1] then
      redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
      mine = 1
    end
    for i = 4, #ARGV do
      redis.call('ZADD', KEYS[2], now + ARGV[2], ARGV[i])
    end
    redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)
    redis.call('PEXPIRE', KEYS[2], ARGV[2])
    local at = redis.call('HGET', KEYS[3], 'at')
    local text = ''
    if mine == 0 and at and tonumber(at) > tonumber(ARGV[3]) then
      text = redis.call('HGET', KEYS[3], 'text')
    end
    return {mine, redis.call('ZRANGE', KEYS[2], 0, -1), at or '0', at and now - at or 0, text}
  `,
};

/** Tells the others, unless another has the turn by now. KEYS: as above 1 and 3. ARGV: id, life, channel, text. */
const tell: Script = {
  name: 'stratographTell',
  numberOfKeys: 2,
  lua: `
    if redis.call('GET', KEYS[1]) ~= ARGV[1] then
      return 0
    end
    local time = redis.call('TIME')
    local at = string.format('%d', time[1] * 1000 + math.floor(time[2] / 1000))
    redis.call('HSET', KEYS[2], 'at', at, 'text', ARGV[4])
    redis.call('PEXPIRE', KEYS[2], ARGV[2])
    redis.call('PUBLISH', ARGV[3], 'seen ' .. at .. ' ' .. ARGV[4])
    return 1
  `,
};

/** Gives the turn up. KEYS: whose it is. ARGV: id, channel. */
const leave: Script = {
  name: 'stratographLeave',
  numberOfKeys: 1,
  lua: `
    if redis.call('GET', KEYS[1]) == ARGV[1] then
      redis.call('DEL', KEYS[1])
      redis.call('PUBLISH', ARGV[2], 'free')
    end
  `,
};

export const seatScripts: readonly Script[] = [beat, tell, leave];

/** What goes from instance to instance, sealed. */
interface Message {
  readonly names: readonly string[];
  readonly seen: readonly (readonly [name: string, seen: Seen<unknown>])[];
  /** Why nothing could be seen. */
  readonly failure?: { readonly kind: FailureKind; readonly upstream: UpstreamName };
}

/** Undefined for a fault of this instance's own. */
function messageOf(
  seen: ReadonlyMap<string, Seen<unknown>> | Error,
  names: readonly string[],
): Message | undefined {
  if (seen instanceof Map) {
    // A look may see more than anybody watches.
    return { names, seen: [...seen].filter(([name]) => names.includes(name)) };
  }
  return seen instanceof UpstreamFailure
    ? { names, seen: [], failure: { kind: seen.kind, upstream: seen.upstream } }
    : undefined;
}

interface Grounds {
  readonly store: Store;
  readonly id: string;
  readonly seal: Seal;
}

class SharedSeat implements Seat {
  readonly #grounds: Grounds;
  readonly #events: SeatEvents;
  readonly #channel: string;
  readonly #turn: string;
  readonly #names: string;
  readonly #last: string;
  readonly #beating: NodeJS.Timeout;
  #own: readonly string[] = [];
  /** What is being said to the others, with all that is watched here by its end. */
  #underWay: Promise<void> | undefined;
  #isLeft = false;
  /** Of what was heard of last, as the store's clock tells. */
  #heardAt = 0;
  isLooker = false;
  names: readonly string[] = [];

  constructor(grounds: Grounds, key: string, events: SeatEvents) {
    this.#grounds = grounds;
    this.#events = events;
    // The key holds fingerprints alone, and this not even these.
    const hash = createHash('sha256').update(key).digest('base64url').slice(0, 22);
    this.#channel = `stratograph:watch:{${hash}}`;
    this.#turn = `${this.#channel}:turn`;
    this.#names = `${this.#channel}:names`;
    this.#last = `${this.#channel}:last`;
    grounds.store.listen(this.#channel, (message) => this.#hear(message));
    this.#beating = setInterval(() => void this.#beat(), beatMs);
  }

  watch(names: readonly string[]): void {
    const isNew =
      names.length !== this.#own.length || names.some((name, at) => name !== this.#own[at]);
    this.#own = names;
    if (isNew) {
      void this.#beat();
    }
  }

  hurry(): void {
    // Whoever looks has to know of the names first.
    void this.#beat().then(async () => {
      if (!this.isLooker && !this.#isLeft) {
        await this.#grounds.store.ask((commands) => commands.publish(this.#channel, 'hurry'));
      }
    });
  }

  tell(seen: ReadonlyMap<string, Seen<unknown>> | Error, names: readonly string[]): void {
    const { store, id, seal } = this.#grounds;
    const message = messageOf(seen, names);
    if (message === undefined) {
      return;
    }
    const text = seal.close(JSON.stringify(message), this.#channel);
    void store.run(tell, this.#turn, this.#last, id, lastLifeMs, this.#channel, text);
  }

  leave(): void {
    this.#isLeft = true;
    clearInterval(this.#beating);
    const { store, id } = this.#grounds;
    store.unlisten(this.#channel);
    void store.run(leave, this.#turn, id, this.#channel);
  }

  #beat(): Promise<void> {
    this.#underWay ??= this.#beatOnce().finally(() => {
      this.#underWay = undefined;
    });
    return this.#underWay;
  }

  async #beatOnce(): Promise<void> {
    const { store, id } = this.#grounds;
    const own = this.#own;
    if (this.#isLeft) {
      return;
    }
    const told = await store.run<[number, string[], string, number, string]>(
      beat,
      this.#turn,
      this.#names,
      this.#last,
      id,
      turnMs,
      this.#heardAt,
      ...own,
    );
    if (this.#isLeft) {
      if (told?.[0] === 1) {
        // It was left while the turn was on its way here.
        void store.run(leave, this.#turn, id, this.#channel);
      }
      return;
    }
    if (told !== undefined) {
      const [isMine, names, at, ageMs, text] = told;
      this.names = names;
      this.#turnTo(isMine === 1);
      if (text !== '') {
        this.#take(Number(at), ageMs, text);
      }
    } else if (store.isAway) {
      // Without the store everybody looks for themselves.
      this.names = [];
      this.#turnTo(true);
    }
    if (own !== this.#own) {
      await this.#beatOnce();
    }
  }

  #turnTo(isLooker: boolean): void {
    if (this.isLooker !== isLooker) {
      this.isLooker = isLooker;
      this.#events.onTurn();
    }
  }

  #hear(message: string): void {
    if (message === 'free') {
      void this.#beat();
    } else if (message === 'hurry') {
      void this.#beat().then(() => {
        if (this.isLooker) {
          this.#events.onHurry();
        }
      });
    } else {
      const [, at = '', text = ''] = /^seen (\d+) (.*)$/.exec(message) ?? [];
      this.#take(Number(at), 0, text);
    }
  }

  #take(at: number, ageMs: number, text: string): void {
    // What it has told comes back to whoever has the turn.
    if (this.isLooker || at <= this.#heardAt) {
      return;
    }
    const opened = this.#grounds.seal.open(text, this.#channel);
    if (opened === undefined) {
      return;
    }
    this.#heardAt = at;
    const { names, seen, failure } = JSON.parse(opened) as Message;
    if (failure === undefined) {
      this.#events.onSeen(new Map(seen), names, ageMs);
    } else {
      this.#events.onFailed(new UpstreamFailure('seen by another instance', failure), names, ageMs);
    }
  }
}

/** Seats at a round that all instances share. */
export function seatsIn(grounds: Grounds): TakeSeat {
  return (key, events) => new SharedSeat(grounds, key, events);
}
