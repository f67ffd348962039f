import type { DesiredGlobal, DesiredRelease, Resolved } from '../model/desired.ts';
import { pathsOf } from '../words/fields.ts';
import { releaseId } from '../words/keys.ts';

interface Content {
  readonly global?: DesiredGlobal;
  readonly releases: readonly DesiredRelease[];
}

/**
 * What is wanted, without where it is written: moving or renaming documents does not change it.
 *
 * One text per claim, made of lists in a fixed order: as canonical as canonical JSON, and made in a fraction of the time.
 */
export function digestible({ global, releases }: Content): readonly string[] {
  return [
    ...[global, ...(global?.rivals ?? [])].flatMap((each) =>
      each === undefined ? [] : [globalText(each)],
    ),
    ...releases
      .flatMap((release) => [release, ...(release.rivals ?? [])])
      .map((release) => releaseText(release)),
  ];
}

function globalText({ config, unset, ...rest }: DesiredGlobal): string {
  const cleared = unset.map(({ field }) => field).sort();
  return JSON.stringify([valuesOf(config), cleared, frameOf(rest)]);
}

function releaseText({ key, config, own, superseded, ...rest }: DesiredRelease): string {
  return JSON.stringify([releaseId(key), valuesOf(config), own, superseded, frameOf(rest)]);
}

type Frame = Pick<DesiredRelease, 'source' | 'policy' | 'suspended' | 'barrier'>;

function frameOf({ source, policy, suspended, barrier }: Frame): readonly unknown[] {
  const { onChange, onDrift, undeclared } = policy;
  const held = suspended === undefined ? [] : [suspended.until ?? 'for ever'];
  return [source, onChange, onDrift, undeclared, held, barrier?.reason ?? null];
}

function valuesOf(config: Resolved): readonly unknown[] {
  return pathsOf(config).map((path) => {
    const value = config[path]?.value;
    switch (value?.kind) {
      case 'text':
        return [path, 'text', value.text];
      case 'list':
        return [path, 'list', value.items];
      case 'secret':
        return [path, 'secret', value.ref.name, value.ref.key];
      case undefined:
        return [path];
    }
  });
}
