import { declarationSchemas, repositorySchema, settingsSchemas } from '../kinds.ts';
import { plainSchema, type PlainSchema } from '../schemas.ts';

/** The draft that editors' YAML and JSON support understands best. */
const draft = 'http://json-schema.org/draft-07/schema#';

/** JSON Schemas for editors: one per kind, one for all kinds by `kind`, one for `.fairlead.yaml`. */
export function generate(): Promise<ReadonlyMap<string, string>> {
  const kinds = Object.entries({ ...declarationSchemas, ...settingsSchemas }).map(
    ([name, schema]) => [name, plainSchema(schema)] as const,
  );
  const files = kinds.map(([name, schema]) => file(kebab(name), { title: name, ...schema }));
  const repository = { title: '.fairlead.yaml', ...plainSchema(repositorySchema) };
  return Promise.resolve(
    new Map([...files, file('fairlead', allKinds(kinds)), file('repository-settings', repository)]),
  );
}

function allKinds(kinds: readonly (readonly [string, PlainSchema])[]): PlainSchema {
  return {
    title: 'Fairlead',
    description: 'A document of any kind of Fairlead.',
    oneOf: kinds.map(([name]) => ({ $ref: `#/definitions/${name}` })),
    definitions: Object.fromEntries(
      kinds.map(([name, schema]) => [name, { title: name, ...schema }]),
    ),
  };
}

function file(name: string, schema: PlainSchema): [string, string] {
  return [
    `schemas/${name}.json`,
    `${JSON.stringify({ $schema: draft, ...schema }, undefined, 2)}\n`,
  ];
}

/** `MiniProgram` -> `mini-program`. */
function kebab(name: string): string {
  return name.replaceAll(/(?<=[a-z])[A-Z]/g, (letter) => `-${letter}`).toLowerCase();
}
