import type {
  ObservedGlobal,
  ObservedMiniProgram,
  ObservedRelease,
  ObservedTargetApp,
} from '../../core/model/observed.ts';
import { revision } from '../../core/model/observed.ts';
import {
  type FieldPath,
  fields,
  listOf,
  type ObservedConfig,
  type ObservedValue,
  variablePath,
} from '../../core/words/fields.ts';
import { SecretText } from '../../core/words/secret-text.ts';
import type {
  WireConfig,
  WireMiniProgram,
  WireRelease,
  WireTargetApp,
} from '../../protocol/wire.ts';

/** A record as the contract tells it. The platform's own name comes from the connection: no message carries it. */
export function observedRelease(platform: string, wire: WireRelease): ObservedRelease {
  const { workspace, miniProgram, version, app, environment } = wire;
  return {
    key: { platform, workspace, miniProgram, version, app, environment },
    id: wire.id,
    status: wire.status,
    revision: revision(wire.revision),
    config: observedConfig(wire.config),
    ...(wire.mark === undefined ? {} : { mark: wire.mark }),
    ...(wire.frozen === undefined ? {} : { frozen: observedConfig(wire.frozen) }),
    ...(wire.testQrCode === undefined ? {} : { testQrCode: wire.testQrCode }),
  };
}

export function observedMiniProgram(platform: string, wire: WireMiniProgram): ObservedMiniProgram {
  const { workspace, miniProgram, name, type, domainsGranted } = wire;
  return {
    key: { platform, workspace, miniProgram },
    ...(name === undefined ? {} : { name }),
    ...(type === undefined ? {} : { type }),
    ...(domainsGranted === undefined ? {} : { domainsGranted }),
    global: observedGlobal(wire),
  };
}

/** Variables do not exist at the global level; a platform that sends some is not listened to. */
export function observedGlobal(wire: WireMiniProgram): ObservedGlobal {
  return {
    revision: revision(wire.globalRevision),
    config: plainFields(wire.globalConfig),
    ...(wire.globalMark === undefined ? {} : { mark: wire.globalMark }),
  };
}

export function observedTargetApp(wire: WireTargetApp): ObservedTargetApp {
  const { app, name, environments, environmentVariables, pilotTesting, sandboxReview } = wire;
  return {
    app,
    environments,
    ...(name === undefined ? {} : { name }),
    ...(environmentVariables === undefined ? {} : { environmentVariables }),
    ...(pilotTesting === undefined ? {} : { pilotTesting }),
    ...(sandboxReview === undefined ? {} : { sandboxReview }),
  };
}

function plainFields(wire: WireConfig): ObservedGlobal['config'] {
  const config: Partial<Record<(typeof fields)[number], ObservedValue>> = {};
  for (const field of fields) {
    const value = wire[field];
    if (value === undefined) continue;
    config[field] = typeof value === 'string' ? { kind: 'text', text: value } : listOf(value);
  }
  return config;
}

/** Variable values are sealed before anything else can see them. */
function observedConfig(wire: WireConfig): ObservedConfig {
  const config: Partial<Record<FieldPath, ObservedValue>> = plainFields(wire);
  for (const { name, value } of wire.environmentVariables ?? []) {
    config[variablePath(name)] =
      value === undefined ? { kind: 'hidden' } : { kind: 'sealed', secret: new SecretText(value) };
  }
  return config;
}
