/**
 * What the house does without, as options of ESLint's `no-restricted-*` rules.
 * A later block of the configuration replaces an earlier one's options whole, so each export here is complete.
 */
interface Ban {
  readonly message: string;
}

interface SyntaxBan extends Ban {
  readonly selector: string;
}

interface GlobalBan extends Ban {
  readonly name: string;
}

interface PropertyBan extends Ban {
  readonly object: string;
  readonly property: string;
}

interface ImportBan extends Ban {
  readonly name: string;
  readonly importNames?: readonly string[];
}

interface Bans {
  readonly syntax: readonly SyntaxBan[];
  readonly globals: readonly GlobalBan[];
  readonly properties: readonly PropertyBan[];
  readonly imports: readonly ImportBan[];
}

const clock = 'Use the Clock port (src/ports), or take `now` as an argument in pure code.';
const random = 'Use the Random port (src/ports), or take the value as an argument in pure code.';
const transport = 'Use the Transport port (src/ports).';
const settings = 'Only src/cli reads the environment: take the value from the settings passed in.';

const shape: readonly SyntaxBan[] = [
  {
    selector: 'ExportDefaultDeclaration, ExportSpecifier[exported.name="default"]',
    message: 'No default exports: a name is the same word everywhere.',
  },
  {
    selector: 'TSEnumDeclaration',
    message: 'No enums: use a union of literals, or a table `as const satisfies`.',
  },
  {
    selector:
      ':matches(ClassDeclaration, ClassExpression)[superClass=null]' +
      ':not(:has(PropertyDefinition)):not(:has(AccessorProperty))',
    message: 'No classes without state: use functions, closing over what they need.',
  },
];

const environment: readonly PropertyBan[] = [
  { object: 'process', property: 'env', message: settings },
];

const environmentImports: readonly ImportBan[] = [
  { name: 'node:process', importNames: ['env', 'default'], message: settings },
  { name: 'process', message: settings },
];

const effectGlobals: readonly GlobalBan[] = [
  ...['Date', 'performance', 'setTimeout', 'setInterval', 'setImmediate'].map((name) => ({
    name,
    message: clock,
  })),
  ...['fetch', 'WebSocket', 'EventSource', 'XMLHttpRequest'].map((name) => ({
    name,
    message: transport,
  })),
  { name: 'global', message: 'Name what you need; effects come through ports.' },
  { name: 'globalThis', message: 'Name what you need; effects come through ports.' },
];

const effectProperties: readonly PropertyBan[] = [
  { object: 'Math', property: 'random', message: random },
  { object: 'crypto', property: 'randomUUID', message: random },
  { object: 'crypto', property: 'getRandomValues', message: random },
  { object: 'AbortSignal', property: 'timeout', message: clock },
  { object: 'process', property: 'hrtime', message: clock },
  { object: 'process', property: 'uptime', message: clock },
];

const effectImports: readonly ImportBan[] = [
  {
    name: 'node:crypto',
    importNames: ['randomUUID', 'randomBytes', 'randomInt', 'randomFill', 'webcrypto', 'default'],
    message: random,
  },
  ...['node:timers', 'node:timers/promises', 'node:perf_hooks'].map((name) => ({
    name,
    message: clock,
  })),
  ...['node:http', 'node:https', 'node:net', 'node:tls'].map((name) => ({
    name,
    message: transport,
  })),
];

const moduleState: readonly SyntaxBan[] = [
  {
    selector:
      'Program > VariableDeclaration[kind="let"], Program > ExportNamedDeclaration > VariableDeclaration[kind="let"]',
    message: 'No module state: several processes run side by side in one simulator. Close over it.',
  },
];

const typesOnly: readonly SyntaxBan[] = [
  {
    selector:
      ':matches(Program, Program > ExportNamedDeclaration) > ' +
      ':matches(VariableDeclaration, FunctionDeclaration, ClassDeclaration)',
    message: 'A port is types only: words and their functions live in src/core.',
  },
];

function rules({ syntax, globals, properties, imports }: Bans) {
  return {
    'no-restricted-syntax': ['error', ...syntax],
    'no-restricted-globals': ['error', ...globals],
    'no-restricted-properties': ['error', ...properties],
    'no-restricted-imports': ['error', { paths: imports }],
  } as const;
}

/** Everywhere. */
export const shapeBans = rules({ syntax: shape, globals: [], properties: [], imports: [] });

/** In `src/`, but for `src/cli`. */
export const environmentBans = rules({
  syntax: shape,
  globals: [],
  properties: environment,
  imports: environmentImports,
});

/** Where one simulator runs many processes: no time, chance, network or module state of their own. */
export const effectBans = rules({
  syntax: [...shape, ...moduleState],
  globals: effectGlobals,
  properties: [...environment, ...effectProperties],
  imports: [...environmentImports, ...effectImports],
});

/** In `src/ports`. */
export const portBans = rules({
  syntax: [...shape, ...typesOnly],
  globals: effectGlobals,
  properties: [...environment, ...effectProperties],
  imports: [...environmentImports, ...effectImports],
});

const runners = ['it', 'test', 'describe'];

/** In tests: every test runs, always. */
export const testBans = rules({
  syntax: shape,
  globals: [],
  properties: runners.flatMap((object) =>
    ['skip', 'only', 'todo', 'skipIf', 'runIf', 'fails'].map((property) => ({
      object,
      property,
      message: 'Every test runs, always: make it pass, or delete it.',
    })),
  ),
  imports: [],
});
