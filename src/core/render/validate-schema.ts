import { type Static, Type } from 'typebox';
import { planFormatVersion } from '../plan/identity.ts';
import { closed, Count, ProblemSchema } from './schema-parts.ts';

/** The JSON document of `validate -o json`. */
export const ValidateSchema = Type.Object(
  {
    formatVersion: Type.Literal(planFormatVersion),
    kind: Type.Literal('ValidateResult'),
    summary: Type.Object(
      {
        documents: Count('Documents that were read, invalid ones included.'),
        programs: Count('Program keys.'),
        releases: Count('Release keys: version, app and environment.'),
        errors: Count('Problems that make a document invalid.'),
        warnings: Count('Problems that should be looked at.'),
        notes: Count('Things worth knowing.'),
      },
      closed,
    ),
    problems: Type.Array(ProblemSchema),
  },
  { ...closed, title: 'ValidateResult', description: 'What `fairlead validate -o json` prints.' },
);

export type ValidateDocument = Static<typeof ValidateSchema>;
