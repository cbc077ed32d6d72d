/** Random tests are the same in each run, so that a fault is found by whoever changes something. */

import fc from 'fast-check';

const given = process.env.FUZZ_SEED;

fc.configureGlobal({ seed: given === undefined ? 20_261_121 : Number(given) });
