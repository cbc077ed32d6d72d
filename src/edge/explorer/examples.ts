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
  /**
   * In the folder beside this file; its first operation's name is its tab's title.
   *
   * Of several operations the first is a query, and nothing stands before it, so that nothing is changed
   * unasked. The run button asks which, but only a tenth of a second after the tab was chosen; the keyboard
   * runs the one in which the cursor stands, at first at the start, or else the one that was run last.
   */
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
  { file: 'find-anything', variables: { text: 'mail' } },
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
    variables: {
      group: 'the uuid of a security group of yours',
      seen: null,
      closed: ['the ruleId that OpenPort has answered with'],
      opened: [newRule],
    },
  },
];

/**
 * The tabs, in their order.
 *
 * @param known - values in place of the examples' own
 */
export function examplesWith(known: ExampleVariables): readonly ExampleTab[] {
  return examples.map(({ file, variables }) => {
    const query = readFileSync(new URL(`./examples/${file}.graphql`, import.meta.url), 'utf8');
    if (variables === undefined) {
      return { query };
    }
    const filled = Object.fromEntries(
      Object.entries(variables).map(([name, value]) => [name, known[name] ?? value]),
    );
    return { query, variables: JSON.stringify(filled, null, 2) };
  });
}
