import { Type, type Static } from 'typebox';
import { type Environment, environments } from '../words/environments.ts';

const Level = Type.Union([
  Type.Literal('error'),
  Type.Literal('warning'),
  Type.Literal('info'),
  Type.Literal('off'),
]);

const { Literal } = Type;

const Failing = Type.Union([Literal('blocked'), Literal('held'), Literal('waiting')]);
const FailingList = (description: string) =>
  Type.Optional(Type.Array(Failing, { uniqueItems: true, description }));

const ReviewRules = Type.Object(
  {
    fail: Type.Optional(
      Type.Array(Type.Union([Failing, Literal('warning')]), {
        uniqueItems: true,
        description:
          'What fails a review in every environment; `warning`: a warning that the pull request brings. Omitted: `blocked`, in Production alone.',
      }),
    ),
    environments: Type.Optional(
      Type.Object(
        Object.fromEntries(
          environments.map((name) => [name, FailingList(`In ${name}, in place of \`fail\`.`)]),
        ) as Record<Environment, ReturnType<typeof FailingList>>,
        { additionalProperties: false, description: 'What fails a review in one environment.' },
      ),
    ),
    withoutPlatform: Type.Optional(
      Type.Union([Literal('fail'), Literal('pass')], {
        description:
          'Whether a review that asked no platform may pass: it knows what is declared, not what will happen. Omitted: `fail`.',
      }),
    ),
  },
  {
    additionalProperties: false,
    description:
      'What fails a review of a pull request. Counts as the base branch has it. What is invalid, or has no verdict, always fails.',
  },
);

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
    review: Type.Optional(ReviewRules),
  },
  { additionalProperties: false, description: 'How strict Fairlead is in this repository.' },
);

export type ReviewRules = Static<typeof ReviewRules>;
export type RepositorySettings = Static<typeof RepositorySettings>;
