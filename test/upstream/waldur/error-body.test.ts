/** Every shape in which Waldur complains. */

import { expect, it } from 'vitest';
import { issuesOf } from '../../../src/upstream/waldur/error-body.ts';

it.each<[unknown, [string, string][]]>([
  [{ detail: 'Not found.' }, [['', 'Not found.']]],
  [{ name: ['This field is required.'] }, [['name', 'This field is required.']]],
  [{ name: 'Default group.' }, [['name', 'Default group.']]],
  [{ non_field_errors: ['Not unique.'] }, [['', 'Not unique.']]],
  [['Resource does not have backend ID.'], [['', 'Resource does not have backend ID.']]],
  [
    [{}, { protocol: ['Wrong.'] }, { non_field_errors: ['Both.'] }],
    [
      ['1.protocol', 'Wrong.'],
      ['2', 'Both.'],
    ],
  ],
  [{ rules: [{ non_field_errors: ['No.'] }] }, [['rules.0', 'No.']]],
  [{ rules: [['Cannot add.']] }, [['rules.0', 'Cannot add.']]],
  [{ rules: { non_field_errors: ['Expected a list.'] } }, [['rules', 'Expected a list.']]],
  [
    { a: ['1', '2'], b: { c: 'x' } },
    [
      ['a', '1'],
      ['a', '2'],
      ['b.c', 'x'],
    ],
  ],
  ['just text', [['', 'just text']]],
  [null, []],
  [42, []],
  [{ tried: [], path: 'x' }, [['path', 'x']]],
])('reads %j', (body, issues) => {
  expect(issuesOf(body).map(({ path, message }) => [path.join('.'), message])).toEqual(issues);
});
