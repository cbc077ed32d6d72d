/** The pages that people read, and what stands in them. */

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

export const pageNames = [
  'README.md',
  'docs/frontend.md',
  'docs/operators.md',
  'docs/platform-teams.md',
  'docs/planning.md',
] as const;

export type PageName = (typeof pageNames)[number];

export function page(name: PageName): string {
  return readFileSync(`${root}${name}`, 'utf8');
}

export const allPages = pageNames.map(page).join('\n');

/** From a heading of the second level to the next. */
export function section(name: PageName, heading: string): string {
  const [, found] = page(name).split(`\n## ${heading}\n`);
  if (found === undefined) {
    throw new Error(`${name} has no section ${heading}`);
  }
  return found.split('\n## ')[0] ?? '';
}

/** Blocks of code in a language, in their order. */
export function blocksIn(text: string, language: string): readonly string[] {
  const blocks = text.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'));
  return [...blocks].map(([, block]) => block ?? '');
}
