import { Type, type Static, type TProperties } from 'typebox';
import { AppId, EnvironmentName } from './common.ts';

/*
 * What a controller in a cluster says under `status`. Texts are bounded and not enumerated: a controller that is newer
 * than the installed definitions must be able to say its new words.
 */

const Text = (maxLength: number, description: string) => Type.String({ maxLength, description });
const Count = (description: string) => Type.Integer({ minimum: 0, description });

const Condition = Type.Object(
  {
    type: Text(316, 'Ready, Reconciling or Stalled.'),
    status: Type.Enum(['True', 'False', 'Unknown'] as const, {
      type: 'string',
      description: 'Whether it holds.',
    }),
    observedGeneration: Type.Optional(
      Type.Integer({ minimum: 0, description: 'The generation of spec it speaks of.' }),
    ),
    lastTransitionTime: Type.String({
      format: 'date-time',
      maxLength: 64,
      description: 'When status changed last.',
    }),
    reason: Type.String({
      minLength: 1,
      maxLength: 128,
      pattern: '^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$',
      description: 'Why, in one word for programs.',
    }),
    message: Text(4096, 'Why, where and what to do, for people.'),
  },
  { additionalProperties: false },
);

/** What every kind says. */
const common = {
  observedGeneration: Type.Optional(
    Type.Integer({
      minimum: -1,
      description: 'The generation of spec that this status was made from; -1: of none yet.',
    }),
  ),
  conditions: Type.Optional(
    Type.Array(Condition, {
      maxItems: 16,
      description:
        'Ready: everything declared is on the platform, or left by policy. Reconciling: something is under way or will come by itself. Stalled: a person has to change the declaration.',
    }),
  ),
  lastHandledReconcileAt: Type.Optional(
    Text(
      253,
      'The value of the annotation fairlead.dev/reconcile-requested-at that was obeyed last.',
    ),
  ),
};

const verdict = {
  action: Type.Optional(Text(16, 'create, adopt, update, unchanged, settled, waiting or blocked.')),
  reason: Type.Optional(Text(64, 'Why it is held, waiting or blocked.')),
  nextStep: Type.Optional(Text(256, 'What to do about it.')),
  effectiveDigest: Type.Optional(
    Text(64, 'Digest of the effective configuration; equal digests mean equal configurations.'),
  ),
  mark: Type.Optional(Text(256, 'What Fairlead wrote last, for a platform that does not keep it.')),
};

const TargetStatus = Type.Object(
  {
    app: AppId,
    environment: EnvironmentName,
    releaseId: Type.Optional(Text(64, 'Id of the release record at the platform.')),
    status: Type.Optional(
      Text(32, 'Status of the release record, such as NewVersionCreated or FullRelease.'),
    ),
    ...verdict,
    testQrCode: Type.Optional(Text(256, 'Content of the QR code that testers scan.')),
  },
  { additionalProperties: false },
);

const Counts = Type.Object(
  {
    targets: Type.Optional(Count('All of them.')),
    done: Type.Optional(Count('Unchanged, settled, or left by policy.')),
    waiting: Type.Optional(Count('Possible soon, by itself.')),
    blocked: Type.Optional(Count('Somebody has to act.')),
    held: Type.Optional(Count('Possible, but a policy, a gate or a suspension says not now.')),
    failed: Type.Optional(Count('Tried in vain; tried again.')),
  },
  { additionalProperties: false, description: 'How many targets are how far.' },
);

const progress = {
  counts: Type.Optional(Counts),
  progress: Type.Optional(Text(16, 'Targets done of all, such as 3/4.')),
  changeId: Type.Optional(
    Text(64, 'Id of the last plan; the annotation fairlead.dev/approve takes it.'),
  ),
  usedApprovals: Type.Optional(
    Type.Array(Type.String({ maxLength: 64 }), {
      maxItems: 64,
      uniqueItems: true,
      description:
        'Change ids in the annotation fairlead.dev/approve that count no more: each has released a write, or was set while nobody made sure who may.',
    }),
  ),
};

export const MiniProgramReleaseStatus = Type.Object(
  {
    ...common,
    ...progress,
    targets: Type.Optional(
      Type.Array(TargetStatus, {
        maxItems: 256,
        description: 'One entry per app and environment the release goes to.',
      }),
    ),
  },
  { additionalProperties: false, description: 'How far the release is; written by Fairlead.' },
);

const InstanceStatus = Type.Object(
  {
    platform: Text(64, 'The platform, as it names itself.'),
    workspace: Text(64, 'The workspace.'),
    id: Text(32, 'The id of the mini program.'),
    ...verdict,
  },
  { additionalProperties: false },
);

export const MiniProgramStatus = Type.Object(
  {
    ...common,
    ...progress,
    globals: Type.Optional(
      Type.Array(InstanceStatus, {
        maxItems: 32,
        description: 'The global configuration, one entry per console.',
      }),
    ),
    releases: Type.Optional(Count('MiniProgramReleases of this program.')),
  },
  {
    additionalProperties: false,
    description: 'How far the program and all its releases are; written by Fairlead.',
  },
);

export const ConfigProfileStatus = Type.Object(
  {
    ...common,
    programs: Type.Optional(Count('MiniPrograms that name it.')),
    releases: Type.Optional(Count('MiniProgramReleases that name it.')),
  },
  { additionalProperties: false, description: 'Who uses the profile; written by Fairlead.' },
);

const CommitStatus = <More extends TProperties>(description: string, more: More) =>
  Type.Object(
    {
      ...more,
      id: Text(64, 'The commit.'),
      at: Type.String({ format: 'date-time', maxLength: 64, description: 'When.' }),
    },
    { additionalProperties: false, description },
  );

const SourceProblem = Type.Object(
  {
    place: Text(1200, 'File, line and column.'),
    rule: Text(64, 'The rule that says so.'),
    message: Text(512, 'What is wrong.'),
    nextStep: Type.Optional(Text(256, 'What to do.')),
  },
  { additionalProperties: false },
);

export const GitSourceStatus = Type.Object(
  {
    ...common,
    seen: Type.Optional(
      CommitStatus('The commit the ref named last, and when that was first seen.', {}),
    ),
    completed: Type.Optional(
      CommitStatus('The last commit of which everything was done, and when it was.', {
        committedAt: Type.Optional(
          Type.String({ format: 'date-time', maxLength: 64, description: 'When it was made.' }),
        ),
        url: Type.Optional(Text(2048, 'Of which repository.')),
        ref: Type.Optional(Text(512, 'Of which ref.')),
        reads: Type.Optional(
          Text(64, 'Of which path, include and exclude, as a digest; absent: of all files.'),
        ),
      }),
    ),
    documents: Type.Optional(Count('Declarations in the commit.')),
    programs: Type.Optional(Count('Programs they declare.')),
    problems: Type.Optional(Count('Mistakes in them.')),
    firstProblems: Type.Optional(
      Type.Array(SourceProblem, { maxItems: 20, description: 'The first of those mistakes.' }),
    ),
  },
  {
    additionalProperties: false,
    description: 'What was found in the repository; written by Fairlead.',
  },
);

export const PlatformConnectionStatus = Type.Object(
  {
    ...common,
    platform: Type.Optional(Text(64, 'The id the platform reported.')),
    client: Type.Optional(Text(128, 'Who we are there.')),
    capabilities: Type.Optional(
      Type.Array(Type.String({ maxLength: 64 }), {
        maxItems: 32,
        uniqueItems: true,
        description: 'What the platform can do; the rest has a slower way.',
      }),
    ),
    workspaces: Type.Optional(Count('Workspaces we may read.')),
    programs: Type.Optional(Count('Programs declared through this connection.')),
    credentialExpiresAt: Type.Optional(
      Type.String({ format: 'date-time', maxLength: 64, description: 'When our key ends there.' }),
    ),
  },
  {
    additionalProperties: false,
    description: 'What the platform said of itself; written by Fairlead.',
  },
);

export type TargetStatus = Static<typeof TargetStatus>;
export type MiniProgramReleaseStatus = Static<typeof MiniProgramReleaseStatus>;
export type MiniProgramStatus = Static<typeof MiniProgramStatus>;
export type ConfigProfileStatus = Static<typeof ConfigProfileStatus>;
export type GitSourceStatus = Static<typeof GitSourceStatus>;
export type PlatformConnectionStatus = Static<typeof PlatformConnectionStatus>;
