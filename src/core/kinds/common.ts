import { Type } from 'typebox';
import { environments } from '../words/environments.ts';
import { apiVersion } from './api-version.ts';

export { apiVersion };

/** Names of our objects: DNS labels joined by dots, as Kubernetes wants them, so that every file also works there. */
export const ObjectName = Type.String({
  pattern: '^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$',
  minLength: 1,
  maxLength: 253,
  description: 'Lower-case letters, digits, dashes and dots.',
});

const Identifier = (description: string, maxLength = 64) =>
  Type.String({ pattern: '^[0-9A-Za-z][0-9A-Za-z._-]*$', minLength: 1, maxLength, description });

export const PlatformId = Identifier('The id the platform reports for itself.');
export const WorkspaceId = Identifier('The workspace in which the mini program was created.');
export const MiniProgramId = Type.String({
  pattern: '^[0-9A-Za-z]{1,32}$',
  description: 'The id the platform gave the mini program. Quote it: it often looks like a number.',
});
export const AppId = Identifier('The target app (super app).');
export const Version = Type.String({
  pattern: '^[0-9A-Za-z][0-9A-Za-z.+_-]*$',
  minLength: 1,
  maxLength: 64,
  description: 'The version number shown in the console, such as 2.4.0.',
});
// A union made by mapping has no static type of its own; an enum of a tuple has.
export const EnvironmentName = Type.Enum(environments, {
  type: 'string',
  description: 'An environment of the target app.',
});

const Text = (description: string, maxLength: number) =>
  Type.String({ minLength: 1, maxLength, description });

/** A list compared as a set of exact strings; to clear one, leave it out, or name it in `unset`. */
const TextList = (description: string, maxLength: number) =>
  Type.Array(Text('One entry.', maxLength), { minItems: 1, maxItems: 1000, description });

const common = {
  clientId: Type.Optional(
    Text('Client ID, assigned by the acquirer for one payment scenario.', 256),
  ),
  merchantId: Type.Optional(Text('Merchant ID: who gets paid.', 256)),
};
const lists = {
  serverDomains: Type.Optional(
    TextList('Hosts the program may call from its network calls.', 2048),
  ),
  wapUrls: Type.Optional(TextList('Pages the program may load in a web view.', 2048)),
  testers: Type.Optional(
    TextList('User ids, in the target app, of those who may test before going live.', 256),
  ),
};

const SecretKeyRef = Type.Object(
  {
    name: ObjectName,
    key: Type.String({
      pattern: '^[0-9A-Za-z._-]+$',
      minLength: 1,
      maxLength: 253,
      description: 'The key in it.',
    }),
  },
  {
    additionalProperties: false,
    description:
      'A secret by name: a labelled Secret of the same namespace, or a name the administrator mapped in Settings.',
  },
);

const VariableName = Type.String({
  pattern: '^[A-Za-z_][0-9A-Za-z_.-]*$',
  minLength: 1,
  maxLength: 128,
  description: 'The name the program reads.',
});

/** Exactly one of `value` and `valueFrom`; a union of two objects reads worse in every editor, so validation checks it. */
const EnvironmentVariable = Type.Object(
  {
    name: VariableName,
    value: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 4096,
        description: 'A literal. Public by definition: it stands in Git and in plans.',
      }),
    ),
    valueFrom: Type.Optional(
      Type.Object(
        { secretKeyRef: SecretKeyRef },
        { additionalProperties: false, description: 'A secret, by reference only.' },
      ),
    ),
  },
  { additionalProperties: false },
);

export const ReleaseConfig = Type.Object(
  {
    ...common,
    ...lists,
    environmentVariables: Type.Optional(
      Type.Array(EnvironmentVariable, {
        minItems: 1,
        maxItems: 64,
        description:
          'Variables the program reads at run time; at most five per release after all layers are merged.',
      }),
    ),
  },
  {
    additionalProperties: false,
    description: 'Values of this layer; a higher layer replaces a lower one field by field.',
  },
);

export const GlobalConfig = Type.Object(
  {
    ...common,
    ...lists,
    unset: Type.Optional(
      Type.Array(
        Type.Union(
          [...Object.keys(common), ...Object.keys(lists)].map((name) => Type.Literal(name)),
        ),
        { minItems: 1, uniqueItems: true, description: 'Fields to clear on the platform.' },
      ),
    ),
  },
  {
    additionalProperties: false,
    description: 'The default of every release; releases may override it field by field.',
  },
);

export const Extend = Type.Object(lists, {
  additionalProperties: false,
  description: 'Entries added to what lower layers, else the declared global configuration, give.',
});

export const Unset = Type.Array(
  Type.String({
    pattern:
      '^(clientId|merchantId|serverDomains|wapUrls|testers|environmentVariables/[A-Za-z_][0-9A-Za-z_.-]*)$',
    description: 'A field, or environmentVariables/NAME.',
  }),
  {
    minItems: 1,
    maxItems: 64,
    description: 'What lower layers give is dropped here; the field inherits again.',
  },
);

/** What every layer may hold. One field stands in at most one of the three. */
export const layer = {
  config: Type.Optional(ReleaseConfig),
  extend: Type.Optional(Extend),
  unset: Type.Optional(Unset),
};

export const ProfileNames = Type.Array(ObjectName, {
  minItems: 1,
  maxItems: 64,
  description:
    'ConfigProfiles, in the order in which they are laid; a name met twice counts at its first place.',
});

const DeclaredTarget = Type.Object(
  { app: AppId, environment: EnvironmentName, profiles: Type.Optional(ProfileNames), ...layer },
  { additionalProperties: false },
);

export const Targets = Type.Array(DeclaredTarget, {
  minItems: 1,
  maxItems: 256,
  description: 'One entry per app and environment, with what differs there.',
});

const OnChange = Type.Union([Type.Literal('Apply'), Type.Literal('Plan')], {
  description: 'What to do with a new declaration. Default Apply.',
});
const OnDrift = Type.Union(
  [Type.Literal('Apply'), Type.Literal('Report'), Type.Literal('Ignore')],
  {
    description: 'What to do when somebody changed the platform. Default Report.',
  },
);
const Undeclared = Type.Union([Type.Literal('Report'), Type.Literal('Clear')], {
  description: 'What to do with a value set by hand in a field nobody declares. Default Report.',
});
const policy = {
  onChange: Type.Optional(OnChange),
  onDrift: Type.Optional(OnDrift),
  undeclared: Type.Optional(Undeclared),
};
const PolicyOverride = Type.Object(policy, {
  additionalProperties: false,
  description: 'What differs in this environment.',
});

export const PolicySpec = Type.Object(
  {
    ...policy,
    environments: Type.Optional(
      Type.Object(
        {
          Production: Type.Optional(PolicyOverride),
          Sandbox: Type.Optional(PolicyOverride),
          Test: Type.Optional(PolicyOverride),
          Development: Type.Optional(PolicyOverride),
        },
        { additionalProperties: false, description: 'Overrides by environment.' },
      ),
    ),
  },
  { additionalProperties: false, description: 'When Fairlead writes by itself, and when it asks.' },
);

/** A moment with its offset. */
export const Moment = (description: string) =>
  Type.String({
    pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}(:\\d{2}(\\.\\d+)?)?(Z|[+-]\\d{2}:\\d{2})$',
    description,
  });
export const Timestamp = Moment('A moment with its offset, such as 2026-12-24T18:00:00Z.');

export const SuspendSpec = Type.Object(
  {
    reason: Type.String({
      minLength: 1,
      maxLength: 256,
      description: 'Why; shown wherever the plan is.',
    }),
    until: Type.Optional(Timestamp),
  },
  { additionalProperties: false, description: 'Plan, report, write nothing.' },
);

export const Metadata = Type.Object(
  {
    name: ObjectName,
    namespace: Type.Optional(ObjectName),
    labels: Type.Optional(
      Type.Record(Type.String(), Type.String(), {
        description: 'Labels, as in Kubernetes; without meaning here.',
      }),
    ),
    annotations: Type.Optional(
      Type.Record(Type.String(), Type.String(), { description: 'Notes, as in Kubernetes.' }),
    ),
  },
  { additionalProperties: false, description: 'Who the document is.' },
);

/** The frame every kind shares. */
export function kindSchema<Kind extends string, Spec extends ReturnType<typeof Type.Object>>(
  kind: Kind,
  spec: Spec,
  description: string,
) {
  return Type.Object(
    {
      apiVersion: Type.Literal(apiVersion),
      kind: Type.Literal(kind),
      metadata: Metadata,
      spec,
    },
    { additionalProperties: false, description },
  );
}
