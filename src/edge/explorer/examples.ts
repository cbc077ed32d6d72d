/** The tasks that GraphiQL opens with, a tab for each. */

import { readFileSync } from 'node:fs';

/** A tab as it opens. */
export interface ExampleTab {
  readonly query: string;
  /** JSON. */
  readonly variables?: string;
}

/** What examples need to know of a cloud, by their variables' names. */
export type ExampleVariables = Readonly<Record<string, unknown>>;

interface Example {
  /** In the folder beside this file; its first operation's name is its tab's title. */
  readonly file: string;
  /** Where nothing is known, words that say what belongs there: they are refused, not carried out. */
  readonly variables?: ExampleVariables;
}

/** With what has defaults, too: GraphiQL takes it for missing. */
const newRule = {
  ethertype: 'IPV4',
  direction: 'INGRESS',
  protocol: 'tcp',
  fromPort: 8443,
  toPort: 8443,
  cidr: '192.0.2.0/24',
  description: 'Open for a while',
};

const examples: readonly Example[] = [
  { file: 'who-owns-what' },
  { file: 'open-to-the-world' },
  { file: 'what-has-erred' },
  { file: 'a-whole-project', variables: { name: null } },
  {
    file: 'deploy-and-follow',
    variables: {
      hostname: 'the name of a new machine',
      image: 'the name of an image of yours',
      net: 'the name of a network of yours',
    },
  },
  {
    file: 'open-and-close-a-port',
    variables: { group: 'the uuid of a security group of yours', kept: [], opened: [newRule] },
  },
];

/**
 * The tabs, in their order.
 *
 * @param known - values in place of the examples' own; a `kept` stands in `opened` as well
 */
export function examplesWith(known: ExampleVariables): readonly ExampleTab[] {
  const kept = Array.isArray(known.kept) ? known.kept : [];
  const values: ExampleVariables = { ...known, opened: [...kept, newRule] };
  return examples.map(({ file, variables }) => {
    const query = readFileSync(new URL(`./examples/${file}.graphql`, import.meta.url), 'utf8');
    if (variables === undefined) {
      return { query };
    }
    const filled = Object.fromEntries(
      Object.entries(variables).map(([name, value]) => [name, values[name] ?? value]),
    );
    return { query, variables: JSON.stringify(filled, null, 2) };
  });
}
