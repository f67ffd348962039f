import { Type, type Static } from 'typebox';
import { kindSchema } from './common.ts';

export const GitSource = kindSchema(
  'GitSource',
  Type.Object(
    {
      url: Type.String({
        minLength: 1,
        maxLength: 2048,
        description: 'https or ssh; file only where Settings allow it.',
      }),
      ref: Type.Optional(
        Type.Object(
          {
            branch: Type.Optional(
              Type.String({ minLength: 1, maxLength: 255, description: 'Name of a branch.' }),
            ),
            tag: Type.Optional(
              Type.String({
                minLength: 1,
                maxLength: 255,
                description: 'Name of a tag, or a range of versions.',
              }),
            ),
          },
          { additionalProperties: false, description: 'Exactly one; branch main if omitted.' },
        ),
      ),
      path: Type.Optional(
        Type.String({
          maxLength: 1024,
          description: 'Folder below which declarations are read. Default: all.',
        }),
      ),
      include: Type.Optional(
        Type.Array(Type.String({ minLength: 1 }), {
          description: 'Glob patterns. Default *.yaml and *.yml at any depth.',
        }),
      ),
      exclude: Type.Optional(
        Type.Array(Type.String({ minLength: 1 }), {
          description: 'Glob patterns taken out again.',
        }),
      ),
      timeoutSeconds: Type.Optional(
        Type.Number({
          minimum: 1,
          maximum: 3600,
          description: 'Deadline of one fetch. Default 60.',
        }),
      ),
    },
    {
      additionalProperties: false,
      description: 'Where the repository is, and what of it is read.',
    },
  ),
  'A Git repository whose declarations are kept.',
);

export type GitSource = Static<typeof GitSource>;
