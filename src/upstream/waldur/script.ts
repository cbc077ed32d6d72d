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
interface Question {
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
  /** @throws {UpstreamFailure} */
  readonly askAhead: (method: Question['method'], path: string) => Promise<Answered>;
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
 * Asks what the first of the scripts asks, in its order and no sooner, for as long as one of them has been
 * answered the same.
 *
 * @returns that one, all of it asked; undefined when something has changed, or failed
 */
export async function follow<S extends Script>(
  scripts: readonly S[],
  ahead: Ahead,
): Promise<S | undefined> {
  const asked = new Map<string, Promise<Answered>>();
  let left = scripts;
  for (let at = 0; ; at += 1) {
    const event = left[0]?.events[at];
    if (event === undefined) {
      break;
    }
    const { method, path } = event.question;
    const name = `${method} ${path}`;
    if (!event.isAnswer) {
      const answered = ahead.askAhead(method, path);
      // Whoever asks in earnest hears of it.
      answered.catch(() => undefined);
      asked.set(name, answered);
    }
    const answer = event.isAnswer ? await answerOf(asked.get(name)) : undefined;
    left = left.filter(({ events }) => goesOn(events[at], event, answer));
  }
  const [same] = left;
  for (const { question, isAnswer } of same?.events ?? []) {
    if (isAnswer && question.rows !== undefined) {
      const answered = await asked.get(`${question.method} ${question.path}`);
      answered?.countRows(question.rows);
    }
  }
  return same;
}

/** Undefined for none. */
async function answerOf(asked: Promise<Answered> | undefined): Promise<Said | undefined> {
  try {
    const answered = await asked;
    return answered && saidIn(answered.answer);
  } catch {
    return undefined;
  }
}

function saidIn({ status, headers, body }: Answered['answer']): Said {
  return { status, total: headers['x-result-count'], body };
}

/** Whether a script has this event next, with the same answer if it is one. */
function goesOn(
  next: Event | undefined,
  { question, isAnswer }: Event,
  answer: Said | undefined,
): boolean {
  return (
    next?.isAnswer === isAnswer &&
    next.question.method === question.method &&
    next.question.path === question.path &&
    (!isAnswer || isSame(next.question.answer, answer))
  );
}

function isSame(one: Said | undefined, other: Said | undefined): boolean {
  return (
    one !== undefined &&
    other !== undefined &&
    one.status === other.status &&
    one.total === other.total &&
    one.body.equals(other.body)
  );
}
