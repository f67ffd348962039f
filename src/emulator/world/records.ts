import { createHash } from 'node:crypto';

import { fields, isListField } from '../../core/words/fields.ts';
import type { Status } from '../../core/words/statuses.ts';
import type { WireMiniProgram, WireRelease } from '../../protocol/wire.ts';
import type { DeepReadonly } from './answers.ts';
import { canonicalConfig, effectiveConfig, isSameConfig, wireConfig } from './config.ts';
import {
  count,
  findProgram,
  holds,
  idOf,
  putProgram,
  putRelease,
  releasesOf,
  type Config,
  type Program,
  type Release,
  type ReleaseKeyParts,
  type World,
} from './state.ts';

/** A new record for a key. */
export function createRecord(
  world: World,
  key: ReleaseKeyParts,
  given: { readonly config: Config; readonly mark: string | undefined; readonly program: Program },
): { readonly world: World; readonly release: Release } {
  const { world: counted, value } = count(world);
  const seq = world.releases.size;
  const { version, app, environment } = key;
  const { workspace, id: miniProgram } = given.program;
  const status: Status = holds(world, 'starts-as-new-version-created')
    ? 'NewVersionCreated'
    : 'UnderReview';
  const release: Release = {
    ...{ workspace, miniProgram, version, app, environment },
    ...{ seq, status, revision: value, changed: value },
    config: holds(world, 'initial-configuration') ? given.config : {},
    ...(given.mark !== undefined && { mark: given.mark }),
    ...(holds(world, 'qr-with-release') && { qr: value }),
    ...(world.switches.globalFreezePoint === 'create' && { inherits: given.program.globalConfig }),
  };
  return { world: putRelease(counted, release), release };
}

/** What a write does to a record; absent members stay. */
export interface ReleaseEdit {
  readonly config?: Config;
  readonly mark?: string;
  readonly status?: Status;
  readonly percentage?: number | undefined;
  readonly frozen?: Config | undefined;
}

/** The record after an edit. Moves the revision with configuration and status, the QR code with configuration. */
export function editRecord(
  world: World,
  release: Release,
  edit: ReleaseEdit,
): { readonly world: World; readonly release: Release } {
  const isReconfigured = edit.config !== undefined && !isSameConfig(release.config, edit.config);
  const isMoved = isReconfigured || (edit.status ?? release.status) !== release.status;
  const { config, ...rest } = edit;
  const edited = { ...release, ...rest, ...(isReconfigured && { config }) };
  if (isMoved) return store(world, edited, { revision: true, qr: isReconfigured });
  const isQrMoved = world.switches.qrOnNoop && edit.config !== undefined;
  return isQrMoved || hasOtherChange(release, edited)
    ? store(world, edited, { revision: false, qr: isQrMoved })
    : { world, release };
}

function hasOtherChange(before: Release, after: Partial<Release>): boolean {
  return before.mark !== after.mark || before.percentage !== after.percentage;
}

function store(
  world: World,
  release: Release,
  moves: { readonly revision: boolean; readonly qr: boolean },
): { readonly world: World; readonly release: Release } {
  const { world: counted, value } = count(world);
  const stored: Release = {
    ...release,
    changed: value,
    ...(moves.revision && { revision: value }),
    ...(moves.qr && holds(world, 'qr-on-configuration') && { qr: value }),
  };
  return { world: putRelease(counted, stored), release: stored };
}

/** Gives records a new test QR code and nothing else. */
export function renewQrCodes(world: World, releases: readonly Release[]): World {
  return releases.reduce((before, release) => {
    const { world: counted, value } = count(before);
    return putRelease(counted, { ...release, qr: value, changed: value });
  }, world);
}

/** What a person scans with the target app; another text whenever `qr` is another. */
export function testQrCodeOf(release: Release): string | undefined {
  const { qr, app } = release;
  if (typeof qr !== 'number') return qr;
  const code = `${idOf(release)}-${qr.toString(36)}`;
  return `https://test-qr.emulator.example/${encodeURIComponent(app)}/${code}`;
}

/** What the release runs with: live while New Version Created, frozen later. */
export function effectiveOf(world: World, release: Release): Config {
  if (release.frozen) return release.frozen;
  const program = findProgram(world, release);
  return effectiveConfig(world, release.inherits ?? program?.globalConfig ?? {}, release.config);
}

/** The program after an edit of its global level; releases that follow it get new QR codes where they are affected. */
export function editGlobal(
  world: World,
  program: Program,
  edit: { readonly config: Config; readonly mark: string | undefined },
): { readonly world: World; readonly program: Program } {
  const isReconfigured = !isSameConfig(program.globalConfig, edit.config);
  const isMarked = edit.mark !== undefined && edit.mark !== program.globalMark;
  if (!isReconfigured && !isMarked) return { world, program };
  const { world: counted, value } = count(world);
  const edited: Program = {
    ...program,
    ...(isReconfigured && { globalConfig: edit.config, globalRevision: value }),
    ...(edit.mark !== undefined && { globalMark: edit.mark }),
  };
  const stored = putProgram(counted, edited);
  const renewed = isReconfigured ? renewFollowers(stored, program, edited) : stored;
  return { world: renewed, program: edited };
}

function renewFollowers(world: World, before: Program, after: Program): World {
  if (!holds(world, 'qr-on-global-configuration')) return world;
  const changed = fields.filter(
    (field) =>
      !isSameConfig(
        { [field]: before.globalConfig[field] },
        { [field]: after.globalConfig[field] },
      ),
  );
  const merges = world.switches.precedence === 'mergeLists';
  const affected = releasesOf(world, after).filter(
    ({ status, inherits, config }) =>
      status === 'NewVersionCreated' &&
      inherits === undefined &&
      changed.some((field) => config[field] === undefined || (merges && isListField(field))),
  );
  return renewQrCodes(world, affected);
}

export function revisionOf(world: World, release: Release): string {
  if (world.switches.revisions === 'counter') return `r${release.revision}`;
  return contentHash(`${release.status} ${canonicalConfig(release.config)}`);
}

export function globalRevisionOf(world: World, program: Program): string {
  if (world.switches.revisions === 'counter') return `r${program.globalRevision}`;
  return contentHash(canonicalConfig(program.globalConfig));
}

function contentHash(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 22);
}

/** The record as the contract reports it. */
export function wireRelease(world: World, release: Release): DeepReadonly<WireRelease> {
  const { workspace, miniProgram, version, app, environment, status, mark, frozen } = release;
  const testQrCode = testQrCodeOf(release);
  return {
    id: idOf(release),
    ...{ workspace, miniProgram, version, app, environment, status },
    revision: revisionOf(world, release),
    ...(mark !== undefined && world.switches.marks && { mark }),
    config: wireConfig(world, release.config),
    ...(frozen && world.switches.frozen && { frozen: wireConfig(world, frozen) }),
    ...(testQrCode !== undefined && { testQrCode }),
  };
}

/** The program as the contract reports it. */
export function wireProgram(world: World, program: Program): DeepReadonly<WireMiniProgram> {
  const { workspace, id, name, type, domainsGranted, globalConfig, globalMark } = program;
  return {
    ...{ workspace, miniProgram: id, name, type, domainsGranted, globalConfig },
    globalRevision: globalRevisionOf(world, program),
    ...(globalMark !== undefined && world.switches.marks && { globalMark }),
  };
}
