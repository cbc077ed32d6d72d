import type { CodegenConfig } from '@graphql-codegen/cli';

/** Types of every operation in src/, and src/gql/persisted-documents.json for the gateway. */
const config: CodegenConfig = {
  schema: process.env.SCHEMA ?? '../../schema.graphql',
  documents: 'src/*.{ts,tsx}',
  generates: {
    'src/gql/': {
      preset: 'client',
      presetConfig: {
        fragmentMasking: false,
        persistedDocuments: { hashAlgorithm: 'sha256' },
      },
      config: {
        documentMode: 'string',
        enumsAsTypes: true,
        useTypeImports: true,
        strictScalars: true,
        scalars: {
          UUID: 'string',
          DateTime: 'string',
          URL: 'string',
          Decimal: 'string',
          BigInt: 'number | string',
          JSON: 'unknown',
          FieldSet: 'string',
          _Any: 'unknown',
          link__Import: 'string',
        },
      },
    },
  },
};

export default config;
