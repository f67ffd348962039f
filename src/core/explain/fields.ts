import type { LayerStep, Resolved } from '../model/desired.ts';
import type { ReleaseClaim } from '../resolve/release-claim.ts';
import { stepsByPath } from '../resolve/merge.ts';
import { type FieldPath, pathsOf } from '../words/fields.ts';
import type { Locate, Place } from '../words/places.ts';
import { declaredValue } from './declared-value.ts';
import type { ExplainedField, ExplainedLayer } from './explanation.ts';

type Step = Omit<LayerStep, 'layer'> & { readonly layer: ExplainedLayer['layer'] };

/** Every field that any layer, or the declared global configuration, says something about. */
export function explainFields(
  claim: ReleaseClaim,
  config: Resolved,
  locate: Locate,
): ExplainedField[] {
  const steps = stepsByPath(claim.layers);
  const global = globalSteps(claim);
  const paths = pathsOf(Object.fromEntries(steps), Object.fromEntries(global));
  return paths.map((path) => {
    const field = config[path];
    const below = global.get(path);
    const all: Step[] = [...(below ?? []), ...(steps.get(path) ?? []).map(({ step }) => step)];
    const layers = shadows(all).map(({ step, by }) => explainLayer(step, by, locate));
    const inherited = below?.find(({ verb }) => verb === 'set')?.value;
    const common = { path, layers };
    if (field !== undefined)
      return {
        ...common,
        from: 'release',
        value: declaredValue(field.value),
        origins: field.origins.map(locate),
      };
    if (inherited === undefined || claim.barrier !== undefined)
      return { ...common, from: 'nowhere', origins: [] };
    const origins = (below ?? []).map(({ place }) => locate(place));
    return { ...common, from: 'global', value: declaredValue(inherited), origins };
  });
}

/** What the declared global configuration says, as the layer below all. */
function globalSteps({ home }: ReleaseClaim): ReadonlyMap<FieldPath, readonly Step[]> {
  const { global, entry, shape } = home;
  if (global === undefined || home.barrier !== undefined) return new Map();
  const set = pathsOf(global.fields).flatMap((path): [FieldPath, Step[]][] => {
    const field = global.fields[path];
    if (field === undefined) return [];
    const { value, origins } = field;
    return [[path, [{ layer: 'global configuration', verb: 'set', value, place: origins[0] }]]];
  });
  const unset = (global.body.unset ?? []).map((path, index): [FieldPath, Step[]] => {
    const place = { document: entry.id, pointer: `${shape.globalPointer ?? ''}/unset/${index}` };
    return [path, [{ layer: 'global configuration', verb: 'unset', place }]];
  });
  return new Map([...set, ...unset]);
}

interface Shadowed {
  readonly step: Step;
  /** The step that hides it; absent: it counts. */
  readonly by?: Place;
}

/**
 * Which step hides which: a value and an `unset` hide the layers below, `extend` hides nothing.
 *
 * The global configuration is hidden by a value alone: after `unset`, and below an `extend` that stands on nothing else,
 * the field inherits from it.
 */
function shadows(steps: readonly Step[]): Shadowed[] {
  const hidden = new Map<Step, Place>();
  const global = steps.filter(({ layer }) => layer === 'global configuration');
  let counting: readonly Step[] = [];
  for (const step of steps) {
    if (step.verb !== 'extend') for (const below of counting) hidden.set(below, step.place);
    if (step.verb === 'unset') for (const each of global) hidden.delete(each);
    counting = [...counting.filter((each) => !hidden.has(each)), step];
  }
  return steps.map((step) => {
    const by = hidden.get(step);
    return by === undefined ? { step } : { step, by };
  });
}

function explainLayer(step: Step, by: Place | undefined, locate: Locate): ExplainedLayer {
  const { layer, verb, value, place } = step;
  return {
    ...{ layer, verb, origin: locate(place) },
    ...(value !== undefined && { value: declaredValue(value) }),
    ...(by !== undefined && { shadowedBy: locate(by) }),
  };
}
