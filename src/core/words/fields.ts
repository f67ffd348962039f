import type { SecretText } from './secret-text.ts';

/** Fields whose value is one string. */
export const stringFields = ['clientId', 'merchantId'] as const;
/** Fields whose value is a list, compared as a set of exact strings. */
export const listFields = ['serverDomains', 'wapUrls', 'testers'] as const;
/** Every field that exists at both levels, in the order people read them. */
export const fields = [...stringFields, ...listFields] as const;

export type StringField = (typeof stringFields)[number];
export type ListField = (typeof listFields)[number];
export type Field = (typeof fields)[number];

/** A release-specific environment variable is a field of its own. */
export type VariablePath = `environmentVariables/${string}`;
export type FieldPath = Field | VariablePath;

const variablePrefix = 'environmentVariables/';

export function variablePath(name: string): VariablePath {
  return `environmentVariables/${name}`;
}

/** The variable's name, or `undefined` for any other field. */
export function variableName(path: FieldPath): string | undefined {
  return path.startsWith(variablePrefix) ? path.slice(variablePrefix.length) : undefined;
}

export function isVariable(path: string): path is VariablePath {
  return path.startsWith(variablePrefix);
}

export function isListField(path: string): path is ListField {
  return (listFields as readonly string[]).includes(path);
}

export function isField(path: string): path is Field {
  return (fields as readonly string[]).includes(path);
}

export function isFieldPath(text: string): text is FieldPath {
  return isVariable(text) || isField(text);
}

/** A secret by reference: `name` is granted by the administrator's settings, `key` chooses one value in it. */
export interface SecretRef {
  readonly name: string;
  readonly key: string;
}

/** `name/key`, the index of fingerprints. */
export function secretRefText(ref: SecretRef): string {
  return `${ref.name}/${ref.key}`;
}

/** A declared value. A plain string is public by definition; a list is a set, kept in code-unit order without doubles. */
export type DesiredValue =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'list'; readonly items: readonly string[] }
  | { readonly kind: 'secret'; readonly ref: SecretRef };

/** An observed value; an environment variable is kept sealed until it proves equal to a declared literal. */
export type ObservedValue =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'list'; readonly items: readonly string[] }
  | { readonly kind: 'sealed'; readonly secret: SecretText }
  /** Set, but its value cannot be seen (a platform that hides variables, or a snapshot). */
  | { readonly kind: 'hidden' };

/** One value per field; an absent field is inherited (release level) or not set (global level). */
export type ObservedConfig = Readonly<Partial<Record<FieldPath, ObservedValue>>>;

/** The canonical form of a list: code-unit order, no doubles. */
export function listOf(items: readonly string[]): {
  readonly kind: 'list';
  readonly items: readonly string[];
} {
  return { kind: 'list', items: [...new Set(items)].sort() };
}

/** The fields of a config in reading order: plain fields first, variables by name after them. */
export function pathsOf(
  ...configs: readonly (Readonly<Partial<Record<FieldPath, unknown>>> | undefined)[]
): FieldPath[] {
  const present = new Set(configs.flatMap((config) => Object.keys(config ?? {})) as FieldPath[]);
  const plain = fields.filter((field) => present.has(field));
  const variables = [...present].filter(isVariable).sort();
  return [...plain, ...variables];
}
