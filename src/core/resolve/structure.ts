import type { MiniProgram } from '../kinds/index.ts';
import type { AnyDocument } from '../model/documents.ts';
import { fields } from '../words/fields.ts';
import { targetId } from '../words/keys.ts';
import { pointer } from '../words/places.ts';
import type { GlobalBody, LayerBody } from './layers.ts';
import { parseMoment } from './moment.ts';
import { programShape, releaseShape, type TargetShape } from './shape.ts';

/** A mistake inside one document that no schema can express. */
export interface Fault {
  readonly rule: StructureRule;
  readonly message: string;
  readonly nextStep: string;
  readonly pointer: string;
  /** The other places of the same mistake. */
  readonly related?: readonly string[];
}

export type StructureRule =
  | 'program-home'
  | 'app-in-two-instances'
  | 'app-without-instance'
  | 'duplicate-target'
  | 'field-twice'
  | 'duplicate-variable'
  | 'variable-value'
  | 'suspend-until';

/** What makes a document that fits its schema unusable after all. */
export function faultsOf(document: AnyDocument): Fault[] {
  switch (document.kind) {
    case 'MiniProgram':
      return programFaults(document.value.spec, programShape(document.value).targets);
    case 'MiniProgramRelease': {
      const { spec } = document.value;
      const targets = releaseShape(document.value).targets;
      return [
        ...layerFaults(spec, '/spec'),
        ...targetFaults(spec.targets, targets),
        ...suspendFaults(spec.suspend),
      ];
    }
    case 'ConfigProfile':
      return layerFaults(document.value.spec, '/spec');
    case 'PlatformConnection':
    case 'GitSource':
    case 'Settings':
      return [];
  }
}

function programFaults(spec: MiniProgram['spec'], targets: readonly TargetShape[]): Fault[] {
  return [
    ...homeFaults(spec, targets),
    ...layerFaults(spec, '/spec'),
    ...targetFaults(spec.targets, targets),
    ...suspendFaults(spec.suspend),
    ...globalFaults(spec.globalConfig, '/spec/globalConfig'),
    ...(spec.instances ?? []).flatMap(({ globalConfig }, index) =>
      globalFaults(globalConfig, pointer('spec', 'instances', index, 'globalConfig')),
    ),
  ];
}

function homeFaults(spec: MiniProgram['spec'], targets: readonly TargetShape[]): Fault[] {
  const { instances, workspace, id, connection } = spec;
  if (instances === undefined) {
    if (workspace !== undefined && id !== undefined) return [];
    const missing = [workspace === undefined && 'workspace', id === undefined && 'id']
      .filter(Boolean)
      .join(' and ');
    return [
      {
        rule: 'program-home',
        message: `${missing} missing: a MiniProgram says where it lives`,
        nextStep: 'Give workspace and id, or instances.',
        pointer: '/spec',
      },
    ];
  }
  if (workspace !== undefined || id !== undefined || connection !== undefined)
    return [
      {
        rule: 'program-home',
        message: 'instances stand instead of connection, workspace and id, not beside them',
        nextStep: 'Move connection, workspace and id into an instance.',
        pointer: '/spec/instances',
      },
    ];
  return instanceFaults(instances, targets);
}

function instanceFaults(
  instances: NonNullable<MiniProgram['spec']['instances']>,
  targets: readonly TargetShape[],
): Fault[] {
  const faults: Fault[] = [];
  const homes = new Map<string, string>();
  instances.forEach(({ apps }, index) => {
    apps.forEach((app, place) => {
      const at = pointer('spec', 'instances', index, 'apps', place);
      const first = homes.get(app);
      if (first === undefined) homes.set(app, at);
      else
        faults.push({
          rule: 'app-in-two-instances',
          message: `App ${app} stands in two instances`,
          nextStep: 'Keep it in the one console that releases to it.',
          pointer: at,
          related: [first],
        });
    });
  });
  const homeless = targets.filter(({ app }) => !homes.has(app));
  return [...faults, ...homeless.map(({ app, pointer: at }) => withoutInstance(app, at))];
}

/** A target whose app no instance releases to. */
export function withoutInstance(app: string, at: string): Fault {
  return {
    rule: 'app-without-instance',
    message: `App ${app} stands in no instance of the program`,
    nextStep: `Add ${app} to the apps of the instance that releases to it.`,
    pointer: at,
  };
}

function targetFaults(
  bodies: readonly LayerBody[] | undefined,
  targets: readonly TargetShape[],
): Fault[] {
  const faults = (bodies ?? []).flatMap((body, index) =>
    layerFaults(body, pointer('spec', 'targets', index)),
  );
  const seen = new Map<string, string>();
  for (const target of targets) {
    const id = targetId(target);
    const first = seen.get(id);
    if (first === undefined) seen.set(id, target.pointer);
    else
      faults.push({
        rule: 'duplicate-target',
        message: `Target ${id} stands twice in this list`,
        nextStep: 'Merge the two entries.',
        pointer: target.pointer,
        related: [first],
      });
  }
  return faults;
}

function layerFaults(body: LayerBody, base: string): Fault[] {
  const variables = body.config?.environmentVariables ?? [];
  const set = new Map<string, string>();
  for (const field of fields)
    if (body.config?.[field] !== undefined) set.set(field, `${base}/config/${field}`);
  variables.forEach(({ name }, index) => {
    set.set(`environmentVariables/${name}`, `${base}/config/environmentVariables/${index}`);
  });
  const extended = Object.keys(body.extend ?? {}).map(
    (field) => [field, `${base}/extend/${field}`] as const,
  );
  const unset = (body.unset ?? []).map(
    (field, index) => [field, `${base}/unset/${index}`] as const,
  );
  return [...variableFaults(variables, base), ...twice([...set, ...extended, ...unset])];
}

function globalFaults(body: GlobalBody | undefined, base: string): Fault[] {
  const { unset = [], ...values } = body ?? {};
  const set = Object.keys(values).map((field) => [field, `${base}/${field}`] as const);
  return twice([
    ...set,
    ...unset.map((field, index) => [field, `${base}/unset/${index}`] as const),
  ]);
}

function twice(entries: readonly (readonly [field: string, at: string])[]): Fault[] {
  const faults: Fault[] = [];
  const seen = new Map<string, string>();
  for (const [field, at] of entries) {
    const first = seen.get(field);
    if (first === undefined) seen.set(field, at);
    else
      faults.push({
        rule: 'field-twice',
        message: `${field} is said twice in one layer`,
        nextStep: 'Say it once: as a value, in extend, or in unset.',
        pointer: at,
        related: [first],
      });
  }
  return faults;
}

type Variables = NonNullable<NonNullable<LayerBody['config']>['environmentVariables']>;

function variableFaults(variables: Variables, base: string): Fault[] {
  const faults: Fault[] = [];
  const seen = new Map<string, string>();
  variables.forEach(({ name, value, valueFrom }, index) => {
    const at = `${base}/config/environmentVariables/${index}`;
    const first = seen.get(name);
    if (first === undefined) seen.set(name, at);
    else
      faults.push({
        rule: 'duplicate-variable',
        message: `Variable ${name} stands twice in this list`,
        nextStep: 'Keep one of them.',
        pointer: at,
        related: [first],
      });
    if ((value === undefined) === (valueFrom === undefined))
      faults.push({
        rule: 'variable-value',
        message: `Variable ${name} needs exactly one of value and valueFrom`,
        nextStep: 'Give a public literal as value, or a secret as valueFrom.secretKeyRef.',
        pointer: at,
      });
  });
  return faults;
}

function suspendFaults(suspend: { readonly until?: string } | undefined): Fault[] {
  if (suspend?.until === undefined || parseMoment(suspend.until) !== undefined) return [];
  return [
    {
      rule: 'suspend-until',
      message: `${suspend.until} is no moment of any calendar`,
      nextStep: 'Write it like 2026-12-24T18:00:00Z.',
      pointer: '/spec/suspend/until',
    },
  ];
}
