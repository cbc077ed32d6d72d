/** Lines of the log, written many at a time. */

import { pino } from 'pino';

/** One write of so much costs as much as one of a line; more lines would outlive collections of garbage. */
const mostLetters = 16_384;
/** Nobody waits longer for what has happened. */
const mostMs = 250;

/**
 * A destination for `pino` that gathers lines and writes them without waiting for the writing; when the
 * process exits, what is left is written first.
 *
 * `pino`'s own gathering measures all that it holds with each line, which costs more than the line.
 *
 * @param file - a descriptor
 */
export function logLines(file = 1): { write(line: string): void } {
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
