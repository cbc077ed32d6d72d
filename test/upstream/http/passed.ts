/** Prints how many bytes of a thing are among what lives long when it has come and gone. Needs `--expose-gc`. */

import { Passing } from '../../../src/upstream/http/passing.ts';
import { collect, oldBytes } from './old-bytes.ts';

const things = new Passing<number, unknown[]>();
const come = (at: number) => things.set(at, new Array(100).fill(at));
const atATime = 40;
const times = 20_000;

for (let at = 0; at < atATime; at += 1) {
  come(at);
}
collect();
const before = oldBytes();
for (let at = 0; at < times; at += 1) {
  come(at + atATime);
  things.delete(at);
  if (at % 4_000 === 0) {
    collect();
  }
}
collect();
console.log(Math.round((oldBytes() - before) / times));
