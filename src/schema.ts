/** The assembled graph. */

import { builder } from './graph/builder.ts';
import './graph/scalars.ts';
import './resources/index.ts';

builder.queryType({ description: 'Reading. Nothing here changes anything.' });

export const schema = builder.toSchema();
