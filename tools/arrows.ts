/**
 * The import arrows of the house (docs: architecture), as one table.
 * Lint reads it for a message while you type; `test/unit/house/arrows.test.ts` walks every import with it.
 */
import { posix } from 'node:path';

interface Row {
  /** Areas this area may import, itself included or not as written. */
  readonly may: readonly string[];
  /** Node modules it may import. */
  readonly node: 'any' | readonly string[];
  /** What to do when an arrow is missing; ends the message. */
  readonly instead: string;
}

const adapter = (own: string): Row => ({
  may: [own, 'core', 'ports', 'protocol'],
  node: 'any',
  instead: 'an adapter implements one port and never sees another adapter; join them in src/cli',
});

/** Keys are paths below `src/`, a folder or a file without its extension; the longest match wins. */
const arrows: Readonly<Record<string, Row>> = {
  'core/words': {
    may: ['core/words'],
    node: ['node:crypto'],
    instead:
      'words are the lowest layer; move the word down, or the code that needs more up to core',
  },
  core: {
    may: ['core'],
    node: ['node:crypto'],
    instead:
      'core is pure: take the value as an argument and let the caller fetch it through a port',
  },
  ports: {
    may: ['ports', 'core'],
    node: [],
    instead: 'a port is a type over words of core; move the type to src/core',
  },
  protocol: {
    may: ['protocol', 'core/words'],
    node: ['node:crypto', 'node:buffer'],
    instead: 'the wire knows words only; move the word to src/core/words',
  },
  engine: {
    may: ['engine', 'core', 'ports'],
    node: ['node:crypto'],
    instead: 'declare the effect in src/ports and let src/cli pass the adapter in',
  },
  reconcile: {
    may: ['reconcile', 'core', 'ports', 'engine'],
    node: ['node:crypto'],
    instead: 'declare the effect in src/ports and let src/cli pass the adapter in',
  },
  source: adapter('source'),
  platform: adapter('platform'),
  kubernetes: adapter('kubernetes'),
  secrets: adapter('secrets'),
  ledger: adapter('ledger'),
  review: {
    may: ['review', 'core', 'ports', 'engine/read'],
    node: 'any',
    instead:
      'review can only read: use planProgram of src/engine/read and ports passed in by src/cli',
  },
  server: {
    may: ['server', 'core', 'ports'],
    node: 'any',
    instead: 'take what you show through a port; src/cli joins',
  },
  emulator: {
    may: ['emulator', 'core/words', 'protocol'],
    node: 'any',
    instead: 'the emulator has its own rules so that tests can compare; share words and wire only',
  },
  'emulator/in-process': {
    may: ['emulator', 'core', 'ports', 'protocol', 'platform'],
    node: [],
    instead: 'it joins the http driver with a world of this process, for tests and simulations',
  },
  cli: {
    may: Object.freeze([
      ...['cli', 'core', 'ports', 'protocol', 'engine', 'reconcile', 'source', 'platform'],
      ...['kubernetes', 'secrets', 'ledger', 'review', 'server', 'emulator'],
    ]),
    node: 'any',
    instead: 'tools and tests import the program, never the other way round',
  },
};

/** No chain of imports leads from one area to the other, however long. */
export const unreachable: readonly {
  readonly from: string;
  readonly to: string;
  readonly why: string;
}[] = [
  { from: 'review', to: 'engine/write', why: 'nothing in a review can write to the platform' },
  { from: 'engine/read', to: 'engine/write', why: 'planning can only hold a reader' },
];

/** Packages with one place; an empty list means tests and tools only. */
const homes: Readonly<Record<string, readonly string[]>> = {
  '@kubernetes/client-node': ['kubernetes'],
  commander: ['cli'],
  diff: ['review'],
  parse5: [],
  'playwright-core': [],
  'node-cron': ['cli'],
  pino: ['cli'],
  'prom-client': ['server'],
  fastify: ['server'],
  'age-encryption': ['secrets'],
  'p-retry': ['review'],
  'universal-github-app-jwt': ['review'],
  semver: ['source'],
  'simple-git': ['source'],
  uqr: ['cli'],
  'dockerfile-ast': [],
  'fast-check': [],
  graphql: [],
  typescript: [],
  ssh2: [],
  vitest: [],
};

const extension = /\.(?:[cm]?[jt]s|json)$/;

/** `src/engine/read.ts` -> `engine/read`; undefined outside `src/`. */
function placeOf(file: string): string | undefined {
  return file.startsWith('src/') ? file.slice('src/'.length).replace(extension, '') : undefined;
}

/** Whether a place (path below `src/`) is an area or lies in it. */
export function isWithin(place: string, area: string): boolean {
  return place === area || place.startsWith(`${area}/`);
}

/** The most precise row for a place. */
function rowOf(place: string): [string, Row] | undefined {
  return Object.entries(arrows)
    .filter(([area]) => isWithin(place, area))
    .toSorted(([a], [b]) => b.length - a.length)[0];
}

/**
 * The repository-relative file a specifier means, or undefined for packages and Node modules.
 *
 * @param file  repository-relative, with `/`
 */
export function targetOf(file: string, specifier: string): string | undefined {
  return specifier.startsWith('.') ? posix.join(posix.dirname(file), specifier) : undefined;
}

function packageOf(specifier: string): string {
  const parts = specifier.split('/');
  return parts.slice(0, specifier.startsWith('@') ? 2 : 1).join('/');
}

/**
 * Why `file` may not import `specifier`, with what to do instead; undefined when it may.
 *
 * @param file  repository-relative, with `/`; files outside `src/` may import everything
 */
export function refusal(file: string, specifier: string): string | undefined {
  const place = placeOf(file);
  if (place === undefined) return undefined;
  const found = rowOf(place);
  if (!found)
    return `${file} lies in no area of the house: add its folder to tools/arrows.ts or move it`;
  const [area, row] = found;
  const problem = specifier.startsWith('.')
    ? refuseFile(area, row, targetOf(file, specifier) ?? specifier)
    : refuseModule(area, row, specifier);
  return problem === undefined ? undefined : `${problem}; ${row.instead}`;
}

function refuseFile(area: string, row: Row, target: string): string | undefined {
  if (area === 'cli' && isShipped(target)) return undefined;
  const to = placeOf(target);
  if (to !== undefined && row.may.some((allowed) => isWithin(to, allowed))) return undefined;
  return `src/${area} may not import ${target}`;
}

/** Files outside `src/` that the program carries with it. */
function isShipped(target: string): boolean {
  return target === 'package.json' || /^schemas\/[\w-]+\.json$/.test(target);
}

function refuseModule(area: string, row: Row, specifier: string): string | undefined {
  if (specifier.startsWith('node:')) {
    const allowed = row.node === 'any' || row.node.includes(specifier);
    return allowed ? undefined : `src/${area} may not import ${specifier}`;
  }
  const home = homes[packageOf(specifier)];
  if (!home || home.some((allowed) => isWithin(area, allowed))) return undefined;
  const where = home.length === 0 ? 'tests and tools' : `src/${home.join(' and src/')}`;
  return `${packageOf(specifier)} belongs to ${where}, not to src/${area}`;
}
