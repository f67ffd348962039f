import type { Brand } from './brand.ts';
import type { Environment } from './environments.ts';

/** Where a mini program lives: the unit of queue, lock, claims, gates and plan. Never a name of ours. */
export interface ProgramKey {
  /** `platformId` of the connection, as the platform itself reports it. */
  readonly platform: string;
  readonly workspace: string;
  readonly miniProgram: string;
}

/** Target app and environment. */
export interface Target {
  readonly app: string;
  readonly environment: Environment;
}

/** Unique for ever on the platform. */
export interface ReleaseKey extends ProgramKey, Target {
  readonly version: string;
}

/** One line of text that stands for a program key; safe as a map key. */
export type ProgramId = Brand<string, 'ProgramId'>;
/** One line of text that stands for a release key; safe as a map key. */
export type ReleaseId = Brand<string, 'ReleaseId'>;
/** One line of text that stands for a target; safe as a map key. */
export type TargetId = Brand<string, 'TargetId'>;

/** `platform/workspace/miniProgram`, each part percent-encoded where it must be. */
export function programId(key: ProgramKey): ProgramId {
  return `${part(key.platform)}/${part(key.workspace)}/${part(key.miniProgram)}` as ProgramId;
}

/** `platform/workspace/miniProgram/version/app/environment`. */
export function releaseId(key: ReleaseKey): ReleaseId {
  return `${programId(key)}/${part(key.version)}/${part(key.app)}/${key.environment}` as ReleaseId;
}

/** `app/environment`. */
export function targetId(target: Target): TargetId {
  return `${part(target.app)}/${target.environment}` as TargetId;
}

/** The program a release belongs to. */
export function programOf({ platform, workspace, miniProgram }: ProgramKey): ProgramKey {
  return { platform, workspace, miniProgram };
}

export function isReleaseKey(key: ProgramKey | ReleaseKey): key is ReleaseKey {
  return 'version' in key;
}

/** Code-unit order: stable on every machine, unlike a locale's. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

const plain = /^[\w.+-]*$/;

function part(text: string): string {
  return plain.test(text) ? text : encodeURIComponent(text);
}
