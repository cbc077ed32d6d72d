/** What was measured, as a table and as a picture. */

import type { Growth } from './growth.ts';
import type { Measured } from './measure.ts';
import { ways } from './ways.ts';

const thousands = (number: number) => number.toLocaleString('en');
const digits = (number: number) =>
  number < 10 ? number.toFixed(1) : Math.round(number).toString();

export function table(measured: readonly Measured[]): string {
  const lines = measured.map(({ world, rows, way, ms, calls, kib, cpuMs }) =>
    [
      thousands(world),
      rows,
      way,
      digits(ms),
      digits(calls),
      digits(kib),
      cpuMs === null ? '' : digits(cpuMs),
    ].join(' | '),
  );
  return [
    '| groups in the world | on the page | by | ms | calls to the cloud | KiB to the client | CPU ms of the gateway |',
    '| --: | --: | :-- | --: | --: | --: | --: |',
    ...lines.map((line) => `| ${line} |`),
    '',
  ].join('\n');
}

/** What the gateway computes: by rows on the page, then by rows in the world. */
export function growthTable(measured: readonly Growth[]): string {
  const worlds = [...new Set(measured.map(({ world }) => world))];
  const inWorld = (at: number | undefined) => measured.filter(({ world }) => world === at);
  const queries = inWorld(worlds[0]).filter(
    ({ query }, at, all) => all.findIndex((one) => one.query === query) === at,
  );
  const sizes = inWorld(worlds[0]).slice(queries.length);
  const pages = sizes.map(({ rows, cpuMs }, at) => {
    const before = sizes[at - 1];
    const perRow = before === undefined ? undefined : (cpuMs - before.cpuMs) / (rows - before.rows);
    return [rows, cpuMs.toFixed(2), perRow === undefined ? '' : (perRow * 1_000).toFixed(1)];
  });
  const kinds = queries.map(({ query, rows }) => [
    `${query} (${rows})`,
    ...worlds.map((world) => {
      const found = measured.find(
        (one) => one.query === query && one.rows === rows && one.world === world,
      );
      return found === undefined ? '' : `${found.cpuMs.toFixed(2)} (${digits(found.calls)})`;
    }),
  ]);
  const lines = (rows: readonly (readonly (string | number)[])[]) =>
    rows.map((row) => `| ${row.join(' | ')} |`);
  return [
    '| groups on the page | CPU ms | CPU µs for each row more |',
    '| --: | --: | --: |',
    ...lines(pages),
    '',
    `| CPU ms of a query (calls), by groups in the world | ${worlds.map(thousands).join(' | ')} |`,
    `| :-- | ${worlds.map(() => '--:').join(' | ')} |`,
    ...lines(kinds),
    '',
  ].join('\n');
}

const colours = ['#b3541e', '#1f6feb', '#8a8f98'] as const;
const size = { width: 360, height: 240, left: 52, bottom: 44, top: 40 };

/** Two panels: time by rows in the middle world, and by worlds for the page that is most like those of people. */
export function picture(measured: readonly Measured[]): string {
  const worlds = [...new Set(measured.map(({ world }) => world))];
  const pages = [...new Set(measured.map(({ rows }) => rows))];
  const world = worlds[worlds.length >> 1] ?? 0;
  const page = pages[Math.max(0, pages.length - 2)] ?? 0;
  const most = Math.max(...measured.map(({ ms }) => ms));
  const panels = [
    panel(
      `${thousands(world)} groups in the world`,
      'groups on the page',
      pages,
      (way, rows) =>
        measured.find((one) => one.way === way && one.rows === rows && one.world === world)?.ms,
      most,
    ),
    panel(
      `${page} groups on the page`,
      'groups in the world',
      worlds,
      (way, of) =>
        measured.find((one) => one.way === way && one.rows === page && one.world === of)?.ms,
      most,
    ),
  ];
  const legend = ways.map(
    (way, at) =>
      `<circle cx="${60 + at * 230}" cy="16" r="5" fill="${colours[at]}"/><text x="${70 + at * 230}" y="20">${way}</text>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${2 * size.width} ${size.height + 28}" font-family="sans-serif" font-size="12">
<title>Milliseconds to the answer, by groups on the page and in the world</title>
<rect width="100%" height="100%" fill="#ffffff"/>
${legend.join('\n')}
${panels.map((one, at) => `<g transform="translate(${at * size.width} 28)">\n${one}\n</g>`).join('\n')}
</svg>
`;
}

function panel(
  title: string,
  below: string,
  places: readonly number[],
  msAt: (way: string, place: number) => number | undefined,
  most: number,
): string {
  const { width, height, left, bottom, top } = size;
  const decades = Math.max(1, Math.ceil(Math.log10(most)));
  const y = (ms: number) =>
    height - bottom - (Math.log10(Math.max(1, ms)) / decades) * (height - bottom - top);
  const x = (at: number) => left + 20 + (at * (width - left - 60)) / Math.max(1, places.length - 1);
  const grid = Array.from({ length: decades + 1 }, (_, at) => {
    const line = y(10 ** at);
    return `<path d="M${left} ${line}H${width - 20}" stroke="#e2e4e8"/><text x="${left - 6}" y="${line + 4}" text-anchor="end">${thousands(10 ** at)}${at === 0 ? ' ms' : ''}</text>`;
  });
  const labels = places.map(
    (place, at) =>
      `<text x="${x(at)}" y="${height - bottom + 16}" text-anchor="middle">${thousands(place)}</text>`,
  );
  const lines = ways.map((way, of) => {
    const points = places.flatMap((place, at) => {
      const ms = msAt(way, place);
      return ms === undefined ? [] : [{ x: x(at).toFixed(1), y: y(ms).toFixed(1) }];
    });
    const path = points.map((point, at) => `${at === 0 ? 'M' : 'L'}${point.x} ${point.y}`).join('');
    const dots = points.map(
      (point) => `<circle cx="${point.x}" cy="${point.y}" r="3" fill="${colours[of]}"/>`,
    );
    return `<path d="${path}" fill="none" stroke="${colours[of]}" stroke-width="2"/>${dots.join('')}`;
  });
  return [
    `<text x="${left}" y="${top - 16}" font-weight="bold">${title}</text>`,
    ...grid,
    ...labels,
    `<text x="${(left + width) / 2}" y="${height - 8}" text-anchor="middle">${below}</text>`,
    ...lines,
  ].join('\n');
}
