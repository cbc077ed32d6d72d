/** How much memory the process takes beyond what it holds. */

import { setFlagsFromString } from 'node:v8';

/**
 * Half of what there is for objects that live shortly, in MiB. V8's own choice is four times as
 * much, which a gateway fills whatever it holds: one that answers sixteen queries at a time holds no more
 * of them than fits into this. With less, each collection copies the same, and there are more of them.
 */
const halfMiB = 16;

/** What may be added to all that is held before it is collected; V8's own choice goes up to 300. */
const growthPercent = 40;

/**
 * V8 makes the kinds of objects that have outlived two collections among those that live long, at once. With
 * several queries half done at each collection it finds too many of them. An object of an ended query that
 * is there keeps whatever it leads to until everything is collected: what is new survives for that alone,
 * more kinds are found, and linked queries cost twice as much from then on.
 */
const onlyYoung = '--no-allocation-site-pretenuring';

/** Those that last; each of the others has ended before it could save anything. */
const lasting: readonly (string | undefined)[] = [undefined, 'serve', 'sandbox'];

/**
 * Limits both, and has all that is new made among the young, for commands that last; each unless the command
 * line or NODE_OPTIONS says otherwise.
 *
 * The first can be told to a process at its start alone: this program begins again in its own place, and the
 * call does not return, where no other process minds this one and Node knows how (not on Windows) and
 * allows it.
 *
 * @param argv - as Node gives it
 */
export function limitMemory(argv: readonly string[]): void {
  const { env, execArgv, execPath, execve } = process;
  const [, program, command] = argv;
  if (!lasting.includes(command)) {
    return;
  }
  const said = `${execArgv.join(' ')} ${env.NODE_OPTIONS ?? ''}`;
  if (!/heap.growing/.test(said)) {
    setFlagsFromString(`--heap-growing-percent=${growthPercent}`);
  }
  if (!/pretenuring/.test(said)) {
    setFlagsFromString(onlyYoung);
  }
  const isMinded = process.send !== undefined;
  if (/semi.space/.test(said) || isMinded || program === undefined) {
    return;
  }
  const flag = `--max-semi-space-size=${halfMiB}`;
  try {
    execve?.(execPath, [execPath, flag, ...execArgv, ...argv.slice(1)], env);
  } catch {
    // It serves all the same.
  }
}
