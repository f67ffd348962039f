import { type Static, Type } from 'typebox';
import { planFormatVersion } from '../plan/identity.ts';
import { actions } from '../words/reasons.ts';
import {
  closed,
  HashWord,
  Id,
  literals,
  orNull,
  ProgramKeySchema,
  ReleaseKeySchema,
} from './schema-parts.ts';

/** The JSON document of `apply -o json` and `run --once`. */
export const ApplySchema = Type.Object(
  {
    formatVersion: Type.Literal(planFormatVersion),
    kind: Type.Literal('ApplyResult'),
    planHash: HashWord,
    changeId: Id,
    outcomes: Type.Array(
      Type.Object(
        {
          key: Type.Union([ReleaseKeySchema, ProgramKeySchema]),
          action: literals(actions, 'What was planned.'),
          result: literals(['applied', 'failed', 'skipped', 'held'], 'What became of it.'),
          code: orNull(
            Type.String({ description: 'Of a failure, or why it is held. New words may appear.' }),
          ),
          message: orNull(Type.String()),
          releaseId: orNull(Type.String()),
          testQrCode: orNull(Type.String({ description: 'Scan it with the target app.' })),
        },
        closed,
      ),
    ),
    left: Type.Optional(
      Type.Array(
        Type.Object(
          {
            key: Type.Union([ReleaseKeySchema, ProgramKeySchema]),
            action: literals(actions, 'What was planned.'),
            reasons: Type.Array(Type.String()),
            nextStep: orNull(Type.String()),
          },
          closed,
        ),
        { description: 'What is blocked or waits, and so was not tried; absent where nothing is.' },
      ),
    ),
  },
  { ...closed, title: 'ApplyResult', description: 'What `fairlead apply -o json` prints.' },
);

export type ApplyDocument = Static<typeof ApplySchema>;
export type OutcomeDocument = ApplyDocument['outcomes'][number];
