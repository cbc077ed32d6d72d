/** Asking again what was asked before, for as long as it is answered the same. */

import type { Answered } from '../http/asker.ts';
import {
  type AskedQuestion,
  isSame,
  nameOf,
  type Question,
  type Script,
  saidIn,
} from './script.ts';

/** What has come of a script, compared with what had. */
type Course = 'same' | 'changed' | 'unknown';

/** What is known of how large lists are. */
interface KnownSizes {
  /** Undefined for one that is not known. */
  readonly total: (list: string) => number | undefined;
  readonly note: (list: string, total: number) => void;
}

/** How following scripts has ended. */
export interface Followed<S> {
  /** The script that has come to its end; undefined for none. */
  readonly same: S | undefined;
  /** Whether the cloud has said something else; what has failed, or come in another order, says nothing of that. */
  readonly hasChanged: boolean;
}

/** What is asked before anybody needs the answer. */
export class Ahead {
  readonly #send: (question: Question) => Promise<Answered>;
  /** In the order of asking. */
  readonly #asked: Early[] = [];
  /** What nobody has taken; undefined before anybody has. */
  #left: Map<string, Early[]> | undefined;

  /** @param send - rejects as exchanges do */
  constructor(send: (question: Question) => Promise<Answered>) {
    this.#send = send;
  }

  /**
   * How one who has asked nothing so far asks: what was asked before is not asked again, unless that one asks
   * it more often.
   */
  asker(): (question: AskedQuestion) => Early {
    const before = this.#asked.length === 0 ? undefined : byName(this.#asked);
    return (question) => {
      const known = before?.get(question.name)?.shift();
      if (known !== undefined) {
        return known;
      }
      const early = new Early(question.name, this.#send(question));
      this.#asked.push(early);
      return early;
    };
  }

  /** The first answer to it that nobody has taken; undefined where it was not asked. */
  take(question: Question): Promise<Answered> | undefined {
    this.#left ??= byName(this.#asked);
    return this.#left.get(nameOf(question))?.shift()?.answered;
  }
}

function byName(asked: readonly Early[]): Map<string, Early[]> {
  return Map.groupBy(asked, ({ name }) => name);
}

/** An answer that may be there before anybody needs it. */
class Early {
  readonly name: string;
  readonly answered: Promise<Answered>;
  /** The same, or nothing where it failed: whoever asks in earnest hears of that. */
  readonly end: Promise<Answered | undefined>;
  hasEnded = false;

  constructor(name: string, answered: Promise<Answered>) {
    this.name = name;
    const end = (given?: Answered) => {
      this.hasEnded = true;
      return given;
    };
    this.answered = answered;
    this.end = answered.then(end, () => end());
  }
}

/**
 * Asks what a script asks, in its order and no sooner, for as long as it is answered the same; then what the next
 * one asks beyond that.
 *
 * Of two answers that nobody has waited for in turn, whichever is late might be waited for in vain: what
 * comes next may have been asked after the other one. No script is followed into that.
 */
export async function follow<S extends Script>(
  scripts: readonly S[],
  ahead: Ahead,
  sizes: KnownSizes,
): Promise<Followed<S>> {
  let hasChanged = false;
  for (const script of scripts) {
    if (!isAsKnown(script, sizes)) {
      continue;
    }
    const ask = ahead.asker();
    const only = script.questions.length === 1 ? script.questions[0] : undefined;
    // Most scripts have one question: there is nothing to be waited for in turn.
    const end =
      only === undefined ? await followOne(script, ask) : comparedOnce(only, await ask(only).end);
    if (end === 'same') {
      for (const [list, total] of script.told) {
        sizes.note(list, total);
      }
      return { same: script, hasChanged: false };
    }
    hasChanged ||= end === 'changed';
  }
  return { same: undefined, hasChanged };
}

/** Whether plans would be made by the same sizes. */
function isAsKnown({ knew }: Script, sizes: KnownSizes): boolean {
  for (const [list, total] of knew) {
    if (sizes.total(list) !== total) {
      return false;
    }
  }
  return true;
}

async function followOne(
  { questions, events }: Script,
  ask: (question: AskedQuestion) => Early,
): Promise<Course> {
  const asked: Early[] = [];
  const answers: (Answered | undefined)[] = [];
  let under = 0;
  for (const { at, isAnswer } of events) {
    const question = questions[at] as AskedQuestion;
    if (!isAnswer) {
      asked.push(ask(question));
      answers.push(undefined);
      under += 1;
      continue;
    }
    const early = asked[at] as Early;
    if (asked.length < questions.length && under > 1 && !early.hasEnded) {
      await Promise.race(
        asked.filter((_, one) => answers[one] === undefined).map(({ end }) => end),
      );
      if (!early.hasEnded) {
        return 'unknown';
      }
    }
    const answered = await early.end;
    const course = compared(question, answered);
    if (course !== 'same') {
      return course;
    }
    answers[at] = answered;
    under -= 1;
  }
  for (const [at, question] of questions.entries()) {
    countRows(question, answers[at]);
  }
  return 'same';
}

/** @param answered - undefined for what has failed */
function compared({ answer }: AskedQuestion, answered: Answered | undefined): Course {
  if (answered === undefined) {
    return 'unknown';
  }
  return isSame(answer, saidIn(answered.answer)) ? 'same' : 'changed';
}

/** The same for the only question of a script. */
function comparedOnce(question: AskedQuestion, answered: Answered | undefined): Course {
  const course = compared(question, answered);
  if (course === 'same') {
    countRows(question, answered);
  }
  return course;
}

/** As whoever has read the same answer has counted them. */
function countRows({ rows }: AskedQuestion, answered: Answered | undefined): void {
  if (rows !== undefined) {
    answered?.countRows(rows);
  }
}
