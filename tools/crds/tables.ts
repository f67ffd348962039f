import type { PlainSchema } from '../schemas.ts';

/** Keys of the lists whose entries have a name of their own. */
export const listKeys: Readonly<Record<string, readonly string[]>> = {
  targets: ['app', 'environment'],
  environmentVariables: ['name'],
  conditions: ['type'],
  globals: ['platform', 'workspace', 'id'],
};

/** Lists of texts whose order means something, or which may hold one twice. */
export const orderedLists: ReadonlySet<string> = new Set(['profiles']);

/** What the descriptions say happens where nothing is written. A unit test holds the two together. */
const defaults: Readonly<Record<string, Readonly<Record<string, string | number>>>> = {
  MiniProgram: {
    'spec.policy.onChange': 'Apply',
    'spec.policy.onDrift': 'Report',
    'spec.policy.undeclared': 'Report',
  },
  GitSource: { 'spec.intervalSeconds': 60, 'spec.timeoutSeconds': 60 },
  PlatformConnection: {
    'spec.pathPrefix': '/api/',
    'spec.signedPath': 'full',
    'spec.signatureEncoding': 'urlEncodedBase64',
    'spec.requestTime': 'iso8601',
    'spec.keyVersion': 1,
    'spec.timeoutSeconds': 30,
    'spec.requestsPerSecond': 10,
    'spec.maxWriters': 4,
  },
};

export function defaultAt(kind: string, path: string): string | number | undefined {
  return defaults[kind]?.[path];
}

/*
 * Files have a limit as a whole, objects have theirs per field: without one the API server takes the worst for granted
 * and refuses every rule that looks inside.
 */
const itemLimits: Readonly<Record<string, number>> = {
  environments: 4,
  'instances[].apps': 64,
};
const lengthLimits: Readonly<Record<string, number>> = {
  until: 64,
  expiresAt: 64,
  credentialExpiresAt: 64,
  'unset[]': 149,
};

export const mostProperties = 64;

export function mostItems(path: string): number {
  return limitOf(itemLimits, path) ?? 256;
}

export function mostCharacters(path: string): number {
  return limitOf(lengthLimits, path) ?? 1024;
}

function limitOf(limits: Readonly<Record<string, number>>, path: string): number | undefined {
  return Object.entries(limits).find(([end]) => path.endsWith(`.${end}`))?.[1];
}

const text = (instead: string): PlainSchema => ({
  type: 'string',
  maxLength: 1024,
  description: `Not here: ${instead}`,
});
const variables = (instead: string): PlainSchema => ({
  type: 'array',
  maxItems: 64,
  items: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
  description: `Not here: ${instead}`,
});
const onlyLists = 'extend adds to lists only; a value belongs into config.';

/** Fields that people try, known only so that a rule can say where they belong. */
export function misplacedAt(path: string): Readonly<Record<string, PlainSchema>> {
  if (/\.globalConfig$/.test(path))
    return { environmentVariables: variables('variables belong to releases; see spec.config.') };
  if (/\.extend$/.test(path))
    return {
      clientId: text(onlyLists),
      merchantId: text(onlyLists),
      environmentVariables: variables(onlyLists),
    };
  return {};
}

/** Whether there may be so many texts here that no rule can look at each. */
export function isEndless(path: string): boolean {
  return /\[\]$|\.(?:environmentVariables|grants)\[\]/.test(path);
}

const hidden = String.raw`\x{0}-\x{1f}\x{7f}-\x{9f}\x{ad}\x{61c}\x{200b}\x{200e}\x{200f}\x{2028}-\x{202e}\x{2060}-\x{2064}\x{2066}-\x{2069}\x{feff}\x{e0000}-\x{e007f}`;

/** Something to see, and nothing that cannot be seen: src/core/yaml/text.ts in the API server's dialect (RE2). */
export const visibleText = String.raw`^[^${hidden}]*[^${hidden}\pZ][^${hidden}]*$`;
