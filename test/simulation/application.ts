import {
  revision,
  type Fingerprints,
  type ObservedMiniProgram,
  type ObservedProgram,
  type ObservedRelease,
} from '../../src/core/model/observed.ts';
import type { Change, DecidedChange, Decision, FieldChange } from '../../src/core/model/plan.ts';
import { partsOf } from '../../src/engine/parts.ts';
import { markAfter } from '../../src/core/plan/next-mark.ts';
import {
  isVariable,
  type DesiredValue,
  type FieldPath,
  type ObservedConfig,
  type ObservedValue,
  type SecretRef,
} from '../../src/core/words/fields.ts';
import { releaseId } from '../../src/core/words/keys.ts';
import { SecretText } from '../../src/core/words/secret-text.ts';

/** What a write needs to know beside the decision. */
export interface Application {
  readonly fingerprints: Fingerprints;
  readonly installation: string;
  readonly open: (ref: SecretRef) => string;
}

/** What a platform holds once a decision is carried out: values, marks, and a new revision for every field change. */
export function applied(
  observed: ObservedProgram,
  decision: Decision,
  how: Application,
): ObservedProgram {
  return worldsOf(observed, decision, how).at(-1) ?? observed;
}

/** What it holds before, between and after the writes, in the order in which the executor makes them. */
export function worldsOf(
  observed: ObservedProgram,
  decision: Decision,
  how: Application,
): readonly ObservedProgram[] {
  const written = new Map<Change, readonly FieldChange[]>();
  const worlds = [observed];
  for (const { change, fields, mark } of [...partsOf(decision)].sort((a, b) => a.step - b.step)) {
    const earlier = written.get(change) ?? [];
    const held = worlds.at(-1) ?? observed;
    worlds.push(afterWrite(held, { change, apply: fields, earlier, mark }, how));
    written.set(change, [...earlier, ...fields]);
  }
  return worlds;
}

interface Write extends DecidedChange {
  /** Fields of the same change that were written before: the mark holds their bases too. */
  readonly earlier: readonly FieldChange[];
}

function afterWrite(observed: ObservedProgram, decided: Write, how: Application): ObservedProgram {
  const { change, apply, earlier } = decided;
  const { installation, fingerprints } = how;
  const mark = decided.mark
    ? { mark: markAfter({ change, applied: [...earlier, ...apply], installation, fingerprints }) }
    : {};
  if (change.scope === 'global') {
    const { miniProgram } = observed;
    if (!miniProgram) throw new Error('no mini program to write to');
    const { global } = miniProgram;
    const config = changed(global.config, apply, how) as ObservedMiniProgram['global']['config'];
    const next = { ...global, config, revision: moved(global.revision, apply), ...mark };
    return { ...observed, miniProgram: { ...miniProgram, global: next } };
  }
  const id = releaseId(change.key);
  const found: ObservedRelease = observed.releases[id] ?? {
    key: change.key,
    id: `id of ${id}`,
    status: 'NewVersionCreated',
    revision: revision('0'),
    config: {},
  };
  const release = {
    ...found,
    config: changed(found.config, apply, how),
    revision: moved(found.revision, apply),
    ...mark,
  };
  return { ...observed, releases: { ...observed.releases, [id]: release } };
}

function changed(
  config: ObservedConfig,
  fields: readonly FieldChange[],
  how: Application,
): ObservedConfig {
  const next: Partial<Record<FieldPath, ObservedValue>> = { ...config };
  for (const { path, write } of fields) {
    if (path === 'mark' || !write) throw new Error(`${path} was decided and cannot be written`);
    if (write.to === 'inherit') delete next[path];
    else next[path] = held(path, write.value, how);
  }
  return next;
}

function held(path: FieldPath, value: DesiredValue, { open }: Application): ObservedValue {
  if (value.kind === 'list') return { kind: 'list', items: value.items };
  const text = value.kind === 'text' ? value.text : open(value.ref);
  return isVariable(path)
    ? { kind: 'sealed', secret: new SecretText(text) }
    : { kind: 'text', text };
}

function moved(before: ReturnType<typeof revision>, fields: readonly FieldChange[]) {
  return fields.length === 0 ? before : revision(`${before}+`);
}
