import type { DesiredGlobal, DesiredRelease, Resolved } from '../model/desired.ts';
import { pathsOf } from '../words/fields.ts';
import { releaseId } from '../words/keys.ts';

interface Content {
  readonly global?: DesiredGlobal;
  readonly releases: readonly DesiredRelease[];
}

/** What is wanted, without where it is written, as JSON: moving or renaming documents does not change it. */
export function digestible({ global, releases }: Content): unknown {
  return {
    ...(global && { global: [global, ...(global.rivals ?? [])].map(globalContent) }),
    releases: releases.map((release) => [
      releaseId(release.key),
      ...[release, ...(release.rivals ?? [])].map(releaseContent),
    ]),
  };
}

function globalContent({ config, unset, ...rest }: DesiredGlobal): unknown {
  return { config: values(config), unset: unset.map(({ field }) => field).sort(), ...frame(rest) };
}

function releaseContent({ config, own, superseded, ...rest }: DesiredRelease): unknown {
  return { config: values(config), own, superseded, ...frame(rest) };
}

function frame({
  source,
  policy,
  suspended,
  barrier,
}: Pick<DesiredRelease, 'source' | 'policy' | 'suspended' | 'barrier'>): object {
  return {
    source,
    policy: { ...policy },
    suspended: suspended === undefined ? null : { until: suspended.until ?? null },
    barrier: barrier?.reason ?? null,
  };
}

function values(config: Resolved): unknown {
  return pathsOf(config).map((path) => {
    const value = config[path]?.value;
    return [path, value?.kind === 'list' ? value.items : value];
  });
}
