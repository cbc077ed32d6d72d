/** The process: a command line in, an exit code out. */

import { limitYoungGeneration } from './cli/young-generation.ts';

limitYoungGeneration(process.argv);
// Not before: it would be loaded twice.
const { run } = await import('./cli/program.ts');
await run(process.argv);
