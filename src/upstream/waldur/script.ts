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

/** A reading. */
export interface Question {
  readonly method: 'GET' | 'HEAD';
  readonly path: string;
}

/** A reading, and its answer when it has come. */
export interface AskedQuestion extends Question {
  /** The same for what is the same. */
  readonly name: string;
  answer: Said | undefined;
  /** As whoever has read the answer counts them; undefined where rows are no question. */
  rows: number | undefined;
}

/** A question is asked, or answered. */
interface Event {
  /** Its place among the questions. */
  readonly at: number;
  readonly isAnswer: boolean;
}

export interface Script {
  /** In the order of asking. */
  readonly questions: readonly AskedQuestion[];
  readonly events: readonly Event[];
  /** Sizes of lists that plans were made by; undefined for those that were not known. */
  readonly knew: Iterable<readonly [list: string, total: number | undefined]>;
  /** Sizes of lists that the answers have told. */
  readonly told: Iterable<readonly [list: string, total: number]>;
}

/** The script of an execution that is under way. */
export class Recording implements Script {
  readonly questions: AskedQuestion[] = [];
  readonly events: Event[] = [];
  readonly knew = new Map<string, number | undefined>();
  readonly told = new Map<string, number>();
  #isSpoilt = false;

  /** Whether all that it has asked is answered, and it has asked for nothing else. */
  get isWhole(): boolean {
    return !this.#isSpoilt && this.questions.every(({ answer }) => answer?.status === 200);
  }

  /** Whoever asks has made something of what is in no answer. */
  spoil(): void {
    this.#isSpoilt = true;
  }

  /** @returns its place, for its answer */
  asked(question: Question): number {
    const name = nameOf(question);
    const at = this.questions.push({ ...question, name, answer: undefined, rows: undefined }) - 1;
    this.events.push({ at, isAnswer: false });
    return at;
  }

  /** @returns the same for whoever reads it */
  answered(at: number, { answer, countRows }: Answered): Answered {
    const question = this.questions[at] as AskedQuestion;
    question.answer = saidIn(answer);
    this.events.push({ at, isAnswer: true });
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

/** Whether two are of the same course, answers included. */
export function areAlike(one: Script, other: Script): boolean {
  return (
    one.events.length === other.events.length &&
    one.events.every(({ at, isAnswer }, event) => {
      const beside = other.events[event];
      return beside?.at === at && beside.isAnswer === isAnswer;
    }) &&
    one.questions.every(({ name, answer }, at) => {
      const beside = other.questions[at];
      return beside?.name === name && beside.answer !== undefined && isSame(answer, beside.answer);
    })
  );
}

/** The same for what is the same. */
export function nameOf({ method, path }: Question): string {
  return `${method} ${path}`;
}

export function saidIn({ status, headers, body }: Answered['answer']): Said {
  return { status, total: headers['x-result-count'], body };
}

/** @param one - undefined for no answer: nothing is the same as that */
export function isSame(one: Said | undefined, other: Said): boolean {
  return (
    one !== undefined &&
    one.status === other.status &&
    one.total === other.total &&
    one.body.equals(other.body)
  );
}
