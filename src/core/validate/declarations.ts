import { parseMoment } from '../resolve/moment.ts';
import { pointer } from '../words/places.ts';
import type { Finding } from './finding.ts';
import { globalFindings, layerFindings, targetFindings } from './layers.ts';
import { list, record, text } from './read.ts';

const spec = '/spec';

/** Rules between the fields of a MiniProgram. */
export function programFindings(value: unknown): Finding[] {
  const { instances, globalConfig, targets, suspend } = record(value);
  return [
    ...homeFindings(record(value)),
    ...instanceFindings(list(instances), list(targets)),
    ...globalFindings(globalConfig, `${spec}/globalConfig`),
    ...list(instances).flatMap((instance, index) =>
      globalFindings(
        record(instance)['globalConfig'],
        spec + pointer('instances', index, 'globalConfig'),
      ),
    ),
    ...layerFindings(value, spec),
    ...targetFindings(targets, `${spec}/targets`),
    ...suspendFindings(suspend),
  ];
}

/** Rules between the fields of a MiniProgramRelease. */
export function releaseFindings(value: unknown): Finding[] {
  const { environments, targets, suspend } = record(value);
  return [
    ...(environments === undefined && targets === undefined ? [withoutTarget] : []),
    ...layerFindings(value, spec),
    ...targetFindings(targets, `${spec}/targets`),
    ...suspendFindings(suspend),
  ];
}

/** Rules between the fields of a ConfigProfile. */
export function profileFindings(value: unknown): Finding[] {
  return layerFindings(value, spec);
}

const withoutTarget: Finding = {
  isAbsence: true,
  rule: 'release-without-target',
  pointer: spec,
  at: 'value',
  message: 'The release names no target.',
  nextStep: 'Add environments to select standing targets of the program, or targets of its own.',
};

const placeFields = ['connection', 'workspace', 'id'] as const;

function homeFindings(value: Readonly<Record<string, unknown>>): Finding[] {
  const given = placeFields.filter((field) => Object.hasOwn(value, field));
  if (Object.hasOwn(value, 'instances')) return given.map(besideInstances);
  const missing = (['workspace', 'id'] as const).filter((field) => !given.includes(field));
  if (missing.length === 0) return [];
  return [
    {
      rule: 'program-home',
      pointer: spec,
      at: 'value',
      isAbsence: true,
      message: `The program does not say where it lives: ${missing.join(' and ')} missing.`,
      nextStep: 'Give workspace and id as the console shows them, or instances.',
    },
  ];
}

function besideInstances(field: string): Finding {
  return {
    rule: 'program-home',
    pointer: spec + pointer(field),
    at: 'key',
    message: `${field} cannot stand beside instances: each instance has its own.`,
    nextStep: `Move ${field} into the instances.`,
    related: [`${spec}/instances`],
  };
}

function instanceFindings(instances: readonly unknown[], targets: readonly unknown[]): Finding[] {
  if (instances.length === 0) return [];
  const homes = new Map<string, string>();
  const doubles: Finding[] = [];
  for (const { app, at } of appsOf(instances)) {
    const first = homes.get(app);
    if (first === undefined) homes.set(app, at);
    else if (first.split('/')[3] !== at.split('/')[3]) doubles.push(inTwo(app, at, first));
  }
  const homeless = targets.flatMap((target, index) => {
    const app = text(record(target)['app']);
    return app === undefined || homes.has(app)
      ? []
      : [homelessApp(app, spec + pointer('targets', index, 'app'))];
  });
  return [...doubles, ...homeless];
}

function appsOf(
  instances: readonly unknown[],
): readonly { readonly app: string; readonly at: string }[] {
  return instances.flatMap((instance, index) =>
    list(record(instance)['apps']).flatMap((app, entry) =>
      typeof app === 'string'
        ? [{ app, at: spec + pointer('instances', index, 'apps', entry) }]
        : [],
    ),
  );
}

function inTwo(app: string, at: string, first: string): Finding {
  return {
    rule: 'app-in-two-instances',
    pointer: at,
    at: 'value',
    message: `App ${app} stands in two instances.`,
    nextStep: 'Keep it in the one whose console releases to it.',
    related: [first],
  };
}

function homelessApp(app: string, at: string): Finding {
  return {
    rule: 'app-without-instance',
    pointer: at,
    at: 'value',
    message: `App ${app} stands in no instance of the program.`,
    nextStep: `Add ${app} to the apps of the instance that releases to it.`,
  };
}

/** The schema knows the form of a moment, not how long February is. */
function suspendFindings(suspend: unknown): Finding[] {
  const until = text(record(suspend)['until']);
  if (
    until === undefined ||
    !/^\d{4}-\d\d-\d\dT\S+(?:Z|[-+]\d\d:\d\d)$/.test(until) ||
    parseMoment(until) !== undefined
  )
    return [];
  return [
    {
      rule: 'suspend-until',
      pointer: `${spec}/suspend/until`,
      at: 'value',
      message: `${until} is no moment of any calendar.`,
      nextStep: 'Write it like "2026-12-24T18:00:00Z".',
    },
  ];
}
