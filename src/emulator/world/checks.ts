import { fields } from '../../core/words/fields.ts';
import type { ResultCode } from '../../protocol/result-codes.ts';
import type { WirePatch } from '../../protocol/wire.ts';
import type { DeepReadonly } from './answers.ts';
import { isSameConfig, namedFields } from './config.ts';
import type { RuleId } from './rules.ts';
import {
  holds,
  releasesOf,
  type App,
  type Config,
  type Program,
  type Release,
  type World,
} from './state.ts';

/** A configuration about to be stored. */
export interface Candidate {
  readonly world: World;
  readonly program: Program;
  /** Undefined at the global level. */
  readonly app: App | undefined;
  readonly release: Release | undefined;
  readonly before: Config;
  readonly after: Config;
}

/** A documented rule about values, and how it is broken. */
interface Check {
  readonly rule: RuleId;
  readonly code: ResultCode;
  readonly message: string;
  readonly isBroken: (candidate: Candidate) => boolean;
}

const maxVariables = 5;

const documented: readonly Check[] = [
  {
    rule: 'variables-release-only',
    code: 'PARAM_ILLEGAL',
    message: 'environment variables exist in release-specific configuration only',
    isBroken: ({ app, after }) => app === undefined && after.environmentVariables !== undefined,
  },
  {
    rule: 'variables-dsl-only',
    code: 'ENV_VARS_NOT_ENABLED',
    message: 'environment variables are for DSL programs',
    isBroken: (candidate) => gainsVariables(candidate) && candidate.program.type !== 'DSL',
  },
  {
    rule: 'variables-feature',
    code: 'ENV_VARS_NOT_ENABLED',
    message: 'the program lacks the feature that unlocks environment variables',
    isBroken: (candidate) => gainsVariables(candidate) && !candidate.program.variablesFeature,
  },
  {
    rule: 'variables-enabled',
    code: 'ENV_VARS_NOT_ENABLED',
    message: 'the super app has not enabled environment variables',
    isBroken: (candidate) =>
      gainsVariables(candidate) && candidate.app?.environmentVariables === false,
  },
  {
    rule: 'variables-limit',
    code: 'ENV_VARS_LIMIT_EXCEEDED',
    message: 'at most five environment variables',
    isBroken: (candidate) =>
      gainsVariables(candidate) && variableCount(candidate.after) > maxVariables,
  },
  {
    rule: 'domains-granted',
    code: 'DOMAIN_EDIT_NOT_GRANTED',
    message: 'the program may not edit server domains and WAP URLs',
    isBroken: ({ program, before, after }) =>
      !program.domainsGranted && !isSameConfig(domainsOf(before), domainsOf(after)),
  },
];

/** Why values are refused; undefined when they are not. */
export function refusedValues(
  candidate: Candidate,
): { readonly code: ResultCode; readonly message: string } | undefined {
  const { world } = candidate;
  const broken = documented.find((check) => holds(world, check.rule) && check.isBroken(candidate));
  return broken ?? refusedByLimits(candidate);
}

function refusedByLimits(
  candidate: Candidate,
): { readonly code: ResultCode; readonly message: string } | undefined {
  const { maxTesters, maxTextLength } = candidate.world.switches;
  if (maxTesters > 0 && gainsTesters(candidate) && testerCount(candidate) > maxTesters)
    return { code: 'TESTERS_LIMIT_EXCEEDED', message: `at most ${maxTesters} testers` };
  if (maxTextLength > 0 && textsOf(candidate.after).some((text) => text.length > maxTextLength))
    return { code: 'PARAM_ILLEGAL', message: `a value has more than ${maxTextLength} characters` };
  return undefined;
}

/** Taking variables away is allowed even where they could no longer be added. */
function gainsVariables({ before, after }: Candidate): boolean {
  const known = new Map(before.environmentVariables?.map(({ name, value }) => [name, value]));
  return (after.environmentVariables ?? []).some(({ name, value }) => known.get(name) !== value);
}

function variableCount(config: Config): number {
  return config.environmentVariables?.length ?? 0;
}

function gainsTesters({ before, after }: Candidate): boolean {
  return (after.testers?.length ?? 0) > (before.testers?.length ?? 0);
}

function testerCount({ world, program, release, after }: Candidate): number {
  const own = after.testers ?? [];
  if (world.switches.testersScope === 'release') return new Set(own).size;
  const others = releasesOf(world, program).filter(({ seq }) => seq !== release?.seq);
  return new Set([...own, ...others.flatMap(({ config }) => config.testers ?? [])]).size;
}

function domainsOf({ serverDomains, wapUrls }: Config): Config {
  return { ...(serverDomains && { serverDomains }), ...(wapUrls && { wapUrls }) };
}

function textsOf(config: Config): string[] {
  const plain = fields.flatMap((field) => config[field] ?? []);
  return [...plain, ...(config.environmentVariables ?? []).map(({ value }) => value)];
}

/** Whether a release's status lets this patch in. */
export function isEditable(
  world: World,
  { status }: Release,
  patch: DeepReadonly<WirePatch>,
): boolean {
  if (world.switches.permissive || status === 'NewVersionCreated') return true;
  const named = namedFields(patch);
  if (status === 'PilotTesting') return isPilotEdit(world, named);
  return !holds(world, 'editable-in-new-version-created');
}

function isPilotEdit(world: World, named: readonly string[]): boolean {
  if (!named.includes('testers')) return !holds(world, 'only-testers-in-pilot') && named.length > 0;
  if (!holds(world, 'testers-in-pilot')) return false;
  return named.length === 1 || !holds(world, 'only-testers-in-pilot');
}
