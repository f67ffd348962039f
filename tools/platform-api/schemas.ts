import * as wire from '../../src/protocol/wire.ts';
import { type PlainSchema, plainSchema } from '../schemas.ts';

/** Parts of messages that have a name of their own in the documentation. */
export const components: Readonly<Record<string, PlainSchema>> = {
  Result: plainSchema(wire.Result),
  Config: plainSchema(wire.WireConfig),
  NewConfig: plainSchema(wire.WireNewConfig),
  Patch: plainSchema(wire.WirePatch),
  GlobalPatch: plainSchema(wire.WireGlobalPatch),
  Release: plainSchema(wire.WireRelease),
  MiniProgram: plainSchema(wire.WireMiniProgram),
  TargetApp: plainSchema(wire.WireTargetApp),
};

const byText = new Map(
  Object.entries(components).map(([name, schema]) => [JSON.stringify(schema), name]),
);

/** A schema in which each named part is a reference to it. */
export function withReferences(schema: PlainSchema): PlainSchema {
  return Object.fromEntries(
    Object.entries(schema).map(([keyword, value]) => [keyword, referred(value)]),
  );
}

function referred(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(referred);
  if (typeof node !== 'object' || node === null) return node;
  const name = byText.get(JSON.stringify(node));
  if (name !== undefined) return { $ref: `#/components/schemas/${name}` };
  return withReferences(node as PlainSchema);
}

/** Request and response of an operation, named parts as references. */
export function messageSchemas(operation: keyof typeof wire.messages) {
  const { request, response } = wire.messages[operation];
  return {
    request: withReferences(plainSchema(request)),
    response: withReferences(plainSchema(response)),
  };
}
