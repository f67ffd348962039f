import type { LayerName, LayerStep, ResolvedField } from '../model/desired.ts';
import type { ConfigProfile, MiniProgram } from '../kinds/index.ts';
import {
  type DesiredValue,
  type FieldPath,
  isField,
  isVariable,
  listFields,
  listOf,
  stringFields,
  variablePath,
} from '../words/fields.ts';
import type { DocumentId, Place } from '../words/places.ts';

/** What every layer may hold; the shape is the same in all kinds. */
export type LayerBody = Pick<ConfigProfile['spec'], 'config' | 'extend' | 'unset'>;
export type GlobalBody = NonNullable<MiniProgram['spec']['globalConfig']>;
type ConfigBody = NonNullable<LayerBody['config']>;
type VariableBody = NonNullable<ConfigBody['environmentVariables']>[number];

/** One thing one layer says about one field. Made once per document and shared by every target it reaches. */
export interface PathStep {
  readonly path: FieldPath;
  readonly step: LayerStep;
  /** What the field is where this step alone decides; absent for `unset`. */
  readonly field?: ResolvedField;
}

/** A layer ready to be laid. `id` is unique within one family of programs. */
export interface Layer {
  readonly id: number;
  readonly steps: readonly PathStep[];
}

interface At {
  readonly document: DocumentId;
  /** Pointer of the body; empty for a document's root. */
  readonly base: string;
  readonly layer: LayerName;
  /** The pointer of a step below another; documents that are built alike share the text. */
  readonly below: Below;
}

export type Below = (base: string, step: string) => string;

/** Remembers the pointers it made: thousands of documents have the same ones. */
export function createBelow(): Below {
  const made = new Map<string, Map<string, string>>();
  return (base, step) => {
    const known = made.get(base) ?? new Map<string, string>();
    if (known.size === 0) made.set(base, known);
    const pointer = known.get(step) ?? `${base}/${step}`;
    if (!known.has(step)) known.set(step, pointer);
    return pointer;
  };
}

/** Everything a layer says, in reading order of its three parts. */
export function layerSteps(body: LayerBody, at: At): PathStep[] {
  return [
    ...unsetSteps(body.unset ?? [], at),
    ...extendSteps(body.extend ?? {}, at),
    ...configSteps(body.config ?? {}, at),
  ];
}

/** The values of a global configuration, by field. */
export function globalFields(
  body: GlobalBody,
  document: DocumentId,
  base: string,
): Readonly<Partial<Record<FieldPath, ResolvedField>>> {
  const { unset: _, ...values } = body;
  // The layer's name is not used: a global configuration is no layer, but its values are read the same way.
  const steps = valueSteps(values, { document, base, layer: 'program', below: joined });
  return Object.fromEntries(steps.map(({ path, field }) => [path, field]));
}

function joined(base: string, step: string): string {
  return `${base}/${step}`;
}

function configSteps(config: ConfigBody, at: At): PathStep[] {
  const base = at.below(at.base, 'config');
  const { environmentVariables = [], ...values } = config;
  const variables = environmentVariables.map((variable, index) => {
    const pointer = at.below(base, `environmentVariables/${index}`);
    const place = { document: at.document, pointer };
    return setStep(variablePath(variable.name), variableValue(variable), at.layer, place);
  });
  return [...valueSteps(values, { ...at, base }), ...variables];
}

function valueSteps(values: Omit<ConfigBody, 'environmentVariables'>, at: At): PathStep[] {
  const steps: PathStep[] = [];
  for (const path of stringFields) {
    const text = values[path];
    if (text !== undefined)
      steps.push(setStep(path, { kind: 'text', text }, at.layer, placeOf(at, path)));
  }
  for (const path of listFields) {
    const items = values[path];
    if (items !== undefined) steps.push(setStep(path, listOf(items), at.layer, placeOf(at, path)));
  }
  return steps;
}

function extendSteps(extend: NonNullable<LayerBody['extend']>, at: At): PathStep[] {
  return listFields.flatMap((path) => {
    const items = extend[path];
    if (items === undefined) return [];
    const place = { document: at.document, pointer: `${at.base}/extend/${path}` };
    const value = listOf(items);
    return [
      {
        path,
        step: { layer: at.layer, verb: 'extend', value, place },
        field: { value, origins: [place] },
      },
    ];
  });
}

function unsetSteps(unset: readonly string[], at: At): PathStep[] {
  return unset.flatMap((path, index) => {
    const place = { document: at.document, pointer: `${at.base}/unset/${index}` };
    return isPath(path) ? [{ path, step: { layer: at.layer, verb: 'unset', place } }] : [];
  });
}

function setStep(path: FieldPath, value: DesiredValue, layer: LayerName, place: Place): PathStep {
  return { path, step: { layer, verb: 'set', value, place }, field: { value, origins: [place] } };
}

function placeOf(at: At, path: string): Place {
  return { document: at.document, pointer: at.below(at.base, path) };
}

function variableValue({ value, valueFrom }: VariableBody): DesiredValue {
  if (valueFrom === undefined) return { kind: 'text', text: value ?? '' };
  const { name, key } = valueFrom.secretKeyRef;
  return { kind: 'secret', ref: { name, key } };
}

function isPath(path: string): path is FieldPath {
  return isField(path) || isVariable(path);
}
