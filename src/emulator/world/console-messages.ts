import { Type, type Static, type TProperties } from 'typebox';

import { environments } from '../../core/words/environments.ts';
import { WireGlobalPatch, WireNewConfig, WirePatch } from '../../protocol/wire.ts';
import type { DeepReadonly } from './answers.ts';

/*
 * What people do in the real console, as messages of the emulator's own. No part of the contract: loopback only, unsigned.
 */

const Id = Type.String({ minLength: 1, maxLength: 64 });
/** An environment by any name: that there are only four is a rule of the platform, not of the message. */
const EnvironmentText = Type.String({ minLength: 1, maxLength: 64 });
const EnvironmentName = Type.Enum(environments, { type: 'string' });
const by = {
  by: Type.Optional(
    Type.String({ description: 'Who does it; left out, somebody who may do everything.' }),
  ),
};
const program = { workspace: Id, miniProgram: Id };
const release = { ...program, version: Id, app: Id, environment: EnvironmentName };

function message<P extends TProperties>(description: string, properties: P) {
  return Type.Object({ ...properties, ...by }, { additionalProperties: false, description });
}

export const consoleMessages = {
  selectTarget: message('Select a target for a version (Select App > Select).', {
    ...release,
    config: Type.Optional(WireNewConfig),
  }),
  editReleaseConfig: message('Edit release-specific configuration (Configure > Save).', {
    ...release,
    patch: WirePatch,
  }),
  editGlobalConfig: message('Edit the global configuration.', {
    ...program,
    patch: Type.Union([WireGlobalPatch, WirePatch]),
  }),
  editInfo: message('Edit name or type; `newVersion` is uploaded where the change needs one.', {
    ...program,
    name: Type.Optional(Type.String({ minLength: 1 })),
    type: Type.Optional(Type.Union([Type.Literal('DSL'), Type.Literal('H5+')])),
    newVersion: Type.Optional(Id),
  }),
  uploadVersion: message('Upload a version.', { ...program, version: Id }),
  createMiniProgram: message('Create a mini program.', {
    ...program,
    name: Type.Optional(Type.String({ minLength: 1 })),
    type: Type.Optional(Type.Union([Type.Literal('DSL'), Type.Literal('H5+')])),
  }),
  setMember: message('Give somebody a role in a mini program, or take it.', {
    ...program,
    member: Id,
    role: Type.Union([Type.Literal('admin'), Type.Literal('developer'), Type.Literal('none')]),
  }),
  grantDomains: message('Let a mini program edit server domains and WAP URLs, or stop it.', {
    ...program,
    granted: Type.Boolean(),
  }),
  grantVariables: message('Give a mini program the feature of environment variables, or take it.', {
    ...program,
    granted: Type.Boolean(),
  }),
  setApp: message('Add a target app, or change what it provides.', {
    app: Id,
    name: Type.Optional(Type.String({ minLength: 1 })),
    environments: Type.Optional(Type.Array(EnvironmentText, { minItems: 1, uniqueItems: true })),
    pilotTesting: Type.Optional(Type.Boolean()),
    sandboxReview: Type.Optional(Type.Boolean()),
    environmentVariables: Type.Optional(Type.Boolean()),
  }),
  apply: message('Apply for release.', release),
  withdraw: message('Withdraw the request.', release),
  approve: message('Approve the open request.', release),
  reject: message('Reject the open request.', release),
  completePilot: message('Complete pilot testing.', release),
  gray: message('Start a grayscale release, or change its percentage.', {
    ...release,
    percentage: Type.Integer({ minimum: 1, maximum: 100 }),
  }),
  goLive: message('Release to all users.', release),
  cancel: message('Cancel the release (in Pilot Testing: Cancel Testing).', release),
  takeOffline: message('Take the live version offline.', {
    ...release,
    reason: Type.Optional(Type.String()),
  }),
} as const;

export type ConsoleAction = keyof typeof consoleMessages;

export const consoleActions = Object.keys(consoleMessages) as readonly ConsoleAction[];

export type ConsoleBody<A extends ConsoleAction> = DeepReadonly<
  Static<(typeof consoleMessages)[A]>
>;
