import { createHash } from 'node:crypto';

import type { ResultCode } from '../../protocol/result-codes.ts';
import type { WirePatch } from '../../protocol/wire.ts';
import {
  refused,
  success,
  type Answer,
  type Body,
  type DeepReadonly,
  type Refused,
} from './answers.ts';
import { isEditable, refusedValues } from './checks.ts';
import { applyPatch, configOf } from './config.ts';
import { seenProgram, type Reading } from './lists.ts';
import {
  createRecord,
  editGlobal,
  editRecord,
  globalRevisionOf,
  revisionOf,
  wireProgram,
  wireRelease,
} from './records.ts';
import { mayRelease } from './roles.ts';
import {
  findRelease,
  holds,
  releasesOf,
  type App,
  type Config,
  type Program,
  type Release,
  type World,
} from './state.ts';

/** What a write came to; the world is the old one when it was refused. */
export interface Wrote<A> {
  readonly world: World;
  readonly answer: A | Refused;
}

export function createRelease(
  reading: Reading,
  body: Body<'createRelease'>,
): Wrote<Answer<'createRelease'>> {
  const { world } = reading;
  const refusal = (code: ResultCode, message: string) => ({
    world,
    answer: refused(code, message),
  });
  const program = seenProgram(reading, body);
  if ('result' in program) return { world, answer: program };
  if (!mayRelease(world, reading.caller, program, 'role-select-target'))
    return refusal('ROLE_NOT_ALLOWED', 'selecting a target needs workspace admin or program Admin');
  if (holds(world, 'version-exists') && !program.versions.includes(body.version))
    return refusal('VERSION_NOT_FOUND', 'there is no such version');
  const app = world.apps.get(body.app);
  if (!app || !isProvided(world, app, body.environment))
    return refusal('ENVIRONMENT_NOT_AVAILABLE', 'the app does not provide the environment');
  if (isSelected(world, findRelease(world, body)))
    return refusal(
      'RELEASE_TARGET_ALREADY_SELECTED',
      'the version was released to this target before',
    );
  const config = configOf(world, body.config);
  const broken = refusedValues({
    ...{ world, program, app, release: undefined },
    ...{ before: {}, after: config },
  });
  if (broken) return refusal(broken.code, broken.message);

  const mark = world.switches.marks ? body.mark : undefined;
  const key = { ...body, workspace: program.workspace };
  const created = createRecord(world, key, { config, mark, program });
  const release = wireRelease(created.world, created.release);
  return { world: created.world, answer: { result: success, release } };
}

function isProvided(world: World, app: App, environment: App['environments'][number]): boolean {
  return app.environments.includes(environment) || !holds(world, 'environment-provided');
}

function isSelected(world: World, release: Release | undefined): boolean {
  if (!release || world.switches.permissive) return false;
  return holds(world, release.status === 'Canceled' ? 'spent-after-cancel' : 'one-shot-target');
}

export function patchReleaseConfig(
  reading: Reading,
  body: Body<'patchReleaseConfig'>,
): Wrote<Answer<'patchReleaseConfig'>> {
  const { world } = reading;
  const refusal = (code: ResultCode, message: string) => ({
    world,
    answer: refused(code, message),
  });
  const program = seenProgram(reading, body);
  if ('result' in program) return { world, answer: program };
  const release = findRelease(world, body);
  if (!release) return refusal('RELEASE_NOT_FOUND', 'the target was not selected');
  if (!mayRelease(world, reading.caller, program, 'role-release-configuration'))
    return refusal('ROLE_NOT_ALLOWED', 'editing needs workspace admin or program Admin');
  const stale = staleness(world, body, {
    revision: revisionOf(world, release),
    mark: release.mark,
  });
  if (stale) return { world, answer: stale };
  const edited = editRelease(world, { program, release }, body.patch, body.mark);
  if ('code' in edited) return refusal(edited.code, edited.message);
  return {
    world: edited.world,
    answer: { result: success, release: wireRelease(edited.world, edited.release) },
  };
}

interface RefusedEdit {
  readonly code: ResultCode;
  readonly message: string;
}

/** A patch of a release's configuration, by the contract or by a person at the console. */
export function editRelease(
  world: World,
  at: { readonly program: Program; readonly release: Release },
  patch: DeepReadonly<WirePatch>,
  mark: string | undefined,
): { readonly world: World; readonly release: Release } | RefusedEdit {
  const { program, release } = at;
  if (!isEditable(world, release, patch))
    return { code: 'RELEASE_NOT_EDITABLE', message: `not editable in ${release.status}` };
  const config = applyPatch(world, release.config, patch);
  const app = world.apps.get(release.app);
  const candidate = { world, program, app, release, before: release.config, after: config };
  const broken = refusedValues(candidate);
  if (broken) return broken;
  const isMarked = mark !== undefined && world.switches.marks;
  const edited = editRecord(world, release, { config, ...(isMarked && { mark }) });
  return holds(world, 'testers-per-target') ? edited : spreadTesters(edited, program);
}

/** What would happen if testers belonged to the version instead of the target. */
function spreadTesters(
  edited: { readonly world: World; readonly release: Release },
  program: Program,
): { readonly world: World; readonly release: Release } {
  const { testers = [] } = edited.release.config;
  const siblings = releasesOf(edited.world, program).filter(
    ({ seq, version }) => seq !== edited.release.seq && version === edited.release.version,
  );
  const world = siblings.reduce(
    (before, sibling) =>
      editRecord(before, sibling, { config: { ...sibling.config, testers } }).world,
    edited.world,
  );
  return { ...edited, world };
}

export function patchGlobalConfig(
  reading: Reading,
  body: Body<'patchGlobalConfig'>,
): Wrote<Answer<'patchGlobalConfig'>> {
  const { world } = reading;
  const program = seenProgram(reading, body);
  if ('result' in program) return { world, answer: program };
  if (!mayRelease(world, reading.caller, program, 'role-global-configuration'))
    return {
      world,
      answer: refused('ROLE_NOT_ALLOWED', 'editing needs workspace admin or program Admin'),
    };
  const seen = { revision: globalRevisionOf(world, program), mark: program.globalMark };
  const stale = staleness(world, body, seen);
  if (stale) return { world, answer: stale };
  const edited = editProgramConfig(world, program, body.patch, body.mark);
  if ('code' in edited) return { world, answer: refused(edited.code, edited.message) };
  const miniProgram = wireProgram(edited.world, edited.program);
  return { world: edited.world, answer: { result: success, miniProgram } };
}

/** A patch of the global configuration, by the contract or by a person at the console. */
export function editProgramConfig(
  world: World,
  program: Program,
  patch: DeepReadonly<WirePatch>,
  mark: string | undefined,
): { readonly world: World; readonly program: Program } | RefusedEdit {
  const config: Config = applyPatch(world, program.globalConfig, patch);
  const broken = refusedValues({
    ...{ world, program, app: undefined, release: undefined },
    ...{ before: program.globalConfig, after: config },
  });
  if (broken) return broken;
  return editGlobal(world, program, { config, mark: world.switches.marks ? mark : undefined });
}

function staleness(
  { switches }: World,
  asked: { readonly ifRevision?: string; readonly ifMark?: string },
  seen: { readonly revision: string; readonly mark: string | undefined },
): Refused | undefined {
  if (!switches.conditionalWrites || switches.permissive) return undefined;
  if (asked.ifRevision !== undefined && asked.ifRevision !== seen.revision)
    return refused('REVISION_MISMATCH', 'the configuration or the status has changed since');
  const mark = switches.marks ? seen.mark : undefined;
  return asked.ifMark === undefined || asked.ifMark === markCondition(mark)
    ? undefined
    : refused('MARK_MISMATCH', 'the mark has changed since');
}

/** SHA-256 of the mark, or `absent`. */
function markCondition(mark: string | undefined): string {
  return mark === undefined ? 'absent' : createHash('sha256').update(mark).digest('base64url');
}
