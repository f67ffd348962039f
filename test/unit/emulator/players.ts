import { epochMs } from '../../../src/core/words/time.ts';
import type { Operation } from '../../../src/protocol/operations.ts';
import type { Body, DeepReadonly, Refused } from '../../../src/emulator/world/answers.ts';
import type { ResponseOf } from '../../../src/protocol/wire.ts';
import type { ConsoleRequest } from '../../../src/emulator/world/console.ts';
import type { ConsoleBody, ConsoleAction } from '../../../src/emulator/world/console-messages.ts';
import { createWorld } from '../../../src/emulator/world/create.ts';
import type { RuleId } from '../../../src/emulator/world/rules.ts';
import {
  findRelease,
  type Program,
  type Release,
  type ReleaseKeyParts,
  type World,
} from '../../../src/emulator/world/state.ts';
import type { Switches } from '../../../src/emulator/world/switches.ts';
import type { ProgramEntry, ReleaseEntry } from '../../../src/emulator/world/world-schema.ts';
import { step, type CallRequest } from '../../../src/emulator/world.ts';

export const now = epochMs(1_767_323_045_000);
export const boss = 'boss';
export const ada = 'ada';
export const dev = 'dev';
export const stranger = 'stranger';

/** The program most scenarios are about, and one of its targets. */
export const coffee = { workspace: 'acme', miniProgram: 'coffee' } as const;
export const target = {
  ...coffee,
  version: '1.1.0',
  app: 'plain',
  environment: 'Production',
} as const;
export type Target = ReleaseKeyParts;

const all = ['Production', 'Sandbox', 'Test', 'Development'] as const;

/** What a scenario starts from: records of `coffee`, its global configuration, other programs. */
export interface Setup {
  readonly releases?: readonly ReleaseEntry[];
  readonly globalConfig?: NonNullable<ProgramEntry['globalConfig']>;
  readonly programs?: readonly ProgramEntry[];
}

export interface WorldOptions {
  readonly without?: readonly RuleId[];
  readonly switches?: Partial<Switches>;
}

/** An answer, whether it says yes or no. */
export type Said<O extends Operation> = Refused & Partial<DeepReadonly<ResponseOf<O>>>;

/** A world that moves on with everything done to it. */
export interface Player {
  world(): World;
  /** The result code of a call. */
  call<O extends Operation>(operation: O, body: Body<O>, client?: string): string;
  /** The whole answer of a call. */
  ask<O extends Operation>(operation: O, body: Body<O>, client?: string): Said<O>;
  /** The result code of what a person does. */
  act<A extends ConsoleAction>(action: A, body: ConsoleBody<A>): string;
  release(key?: Target): Release;
  program(id?: string): Program;
  tick(ms: number): void;
}

export function player(setup: Setup = {}, options: WorldOptions = {}): Player {
  const { releases = [], globalConfig = {}, programs = [] } = setup;
  let time = now;
  let world = createWorld({
    ...options,
    file: {
      apps: [
        { id: 'plain', environments: [...all], environmentVariables: true },
        { id: 'pilot', environments: [...all], environmentVariables: true, pilotTesting: true },
        { id: 'strict', environments: [...all], sandboxReview: true },
        { id: 'small', environments: ['Production'] },
      ],
      clients: [{ id: boss }, { id: ada }, { id: dev }, { id: stranger }],
      workspaces: [
        {
          id: 'acme',
          admins: [boss],
          miniPrograms: [
            {
              ...{ id: 'coffee', domainsGranted: true, admins: [ada], developers: [dev] },
              ...{ versions: ['1.0.0', '1.1.0'], globalConfig, releases: [...releases] },
            },
            ...programs,
          ],
        },
        { id: 'umbra', admins: [boss] },
      ],
    },
  });
  const ask: Player['ask'] = (operation, body, client = boss) => {
    const request = { kind: 'call', client, operation, body } as unknown as CallRequest;
    const { state, response } = step(world, request, time);
    world = state;
    return response as Said<typeof operation>;
  };
  return {
    world: () => world,
    ask,
    call: (operation, body, client) => ask(operation, body, client).result.resultCode,
    act: (action, body) => {
      const asked = { action, ...body } as ConsoleRequest;
      const { state, response } = step(world, { kind: 'console', action: asked }, time);
      world = state;
      return response.result.resultCode;
    },
    release: (key = target) => {
      const found = findRelease(world, key);
      if (!found) throw new Error(`no record of ${JSON.stringify(key)}`);
      return found;
    },
    program: (id = 'coffee') => {
      const found = world.programs.get(`acme/${id}`);
      if (!found) throw new Error(`no program ${id}`);
      return found;
    },
    tick: (ms) => {
      time = epochMs(time + ms);
    },
  };
}
