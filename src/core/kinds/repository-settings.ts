import { Type, type Static } from 'typebox';

const Level = Type.Union([
  Type.Literal('error'),
  Type.Literal('warning'),
  Type.Literal('info'),
  Type.Literal('off'),
]);

/**
 * `.fairlead.yaml` at the root of a repository: how strict lint is there, and what is waived until when.
 * Not a kind: it is no declaration, and cannot be applied anywhere.
 */
export const RepositorySettings = Type.Object(
  {
    lint: Type.Optional(
      Type.Object(
        {
          severities: Type.Optional(
            Type.Record(Type.String(), Level, {
              description: 'Rule id to severity; warnings may also be switched off.',
            }),
          ),
          waivers: Type.Optional(
            Type.Array(
              Type.Object(
                {
                  rule: Type.String({
                    minLength: 1,
                    description: 'Id of a rule that is no error.',
                  }),
                  path: Type.Optional(
                    Type.String({ minLength: 1, description: 'Glob of files; omitted, all.' }),
                  ),
                  object: Type.Optional(
                    Type.String({ minLength: 1, description: 'Kind/name; omitted, all.' }),
                  ),
                  value: Type.Optional(
                    Type.String({
                      minLength: 1,
                      description: 'Only findings about exactly this value.',
                    }),
                  ),
                  reason: Type.String({ minLength: 1, description: 'Why it is right here.' }),
                  expires: Type.String({
                    pattern: '^\\d{4}-\\d{2}-\\d{2}$',
                    description: 'Last day on which the waiver counts.',
                  }),
                },
                { additionalProperties: false },
              ),
              { description: 'Findings that are known and right, each until a day.' },
            ),
          ),
        },
        { additionalProperties: false, description: 'How lint judges in this repository.' },
      ),
    ),
  },
  { additionalProperties: false, description: 'How strict Fairlead is in this repository.' },
);

export type RepositorySettings = Static<typeof RepositorySettings>;
