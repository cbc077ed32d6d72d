/** Links lead somewhere, queries are of this graph, and commands do what they are shown for. */

import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse, validate } from 'graphql';
import { describe, expect, it, onTestFinished } from 'vitest';
import { schema } from '../../src/schema.ts';
import { aRunningProcess } from '../a-process.ts';
import { blocksIn, page, pageNames, root } from './pages.ts';

/** As code hosts make them of headings. */
const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replace(/[^\w\- ]/g, '')
    .replaceAll(' ', '-');

describe.each(pageNames)('%s', (name) => {
  const text = page(name);

  it('has no link that leads nowhere', () => {
    const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target ?? '');
    const broken = links.filter((link) => {
      if (/^https?:/.test(link)) {
        return false;
      }
      const [path = '', anchor] = link.split('#');
      const file = path === '' ? join(root, name) : join(root, dirname(name), path);
      if (!existsSync(file)) {
        return true;
      }
      const headings = anchor === undefined ? [] : readFileSync(file, 'utf8').match(/^#+ .+$/gm);
      return (
        anchor !== undefined &&
        !(headings ?? []).some((one) => anchorOf(one.replace(/^#+ /, '')) === anchor)
      );
    });
    expect(broken).toEqual([]);
  });

  it('has no query that the graph does not answer', () => {
    for (const query of blocksIn(text, 'graphql')) {
      expect(validate(schema, parse(query))).toEqual([]);
    }
  });
});

describe('A command', () => {
  /** Programs that another test runs, and which. */
  const elsewhere: Readonly<Record<string, string>> = {
    'cd examples/react && npm ci && npm run dev': 'test/examples/react.test.ts',
    'PERSISTED_OPERATIONS=examples/react/src/gql/persisted-documents.json PERSISTED_OPERATIONS_ONLY=true npm start':
      'test/examples/react.test.ts',
  };

  /** In a shell, on free ports; until it ends, or says that it serves. */
  function run(
    command: string,
  ): Promise<{ readonly printed: string; readonly code: number | null }> {
    const child = spawn('sh', ['-c', command], {
      cwd: root,
      detached: true,
      env: {
        PATH: `${dirname(process.execPath)}:${process.env.PATH}`,
        PORT: '0',
        HOME: process.env.HOME,
      },
    });
    const end = () => {
      try {
        // npm's children are in its group.
        process.kill(-(child.pid ?? 0), 'SIGKILL');
      } catch {
        // It has ended by itself.
      }
    };
    onTestFinished(end);
    let printed = '';
    return new Promise((resolve) => {
      const onPiece = (piece: Buffer) => {
        printed += piece.toString();
        if (/The graph:\s+http/.test(printed)) {
          end();
        }
      };
      child.stdout.on('data', onPiece);
      child.stderr.on('data', onPiece);
      child.once('exit', (code) => resolve({ printed, code }));
    });
  }

  const commands = pageNames.flatMap((name) =>
    blocksIn(page(name), 'sh').flatMap((block) =>
      block
        .replace(/\\\n\s*/g, ' ')
        .split('\n')
        .map((line) => line.replace(/\s+# .*$/, '').trim())
        .filter((line) => line !== ''),
    ),
  );

  it('is shown for each of the ways to run it', () => {
    expect(commands.length).toBeGreaterThan(8);
  });

  it.each([...new Set(commands)])('%s', { timeout: 60_000 }, async (command) => {
    const other = elsewhere[command];
    if (other !== undefined) {
      expect(existsSync(join(root, other))).toBe(true);
      return;
    }
    if (command.startsWith('curl ')) {
      // What it answers with is compared in answers.test.ts.
      const { url } = await aRunningProcess();
      const { printed, code } = await run(
        command.replace('http://127.0.0.1:4000/graphql', url).replace('curl -sN', 'curl -sN -m 5'),
      );
      expect(code).toBe(0);
      expect(printed).toContain('"data":');
      return;
    }
    const inCheckout = command
      .replace('npm ci && ', '')
      .replace('npx stratograph', 'node src/main.ts');
    const { printed, code } = await run(inCheckout);
    if (/stratograph (check|schema)|docker|kubectl/.test(command)) {
      expect({ printed, code }).toMatchObject({ code: 0 });
    } else {
      expect(printed).toMatch(/The graph:\s+http/);
    }
  });
});

it('runs the programs for tests of one’s own', { timeout: 60_000 }, async () => {
  const [program = ''] = blocksIn(page('docs/platform-teams.md'), 'js');
  const here = program.replaceAll(/'stratograph\/(\w[\w/]*)'/g, (_all, path: string) => {
    const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      readonly exports: Readonly<Record<string, { readonly default: string }>>;
    };
    const built = exports[`./${path}`]?.default ?? '';
    return `'${join(root, built.replace('./dist/', 'src/').replace(/\.js$/, '.ts'))}'`;
  });
  const child = spawn(process.execPath, ['--input-type=module', '--eval', here]);
  let printed = '';
  child.stdout.on('data', (piece: Buffer) => {
    printed += piece.toString();
  });
  const code = await new Promise((resolve) => {
    child.once('exit', resolve);
  });
  expect(printed).toContain('{"data":{"viewer":{"username":"member"}}}');
  expect(printed).toContain('GET /api/users/me/');
  expect(code).toBe(0);
});
