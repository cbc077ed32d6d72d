/** A log of lines of JSON, which most operations have one of. */

import { type Level, type Logger, pino } from 'pino';

/** One write of so many costs as much as one of a line; more would outlive collections of garbage. */
const mostLines = 64;
/** Nobody waits longer for what has happened. */
const mostMs = 250;

/** What a line is made by: pino's own, and ours. */
type AsJson = (given: object, message: string | undefined, level: number, time: string) => string;

/** The parts of a logger that pino keeps for whoever wants to do something else with them. */
interface Insides {
  [pino.symbols.asJsonSym]: AsJson;
  readonly [pino.symbols.chindingsSym]: string;
}

/** What is to become a line when it is written. */
interface Coming {
  /** Its beginning. */
  readonly head: string;
  readonly given: object;
  readonly message: string;
}

/** @param level - the least that is logged */
export function openLog(level: Level | 'silent'): Logger {
  const log = pino({ level }, logLines());
  const insides = log as unknown as Insides;
  const asJson = insides[pino.symbols.asJsonSym];
  // pino adds a line up from its keys and values, one after the other, and one line between all else that
  // a small query needs, which takes as much as all that. One call makes the same of a whole object, but for
  // errors, and many such calls in turn take less than half each. What pino takes for a text it hands on.
  insides[pino.symbols.asJsonSym] = function (this: Insides, given, message, level, time) {
    if (message === undefined || 'err' in given) {
      return asJson.call(this, given, message, level, time);
    }
    const head = `{"level":${level}${time}${this[pino.symbols.chindingsSym]}`;
    return { head, given, message } satisfies Coming as unknown as string;
  };
  return log;
}

function lineOf(line: string | Coming): string {
  if (typeof line === 'string') {
    return line;
  }
  const given = JSON.stringify(line.given).slice(1, -1);
  const message = JSON.stringify(line.message);
  return `${line.head}${given === '' ? '' : `,${given}`},"msg":${message}}\n`;
}

/**
 * A destination for `pino` that gathers lines and writes them without waiting for the writing; when the
 * process exits, what is left is written first.
 *
 * `pino`'s own gathering measures all that it holds with each line, which costs more than the line.
 *
 * @param file - a descriptor
 */
function logLines(file = 1): { write(line: string): void } {
  const out = pino.destination({ dest: file, sync: false });
  let lines: (string | Coming)[] = [];
  let timer: NodeJS.Timeout | undefined;
  /** What is gathered, which is then gone. */
  const taken = () => {
    const text = lines.map(lineOf).join('');
    lines = [];
    return text;
  };
  const pass = () => {
    clearTimeout(timer);
    timer = undefined;
    out.write(taken());
  };
  process.once('exit', () => {
    out.flushSync();
    // Whatever has only begun to be written when the process ends may be lost.
    pino.destination({ dest: file, sync: true }).write(taken());
  });
  return {
    write(line) {
      if (lines.push(line) >= mostLines) {
        pass();
      } else {
        timer ??= setTimeout(pass, mostMs).unref();
      }
    },
  };
}
