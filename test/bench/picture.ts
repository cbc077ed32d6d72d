/** What was measured, as pictures of two panels each. */

import type { Grown } from './growth.ts';
import type { Measured } from './measure.ts';
import { numeral } from './report.ts';
import { ways } from './ways.ts';

interface Line {
  readonly name: string;
  /** At each place of the panel, in milliseconds; undefined where nothing was measured. */
  readonly ms: readonly (number | undefined)[];
}

interface Panel {
  readonly title: string;
  /** What the places are. */
  readonly below: string;
  readonly places: readonly number[];
  readonly lines: readonly Line[];
}

/** Where a value lies between the bottom (0) and the top (1), and which values have a line of their own. */
interface Scale {
  readonly at: (ms: number) => number;
  readonly ticks: readonly number[];
}

/** Several times as much is so much higher, wherever it begins. */
function logarithmic(most: number): Scale {
  const decades = Math.max(1, Math.ceil(Math.log10(most)));
  return {
    at: (ms) => Math.log10(Math.max(1, ms)) / decades,
    ticks: Array.from({ length: decades + 1 }, (_, at) => 10 ** at),
  };
}

/** What grows evenly is straight. */
function linear(most: number): Scale {
  const magnitude = 10 ** Math.floor(Math.log10(most));
  const step = ([0.2, 0.5, 1].find((part) => most / (part * magnitude) <= 5) ?? 2) * magnitude;
  const count = Math.ceil(most / step);
  return {
    at: (ms) => ms / (count * step),
    ticks: Array.from({ length: count + 1 }, (_, at) => Number((at * step).toPrecision(6))),
  };
}

const colours = ['#b3541e', '#1f6feb', '#8a8f98', '#2f8f4e', '#8250df'] as const;
const size = { width: 360, height: 240, left: 52, bottom: 44, top: 40 };
const legendHeight = 22;

/** Time by rows in the middle world, and by worlds for the page that is most like those of people. */
export function timePicture(measured: readonly Measured[]): string {
  const worlds = [...new Set(measured.map(({ world }) => world))];
  const pages = [...new Set(measured.map(({ rows }) => rows))];
  const middle = worlds[worlds.length >> 1] ?? 0;
  const page = pages[Math.max(0, pages.length - 2)] ?? 0;
  const ms = (way: string, of: { world: number; rows: number }) =>
    measured.find((one) => one.way === way && one.rows === of.rows && one.world === of.world)?.ms;
  return picture(
    'Milliseconds to the answer, by groups on the page and in the world',
    logarithmic,
    [
      {
        title: `${numeral(middle)} groups in the world`,
        below: 'groups on the page',
        places: pages,
        lines: ways.map((name) => ({
          name,
          ms: pages.map((rows) => ms(name, { rows, world: middle })),
        })),
      },
      {
        title: `${page} groups on the page`,
        below: 'groups in the world',
        places: worlds,
        lines: ways.map((name) => ({
          name,
          ms: worlds.map((world) => ms(name, { rows: page, world })),
        })),
      },
    ],
  );
}

/** What a query costs the gateway, by rows and by worlds. */
export function growthPicture({ byRows, byWorld }: Grown): string {
  const worlds = [...new Set(byWorld.map(({ world }) => world))];
  const kinds = Map.groupBy(byWorld, ({ query }) => query);
  return picture('CPU of the gateway for a query, by groups on the page and in the world', linear, [
    {
      title: 'CPU of a query, flat list',
      below: 'groups on the page',
      places: byRows.map(({ rows }) => rows),
      lines: [{ name: byRows[0]?.query ?? '', ms: byRows.map(({ cpuMs }) => cpuMs) }],
    },
    {
      title: 'CPU of a query, each kind',
      below: 'groups in the world',
      places: worlds,
      lines: [...kinds].map(([name, found]) => ({ name, ms: found.map(({ cpuMs }) => cpuMs) })),
    },
  ]);
}

/** A line has one colour in all panels; the legend is in the order of the last panel. */
function picture(
  title: string,
  scaleTo: (most: number) => Scale,
  panels: readonly Panel[],
): string {
  const all = panels.flatMap(({ lines }) => lines.flatMap(({ ms }) => ms));
  const scale = scaleTo(Math.max(...all.filter((ms) => ms !== undefined)));
  const names = [
    ...new Set(panels.toReversed().flatMap(({ lines }) => lines.map(({ name }) => name))),
  ];
  const colourOf = (name: string) => colours[names.indexOf(name)] ?? 'black';
  const legend = names.map((name, at) => {
    const [x, y] = [60 + (at % 3) * 230, 16 + Math.floor(at / 3) * legendHeight];
    return `<circle cx="${x}" cy="${y}" r="5" fill="${colourOf(name)}"/><text x="${x + 10}" y="${y + 4}">${name}</text>`;
  });
  const below = 6 + Math.ceil(names.length / 3) * legendHeight;
  const drawn = panels.map(
    (panel, at) =>
      `<g transform="translate(${at * size.width} ${below})">\n${draw(panel, scale, colourOf)}\n</g>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${panels.length * size.width} ${size.height + below}" font-family="sans-serif" font-size="12">
<title>${title}</title>
<rect width="100%" height="100%" fill="#ffffff"/>
${legend.join('\n')}
${drawn.join('\n')}
</svg>
`;
}

function draw(
  { title, below, places, lines }: Panel,
  scale: Scale,
  colourOf: (name: string) => string,
): string {
  const { width, height, left, bottom, top } = size;
  const y = (ms: number) => height - bottom - scale.at(ms) * (height - bottom - top);
  const x = (at: number) => left + 20 + (at * (width - left - 60)) / Math.max(1, places.length - 1);
  const grid = scale.ticks.map((tick, at) => {
    const line = y(tick).toFixed(1);
    return `<path d="M${left} ${line}H${width - 20}" stroke="#e2e4e8"/><text x="${left - 6}" y="${Number(line) + 4}" text-anchor="end">${numeral(tick)}${at === 0 ? ' ms' : ''}</text>`;
  });
  const labels = places.map(
    (place, at) =>
      `<text x="${x(at)}" y="${height - bottom + 16}" text-anchor="middle">${numeral(place)}</text>`,
  );
  const drawn = lines.map(({ name, ms }) => {
    const points = ms.flatMap((value, at) =>
      value === undefined ? [] : [{ x: x(at).toFixed(1), y: y(value).toFixed(1) }],
    );
    const path = points.map((point, at) => `${at === 0 ? 'M' : 'L'}${point.x} ${point.y}`).join('');
    const dots = points.map(
      (point) => `<circle cx="${point.x}" cy="${point.y}" r="3" fill="${colourOf(name)}"/>`,
    );
    return `<path d="${path}" fill="none" stroke="${colourOf(name)}" stroke-width="2"/>${dots.join('')}`;
  });
  return [
    `<text x="${left}" y="${top - 16}" font-weight="bold">${title}</text>`,
    ...grid,
    ...labels,
    `<text x="${(left + width) / 2}" y="${height - 8}" text-anchor="middle">${below}</text>`,
    ...drawn,
  ].join('\n');
}
