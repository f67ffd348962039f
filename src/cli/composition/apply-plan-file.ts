import { readFile } from 'node:fs/promises';
import { planHash, writableChanges } from '../../core/plan/identity.ts';
import type { Change, Plan } from '../../core/model/plan.ts';
import { sentenceText, someOf } from '../../core/render/sentence.ts';
import { canonicalJson } from '../../core/words/digests.ts';
import type { PlanFile } from '../../core/render/plan-file-schema.ts';
import { readPlanFile, unfitness } from '../../core/render/plan-file.ts';
import { mayDeclareGlobal, plainFiles, rightsOf, type Rights } from '../../core/resolve/trust.ts';
import { isReleaseKey } from '../../core/words/keys.ts';
import type { Locate } from '../../core/words/places.ts';
import { textOption, type Given } from '../command.ts';
import { CliError, exitCodes, type ExitCode } from '../exit.ts';
import type { Session } from '../session.ts';
import { loadAdministration, type Administration } from '../settings.ts';
import { trustOf } from './declarations.ts';
import { planWith, type PlannedSet, type PlanOptions } from './plan-set.ts';
import { encryptedSources } from './plan-file-secrets.ts';
import { openRuntime, type Runtime } from './runtime.ts';

type Write = (runtime: Runtime, planned: PlannedSet) => Promise<ExitCode>;

/**
 * Applies a plan file: reads the touched keys again, decides afresh, and writes only if the plan would still be the same.
 *
 * @throws CliError exit 6 before the first write when anything differs; exit 1 for a file that was altered
 */
export async function applyPlanFile(
  session: Session,
  given: Given,
  options: PlanOptions,
  write: Write,
): Promise<ExitCode> {
  const { file, locate } = await openPlanFile(textOption(given, 'plan') ?? '');
  const administration = await loadAdministration(session);
  refuseOtherPlatform(file, administration);
  const actAs = textOption(given, 'as');
  refuseOtherSources(file, actAs ?? plainFiles);
  refuseUngranted(file, administration, actAs);
  const pairs = file.programs.filter(({ plan }) => hasWrites(plan));
  const programs = pairs.map(({ desired }) => desired);
  const sources = await encryptedSources(session, given, { administration, programs });
  const runtime = await openRuntime(session, {
    administration,
    programs,
    sources,
    // What may be taken over is said by the settings and the command of today, never by a file.
    takeOver: options.takeOver,
    stateDir: options.stateDir,
  });
  try {
    const declared = { administration, programs, locate, problems: [], sources };
    // Whole programs, not the touched keys alone: gates ask what is live beside them, and how many records there are.
    const planned = await planWith(runtime, { session, declared, options });
    refuseStale(pairs, planned);
    return await write(runtime, planned);
  } finally {
    await runtime.close();
  }
}

async function openPlanFile(
  path: string,
): Promise<{ readonly file: PlanFile; readonly locate: Locate }> {
  const reading = readPlanFile(await readText(path));
  if (!reading.ok) {
    const { message, nextStep } = reading.fault;
    throw new CliError('PlanFileRefused', `${path}: ${message}`, { nextStep });
  }
  const fault = unfitness(reading.file.programs.map(({ plan }) => plan));
  if (fault) {
    throw new CliError('PlanUnfit', `${path}: ${fault.message}`, {
      exit: exitCodes.stale,
      nextStep: fault.nextStep,
    });
  }
  return reading;
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new CliError('PlanFileRefused', `${path} cannot be read`, {
      cause,
      nextStep: 'make it with fairlead plan PATH... --out FILE',
    });
  }
}

/** The connection's name may mean another platform by now; the keys of the programs tell which one was meant. */
function refuseOtherPlatform(
  { programs }: PlanFile,
  { connections, file: settings }: Administration,
): void {
  for (const { desired } of programs) {
    const { connection, key } = desired;
    const today = connections.find(({ name }) => name === connection);
    if (today?.spec.platformId === key.platform) continue;
    throw new CliError(
      'PlanStale',
      `connection ${connection} does not lead to platform ${key.platform}`,
      {
        exit: exitCodes.stale,
        nextStep: `see ${settings}, and make the plan again`,
      },
    );
  }
}

/** A file speaks for whoever applies it: it cannot borrow the grants and secrets of another source. */
function refuseOtherSources({ programs }: PlanFile, source: string): void {
  const stranger = programs
    .flatMap(({ desired }) => [...desired.releases, ...(desired.global ? [desired.global] : [])])
    .flatMap((claim) => [claim, ...(claim.rivals ?? [])])
    .find((claim) => claim.source !== source);
  if (!stranger) return;
  throw new CliError(
    'PlanFileRefused',
    `the plan was made as ${stranger.source}, and this is ${source}`,
    {
      exit: exitCodes.stale,
      nextStep: `apply it with --as ${stranger.source}, if that is what you may do, or make the plan again`,
    },
  );
}

/** Grants of today count, not those of the day of the plan. */
function refuseUngranted(
  file: PlanFile,
  administration: Administration,
  actAs: string | undefined,
): void {
  const trust = trustOf(administration, actAs);
  for (const { desired, plan } of file.programs) {
    const connection = trust.connections?.[desired.connection];
    const rightsFor = (source: string): Rights => rightsOf(trust, source, connection, desired.key);
    for (const change of writableChanges(plan)) {
      const rights = rightsFor(change.source);
      const granted =
        change.scope === 'global' ? mayDeclareGlobal(rights) : rights.has(change.key.environment);
      if (granted) continue;
      throw new CliError('PlanStale', `${change.source} may no longer declare ${change.name}`, {
        exit: exitCodes.stale,
        nextStep: `see the grants of connection ${desired.connection}`,
      });
    }
  }
}

function hasWrites(plan: Plan): boolean {
  return writableChanges(plan).length > 0;
}

function refuseStale(pairs: PlanFile['programs'], planned: PlannedSet): void {
  const [failed] = planned.failed;
  if (failed) throw failed.error;
  // Programs without a change were not read again, and the file's own hash names them too.
  const then = pairs.map(({ plan }) => plan);
  if (planHash(planned.set.plans) === planHash(then)) return;
  const moved = movedSince(then, planned);
  throw new CliError(
    'PlanStale',
    `the platform has changed since the plan was made${moved === '' ? '' : `, at ${moved}`}; nothing was written`,
    {
      exit: exitCodes.stale,
      nextStep: 'make the plan again, look at it, and apply that one',
    },
  );
}

/** The keys whose changes are not those of the file: done already, changed, or new. */
function movedSince(before: readonly Plan[], { set }: PlannedSet): string {
  const ids = (plans: readonly Plan[]): ReadonlyMap<string, string> =>
    new Map(plans.flatMap(writableChanges).map((change) => [keyText(change), identityOf(change)]));
  const [then, now] = [ids(before), ids(set.plans)];
  const keys = new Set([...then.keys(), ...now.keys()]);
  return sentenceText(someOf([...keys].filter((key) => then.get(key) !== now.get(key))));
}

function identityOf({ changeId, action, precondition }: Change): string {
  return canonicalJson({ changeId, action, precondition: { ...precondition } });
}

function keyText({ key }: Change): string {
  return isReleaseKey(key)
    ? `${key.miniProgram} ${key.version} ${key.app}/${key.environment}`
    : `${key.miniProgram} global`;
}
