import { normalize } from 'node:path';
import type { AnyDocument, Document } from '../core/model/documents.ts';
import type { Locate, Place } from '../core/words/places.ts';
import { pointer } from '../core/words/places.ts';
import type { Problem } from '../core/words/problems.ts';
import { createLocate } from '../core/yaml/locate.ts';
import { usualForgeUrls } from './composition/forge-place.ts';
import { plainEndpoint } from './endpoint.ts';

interface Finding {
  readonly rule: string;
  readonly message: string;
  readonly nextStep: string;
  readonly place: Place;
}

/** Rules between documents of one settings file: what a schema cannot see. */
export function settingsProblems(documents: readonly AnyDocument[]): Problem[] {
  const locate = createLocate(documents);
  const connections = documents.filter((document) => document.kind === 'PlatformConnection');
  const sources = documents.filter((document) => document.kind === 'GitSource');
  const settings = documents.filter((document) => document.kind === 'Settings');
  const findings = [
    ...doubles(documents),
    ...platformTwice(connections),
    ...missingGrants(connections, sources.length),
    ...missingSecretOwners(settings, sources.length),
    ...sources.flatMap(reviewFindings),
    ...reviewTwins(sources),
    ...settings.slice(1).map((document): Finding => ({
      rule: 'one-settings',
      message: 'a second Settings document',
      nextStep: 'keep one',
      place: { document: document.id, pointer: '' },
    })),
  ];
  return problemsOf(findings, locate);
}

/** What the schedules of a settings file lack. The reader of cron expressions is loaded only where there is one. */
export async function scheduleProblems(documents: readonly AnyDocument[]): Promise<Problem[]> {
  const settings = documents.filter((document) => document.kind === 'Settings');
  const findings = await Promise.all(settings.map(async (document) => scheduleFindings(document)));
  return problemsOf(findings.flat(), createLocate(documents));
}

async function scheduleFindings({ id, value }: Document<'Settings'>): Promise<Finding[]> {
  const { sweepSchedule, sweepSeconds, timeZone = 'UTC' } = value.spec.intervals ?? {};
  const place = (field: string): Place => {
    return { document: id, pointer: pointer('spec', 'intervals', field) };
  };
  if (sweepSchedule === undefined) return [];
  const { cronProblem } = await import('./composition/cron.ts');
  const problem = cronProblem(sweepSchedule, timeZone);
  return [
    ...(problem
      ? [
          {
            rule: 'schedule-invalid',
            message: problem.message,
            nextStep: problem.nextStep,
            place: place(problem.field === 'timeZone' ? 'timeZone' : 'sweepSchedule'),
          },
        ]
      : []),
    ...(sweepSeconds === undefined
      ? []
      : [
          {
            rule: 'schedule-twice',
            message: 'both sweepSeconds and sweepSchedule say when to sweep',
            nextStep: 'keep one of them',
            place: place('sweepSeconds'),
          },
        ]),
  ];
}

function problemsOf(findings: readonly Finding[], locate: Locate): Problem[] {
  return findings.map(({ rule, message, nextStep, place }) => ({
    rule,
    severity: 'error',
    message,
    nextStep,
    origin: locate(place),
  }));
}

function doubles(documents: readonly AnyDocument[]): Finding[] {
  const seen = new Set<string>();
  return documents.flatMap(({ id, kind, name }) => {
    const identity = `${kind}/${name}`;
    if (!seen.has(identity)) {
      seen.add(identity);
      return [];
    }
    return [
      {
        rule: 'duplicate-identity',
        message: `a second ${kind} named ${name}`,
        nextStep: 'give it another name',
        place: { document: id, pointer: pointer('metadata', 'name') },
      },
    ];
  });
}

/** One platform reached twice would have two rate budgets and two opinions of who may declare what. */
function platformTwice(connections: readonly Document<'PlatformConnection'>[]): Finding[] {
  return connections.flatMap((later, index) =>
    connections.slice(0, index).flatMap((earlier) => {
      const [a, b] = [earlier.value.spec, later.value.spec];
      if (a.platformId !== b.platformId) return [];
      const sameEndpoint = whereOf(a) === whereOf(b);
      if (sameEndpoint && a.clientId !== b.clientId) return [];
      return [
        {
          rule: 'platform-twice',
          message: sameEndpoint
            ? `${later.name} and ${earlier.name} reach platform ${a.platformId} with one client id`
            : `${later.name} and ${earlier.name} reach platform ${a.platformId} at two endpoints`,
          nextStep: 'use one connection; its grants can name several sources',
          place: { document: later.id, pointer: pointer('spec', 'platformId') },
        },
      ];
    }),
  );
}

/** Where a connection leads: an address, or the folder of an emulator. */
function whereOf({ endpoint, dataDir }: Document<'PlatformConnection'>['value']['spec']): string {
  return JSON.stringify([
    endpoint === undefined ? '' : plainEndpoint(endpoint),
    dataDir === undefined ? '' : normalize(`${dataDir}/`),
  ]);
}

function missingGrants(
  connections: readonly Document<'PlatformConnection'>[],
  sources: number,
): Finding[] {
  if (sources < 2) return [];
  return connections
    .filter(({ value }) => value.spec.grants === undefined)
    .map(({ id, name }) => ({
      rule: 'grants-required',
      message: `connection ${name} has no grants although ${String(sources)} GitSources may declare through it`,
      nextStep: 'say who may declare what, for example grants: [{sources: [NAME]}]',
      place: { document: id, pointer: pointer('spec') },
    }));
}

function missingSecretOwners(
  settings: readonly Document<'Settings'>[],
  sources: number,
): Finding[] {
  if (sources === 0) return [];
  return settings.flatMap(({ id, value }) =>
    (value.spec.secrets ?? []).flatMap((secret, index) =>
      secret.for
        ? []
        : [
            {
              rule: 'secret-owner-required',
              message: `secret ${secret.name} does not say who may use it`,
              nextStep: 'add for: [cli] or for: [NAME of a GitSource]',
              place: { document: id, pointer: pointer('spec', 'secrets', index) },
            },
          ],
    ),
  );
}

/** What a review of pull requests lacks. */
function reviewFindings({ id, value }: Document<'GitSource'>): Finding[] {
  const { review, ref = {} } = value.spec;
  if (!review) return [];
  const finding = (field: string, message: string, nextStep: string): Finding => ({
    ...{ rule: 'review-incomplete', message, nextStep },
    place: { document: id, pointer: pointer('spec', 'review', field) },
  });
  const isBranch = ref.tag === undefined && ref.semver === undefined;
  const hasOne = (review.token === undefined) !== (review.app === undefined);
  return [
    ...(isBranch
      ? []
      : [finding('forge', 'pull requests go to a branch', 'set ref.branch, or remove review')]),
    ...(hasOne
      ? []
      : [finding('token', 'it names no credential, or two', 'give exactly one of token and app')]),
    ...(review.app === undefined || review.forge === 'github'
      ? []
      : [finding('app', `${review.forge} has no Apps`, 'give a token')]),
    ...(review.url === undefined && review.forge === 'gitea'
      ? [finding('url', 'Gitea has no usual address', 'add url: https://git.example.com')]
      : []),
  ];
}

/**
 * A commit bears one set of statuses, and a pull request one comment of a name: of two reviews of that name the one would
 * turn green what the other failed. That they follow different branches does not part them: a commit may be on its way to
 * both.
 */
function reviewTwins(sources: readonly Document<'GitSource'>[]): Finding[] {
  const first = new Map<string, string>();
  return sources.flatMap(({ id, name: source, value: { spec } }) => {
    if (!spec.review) return [];
    const { forge, url, repository, name = 'default' } = spec.review;
    const where = plainEndpoint(url ?? usualForgeUrls[forge] ?? '');
    // No forge tells large letters from small ones in the names of its repositories.
    const key = JSON.stringify([where, repository, name]).toLowerCase();
    const known = first.get(key);
    if (known === undefined) {
      first.set(key, source);
      return [];
    }
    return [
      {
        rule: 'review-twin',
        message: `GitSource ${known} reviews the same repository under the name ${name}: one would overwrite the verdicts of the other`,
        nextStep: `set review.name to a name of its own, such as ${source}`,
        place: { document: id, pointer: pointer('spec', 'review') },
      },
    ];
  });
}
