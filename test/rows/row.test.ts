/** A row whose properties were not all asked for. */

import { describe, expect, it } from 'vitest';
import { type Noun, type Raw, Row, type Wanted } from '../../src/rows/row.ts';

const text = (field: string) => ({ fields: [field], read: (raw: Raw) => raw[field] });
const thing: Noun = {
  name: 'Thing',
  view: { uuid: text('uuid'), name: text('name'), state: text('state'), size: text('size') },
};
const raw = { uuid: 'a', name: 'web', state: 'OK', size: 3 };

interface Thing {
  readonly name: string;
  readonly state: string;
  readonly size: number;
  readonly colour: string;
}

/** Rows that load what they lack, from what was read before where that holds it. */
function aShelf() {
  const loads: string[] = [];
  const topUps: string[] = [];
  const rows: Row<Thing>[] = [];
  const rowWith = (...fields: string[]): Row<Thing> => {
    const row = new Row<Thing>(thing, thing.view, raw, {
      fields: new Set(['uuid', ...fields]),
      onTopUp: (_, property) => void topUps.push(property),
      load: async (_, wanted: Wanted, loading) => {
        const known = rows.find((one) => Object.keys(wanted).every((name) => one.holds(name)));
        if (known !== undefined) {
          loading.take(known);
          return;
        }
        loads.push(Object.keys(wanted).join());
        loading.take(rowWith(...Object.keys(wanted)));
      },
    });
    rows.push(row);
    return row;
  };
  return { rowWith, loads, topUps };
}

describe('Row', () => {
  it('loads each property that it was not asked for once', async () => {
    const { rowWith, loads, topUps } = aShelf();
    const row = rowWith('name');
    expect(row.get('name')).toBe('web');
    expect(await Promise.all([row.get('state'), row.get('state'), row.get('size')])).toEqual([
      'OK',
      'OK',
      3,
    ]);
    expect(await row.get('state')).toBe('OK');
    expect(loads).toEqual(['state', 'size']);
    expect(topUps).toEqual(['state', 'size']);
  });

  it('finds a third property though the two rows at hand have led to each other', async () => {
    const { rowWith, loads } = aShelf();
    const one = rowWith('name');
    const other = rowWith('state');
    expect(await one.get('state')).toBe('OK');
    expect(await other.get('name')).toBe('web');
    expect(await one.get('size')).toBe(3);
    expect(loads).toEqual(['size']);
  });

  it('says so when no row can hold a property', async () => {
    await expect(aShelf().rowWith('name').get('colour')).rejects.toThrow(
      'Thing was loaded without colour',
    );
  });
});
