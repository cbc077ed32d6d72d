/** Writes schema.graphql; with `--check` compares it instead, and fails when it is out of date. */

import { readFileSync, writeFileSync } from 'node:fs';
import { lexicographicSortSchema, printSchema } from 'graphql';
import { schema } from './schema.ts';

const file = new URL('../schema.graphql', import.meta.url);
const printed = `${printSchema(lexicographicSortSchema(schema))}\n`;

if (process.argv.includes('--check')) {
  if (readFileSync(file, 'utf8') !== printed) {
    console.error('schema.graphql is out of date: npm run schema');
    process.exitCode = 1;
  }
} else {
  writeFileSync(file, printed);
}
