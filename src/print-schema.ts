/**
 * Writes schema.graphql, the whole graph, and subgraph.graphql, what is published to a larger one; with
 * `--check` compares them instead, and fails when one is out of date.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { printPublished, printWhole } from './graph/supergraph.ts';
import { schema } from './schema.ts';

const texts = { 'schema.graphql': printWhole(schema), 'subgraph.graphql': printPublished(schema) };

for (const [name, text] of Object.entries(texts)) {
  const file = new URL(`../${name}`, import.meta.url);
  if (!process.argv.includes('--check')) {
    writeFileSync(file, text);
  } else if (readFileSync(file, 'utf8') !== text) {
    console.error(`${name} is out of date: npm run schema`);
    process.exitCode = 1;
  }
}
