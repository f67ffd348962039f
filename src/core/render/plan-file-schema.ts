import { type Static, Type } from 'typebox';
import type { DesiredProgram } from '../model/desired.ts';
import type { Plan } from '../model/plan.ts';
import { planFormatVersion } from '../plan/identity.ts';
import type { Origin, Place } from '../words/places.ts';
import { closed, HashWord, PlatformSchema } from './schema-parts.ts';

/** A program as it was wished and as it was planned. */
export interface PlannedPair {
  readonly desired: DesiredProgram;
  readonly plan: Plan;
}

/** What stands in a table of origins. */
interface Located {
  readonly place: Place;
  readonly origin: Origin;
}

type Member = 'object' | 'array' | 'string';

/** An object with these members at least. */
const objectWith = (members: Readonly<Record<string, Member>>) => ({
  type: 'object',
  required: Object.keys(members),
  properties: Object.fromEntries(Object.entries(members).map(([name, type]) => [name, { type }])),
});

/**
 * The file of `plan --out`.
 *
 * Only the frame is described: the digest vouches for what is inside, since nothing but this program, in this format
 * version, writes one; a forged file can wish for nothing that a declaration could not,
 * since whoever applies it does so under their own grants, as their own source, with their own take-overs.
 */
export const PlanFileSchema = Type.Object(
  {
    formatVersion: Type.Literal(planFormatVersion),
    kind: Type.Literal('PlanFile'),
    planHash: HashWord,
    digest: Type.String({
      pattern: '^[0-9A-Za-z_-]{43}$',
      description: 'Of all the rest: a changed file is no longer what was shown.',
    }),
    installation: Type.String(),
    takeOver: Type.Array(Type.String()),
    platforms: Type.Array(PlatformSchema),
    programs: Type.Array(
      Type.Unsafe<PlannedPair>({
        ...objectWith({ desired: 'object', plan: 'object' }),
        properties: {
          desired: objectWith({ key: 'object', connection: 'string', releases: 'array' }),
          plan: objectWith({ key: 'object', changes: 'array', global: 'array', awaits: 'array' }),
        },
        ...closed,
      }),
    ),
    origins: Type.Array(
      Type.Unsafe<Located>({
        ...objectWith({ place: 'object', origin: 'object' }),
        properties: {
          place: objectWith({ document: 'string', pointer: 'string' }),
          origin: { type: 'object' },
        },
        ...closed,
      }),
    ),
  },
  {
    ...closed,
    title: 'PlanFile',
    description: 'What `fairlead plan --out` writes for `apply --plan`.',
  },
);

export type PlanFile = Static<typeof PlanFileSchema>;
