import { Ajv } from 'ajv';
import standalone from 'ajv/dist/standalone/index.js';
import { build } from 'esbuild';

import { ControllerStatusSchema } from '../../src/core/model/controller-schema.ts';
import { OrderSchema } from '../../src/core/model/order-schema.ts';
import { PlanFileSchema } from '../../src/core/render/plan-file-schema.ts';
import { Snapshot, SnapshotProgram } from '../../src/core/snapshot/schema.ts';
import type { ForgeName } from '../../src/ports/forge.ts';
import { operations } from '../../src/protocol/operations.ts';
import { messages, Result } from '../../src/protocol/wire.ts';
import { giteaShapes } from '../../src/review/forges/gitea-shapes.ts';
import { githubShapes } from '../../src/review/forges/github-shapes.ts';
import { gitlabShapes } from '../../src/review/forges/gitlab-shapes.ts';
import { root } from '../files.ts';
import { declarationSchemas, repositorySchema, settingsSchemas } from '../kinds.ts';
import { plainSchema, shapeOf, shareParts } from '../schemas.ts';

interface Module {
  /** Without extension. */
  readonly path: string;
  readonly schemas: Readonly<Record<string, unknown>>;
  /** Every mistake, or the first: declarations are read by people, messages by programs. */
  readonly allErrors: boolean;
  readonly declaration: string;
}

const validatorType = `
/** One thing ajv has to say, at a JSON Pointer. */
export interface SchemaError {
  readonly keyword: string;
  readonly instancePath: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly message?: string;
}

/** After \`false\`, \`errors\` says why until the next call. */
export interface Validator<T> {
  (value: unknown): value is T;
  errors?: readonly SchemaError[] | null;
}
`;

const snapshot = { Snapshot, SnapshotProgram };

const modules: readonly Module[] = [
  {
    path: 'src/core/generated/declarations',
    schemas: declarationSchemas,
    allErrors: true,
    declaration: kindsDeclaration(Object.keys(declarationSchemas)),
  },
  {
    path: 'src/core/generated/settings',
    schemas: settingsSchemas,
    allErrors: true,
    declaration: kindsDeclaration(Object.keys(settingsSchemas)),
  },
  {
    path: 'src/core/generated/repository-settings',
    schemas: { RepositorySettings: repositorySchema },
    allErrors: true,
    declaration: `
import type { RepositorySettings as Value } from '../kinds/repository-settings.ts';
import type { Validator } from './validator.d.ts';

export declare const RepositorySettings: Validator<Value>;
`,
  },
  {
    path: 'src/core/generated/plan-file',
    schemas: { PlanFile: PlanFileSchema },
    allErrors: false,
    declaration: `
import type { PlanFile as Value } from '../render/plan-file-schema.ts';
import type { Validator } from './validator.d.ts';

export declare const PlanFile: Validator<Value>;
`,
  },
  {
    path: 'src/core/generated/controller',
    schemas: { ControllerStatus: ControllerStatusSchema, Order: OrderSchema },
    allErrors: false,
    declaration: `
import type { ControllerStatus as Status } from '../model/controller.ts';
import type { Order as Given } from '../model/orders.ts';
import type { Validator } from './validator.d.ts';

export declare const ControllerStatus: Validator<Status>;
export declare const Order: Validator<Given>;
`,
  },
  {
    path: 'src/core/generated/snapshot',
    schemas: snapshot,
    allErrors: true,
    declaration: `
import type { Snapshot as Head, SnapshotProgram as Program } from '../snapshot/schema.ts';
import type { Validator } from './validator.d.ts';

export declare const Snapshot: Validator<Head>;
export declare const SnapshotProgram: Validator<Program>;
`,
  },
  {
    path: 'src/protocol/generated/requests',
    schemas: Object.fromEntries(operations.map((name) => [name, messages[name].request])),
    allErrors: false,
    declaration: messagesDeclaration('RequestOf'),
  },
  {
    path: 'src/protocol/generated/responses',
    schemas: {
      ...Object.fromEntries(operations.map((name) => [name, messages[name].response])),
      envelope: { type: 'object', required: ['result'], properties: { result: Result } },
    },
    allErrors: false,
    declaration: `${messagesDeclaration('ResponseOf')}
/** What every answer holds, whatever it says. */
export declare const envelope: Validator<{ readonly result: Result }>;
`,
  },
  forgeModule('github', githubShapes),
  forgeModule('gitlab', gitlabShapes),
  forgeModule('gitea', giteaShapes),
];

/** Validators that need no compiling at start: one module of plain code per use, with its types. */
export async function generate(): Promise<ReadonlyMap<string, string>> {
  const files = new Map([
    ['src/core/generated/validator.d.ts', banner + validatorType],
    ['src/protocol/generated/validator.d.ts', banner + validatorType],
    ['src/review/forges/generated/validator.d.ts', banner + validatorType],
  ]);
  for (const module of modules) {
    files.set(`${module.path}.js`, banner + (await compile(module)));
    files.set(`${module.path}.d.ts`, banner + module.declaration);
  }
  const shapes = Object.entries({
    ...declarationSchemas,
    ...settingsSchemas,
    ...snapshot,
    RepositorySettings: repositorySchema,
  }).map(([name, schema]) => [name, shapeOf(plainSchema(schema))] as const);
  files.set(
    'src/core/generated/shapes.js',
    `${banner}export const shapes = ${JSON.stringify(Object.fromEntries(shapes))};\n`,
  );
  files.set('src/core/generated/shapes.d.ts', banner + shapesDeclaration);
  return files;
}

const shapesDeclaration = `
/** Names of fields below a field: by name, of each entry of a list, or \`null\` where there are none. */
export type Shape = { readonly [field: string]: Shape } | readonly [Shape] | null;

export declare const shapes: Readonly<Record<string, Shape>>;
`;

const banner = '// Generated by tools/generators/validators.ts: npm run generate\n';

function kindsDeclaration(names: readonly string[]): string {
  const lines = names.map((name) => `export declare const ${name}: Validator<Kinds['${name}']>;`);
  return `
import type { Kinds } from '../kinds/index.ts';
import type { Validator } from './validator.d.ts';

${lines.join('\n')}
`;
}

/** What is read of a forge's answers. */
function forgeModule(name: ForgeName, schemas: Module['schemas']): Module {
  const types = { github: 'GithubShapes', gitlab: 'GitlabShapes', gitea: 'GiteaShapes' } as const;
  const type = types[name];
  const lines = Object.keys(schemas).map(
    (shape) => `export declare const ${shape}: Validator<${type}['${shape}']>;`,
  );
  const declaration = `
import type { ${type} } from '../${name}-shapes.ts';
import type { Validator } from './validator.d.ts';

${lines.join('\n')}
`;
  return { path: `src/review/forges/generated/${name}`, schemas, allErrors: false, declaration };
}

function messagesDeclaration(type: 'RequestOf' | 'ResponseOf'): string {
  const imports = type === 'ResponseOf' ? 'ResponseOf, Result' : type;
  const lines = operations.map(
    (name) => `export declare const ${name}: Validator<${type}<'${name}'>>;`,
  );
  return `
import type { ${imports} } from '../wire.ts';
import type { Validator } from './validator.d.ts';

${lines.join('\n')}
`;
}

async function compile({ schemas, allErrors }: Module): Promise<string> {
  const ajv = new Ajv({
    allErrors,
    // An enum beside a union, or a required name without a schema, would be a slip of ours.
    strict: true,
    allowUnionTypes: true,
    messages: false,
    inlineRefs: false,
    code: { source: true, esm: true, lines: true },
  });
  const plain = Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) => [name, plainSchema(schema)]),
  );
  for (const [name, schema] of Object.entries(shareParts(plain))) ajv.addSchema(schema, name);
  const names = Object.fromEntries(Object.keys(schemas).map((name) => [name, name]));
  // ajv's runtime helpers come through `require`; bundled in, the module stands alone.
  const bundled = await build({
    stdin: { contents: standalone.default(ajv, names), resolveDir: root, loader: 'js' },
    absWorkingDir: root,
    bundle: true,
    format: 'esm',
    target: 'es2024',
    write: false,
    charset: 'utf8',
    legalComments: 'none',
  });
  const [file] = bundled.outputFiles;
  if (file === undefined) throw new Error('esbuild gave no output');
  return file.text;
}
