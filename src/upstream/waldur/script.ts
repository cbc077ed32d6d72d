/**
 * What an execution has asked Waldur, and what it was answered, in that order. Whoever makes nothing of
 * anything else, asks the same again and is answered the same, comes to the same end.
 */

import type { Answered } from '../http/asker.ts';

/** All that is made use of, of an answer. */
interface Said {
  readonly status: number;
  /** Rows of all pages. */
  readonly total: string | readonly string[] | undefined;
  readonly body: Buffer;
}

/** A reading, and its answer when it has come. */
export interface Question {
  readonly method: 'GET' | 'HEAD';
  readonly path: string;
  answer: Said | undefined;
  /** As whoever has read the answer counts them; undefined where rows are no question. */
  rows: number | undefined;
}

/** A question is asked, or answered. */
interface Event {
  readonly question: Question;
  readonly isAnswer: boolean;
}

export interface Script {
  readonly events: readonly Event[];
  /** How many of the events are no answers. */
  readonly questions: number;
  /** Sizes of lists that plans were made by; undefined for those that were not known. */
  readonly knew: ReadonlyMap<string, number | undefined>;
  /** Sizes of lists that the answers have told. */
  readonly told: ReadonlyMap<string, number>;
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
  /** By what was asked, in the order of asking: what is asked twice is to be answered twice. */
  readonly #asked = new Map<string, Early[]>();

  /** @param send - rejects as exchanges do */
  constructor(send: (question: Question) => Promise<Answered>) {
    this.#send = send;
  }

  /** @param before - how often whoever asks has asked the same before */
  ask(question: Question, before: number): Early {
    const name = nameOf(question);
    const asked = this.#asked.get(name) ?? [];
    this.#asked.set(name, asked);
    let early = asked[before];
    if (early === undefined) {
      early = new Early(this.#send(question));
      asked.push(early);
    }
    return early;
  }

  /** The first answer to it that nobody has taken; undefined where it was not asked. */
  take(question: Question): Promise<Answered> | undefined {
    return this.#asked.get(nameOf(question))?.shift()?.answered;
  }
}

/** An answer that may be there before anybody needs it. */
class Early {
  readonly answered: Promise<Answered>;
  /** The same, or nothing where it failed: whoever asks in earnest hears of that. */
  readonly end: Promise<Answered | undefined>;
  hasEnded = false;

  constructor(answered: Promise<Answered>) {
    const end = (given?: Answered) => {
      this.hasEnded = true;
      return given;
    };
    this.answered = answered;
    this.end = answered.then(end, () => end());
  }
}

/** The script of an execution that is under way. */
export class Recording implements Script {
  readonly events: Event[] = [];
  readonly knew = new Map<string, number | undefined>();
  readonly told = new Map<string, number>();
  questions = 0;
  #isSpoilt = false;

  /** Whether all that it has asked is answered, and it has asked for nothing else. */
  get isWhole(): boolean {
    return !this.#isSpoilt && this.events.every(({ question }) => question.answer?.status === 200);
  }

  /** Whoever asks has made something of what is in no answer. */
  spoil(): void {
    this.#isSpoilt = true;
  }

  asked(question: Question): void {
    this.events.push({ question, isAnswer: false });
    this.questions += 1;
  }

  /** @returns the same for whoever reads it */
  answered(question: Question, { answer, countRows }: Answered): Answered {
    question.answer = saidIn(answer);
    this.events.push({ question, isAnswer: true });
    return {
      answer,
      countRows: (rows) => {
        question.rows = rows;
        countRows(rows);
      },
    };
  }

  /** A size that was known before. */
  noteKnown(list: string, total: number | undefined): void {
    if (!this.told.has(list) && !this.knew.has(list)) {
      this.knew.set(list, total);
    }
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
): Promise<Followed<S>> {
  let hasChanged = false;
  for (const script of scripts) {
    const end = await followOne(script, ahead);
    if (end === 'same') {
      return { same: script, hasChanged: false };
    }
    hasChanged ||= end === 'changed';
  }
  return { same: undefined, hasChanged };
}

async function followOne(
  { events, questions }: Script,
  ahead: Ahead,
): Promise<'same' | 'changed' | 'unknown'> {
  const under = new Map<Question, Early>();
  const times = new Map<string, number>();
  const counts: (() => void)[] = [];
  let left = questions;
  for (const { question, isAnswer } of events) {
    if (!isAnswer) {
      const name = nameOf(question);
      const before = times.get(name) ?? 0;
      times.set(name, before + 1);
      under.set(question, ahead.ask(question, before));
      left -= 1;
      continue;
    }
    const early = under.get(question) as Early;
    under.delete(question);
    if (left > 0 && under.size > 0 && !early.hasEnded) {
      await Promise.race([early, ...under.values()].map(({ end }) => end));
      if (!early.hasEnded) {
        return 'unknown';
      }
    }
    const answered = await early.end;
    if (answered === undefined) {
      return 'unknown';
    }
    if (!isSame(question.answer, saidIn(answered.answer))) {
      return 'changed';
    }
    const { rows } = question;
    if (rows !== undefined) {
      counts.push(() => answered.countRows(rows));
    }
  }
  for (const count of counts) {
    count();
  }
  return 'same';
}

/** Whether two are of the same course, answers included. */
export function areAlike(one: Script, other: Script): boolean {
  return (
    one.events.length === other.events.length &&
    one.events.every(({ question, isAnswer }, at) => {
      const beside = other.events[at];
      return (
        beside?.isAnswer === isAnswer &&
        nameOf(beside.question) === nameOf(question) &&
        beside.question.answer !== undefined &&
        isSame(question.answer, beside.question.answer)
      );
    })
  );
}

function nameOf({ method, path }: Question): string {
  return `${method} ${path}`;
}

function saidIn({ status, headers, body }: Answered['answer']): Said {
  return { status, total: headers['x-result-count'], body };
}

function isSame(one: Said | undefined, other: Said): boolean {
  return (
    one !== undefined &&
    one.status === other.status &&
    one.total === other.total &&
    one.body.equals(other.body)
  );
}
