import type { Type } from 'typebox';

import {
  ConfigProfileStatus,
  GitSourceStatus,
  MiniProgramReleaseStatus,
  MiniProgramStatus,
  PlatformConnectionStatus,
} from '../../src/core/kinds/object-status.ts';
import { declarationSchemas, settingsSchemas } from '../kinds.ts';

/** A column of `kubectl get`. */
export interface Column {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'date';
  readonly jsonPath: string;
  readonly description: string;
  /** Shown with `-o wide` only. */
  readonly wide?: true;
}

/** A kind as a custom resource. */
export interface Resource {
  readonly kind: string;
  readonly plural: string;
  readonly shortNames: readonly string[];
  readonly scope: 'Namespaced' | 'Cluster';
  readonly schema: ReturnType<typeof Type.Object>;
  readonly status: ReturnType<typeof Type.Object>;
  readonly columns: readonly Column[];
  /** What `kubectl get --field-selector` takes. */
  readonly selectable?: readonly string[];
}

function condition(
  name: string,
  field: 'status' | 'message' | 'reason',
  description: string,
): Column {
  const jsonPath = `.status.conditions[?(@.type=="Ready")].${field}`;
  const column = { name, type: 'string', jsonPath, description } as const;
  return field === 'reason' ? { ...column, wide: true } : column;
}

const ready = condition('Ready', 'status', 'Whether everything declared is on the platform.');
const reason = condition('Reason', 'reason', 'Why, in one word.');
const message = condition('Message', 'message', 'Why, where, and what to do.');
const age: Column = {
  name: 'Age',
  type: 'date',
  jsonPath: '.metadata.creationTimestamp',
  description: 'Since when the object exists.',
};
const text = (name: string, jsonPath: string, description: string): Column => ({
  name,
  type: 'string',
  jsonPath,
  description,
});
const count = (name: string, jsonPath: string, description: string): Column => ({
  name,
  type: 'integer',
  jsonPath,
  description,
});
const wide = (column: Column): Column => ({ ...column, wide: true });

const progress = [
  text('Targets', '.status.progress', 'Targets done of all.'),
  count('Blocked', '.status.counts.blocked', 'Targets that wait for somebody to act.'),
  count('Held', '.status.counts.held', 'Targets that a policy, a gate or a suspension holds.'),
];
const plan = wide(text('Plan', '.status.changeId', 'Id of the last plan, for an approval.'));

/** Every kind that a cluster knows, in reading order. */
export const resources: readonly Resource[] = [
  {
    kind: 'MiniProgram',
    plural: 'miniprograms',
    shortNames: ['mp'],
    scope: 'Namespaced',
    schema: declarationSchemas.MiniProgram,
    status: MiniProgramStatus,
    columns: [
      ready,
      wide(text('Workspace', '.spec.workspace', 'The workspace of the mini program.')),
      wide(text('Id', '.spec.id', 'The id of the mini program.')),
      count('Releases', '.status.releases', 'Releases of this program.'),
      ...progress,
      reason,
      plan,
      message,
      age,
    ],
  },
  {
    kind: 'MiniProgramRelease',
    plural: 'miniprogramreleases',
    shortNames: ['mpr'],
    scope: 'Namespaced',
    schema: declarationSchemas.MiniProgramRelease,
    status: MiniProgramReleaseStatus,
    columns: [
      ready,
      wide(text('Program', '.spec.miniProgram', 'The MiniProgram it is a version of.')),
      text('Version', '.spec.version', 'The version.'),
      ...progress,
      reason,
      plan,
      message,
      age,
    ],
    selectable: ['.spec.miniProgram', '.spec.version'],
  },
  {
    kind: 'ConfigProfile',
    plural: 'configprofiles',
    shortNames: ['cfgp'],
    scope: 'Namespaced',
    schema: declarationSchemas.ConfigProfile,
    status: ConfigProfileStatus,
    columns: [
      ready,
      count('Programs', '.status.programs', 'MiniPrograms that name it.'),
      count('Releases', '.status.releases', 'MiniProgramReleases that name it.'),
      reason,
      message,
      age,
    ],
  },
  {
    kind: 'GitSource',
    plural: 'gitsources',
    shortNames: ['gsrc'],
    scope: 'Namespaced',
    schema: settingsSchemas.GitSource,
    status: GitSourceStatus,
    columns: [
      ready,
      wide(text('URL', '.spec.url', 'The repository.')),
      text('Commit', '.status.completed.id', 'The last commit of which everything was done.'),
      count('Problems', '.status.problems', 'Mistakes in its declarations.'),
      reason,
      message,
      age,
    ],
  },
  {
    kind: 'PlatformConnection',
    plural: 'platformconnections',
    shortNames: ['pconn'],
    scope: 'Cluster',
    schema: settingsSchemas.PlatformConnection,
    status: PlatformConnectionStatus,
    columns: [
      ready,
      text('Platform', '.spec.platformId', 'The platform.'),
      text('Driver', '.spec.driver', 'How it is reached.'),
      wide(text('Endpoint', '.spec.endpoint', 'Where it is.')),
      count('Programs', '.status.programs', 'Programs declared through it.'),
      reason,
      message,
      age,
    ],
  },
];
