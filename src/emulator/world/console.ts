import { isEnvironment, type Environment } from '../../core/words/environments.ts';
import type { EpochMs } from '../../core/words/time.ts';
import { isNewer } from '../../core/words/versions.ts';
import type { ResultCode } from '../../protocol/result-codes.ts';
import type { Result, WireMiniProgram, WireRelease } from '../../protocol/wire.ts';
import { success, type DeepReadonly } from './answers.ts';
import type { ConsoleAction, ConsoleBody } from './console-messages.ts';
import type { LifecycleEvent } from './lifecycle.ts';
import { moveRelease } from './moves.ts';
import { renewQrCodes, wireProgram, wireRelease } from './records.ts';
import { isWorkspaceAdmin, mayRelease, mayUpload } from './roles.ts';
import type { RuleId } from './rules.ts';
import {
  findProgram,
  findRelease,
  holds,
  putApp,
  putProgram,
  putWorkspace,
  releasesOf,
  type App,
  type Program,
  type Release,
  type World,
} from './state.ts';
import { createRelease, editProgramConfig, editRelease } from './writes.ts';

/** Something a person does at the console. */
export type ConsoleRequest = {
  readonly [A in ConsoleAction]: { readonly action: A } & ConsoleBody<A>;
}[ConsoleAction];

/** Refusals that only a person at the console can meet. */
export type ConsoleCode =
  | ResultCode
  | 'TRANSITION_NOT_ALLOWED'
  | 'REASON_REQUIRED'
  | 'NEW_VERSION_REQUIRED'
  | 'ALREADY_EXISTS';

export interface ConsoleAnswer {
  readonly result: DeepReadonly<Result>;
  readonly release?: DeepReadonly<WireRelease>;
  readonly miniProgram?: DeepReadonly<WireMiniProgram>;
}

export interface ConsoleOutcome {
  readonly world: World;
  readonly answer: ConsoleAnswer;
}

function consoleRefusal(world: World, code: ConsoleCode, message: string): ConsoleOutcome {
  return {
    world,
    answer: { result: { resultStatus: 'F', resultCode: code, resultMessage: message } },
  };
}

type Handler<A extends ConsoleAction> = (
  world: World,
  body: ConsoleBody<A>,
  now: EpochMs,
) => ConsoleOutcome;

/** Performs what a person does; a refusal leaves the world as it is. */
export function performConsole(
  world: World,
  request: ConsoleRequest,
  now: EpochMs,
): ConsoleOutcome {
  const { action, ...body } = request;
  // The union ties action and body together, which a lookup by key cannot express.
  const handler = handlers[action] as Handler<ConsoleAction>;
  return handler(world, body, now);
}

const handlers: { readonly [A in ConsoleAction]: Handler<A> } = {
  selectTarget(world, { by, config = {}, ...key }, now) {
    const wrote = createRelease({ world, caller: by, now }, { ...key, config });
    return { world: wrote.world, answer: wrote.answer };
  },

  editReleaseConfig: (world, body) =>
    atRelease(world, body, 'role-release-configuration', (at) => {
      const edited = editRelease(world, at, body.patch, undefined);
      if ('code' in edited) return consoleRefusal(world, edited.code, edited.message);
      return releaseOutcome(edited.world, edited.release);
    }),

  editGlobalConfig: (world, body) =>
    atProgram(world, body, 'role-global-configuration', (program) => {
      const edited = editProgramConfig(world, program, body.patch, undefined);
      if ('code' in edited) return consoleRefusal(world, edited.code, edited.message);
      return programOutcome(edited.world, edited.program);
    }),

  editInfo: (world, body) =>
    atProgram(world, body, 'role-information', (program) => editInfo(world, program, body)),

  uploadVersion(world, body) {
    const program = findProgram(world, body);
    if (!program) return missingProgram(world);
    if (!mayUpload(world, body.by, program)) return noRole(world);
    return uploadVersion(world, program, body.version);
  },

  createMiniProgram,

  setMember: (world, body) =>
    atProgram(world, body, 'role-information', (program) => {
      const without = (members: readonly string[]) => members.filter((id) => id !== body.member);
      const admins = without(program.admins);
      const developers = without(program.developers);
      return storeProgram(world, {
        ...program,
        admins: body.role === 'admin' ? [...admins, body.member] : admins,
        developers: body.role === 'developer' ? [...developers, body.member] : developers,
      });
    }),

  grantDomains: (world, body) =>
    atProgram(world, body, 'role-information', (program) =>
      storeProgram(world, { ...program, domainsGranted: body.granted }),
    ),

  grantVariables: (world, body) =>
    atProgram(world, body, 'role-information', (program) =>
      storeProgram(world, { ...program, variablesFeature: body.granted }),
    ),

  setApp,

  apply: (world, body, now) => move(world, 'apply', body, now),
  withdraw: (world, body, now) => move(world, 'withdraw', body, now),
  approve: (world, body, now) => move(world, 'approve', body, now),
  reject: (world, body, now) => move(world, 'reject', body, now),
  completePilot: (world, body, now) => move(world, 'completePilot', body, now),
  gray: (world, body, now) => move(world, 'gray', body, now),
  goLive: (world, body, now) => move(world, 'goLive', body, now),
  cancel: (world, body, now) => move(world, 'cancel', body, now),
  takeOffline: (world, body, now) => move(world, 'takeOffline', body, now),
};

/** The rule that says who may do it; a reviewer's rights are the super app's own affair. */
const roleRules: Readonly<Record<LifecycleEvent, RuleId | undefined>> = {
  apply: 'role-apply',
  withdraw: 'role-apply',
  approve: undefined,
  reject: undefined,
  completePilot: 'role-pilot',
  gray: 'role-go-live',
  goLive: 'role-go-live',
  cancel: 'role-go-live',
  takeOffline: 'role-offline',
};

function move(
  world: World,
  event: LifecycleEvent,
  body: ConsoleBody<LifecycleEvent>,
  now: EpochMs,
): ConsoleOutcome {
  return atRelease(world, body, roleRules[event], ({ release }) => {
    const moved = moveRelease(world, release, {
      ...{ event, now, by: body.by },
      percentage: 'percentage' in body ? body.percentage : undefined,
      reason: 'reason' in body ? body.reason : undefined,
    });
    if ('code' in moved) return consoleRefusal(world, moved.code, moved.message);
    return releaseOutcome(moved.world, moved.release);
  });
}

function atProgram(
  world: World,
  body: { readonly workspace: string; readonly miniProgram: string; readonly by?: string },
  rule: RuleId | undefined,
  perform: (program: Program) => ConsoleOutcome,
): ConsoleOutcome {
  const program = findProgram(world, body);
  if (!program) return missingProgram(world);
  if (rule !== undefined && !mayRelease(world, body.by, program, rule)) return noRole(world);
  return perform(program);
}

function atRelease(
  world: World,
  body: ConsoleBody<'apply'>,
  rule: RuleId | undefined,
  perform: (at: { readonly program: Program; readonly release: Release }) => ConsoleOutcome,
): ConsoleOutcome {
  return atProgram(world, body, rule, (program) => {
    const release = findRelease(world, { ...body, workspace: program.workspace });
    if (!release) return consoleRefusal(world, 'RELEASE_NOT_FOUND', 'the target was not selected');
    return perform({ program, release });
  });
}

function editInfo(world: World, program: Program, body: ConsoleBody<'editInfo'>): ConsoleOutcome {
  const { name = program.name, type = program.type, newVersion } = body;
  if (type !== program.type && holds(world, 'type-fixed'))
    return consoleRefusal(world, 'PROCESS_FAIL', 'the type of a mini program cannot be changed');
  const edited = { ...program, name, type };
  if (name === program.name && type === program.type) return programOutcome(world, program);
  if (!holds(world, 'info-reaches-unstarted') || isLatestUnstarted(world, program))
    return storeProgram(withNewQrCodes(world, program), edited);
  return newVersion === undefined
    ? consoleRefusal(world, 'NEW_VERSION_REQUIRED', 'the change needs a new version')
    : uploadVersion(world, edited, newVersion);
}

function withNewQrCodes(world: World, program: Program): World {
  if (!holds(world, 'qr-on-information')) return world;
  const releases = releasesOf(world, program);
  return renewQrCodes(
    world,
    releases.filter(({ status }) => status === 'NewVersionCreated'),
  );
}

/** Whether every release of the latest version is New Version Created. */
function isLatestUnstarted(world: World, program: Program): boolean {
  const latest = program.versions.at(-1);
  return releasesOf(world, program)
    .filter(({ version }) => version === latest)
    .every(({ status }) => status === 'NewVersionCreated');
}

function uploadVersion(world: World, program: Program, version: string): ConsoleOutcome {
  if (program.versions.includes(version))
    return consoleRefusal(world, 'ALREADY_EXISTS', 'the version was uploaded before');
  const isOrdered = program.versions.every((earlier) => isNewer(version, earlier));
  if (world.switches.versionOrder === 'increasing' && !isOrdered)
    return consoleRefusal(
      world,
      'PARAM_ILLEGAL',
      'a version must be greater than every earlier one',
    );
  return storeProgram(world, { ...program, versions: [...program.versions, version] });
}

function createMiniProgram(world: World, body: ConsoleBody<'createMiniProgram'>): ConsoleOutcome {
  const { workspace, miniProgram: id, name = id, type = 'DSL', by } = body;
  if (world.programs.has(`${workspace}/${id}`))
    return consoleRefusal(world, 'ALREADY_EXISTS', 'the mini program exists');
  if (holds(world, 'role-create-program') && !isWorkspaceAdmin(world, by, workspace))
    return noRole(world);
  const stored = world.workspaces.has(workspace)
    ? world
    : putWorkspace(world, { id: workspace, admins: [] });
  return storeProgram(stored, {
    ...{ workspace, id, name, type, domainsGranted: false, variablesFeature: true },
    admins: by === undefined ? [] : [by],
    ...{ developers: [], versions: [], globalConfig: {}, globalRevision: 0 },
  });
}

const newApp = {
  environments: ['Production'],
  pilotTesting: false,
  sandboxReview: false,
  environmentVariables: false,
} as const satisfies Partial<App>;

function setApp(world: World, body: ConsoleBody<'setApp'>): ConsoleOutcome {
  const { app: id, environments, by: _, ...changes } = body;
  const before: App = world.apps.get(id) ?? { ...newApp, id, name: id };
  const given = environments ?? before.environments;
  const known = given.filter(isEnvironment);
  if (known.length < given.length && holds(world, 'four-environments'))
    return consoleRefusal(world, 'PARAM_ILLEGAL', 'there are four environments and no other');
  if (!known.includes('Production') && holds(world, 'production-always'))
    return consoleRefusal(world, 'PARAM_ILLEGAL', 'every target app has Production');
  // With the rule switched off a fifth environment is stored like any other.
  const stored = given as readonly Environment[];
  const after = putApp(world, { ...before, ...changes, environments: stored });
  return { world: after, answer: { result: success } };
}

function storeProgram(world: World, program: Program): ConsoleOutcome {
  return programOutcome(putProgram(world, program), program);
}

function programOutcome(world: World, program: Program): ConsoleOutcome {
  return { world, answer: { result: success, miniProgram: wireProgram(world, program) } };
}

function releaseOutcome(world: World, release: Release): ConsoleOutcome {
  return { world, answer: { result: success, release: wireRelease(world, release) } };
}

function missingProgram(world: World): ConsoleOutcome {
  return consoleRefusal(world, 'MINI_PROGRAM_NOT_FOUND', 'there is no such mini program');
}

function noRole(world: World): ConsoleOutcome {
  return consoleRefusal(world, 'ROLE_NOT_ALLOWED', 'the person’s role does not allow it');
}
