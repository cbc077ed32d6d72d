/** A query of which nothing has changed since it was last asked is not worked out again. */

import { type ExecutionResult, getOperationAST, OperationTypeNode } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { LRUCache } from 'lru-cache';
import type { GraphContext } from '../graph/builder.ts';
import type { Session } from '../session/session.ts';
import { topUpsOf } from '../session/shelves.ts';
import type { Tally } from '../session/tally.ts';
import { noteInSpan } from '../tracing.ts';
import type { Script } from '../upstream/waldur/script.ts';
import { type Asked, asksNothing, keyOf, type SharedResult, withOneText } from './same-query.ts';

/** How an execution went, and what came of it. */
interface Played extends Script {
  readonly result: SharedResult;
  readonly plans: Tally['plans'];
  readonly freeLinks: number;
  /** What it takes of memory, at least. */
  readonly bytes: number;
}

/** What is known of a query. */
interface Known {
  readonly scripts: readonly Played[];
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
export function useUnchanged(mostBytes: number): Plugin<GraphContext & Asked> {
  const remembered = new Remembered(mostBytes);
  return {
    onExecute({ args, executeFn, setExecuteFn }) {
      const { session } = args.contextValue;
      const operation = getOperationAST(args.document, args.operationName);
      const isReading = operation?.operation === OperationTypeNode.QUERY && !asksNothing(operation);
      if (isReading && session.explanation === undefined) {
        const key = keyOf(args.contextValue, args.operationName);
        setExecuteFn((given) => remembered.answer(session, key, () => executeFn(given)));
      }
    },
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
  async answer(session: Session, key: string, execute: () => unknown): Promise<SharedResult> {
    const known = this.#queries.get(key);
    const { waldur } = session;
    if (known === undefined || waldur === undefined) {
      this.#queries.set(key, { scripts: [], misses: 0, rests: 0 });
      return (await execute()) as SharedResult;
    }
    if (known.rests > 0) {
      known.rests -= 1;
      return (await execute()) as SharedResult;
    }
    const same = known.scripts.length === 0 ? undefined : await waldur.follow(known.scripts);
    if (same !== undefined) {
      known.misses = 0;
      tellOf(same, session);
      return same.result;
    }
    known.misses += 1;
    known.rests = restsAfter(known.misses);
    const recording = waldur.record();
    const result = (await execute()) as SharedResult;
    const { tally } = session;
    const comesToTheSame =
      isWhole(result) &&
      recording.isWhole &&
      !tally.hasLookedElsewhere &&
      topUpsOf(session).length === 0;
    return comesToTheSame
      ? this.#remember(key, known, playedOf(recording, withOneText(result), tally))
      : result;
  }

  #remember(key: string, known: Known, played: Played): SharedResult {
    let left = this.#mostBytesEach;
    const scripts = [played, ...known.scripts].slice(0, mostScripts).filter(({ bytes }) => {
      left -= bytes;
      return left >= 0;
    });
    this.#queries.set(key, { ...known, scripts });
    return played.result;
  }
}

/** Twice as many with each miss: the first is that nothing was remembered, the second may be chance. */
function restsAfter(misses: number): number {
  return misses <= 2 ? 0 : Math.min(mostRests, 2 ** (misses - 2) - 1);
}

/** Whether all of it is there, and right. */
function isWhole(result: ExecutionResult): boolean {
  return !(Symbol.asyncIterator in result) && result.data != null && result.errors === undefined;
}

function playedOf(script: Script, result: SharedResult, tally: Tally): Played {
  const { events, knew, told } = script;
  const text = result.stringify?.(result) ?? '';
  let bytes = timesText * text.length + bytesEach * (events.length + knew.size + told.size);
  for (const { question, isAnswer } of events) {
    bytes += isAnswer ? (question.answer?.body.length ?? 0) : 2 * question.path.length;
  }
  const { plans, freeLinks } = tally;
  return { events, knew, told, result, plans, freeLinks, bytes };
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
