import { compareText } from '../../core/words/keys.ts';
import { fields, isListField, type Field } from '../../core/words/fields.ts';
import type { WireConfig, WireNewConfig, WirePatch } from '../../protocol/wire.ts';
import type { DeepReadonly } from './answers.ts';
import { holds, type Config, type Variable, type World } from './state.ts';

/** What a release runs with while it follows the global configuration. */
export function effectiveConfig(world: World, globalConfig: Config, own: Config): Config {
  const base = holds(world, 'global-is-default') ? globalConfig : {};
  const merged = holds(world, 'release-wins') ? { ...base, ...own } : { ...own, ...base };
  return world.switches.precedence === 'mergeLists' ? mergeLists(merged, base, own) : merged;
}

function mergeLists(merged: Config, base: Config, own: Config): Config {
  const lists = fields
    .filter(isListField)
    .filter((field) => base[field] && own[field])
    .map(
      (field) => [field, [...new Set([...(base[field] ?? []), ...(own[field] ?? [])])]] as const,
    );
  return { ...merged, ...Object.fromEntries(lists) };
}

/** The configuration entered while a target is selected. */
export function configOf(world: World, entered: DeepReadonly<WireNewConfig>): Config {
  const { environmentVariables, ...plain } = entered;
  return applyPatch(
    world,
    {},
    environmentVariables
      ? { ...plain, environmentVariables: { upsert: environmentVariables } }
      : plain,
  );
}

/** Absent keeps, null inherits, a list replaces, variables are upserted or removed by name. */
export function applyPatch(world: World, config: Config, patch: DeepReadonly<WirePatch>): Config {
  const next: Record<string, unknown> = { ...config };
  for (const field of fields) {
    const value = patch[field];
    if (value === undefined) continue;
    if (value === null || isUnset(world, value)) Reflect.deleteProperty(next, field);
    else next[field] = value;
  }
  const variables = patchVariables(config.environmentVariables ?? [], patch);
  if (variables.length === 0) delete next['environmentVariables'];
  else next['environmentVariables'] = variables;
  return next;
}

function isUnset(world: World, value: string | readonly string[]): boolean {
  return world.switches.emptyList === 'inherit' && value.length === 0;
}

function patchVariables(
  before: readonly Variable[],
  { environmentVariables = {} }: DeepReadonly<WirePatch>,
): readonly Variable[] {
  const { upsert = [], remove = [] } = environmentVariables;
  if (upsert.length === 0 && remove.length === 0) return before;
  const byName = new Map(before.map(({ name, value }) => [name, value]));
  for (const name of remove) byName.delete(name);
  for (const { name, value } of upsert) byName.set(name, value);
  return [...byName]
    .map(([name, value]) => ({ name, value }))
    .toSorted((a, b) => compareText(a.name, b.name));
}

/** Whether two configurations mean the same; lists are sets. */
export function isSameConfig(a: Config, b: Config): boolean {
  return a === b || canonicalConfig(a) === canonicalConfig(b);
}

/** One text per meaning of a configuration. */
export function canonicalConfig(config: Config): string {
  const plain = fields.map((field: Field) => {
    const value = config[field];
    return isList(value) ? [...new Set(value)].sort() : (value ?? null);
  });
  return JSON.stringify([plain, config.environmentVariables ?? []]);
}

function isList(value: string | readonly string[] | undefined): value is readonly string[] {
  return typeof value === 'object';
}

/** The fields a patch names, variables by `environmentVariables/NAME`. */
export function namedFields(patch: DeepReadonly<WirePatch>): string[] {
  const { upsert = [], remove = [] } = patch.environmentVariables ?? {};
  const names = [...upsert.map(({ name }) => name), ...remove];
  return [
    ...fields.filter((field) => patch[field] !== undefined),
    ...names.map((name) => `environmentVariables/${name}`),
  ];
}

/** As the contract reports it. */
export function wireConfig(world: World, config: Config): DeepReadonly<WireConfig> {
  if (world.switches.variables === 'readable' || !config.environmentVariables) return config;
  const environmentVariables = config.environmentVariables.map(({ name }) => ({ name }));
  return { ...config, environmentVariables };
}
