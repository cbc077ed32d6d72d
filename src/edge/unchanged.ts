/** A query of which nothing has changed since it was last asked is not worked out again. */

import { type ExecutionResult, getOperationAST, OperationTypeNode } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { Session } from '../session/session.ts';
import { topUpsOf } from '../session/shelves.ts';
import type { Tally } from '../session/tally.ts';
import { noteInSpan } from '../tracing.ts';
import { areAlike, type Script } from '../upstream/waldur/script.ts';
import type { Weighing } from '../upstream/waldur/source.ts';
import type { Around, Execute } from './around.ts';
import { asksNothing, keyOf, type SharedResult, withOneText } from './same-query.ts';

/** How an execution went, and what came of it. */
interface Played extends Script {
  readonly result: SharedResult;
  readonly plans: readonly Weighing[];
  readonly freeLinks: number;
  /** What it takes of memory, at least. */
  readonly bytes: number;
}

/** What is known of a query. */
interface Known {
  readonly scripts: readonly Played[];
  readonly luck: Luck;
}

/** Whether it was worth remembering. */
interface Luck {
  /** How often one after the other something had changed when it was asked again. */
  misses: number;
  /** How often it is now executed without more ado: remembering what always changes would be for nothing. */
  rests: number;
}

/** Of one query: callers who may see different things are answered differently, by turns. */
const mostScripts = 4;
/** Of all memory, for one query: what is large takes the place of much that is small. */
const mostOfAll = 1 / 8;
/** Of a result, beside its text: the text as bytes, and its objects. */
const timesText = 6;
/** An event, a key, a size. */
const bytesEach = 200;
const mostRests = 64;

/**
 * Queries are asked again whole: each call is made, as the caller who asks now, so what is shown is what
 * the cloud says now, and what this caller may see. When every answer is the same, byte by byte, as it was for
 * the last one who asked this, the result is the same, too; only the work of making it is saved. With the
 * first answer that differs the query is executed, with what has been answered so far.
 *
 * A query is remembered from its second coming on, when it reads nothing but Waldur, and has no errors.
 *
 * @param mostBytes - about what is remembered may take of memory
 */
export function unchanged(mostBytes: number): Around {
  const remembered = new Remembered(mostBytes);
  return (args, next) => {
    const { session } = args.contextValue;
    const operation = getOperationAST(args.document, args.operationName);
    const isReading = operation?.operation === OperationTypeNode.QUERY && !asksNothing(operation);
    if (!isReading || session.explanation !== undefined) {
      return next(args);
    }
    const key = keyOf(args.contextValue, args.operationName);
    return remembered.answer(session, key, () => next(args));
  };
}

class Remembered {
  readonly #mostBytesEach: number;
  readonly #queries: LRUCache<string, Known>;

  constructor(mostBytes: number) {
    this.#mostBytesEach = mostBytes * mostOfAll;
    this.#queries = new LRUCache({
      maxSize: mostBytes,
      sizeCalculation: ({ scripts }, key) =>
        scripts.reduce((sum, { bytes }) => sum + bytes, bytesEach + 2 * key.length),
    });
  }

  /** @throws whatever `execute` throws */
  async answer(
    session: Session,
    key: string,
    execute: () => ReturnType<Execute>,
  ): Promise<SharedResult> {
    const known = this.#queries.get(key);
    const { waldur, tally } = session;
    if (known === undefined || waldur === undefined) {
      const result = await execute();
      if (isWhole(result) && !tally.hasLookedElsewhere) {
        this.#queries.set(key, unknown());
      }
      return result;
    }
    const { scripts, luck } = known;
    if (luck.rests > 0) {
      luck.rests -= 1;
      return await execute();
    }
    const { misses } = luck;
    const { same, hasChanged } = await waldur.follow(scripts);
    if (same !== undefined) {
      luck.misses = 0;
      tellOf(same, session);
      return same.result;
    }
    // What many have missed at the same time has changed once.
    if (hasChanged && luck.misses === misses) {
      luck.misses += 1;
      luck.rests = restsAfter(luck.misses);
    }
    const recording = waldur.record();
    tally.plans = [];
    const result = await execute();
    const comesToTheSame =
      isWhole(result) &&
      recording.isWhole &&
      !tally.hasLookedElsewhere &&
      topUpsOf(session).length === 0;
    return comesToTheSame
      ? this.#remember(key, playedOf(recording, withOneText(result), tally))
      : result;
  }

  #remember(key: string, played: Played): SharedResult {
    // Others may have been remembered meanwhile, and all forgotten.
    const known = this.#queries.get(key) ?? unknown();
    const others = known.scripts.filter((script) => !areAlike(script, played));
    let left = this.#mostBytesEach;
    const scripts = [played, ...others].slice(0, mostScripts).filter(({ bytes }) => {
      const fits = bytes <= left;
      left -= fits ? bytes : 0;
      return fits;
    });
    this.#queries.set(key, { ...known, scripts });
    return played.result;
  }
}

/** Of what has come for the first time. */
function unknown(): Known {
  return { scripts: [], luck: { misses: 0, rests: 0 } };
}

/** Twice as many with each miss: the first may be chance. */
function restsAfter(misses: number): number {
  return Math.min(mostRests, 2 ** (misses - 1) - 1);
}

/** Whether all of it is there, and right. */
function isWhole(result: ExecutionResult): boolean {
  return !(Symbol.asyncIterator in result) && result.data != null && result.errors === undefined;
}

function playedOf(script: Script, result: SharedResult, tally: Tally): Played {
  const { events, questions } = script;
  // Lists are gone through faster than maps, each time that the query comes again.
  const knew = [...script.knew];
  const told = [...script.told];
  const text = result.stringify?.(result) ?? '';
  let bytes = timesText * text.length + bytesEach * (events.length + knew.length + told.length);
  for (const { path, answer } of questions) {
    // With its headers, as it came.
    bytes += 4 * path.length + (answer?.body.buffer.byteLength ?? 0);
  }
  const { plans = [], freeLinks } = tally;
  return { events, questions, knew, told, result, plans, freeLinks, bytes };
}

/** What operators count is the same, however a query is answered. */
function tellOf({ plans, freeLinks }: Played, session: Session): void {
  const { tally } = session;
  for (const weighing of plans) {
    session.onPlan?.(weighing);
  }
  tally.freeLinks += freeLinks;
  tally.isUnchanged = true;
  noteInSpan({ 'stratograph.unchanged': true });
}
