/** How large a document may be, whatever its variables: found out once for each document. */

import {
  type ASTVisitor,
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  Kind,
  NoFragmentCyclesRule,
  NoSchemaIntrospectionCustomRule,
  type OperationDefinitionNode,
  parse,
  type SelectionSetNode,
  specifiedRules,
  type ValidationContext,
  validate,
} from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { comparisonsIn } from './comparisons.ts';
import { tokensIn } from './documents.ts';

export interface DocumentLimits {
  readonly tokens: number;
  /** Fields inside fields. */
  readonly depth: number;
  /** With those that fragments bring, as often as they are spread. */
  readonly aliases: number;
  readonly directives: number;
  /** Fields of one operation at its root. */
  readonly rootFields: number;
}

export const limitExceeded = 'LIMIT_EXCEEDED';

/** Whoever sends nonsense gets no long list of what is wrong with it. */
const mostErrors = 5;
/** Tools ask for types of types of types; nobody needs more. */
const introspectionDepth = 16;
/** The parser's own first and last tokens, which it does not count either. */
const ends = 2;
/** What people write takes some hundreds; twenty thousand take ten milliseconds. */
const mostComparisons = 20_000;

interface Size {
  readonly depth: number;
  readonly introspectionDepth: number;
  readonly aliases: number;
  readonly directives: number;
  readonly fields: number;
}

const empty: Size = { depth: 0, introspectionDepth: 0, aliases: 0, directives: 0, fields: 0 };

/** Sizes of selections; each fragment is measured once, however often it is spread. */
class Measuring {
  readonly #fragments = new Map<string, SelectionSetNode>();
  readonly #directivesOf = new Map<string, number>();
  readonly #known = new Map<string, Size>();

  constructor(document: DocumentNode) {
    for (const definition of document.definitions) {
      if (definition.kind === Kind.FRAGMENT_DEFINITION) {
        this.#fragments.set(definition.name.value, definition.selectionSet);
        this.#directivesOf.set(definition.name.value, definition.directives?.length ?? 0);
      }
    }
  }

  sizeOf(selections: SelectionSetNode | undefined): Size {
    let { depth, introspectionDepth: meta, aliases, directives, fields } = empty;
    for (const selection of selections?.selections ?? []) {
      directives += selection.directives?.length ?? 0;
      if (selection.kind === Kind.FIELD) {
        const below = this.sizeOf(selection.selectionSet);
        const isMeta = /^__(schema|type)$/.test(selection.name.value);
        fields += 1;
        aliases += below.aliases + (selection.alias === undefined ? 0 : 1);
        directives += below.directives;
        depth = Math.max(depth, isMeta ? 1 : below.depth + 1);
        meta = Math.max(meta, isMeta ? below.depth + 1 : below.introspectionDepth);
        continue;
      }
      const within =
        selection.kind === Kind.INLINE_FRAGMENT
          ? this.sizeOf(selection.selectionSet)
          : this.#sizeOfFragment(selection.name.value);
      fields += within.fields;
      aliases += within.aliases;
      directives += within.directives;
      depth = Math.max(depth, within.depth);
      meta = Math.max(meta, within.introspectionDepth);
    }
    return { depth, introspectionDepth: meta, aliases, directives, fields };
  }

  #sizeOfFragment(name: string): Size {
    const known = this.#known.get(name);
    if (known !== undefined) {
      return known;
    }
    // One that spreads itself is refused by another rule.
    this.#known.set(name, empty);
    const within = this.sizeOf(this.#fragments.get(name));
    const directives = within.directives + (this.#directivesOf.get(name) ?? 0);
    const size = { ...within, directives };
    this.#known.set(name, size);
    return size;
  }
}

function limitError(what: string, most: number, found: number): GraphQLError {
  return new GraphQLError(`The operation has too many ${what}: ${found}, of at most ${most}.`, {
    extensions: { code: limitExceeded, limit: what, most, found },
  });
}

function excesses(operation: OperationDefinitionNode, sizes: Measuring, limits: DocumentLimits) {
  const size = sizes.sizeOf(operation.selectionSet);
  const onVariables = operation.variableDefinitions?.flatMap(({ directives }) => directives ?? []);
  const directives =
    size.directives + (operation.directives?.length ?? 0) + (onVariables?.length ?? 0);
  const found: readonly (readonly [what: string, most: number, found: number])[] = [
    ['levels', limits.depth, size.depth],
    ['levels of introspection', introspectionDepth, size.introspectionDepth],
    ['aliases', limits.aliases, size.aliases],
    ['directives', limits.directives, directives],
    ['root fields', limits.rootFields, size.fields],
  ];
  return found.filter(([, most, count]) => count > most);
}

function limitRule(limits: DocumentLimits) {
  return function OperationLimits(context: ValidationContext): ASTVisitor {
    const sizes = new Measuring(context.getDocument());
    return {
      OperationDefinition(operation) {
        for (const [what, most, found] of excesses(operation, sizes, limits)) {
          context.reportError(limitError(what, most, found));
        }
        return false;
      },
      FragmentDefinition: () => false,
    };
  };
}

/** The schema of the subgraph tells as much as introspection does. */
function noSubgraphSchema(context: ValidationContext): ASTVisitor {
  return {
    Field(node) {
      if (node.name.value === '_service' && context.getParentType()?.name === 'Query') {
        const message = 'The schema is not told here: the field "_service" is disabled.';
        context.reportError(new GraphQLError(message, { nodes: node }));
      }
    },
  };
}

function parseWithin(most: number): typeof parse {
  return (source, options) => {
    const tooMany = limitError('tokens', most, most + 1);
    let document: DocumentNode;
    try {
      document = parse(source, { ...options, maxTokens: most });
    } catch (error) {
      throw /more tha[nt] \d+ tokens/.test((error as Error).message) ? tooMany : error;
    }
    if (tokensIn(document) > most + ends) {
      throw tooMany;
    }
    return document;
  };
}

/**
 * Refuses documents that are too large, before any other rule spends time on them.
 *
 * @param isOpen - whether clients may ask for the schema, and are told what they may have meant
 */
export function useDocumentLimits(limits: DocumentLimits, isOpen: boolean): Plugin {
  const sizeRules = [NoFragmentCyclesRule, limitRule(limits)];
  const rules = isOpen ? [] : [NoSchemaIntrospectionCustomRule, noSubgraphSchema];
  const excessIn = (schema: GraphQLSchema, document: DocumentNode): readonly GraphQLError[] => {
    const tooLarge = validate(schema, document, sizeRules);
    if (tooLarge.length > 0) {
      return tooLarge.slice(0, mostErrors);
    }
    const comparisons = comparisonsIn(document, mostComparisons);
    return comparisons > mostComparisons
      ? [limitError('pairs of fields of one name', mostComparisons, comparisons)]
      : [];
  };
  return {
    onParse: ({ setParseFn }) => setParseFn(parseWithin(limits.tokens)),
    onValidate: ({ setValidationFn }) => {
      setValidationFn((schema, document, given) => {
        const tooLarge = excessIn(schema, document);
        return tooLarge.length > 0
          ? tooLarge
          : validate(schema, document, [...(given ?? specifiedRules), ...rules], {
              maxErrors: mostErrors,
              hideSuggestions: !isOpen,
            });
      });
    },
  };
}
