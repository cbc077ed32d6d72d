/** The scripts in examples/, each as its first lines say that it is run. */

import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { aGateway, type TestGateway } from '../a-gateway.ts';

const exec = promisify(execFile);
const folder = fileURLToPath(new URL('../../examples/', import.meta.url));

const environmentOf = ({ sandbox }: TestGateway) => ({
  ...process.env,
  WALDUR_TOKEN: sandbox.callers.staff.waldurToken,
  DANUBE_API_KEY: sandbox.callers.staff.danubeApiKey,
});

describe('The script for Node', () => {
  it('lists each rule that lets the whole world in, of all pages', async () => {
    const gateway = await aGateway();
    const { stdout } = await exec(process.execPath, ['node/open-to-the-world.ts', gateway.url], {
      cwd: folder,
      env: environmentOf(gateway),
    });
    const open = gateway.sandbox.waldur.world.securityGroups.flatMap(({ rules }) =>
      rules.filter(
        ({ direction, cidr, remoteGroup }) =>
          direction === 'ingress' &&
          remoteGroup === null &&
          [null, '', '0.0.0.0/0', '::/0'].includes(cidr),
      ),
    );
    expect(open.length).toBeGreaterThan(100);
    const lines = stdout.trim().split('\n');
    expect(lines).toHaveLength(open.length);
    expect(lines.every((line) => line.split('\t').length === 4)).toBe(true);
  });

  it('ends with the words of the graph when it is nobody', async () => {
    const gateway = await aGateway();
    const env = { ...environmentOf(gateway), WALDUR_TOKEN: 'nobody' };
    const ended = exec(process.execPath, ['node/open-to-the-world.ts', gateway.url], {
      cwd: folder,
      env,
    });
    await expect(ended).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining('credential'),
    });
  });
});

const hasVenv = spawnSync('python3', ['-c', 'import venv, ensurepip']).status === 0;

describe.skipIf(!hasVenv)(
  `The script for Python${hasVenv ? '' : ' (python3-venv is missing)'}`,
  () => {
    it('lists the machines of all pages with their projects', { timeout: 120_000 }, async () => {
      const venv = await mkdtemp(join(tmpdir(), 'stratograph-python-'));
      onTestFinished(() => rm(venv, { recursive: true }));
      await exec('python3', ['-m', 'venv', venv]);
      const python = join(venv, 'bin/python');
      const requirements = join(folder, 'python/requirements.txt');
      await exec(python, ['-m', 'pip', 'install', '-q', '-r', requirements]);
      const gateway = await aGateway({ sizes: { machines: 150 } });
      const { stdout } = await exec(python, ['python/machines.py', gateway.url], {
        cwd: folder,
        env: environmentOf(gateway),
      });
      const { data } = await gateway.run(
        '{ virtualMachines(first: 300) { nodes { hostname status vcpus ramMiB project { name customer { name } } } } }',
      );
      const { nodes } = data.virtualMachines as { nodes: Record<string, unknown>[] };
      expect(nodes.length).toBeGreaterThan(100);
      const [titles, ...rows] = stdout.trim().split('\r\n');
      expect(titles).toBe('hostname,status,vcpus,ramMiB,project,customer');
      expect(rows).toHaveLength(nodes.length);
      for (const [at, { hostname, status }] of nodes.entries()) {
        expect(rows[at]).toMatch(new RegExp(`^${hostname},${status},`));
      }
      expect(rows.filter((row) => !row.endsWith(',,')).length).toBeGreaterThan(10);
    });
  },
);
