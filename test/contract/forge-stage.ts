import { SecretText } from '../../src/core/words/secret-text.ts';
import type { Forge } from '../../src/ports/forge.ts';
import type { Random, TelemetryEvent, Transport } from '../../src/ports/index.ts';
import type { ForgeSettings } from '../../src/review/forges/index.ts';
import { createNodeTransport } from '../../src/platform/http/transport.ts';
import type { Trouble } from '../support/forge-shapes/shape-server.ts';
import { createVirtualClock, type VirtualClock } from '../support/virtual-clock.ts';

/** A request as the suite counts it. */
export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/** What somebody sees who looks at the forge itself. */
export interface SeenComment {
  readonly id: string;
  readonly author: 'ours' | 'stranger';
  readonly body: string;
}

/** A forge with people on it, for the contract. */
export interface ForgeStage {
  readonly settings: ForgeSettings;
  /** Login name of the stranger. */
  readonly stranger: string;
  openPull(wanted?: {
    readonly title?: string;
    readonly base?: string;
    /** From a repository of the stranger's. */
    readonly isFork?: boolean;
  }): Promise<{ readonly number: number; readonly head: string }>;
  /** A push to its branch; the new head. */
  push(pull: number): Promise<string>;
  end(pull: number, how: 'closed' | 'merged'): Promise<void>;
  makePrivate(): Promise<void>;
  commentAs(who: 'ours' | 'stranger', pull: number, body: string): Promise<string>;
  deleteComment(id: string): Promise<void>;
  comments(pull: number): Promise<readonly SeenComment[]>;
  /** Another system's status. */
  statusOfOthers(commit: string, context: string): Promise<void>;
  /** How many statuses of this context the commit was ever given. */
  statusCount(commit: string, context: string): Promise<number>;
  /** Lists show at most so many entries a page, whatever is asked for. */
  capPages(most: number): Promise<void>;
  /** What goes wrong next. */
  trouble(trouble: Trouble): void;
  /** Requests since the last call. */
  take(): readonly Asked[];
  /** What the forge would not have understood; must be empty after each test. */
  faults(): readonly string[];
  close(): Promise<void>;
}

/** Somebody's token for the small forges. */
export const tokenOfOurs = 'token-of-ours';

export interface Opened {
  readonly stage: ForgeStage;
  readonly forge: Forge;
  readonly clock: VirtualClock;
  readonly told: readonly TelemetryEvent[];
  readonly signal: AbortSignal;
}

/** Chance in the middle: waits are what they are said to be. */
const middle: Random = { next: () => 0.5 };

/** What an adapter is given in tests: real sockets, a clock that jumps. */
export function portsFor(told: TelemetryEvent[] = []): {
  readonly transport: Transport & { close(): void };
  readonly clock: VirtualClock;
  readonly random: Random;
  readonly telemetry: { emit(event: TelemetryEvent): void };
} {
  return {
    transport: createNodeTransport(),
    clock: createVirtualClock({ auto: true }),
    random: middle,
    telemetry: { emit: (event) => told.push(event) },
  };
}

/** Settings for a small forge. */
export function settingsFor(
  name: ForgeSettings['name'],
  webUrl: string,
  repository: string,
): ForgeSettings {
  return {
    ...{ name, webUrl, repository },
    credential: { kind: 'token', token: new SecretText(tokenOfOurs) },
    deadlineMs: 120_000,
  };
}
