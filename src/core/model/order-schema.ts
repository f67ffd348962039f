import { Type } from 'typebox';

/** Most ids of one approval: the fields of a plan of 20,000. */
const maxIds = 20_000;

const closed = { additionalProperties: false } as const;
const Text = (maxLength: number) => Type.String({ minLength: 1, maxLength });
const Moment = Type.Integer({ minimum: 0, maximum: 8_640_000_000_000_000 });
const Ids = Type.Array(Type.String({ pattern: '^c-[0-9a-f]{12}$' }), {
  minItems: 1,
  maxItems: maxIds,
});
const ProgramWord = Text(1024);

const base = { id: Text(64), at: Moment, by: Text(256) };

/**
 * An order as it is kept in a file.
 *
 * Closed: a field that this version does not know may narrow what was meant, so the whole order is left out.
 */
export const OrderSchema = Type.Union([
  Type.Object(
    {
      ...base,
      kind: Type.Literal('approve'),
      asked: Text(64),
      ids: Ids,
      until: Type.Optional(Moment),
    },
    closed,
  ),
  Type.Object(
    {
      ...base,
      kind: Type.Literal('suspend'),
      program: Type.Optional(ProgramWord),
      reason: Text(1024),
      until: Type.Optional(Moment),
    },
    closed,
  ),
  Type.Object(
    {
      ...base,
      kind: Type.Literal('resume'),
      program: Type.Optional(ProgramWord),
      reason: Type.Optional(Text(1024)),
    },
    closed,
  ),
  Type.Object({ ...base, kind: Type.Literal('used'), ids: Ids }, closed),
]);
