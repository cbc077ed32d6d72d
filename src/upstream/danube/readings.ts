/** How Danube's JSON is read. */

import { readingsOf } from '../../rows/readings.ts';

export const danube = readingsOf('danube');
