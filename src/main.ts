/** The process: a command line in, an exit code out. */

import { run } from './cli/program.ts';

await run(process.argv);
