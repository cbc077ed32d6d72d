/** Gives every error about a client's document or variables a code, and the argument's path. */

import {
  type ASTNode,
  BREAK,
  coerceInputValue,
  type DocumentNode,
  GraphQLError,
  isInputType,
  Kind,
  typeFromAST,
  visit,
} from 'graphql';
import { badUserInput } from '../graph/input-error.ts';
import type { Acting, Args } from './around.ts';

/** Yoga's executor adds it, whatever it is told. */
const suggestion = / Did you mean .+\?$/s;

/** @param isOpen - whether clients are told what they may have meant */
export function inputErrors(isOpen: boolean): Acting {
  return {
    around: async (args, next) => {
      const result = await next(args);
      for (const error of result.errors ?? []) {
        tellOfVariable(error, args, isOpen);
      }
      return result;
    },
    plugin: {
      onParse:
        () =>
        ({ result }) => {
          if (result instanceof GraphQLError) {
            result.extensions.code ??= 'GRAPHQL_PARSE_FAILED';
          }
        },
      onValidate:
        ({ params }) =>
        ({ result }) => {
          for (const error of result as readonly GraphQLError[]) {
            const argument = argumentAt(params.documentAST, error.nodes?.[0]);
            error.extensions.code ??=
              argument === undefined ? 'GRAPHQL_VALIDATION_FAILED' : badUserInput;
            if (argument !== undefined) {
              error.extensions.argument ??= argument;
            }
          }
        },
    },
  };
}

/** Says of an error about a variable which part of it is wrong. */
function tellOfVariable(
  error: GraphQLError,
  { schema, variableValues }: Args,
  isOpen: boolean,
): void {
  const node = error.nodes?.[0];
  if (error.path !== undefined || node?.kind !== Kind.VARIABLE_DEFINITION) {
    return;
  }
  error.extensions.code ??= badUserInput;
  if (!isOpen) {
    error.message = error.message.replace(suggestion, '');
  }
  const name = node.variable.name.value;
  const type = typeFromAST(schema, node.type);
  if (isInputType(type)) {
    const given: unknown = variableValues?.[name];
    coerceInputValue(given, type, (path) => {
      error.extensions.argument ??= [name, ...path.map(String)];
    });
  }
}

/** The path into the arguments at which a value of the document stands, if it stands in one. */
function argumentAt(document: DocumentNode, node: ASTNode | undefined): string[] | undefined {
  let found: string[] | undefined;
  if (node === undefined) {
    return found;
  }
  visit(document, {
    enter(current, _key, parent, _path, ancestors) {
      if (current !== node) {
        return undefined;
      }
      const around = [...ancestors, parent, current].filter(isNode);
      const path = around.flatMap((ancestor) =>
        ancestor.kind === Kind.ARGUMENT || ancestor.kind === Kind.OBJECT_FIELD
          ? [ancestor.name.value]
          : [],
      );
      found = around.some(({ kind }) => kind === Kind.ARGUMENT) ? path : undefined;
      return BREAK;
    },
  });
  return found;
}

function isNode(one: unknown): one is ASTNode {
  return typeof one === 'object' && one !== null && 'kind' in one;
}
