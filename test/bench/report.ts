/** What was measured, as tables. */

import type { Grown, Growth } from './growth.ts';
import type { Measured } from './measure.ts';

export const numeral = (number: number) => number.toLocaleString('en');
const digits = (number: number) =>
  number < 10 ? number.toFixed(1) : Math.round(number).toString();

/** How long each way takes. */
export function timeTable(measured: readonly Measured[]): string {
  const lines = measured.map(({ world, rows, way, ms, calls, kib }) =>
    [numeral(world), rows, way, digits(ms), digits(calls), digits(kib)].join(' | '),
  );
  return [
    '| groups in the world | on the page | by | ms | calls to the cloud | KiB to the client |',
    '| --: | --: | :-- | --: | --: | --: |',
    ...lines.map((line) => `| ${line} |`),
    '',
  ].join('\n');
}

/** What the gateway computes: by rows on the page, then by rows in the world. */
export function growthTable({ byRows, byWorld }: Grown): string {
  const worlds = [...new Set(byWorld.map(({ world }) => world))];
  const [least] = byRows;
  const pages = byRows.map(({ rows, cpuMs }) => {
    const more = rows - (least?.rows ?? 0);
    const perRowMs = (cpuMs - (least?.cpuMs ?? 0)) / more;
    return [rows, cpuMs.toFixed(3), more === 0 ? '' : (perRowMs * 1_000).toFixed(1)];
  });
  const cell = ({ cpuMs, calls }: Growth) => `${cpuMs.toFixed(3)} (${digits(calls)})`;
  const kinds = [...Map.groupBy(byWorld, ({ query, rows }) => `${query} (${rows})`)].map(
    ([name, found]) => [name, ...found.map(cell)],
  );
  const lines = (rows: readonly (readonly (string | number)[])[]) =>
    rows.map((row) => `| ${row.join(' | ')} |`);
  return [
    `| groups on the page | CPU ms under load | CPU µs for each row beyond ${least?.rows} |`,
    '| --: | --: | --: |',
    ...lines(pages),
    '',
    `| CPU ms of a query under load (calls), by groups in the world | ${worlds.map(numeral).join(' | ')} |`,
    `| :-- | ${worlds.map(() => '--:').join(' | ')} |`,
    ...lines(kinds),
    '',
  ].join('\n');
}
