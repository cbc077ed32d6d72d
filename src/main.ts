/** The process: a command line in, an exit code out. */

import { limitMemory } from './cli/memory.ts';

limitMemory(process.argv);
// Not before: it would be loaded twice.
const { run } = await import('./cli/program.ts');
await run(process.argv);
