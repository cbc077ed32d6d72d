/** How much memory the process takes beyond what it holds. */

import { setFlagsFromString } from 'node:v8';

/**
 * Half of what there is for objects that live shortly, in MiB. V8's own choice is four times as much, which
 * a gateway fills whatever it holds: one that answers sixteen queries at a time holds no more of them
 * than fits into this.
 */
const halfMiB = 16;

/** How much may be added to what is held before all of it is collected. V8's own choice is up to three times as much. */
const growthPercent = 70;

/** Those that last; each of the others has ended before it could save anything. */
const lasting: readonly (string | undefined)[] = [undefined, 'serve', 'sandbox'];

/**
 * Limits both, for commands that last, unless somebody has chosen a size. The first can be told to a
 * process at its start alone: this program begins again in its own place, and the call does not return,
 * where no other process minds this one and Node knows how (not on Windows) and allows it.
 *
 * @param argv - as Node gives it
 */
export function limitMemory(argv: readonly string[]): void {
  const { env, execArgv, execPath, execve } = process;
  const [, program, command] = argv;
  if (!lasting.includes(command)) {
    return;
  }
  setFlagsFromString(`--heap-growing-percent=${growthPercent}`);
  const isChosen = [...execArgv, env.NODE_OPTIONS ?? ''].some((option) =>
    /semi.space/.test(option),
  );
  const isMinded = process.send !== undefined;
  if (isChosen || isMinded || program === undefined) {
    return;
  }
  const flag = `--max-semi-space-size=${halfMiB}`;
  try {
    execve?.(execPath, [execPath, flag, ...execArgv, ...argv.slice(1)], env);
  } catch {
    // It serves all the same.
  }
}
