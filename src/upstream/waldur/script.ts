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
  /** Sizes of lists that plans were made by; undefined for those that were not known. */
  readonly knew: ReadonlyMap<string, number | undefined>;
  /** Sizes of lists that the answers have told. */
  readonly told: ReadonlyMap<string, number>;
}

/** Whom questions are put to, before anybody needs the answers. */
interface Ahead {
  /** The answer to what is asked now, or has been. @throws {UpstreamFailure} */
  readonly askAhead: (question: Question) => Promise<Answered>;
}

/** The script of an execution that is under way. */
export class Recording implements Script {
  readonly events: Event[] = [];
  readonly knew = new Map<string, number | undefined>();
  readonly told = new Map<string, number>();
  #isSpoilt = false;

  /** Whether all that it has asked is answered, and it has asked for nothing else. */
  get isWhole(): boolean {
    return !this.#isSpoilt && this.events.every(({ question }) => question.answer?.status === 200);
  }

  /** Whoever asks has made something of what is in no answer. */
  spoil(): void {
    this.#isSpoilt = true;
  }

  asked(method: Question['method'], path: string): Question {
    const question = { method, path, answer: undefined, rows: undefined };
    this.events.push({ question, isAnswer: false });
    return question;
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
 * @returns the script that has come to its end; undefined when something has changed, or failed
 */
export async function follow<S extends Script>(
  scripts: readonly S[],
  ahead: Ahead,
): Promise<S | undefined> {
  for (const script of scripts) {
    if (await comesToItsEnd(script, ahead)) {
      return script;
    }
  }
  return undefined;
}

async function comesToItsEnd({ events }: Script, ahead: Ahead): Promise<boolean> {
  const counts: (() => void)[] = [];
  for (const { question, isAnswer } of events) {
    const asked = ahead.askAhead(question);
    if (isAnswer) {
      const answered = await asked.catch(() => undefined);
      if (answered === undefined || !isSame(question.answer, saidIn(answered.answer))) {
        return false;
      }
      const { rows } = question;
      if (rows !== undefined) {
        counts.push(() => answered.countRows(rows));
      }
    }
  }
  for (const count of counts) {
    count();
  }
  return true;
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
