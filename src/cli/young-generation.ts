/** How much memory V8 takes for what lives shortly: a process can only be told at its start. */

/**
 * Half of it, in MiB. V8's own choice is four times as much, which a gateway fills whatever it holds: one
 * that answers sixteen queries at a time holds no more of them than fits into this.
 */
const halfMiB = 16;
const flag = '--max-semi-space-size';

/** Those that last; each of the others has ended before it could save anything. */
const lasting: readonly (string | undefined)[] = [undefined, 'serve', 'sandbox'];

/**
 * Begins this program again in the same process with its young generation limited, and does not return
 * then. Returns where somebody has chosen a size, in a command that does not last, in a process that
 * another one minds, and where no process can begin again: on Windows, and where Node forbids it.
 *
 * @param argv - as Node gives it
 */
export function limitYoungGeneration(argv: readonly string[]): void {
  const { env, execArgv, execPath, execve } = process;
  const [, program, command] = argv;
  const chosen = [...execArgv, env.NODE_OPTIONS ?? ''];
  const isChosen = chosen.some((option) => /semi.space/.test(option));
  const isMinded = process.send !== undefined;
  if (isChosen || isMinded || program === undefined || !lasting.includes(command)) {
    return;
  }
  try {
    execve?.(execPath, [execPath, `${flag}=${halfMiB}`, ...execArgv, ...argv.slice(1)], env);
  } catch {
    // It serves all the same.
  }
}
