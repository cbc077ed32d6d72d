/** Queries of documents that are known are executed without what a document costs anew each time. */

import { executeQuery } from '../graph/execution/execute.ts';
import type { Around } from './around.ts';

export const planned: Around = (args, next) => executeQuery(args) ?? next(args);
