/** The walls of the house: who may know of whom. */

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Paths from the root on. */
const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => join('src', file));

/** What a file imports, `import type` and `import()` included: paths from the root, or packages. */
function importsOf(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8');
  const found = text.matchAll(
    /(?:^|\n)\s*(?:import|export)\b[^'";]*?\bfrom\s*'([^']+)'|import\(?\s*'([^']+)'/g,
  );
  return [...found].map(([, from, bare]) => {
    const target = from ?? bare ?? '';
    return target.startsWith('.') ? relative(root, join(root, dirname(file), target)) : target;
  });
}

const graph = new Map(files.map((file) => [file, importsOf(file)]));

function offenders(from: RegExp, to: RegExp): string[] {
  return [...graph].flatMap(([file, targets]) =>
    from.test(file)
      ? targets.filter((target) => to.test(target)).map((target) => `${file} -> ${target}`)
      : [],
  );
}

const graphqlPackages = /^(graphql|@pothos|@graphql|@envelop)/;
const httpPackages = /^(undici|node:https?$|node:net$|graphql-yoga)/;

describe('Walls', () => {
  it.each([
    ['rows know nothing of GraphQL or HTTP', /^src\/rows\//, /^(?!src\/rows\/|src\/failure\.ts)/],
    ['upstream clients know nothing of GraphQL', /^src\/upstream\/|\.rest\.ts$/, graphqlPackages],
    [
      'upstream clients know nothing of resources',
      /^src\/upstream\//,
      /^src\/(resources|graph|edge|session|sandbox)\//,
    ],
    [
      'one upstream knows nothing of the other',
      /^src\/upstream\/waldur\//,
      /^src\/upstream\/danube\//,
    ],
    ['and the other nothing of the one', /^src\/upstream\/danube\//, /^src\/upstream\/waldur\//],
    ['one exchange knows no API', /^src\/upstream\/http\//, /^src\/upstream\/(waldur|danube)\//],
    ['GraphQL modules know nothing of HTTP', /\.graph\.ts$|^src\/graph\//, httpPackages],
    [
      'GraphQL modules go through access',
      /\.graph\.ts$|^src\/graph\//,
      /\.rest\.ts$|^src\/upstream\//,
    ],
    ['access knows nothing of GraphQL', /\.access\.ts$|^src\/session\//, graphqlPackages],
    [
      'models know neither endpoints nor GraphQL',
      /\.model\.ts$/,
      /\.(rest|access|graph)\.ts$|^(undici|graphql|@pothos)/,
    ],
    [
      'checks of inputs know nothing but models',
      /\.(check|rules|filter|diff|traffic)\.ts$/,
      /\.(rest|access|graph)\.ts$|^src\/(upstream|session|graph)\/|^(undici|graphql|@pothos)/,
    ],
    ['undici stops at one file', /^src\/(?!upstream\/http\/send\.ts$)/, /^undici/],
    ['the sandbox stands alone', /^src\/sandbox\//, /^src\/(?!sandbox\/)/],
    ['the gateway can do without the sandbox', /^src\/(?!sandbox\/|cli\/)/, /^src\/sandbox\//],
    ['nothing knows the command line', /^src\/(?!cli\/|main\.ts$)/, /^src\/cli\//],
    [
      'only the edge and the composition know the edge',
      /^src\/(?!edge\/|gateway\.ts$|cli\/)/,
      /^src\/edge\//,
    ],
  ])('%s', (_rule, from, to) => {
    expect(offenders(from, to)).toEqual([]);
  });

  it('let nouns know earlier nouns alone', () => {
    const index = readFileSync(join(root, 'src/resources/index.ts'), 'utf8');
    const order = [
      ...new Set([...index.matchAll(/'\.\/([a-z-]+)\//g)].map(([, noun]) => noun ?? '')),
    ];
    const nounOf = (path: string) => /^src\/resources\/([a-z-]+)\//.exec(path)?.[1];
    const wrong = [...graph].flatMap(([file, targets]) =>
      targets
        .filter((target) => {
          const [ours, theirs] = [nounOf(file), nounOf(target)];
          return ours && theirs && order.indexOf(theirs) > order.indexOf(ours);
        })
        .map((target) => `${file} -> ${target}`),
    );
    expect(wrong).toEqual([]);
    const folders = readdirSync(join(root, 'src/resources'), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
    expect(folders.sort()).toEqual([...order].sort());
  });

  it('keep the time from what answers are made of, but for what a session tells of it', () => {
    const readers = files.filter(
      (file) =>
        /^src\/(resources|rows|graph)\//.test(file) &&
        /\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b/.test(
          readFileSync(join(root, file), 'utf8'),
        ),
    );
    expect(readers).toEqual([]);
  });

  it('have one door to executions, which both ways in go through', () => {
    const others = files.filter(
      (file) =>
        file !== 'src/edge/around.ts' &&
        /\bon(Execute|ContextBuilding)\b/.test(readFileSync(join(root, file), 'utf8')),
    );
    expect(others).toEqual([]);
  });

  it('have no cycle, type imports included', () => {
    const done = new Set<string>();
    const cycles: string[] = [];
    const visit = (file: string, path: readonly string[]): void => {
      if (path.includes(file)) {
        cycles.push([...path.slice(path.indexOf(file)), file].join(' -> '));
        return;
      }
      if (done.has(file)) {
        return;
      }
      for (const target of graph.get(file) ?? []) {
        visit(target, [...path, file]);
      }
      done.add(file);
    };
    for (const file of files) {
      visit(file, []);
    }
    expect(cycles).toEqual([]);
  });
});

describe('Rooms', () => {
  it('are no dumping grounds', () => {
    const vague = files.filter((file) =>
      /(^|\/)(utils?|helpers?|common|shared|lib|misc)(\/|\.ts$)/.test(file),
    );
    expect(vague).toEqual([]);
  });

  it('hold files of less than 400 lines', () => {
    const long = files.filter(
      (file) => readFileSync(join(root, file), 'utf8').split('\n').length > 400,
    );
    expect(long).toEqual([]);
  });

  it('are all reached from a process', () => {
    const reached = new Set<string>();
    const visit = (file: string): void => {
      if (!reached.has(file)) {
        reached.add(file);
        for (const target of graph.get(file) ?? []) {
          visit(target);
        }
      }
    };
    visit('src/main.ts');
    visit('src/print-schema.ts');
    expect(files.filter((file) => !reached.has(file))).toEqual([]);
  });
});
