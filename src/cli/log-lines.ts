/** A log of lines of JSON, which most operations have one of. */

import { type Level, type Logger, pino } from 'pino';

/** One write of so much costs as much as one of a line; more lines would outlive collections of garbage. */
const mostLetters = 16_384;
/** Nobody waits longer for what has happened. */
const mostMs = 250;

/** What a line is made by: pino's own, and ours. */
type AsJson = (given: object, message: string | undefined, level: number, time: string) => string;

/** The parts of a logger that pino keeps for whoever wants to do something else with them. */
interface Insides {
  [pino.symbols.asJsonSym]: AsJson;
  readonly [pino.symbols.chindingsSym]: string;
}

/** @param level - the least that is logged */
export function openLog(level: Level | 'silent'): Logger {
  const log = pino({ level }, logLines());
  const insides = log as unknown as Insides;
  const asJson = insides[pino.symbols.asJsonSym];
  // pino adds a line up from its keys and values, one after the other, which takes as much as all else of a
  // small query; one call makes the same of a whole object, but for errors.
  insides[pino.symbols.asJsonSym] = function (this: Insides, given, message, level, time) {
    if (message === undefined || 'err' in given) {
      return asJson.call(this, given, message, level, time);
    }
    const whole = JSON.stringify({ ...given, msg: message });
    return `{"level":${level}${time}${this[pino.symbols.chindingsSym]},${whole.slice(1)}\n`;
  };
  return log;
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
  let lines: string[] = [];
  let letters = 0;
  let timer: NodeJS.Timeout | undefined;
  const pass = () => {
    clearTimeout(timer);
    timer = undefined;
    if (lines.length > 0) {
      out.write(lines.join(''));
    }
    lines = [];
    letters = 0;
  };
  process.once('exit', () => {
    out.flushSync();
    // Whatever has only begun to be written when the process ends may be lost.
    pino.destination({ dest: file, sync: true }).write(lines.join(''));
  });
  return {
    write(line) {
      lines.push(line);
      letters += line.length;
      if (letters >= mostLetters) {
        pass();
      } else {
        timer ??= setTimeout(pass, mostMs).unref();
      }
    },
  };
}
