import { isMoment } from './moments.ts';

/** A rule of the Common Expression Language, and what it says to people. */
export interface Rule {
  readonly rule: string;
  readonly message: string;
  /** Which of the fields below is meant, if not the object itself. */
  readonly fieldPath?: string;
  /** FieldValueForbidden also keeps the value out of the answer; FieldValueDuplicate would keep the message out. */
  readonly reason?: 'FieldValueForbidden' | 'FieldValueRequired';
}

/** The rule that a text looks like a pattern; a pattern alone is refused with the pattern for an answer. */
export function looksLike(pattern: string, message: string): Rule {
  if (pattern.includes("'")) throw new Error(`no raw text of CEL: ${pattern}`);
  return { rule: `self.matches(r'${pattern}')`, message };
}

/** Rules of the field at a path such as `spec.targets[].config`. */
export function rulesAt(kind: string, path: string): readonly Rule[] {
  return [
    ...(ofKind[kind]?.[path] ?? []),
    ...everywhere.flatMap(({ kinds, at, rules }) =>
      kinds.includes(kind) && at.test(path) ? rules : [],
    ),
  ];
}

/** CEL: whether two programs or instances are the same mini program. */
const sameHome = (one: string, other: string): string =>
  [
    `(has(${one}.connection) ? ${one}.connection : 'default') == (has(${other}.connection) ? ${other}.connection : 'default')`,
    `${one}.workspace == ${other}.workspace`,
    `${one}.id == ${other}.id`,
  ].join(' && ');

/** CEL: whether a program, or an instance of it, is still among the instances, or is the only one. */
const isKept = (old: string): string =>
  `has(self.instances) ? self.instances.exists(i, ${sameHome('i', old)}) : (has(self.id) && has(self.workspace) && ${sameHome('self', old)})`;

const apps = 'self.instances.map(i, i.apps.size()).sum()';

const miniProgram: Readonly<Record<string, readonly Rule[]>> = {
  spec: [
    {
      rule: 'has(self.instances) || (has(self.workspace) && has(self.id))',
      message:
        'The program does not say where it lives: give workspace and id as the console shows them, or instances.',
      reason: 'FieldValueRequired',
    },
    {
      rule: '!has(self.instances) || !(has(self.connection) || has(self.workspace) || has(self.id))',
      message:
        'connection, workspace and id cannot stand beside instances: move them into the instances.',
      reason: 'FieldValueForbidden',
    },
    {
      rule: `!has(oldSelf.id) || !has(oldSelf.workspace) || (${isKept('oldSelf')})`,
      message:
        'connection, workspace and id never change: they say which mini program this is. Create another MiniProgram; deleting this one changes nothing on the platform.',
      reason: 'FieldValueForbidden',
    },
    {
      rule: `!has(oldSelf.instances) || oldSelf.instances.all(o, ${isKept('o')})`,
      message:
        'An instance keeps its connection, workspace and id: add another instance beside it, or create another MiniProgram.',
      reason: 'FieldValueForbidden',
    },
    {
      rule: `!has(self.instances) || ${apps} <= 256`,
      message: 'All instances together hold at most 256 apps, as many as there may be targets.',
      fieldPath: '.instances',
    },
    {
      // What the rule before it refuses would cost more than a rule may.
      rule: `!has(self.instances) || ${apps} > 256 || self.instances.all(i, self.instances.exists_one(j, i.apps.exists(app, app in j.apps)))`,
      message: 'An app stands in two instances: keep it in the one whose console releases to it.',
      fieldPath: '.instances',
    },
    {
      rule: `!has(self.instances) || ${apps} > 256 || !has(self.targets) || self.targets.all(t, self.instances.exists(i, t.app in i.apps))`,
      message:
        'The app of a target stands in no instance: add it to the apps of the instance that releases to it.',
      fieldPath: '.targets',
    },
  ],
};

const fiveVariables =
  'The platform keeps at most five environment variables per release: remove some, or put several values into one.';

const miniProgramRelease: Readonly<Record<string, readonly Rule[]>> = {
  spec: [
    {
      rule: 'has(self.environments) || has(self.targets)',
      message:
        'The release names no target: add environments to select standing targets of the program, or targets of its own.',
      reason: 'FieldValueRequired',
    },
    {
      // With targets of its own one of them may still drop some.
      rule: 'has(self.targets) || !has(self.config) || !has(self.config.environmentVariables) || self.config.environmentVariables.size() <= 5',
      message: fiveVariables,
      fieldPath: '.config',
    },
  ],
  'spec.miniProgram': [
    {
      rule: 'self == oldSelf',
      message: 'miniProgram of a release never changes: create another MiniProgramRelease.',
      reason: 'FieldValueForbidden',
    },
  ],
  'spec.version': [
    {
      rule: 'self == oldSelf',
      message: 'version of a release never changes: create another MiniProgramRelease.',
      reason: 'FieldValueForbidden',
    },
  ],
  'spec.targets[].config': [
    {
      rule: '!has(self.environmentVariables) || self.environmentVariables.size() <= 5',
      message: fiveVariables,
    },
  ],
};

/** Hosts from which credentials could be stolen, in the forms people write; the controller judges every form again. */
const neverAServer = [
  String.raw`(169\.254|0)\.[0-9.]+`,
  String.raw`100\.100\.100\.200|192\.0\.0\.192|168\.63\.129\.16`,
  String.raw`metadata(\.google\.internal)?|instance-data(\.ec2\.internal)?`,
  String.raw`0x[0-9a-fx.]+|[0-9]+`,
  String.raw`\[(fe[89ab][0-9a-f]:.*|fd00:ec2::254|fd20:ce::254|::|64:ff9b.*|::ffff:.*|2002:.*|2001:0?:.*)\]`,
].join('|');

const gitSource: Readonly<Record<string, readonly Rule[]>> = {
  spec: [
    {
      rule: '!has(self.caFile)',
      message:
        'caFile names a file of the controller, which belongs to its administrator: remove it, and have the authority added to the installation.',
      fieldPath: '.caFile',
      reason: 'FieldValueForbidden',
    },
    {
      rule: '!has(self.review)',
      message:
        'Pull requests are reviewed by a controller that follows settings files, or in CI: remove review.',
      fieldPath: '.review',
      reason: 'FieldValueForbidden',
    },
    {
      rule: "!has(self.signatures) || self.signatures.verify != 'tag' || (has(self.ref) && (has(self.ref.tag) || has(self.ref.semver)))",
      message:
        'The policy verifies tags, and ref names a branch: set ref.tag or ref.semver, or verify commits.',
      fieldPath: '.signatures.verify',
    },
  ],
  'spec.signatures': [
    {
      rule: 'has(self.gpgKeys) || has(self.allowedSigners)',
      message: 'The policy names nobody who may sign: add gpgKeys or allowedSigners.',
      reason: 'FieldValueRequired',
    },
    {
      rule: "self.verify != 'tag' || !has(self.since)",
      message:
        'The policy verifies tags, and since is for commits: leave since out, or verify commits.',
      fieldPath: '.since',
    },
  ],
  'spec.url': [
    {
      rule: String.raw`self.matches(r'^((https|ssh|file)://[^\s\pZ-][^\s\pZ]*|http://(127[.]0[.]0[.]1|localhost|\[::1\])(:[0-9]+)?/[^\s\pZ]*|[\w.-]+@[A-Za-z0-9][\w.-]*:[^\s\pZ-][^\s\pZ]*)$')`,
      message: 'Write https://HOST/PATH, ssh://git@HOST/PATH or git@HOST:PATH.',
      reason: 'FieldValueForbidden',
    },
    {
      rule: "!self.matches('^https?://[^/]*@|^ssh://[^/@]*:[^/@]*@')",
      message:
        'The URL holds credentials, which would stand in logs: name a Secret in credentials, and revoke these; they were written down.',
      reason: 'FieldValueForbidden',
    },
    {
      rule: `!self.matches(r'(?i)^([a-z]+://)?([^/@]*@)?(${neverAServer})\\.?([:/].*)?$')`,
      message:
        'Write the host name of the Git server: this address belongs to the machine or the cloud around it.',
      reason: 'FieldValueForbidden',
    },
  ],
  'spec.ref': [
    {
      rule: '[has(self.branch), has(self.tag), has(self.semver)].exists_one(given, given)',
      message: 'Give exactly one of branch, tag and semver.',
    },
  ],
  ...Object.fromEntries(
    ['spec.ref.branch', 'spec.ref.tag'].map((path) => [
      path,
      [
        {
          rule: String.raw`(self.matches(r'^[\w@+#=]([\w./@+#=-]*[\w@+#=-])?$') && !self.matches(r'\.\.|@\{|//|/\.|\.lock(/|$)')) || self.matches(r'^[\^~<>=*0-9. |-]+$')`,
          message: 'Write the name alone, such as main or v1.4.0.',
        },
      ],
    ]),
  ),
  'spec.path': [
    {
      rule: String.raw`!self.startsWith('/') && !self.matches(r'(^|/)\.\.(/|$)')`,
      message: 'Write a path below the root of the repository, such as releases/production.',
    },
  ],
};

const loopback = String.raw`(([a-z0-9-]+\.)*localhost|127\.[0-9]+\.[0-9]+\.[0-9]+|\[::1\])\.?`;
const platformConnection: Readonly<Record<string, readonly Rule[]>> = {
  spec: [
    {
      rule: "self.driver != 'http' || (has(self.endpoint) && has(self.clientId) && has(self.privateKey) && has(self.platformPublicKey))",
      message: 'Driver http needs endpoint, clientId, privateKey and platformPublicKey: add them.',
      reason: 'FieldValueRequired',
    },
    {
      rule: "self.driver != 'emulator' || has(self.dataDir)",
      message: 'Driver emulator needs dataDir: add it.',
      reason: 'FieldValueRequired',
    },
  ],
  'spec.endpoint': [
    {
      rule: String.raw`self.matches(r'^https?://[^/?#@\s]+/?$')`,
      message:
        'Write scheme, host and port alone, such as https://api.megapay.example; a path belongs into pathPrefix, credentials into privateKey.',
      reason: 'FieldValueForbidden',
    },
    {
      rule: `self.startsWith('https://') || self.matches(r'(?i)^http://${loopback}(:[0-9]+)?/?$')`,
      message: 'Write https://: in clear, everybody on the way could read and change it.',
      reason: 'FieldValueForbidden',
    },
    {
      rule: `!self.matches(r'(?i)^https?://(${neverAServer})\\.?(:[0-9]+)?(/.*)?$')`,
      message:
        'Write the host name of the platform: this address belongs to the machine or the cloud around it.',
      reason: 'FieldValueForbidden',
    },
  ],
  'spec.grants[]': [
    {
      rule: 'has(self.namespaces) || has(self.namespaceSelector) || has(self.sources) || has(self.cli)',
      message: 'The grant names nobody: add namespaces, namespaceSelector, sources or cli: true.',
      reason: 'FieldValueRequired',
    },
  ],
};

const ofKind: Readonly<Record<string, Readonly<Record<string, readonly Rule[]>>>> = {
  MiniProgram: miniProgram,
  MiniProgramRelease: miniProgramRelease,
  GitSource: gitSource,
  PlatformConnection: platformConnection,
};

const lists = ['serverDomains', 'wapUrls', 'testers'];

/*
 * CEL: where a layer says a field. With `has` and not with optional fields, since the API server cannot tell how long a
 * list is that came out of an optional one, and takes it for endless.
 */
const inConfig = (field: string): string => `(has(self.config) && has(self.config.${field}))`;
const inExtend = (field: string): string => `(has(self.extend) && has(self.extend.${field}))`;
const inUnset = (field: string): string => `(has(self.unset) && '${field}' in self.unset)`;

/** One field in at most one of config, extend and unset. */
const layerRules: readonly Rule[] = [
  ...['clientId', 'merchantId'].map((field) => ({
    rule: `!(${inConfig(field)} && ${inUnset(field)})`,
    message: `${field} is said twice in one layer: give it a value in config, or name it in unset.`,
  })),
  ...lists.map((field) => ({
    rule: `!(${inExtend(field)} && ${inConfig(field)}) && !(${inUnset(field)} && (${inConfig(field)} || ${inExtend(field)}))`,
    message: `${field} is said twice in one layer: say it once, in config, in extend or in unset.`,
  })),
  {
    rule: `!has(self.unset) || !${inConfig('environmentVariables')} || self.config.environmentVariables.all(v, !(('environmentVariables/' + v.name) in self.unset))`,
    message:
      'A variable is said twice in one layer: give it a value in config, or name it in unset.',
  },
];

const globalRules: readonly Rule[] = [
  {
    rule: `!has(self.unset) || (${['clientId', 'merchantId', ...lists]
      .map((field) => `!(has(self.${field}) && '${field}' in self.unset)`)
      .join(' && ')})`,
    message: 'A field is said twice: give it a value, or name it in unset.',
  },
  {
    rule: '!has(self.environmentVariables)',
    message:
      'Environment variables cannot stand in globalConfig, since the platform has them per release only: move them to spec.config, to a target, or to a ConfigProfile.',
    fieldPath: '.environmentVariables',
    reason: 'FieldValueForbidden',
  },
];

const exactlyOneKey: Rule = {
  rule: '[has(self.file), has(self.env), has(self.secretKeyRef)].exists_one(given, given)',
  message: 'Give exactly one of file, env and secretKeyRef.',
};

/** The controller's files and variables are not a namespace's. */
const secretOnly: Rule = {
  rule: 'has(self.secretKeyRef) && !has(self.file) && !has(self.env)',
  message:
    'Name a Secret of this namespace in secretKeyRef: files and variables of the controller belong to its administrator.',
};

interface Everywhere {
  readonly kinds: readonly string[];
  readonly at: RegExp;
  readonly rules: readonly Rule[];
}

const momentPath = /^spec\..*(?:until|[eE]xpiresAt)$/;

/** Whether a moment stands at a path: its rule says more than its pattern. */
export function isMomentAt(path: string): boolean {
  return momentPath.test(path);
}

const keyPath =
  /\.(?:privateKey|platformPublicKey|fingerprintKey|previousFingerprintKeys\[\]|sshKey|gpgKeys|token|password|knownHosts|allowedSigners)$/;

const declarations = ['MiniProgram', 'MiniProgramRelease', 'ConfigProfile'];

const everywhere: readonly Everywhere[] = [
  {
    kinds: declarations,
    at: /^spec(?:\.targets\[\])?$/,
    rules: layerRules,
  },
  {
    kinds: ['MiniProgram'],
    at: /^spec\.(?:instances\[\]\.)?globalConfig$/,
    rules: globalRules,
  },
  {
    kinds: declarations,
    at: /\.extend$/,
    rules: ['clientId', 'merchantId', 'environmentVariables'].map((field) => ({
      rule: `!has(self.${field})`,
      message: `extend adds to lists (serverDomains, wapUrls, testers) only: move ${field} to config.`,
      fieldPath: `.${field}`,
      reason: 'FieldValueForbidden',
    })),
  },
  {
    kinds: declarations,
    at: /\.environmentVariables\[\]$/,
    rules: [
      {
        rule: 'has(self.value) != has(self.valueFrom)',
        message:
          'Give a public literal as value, or a secret as valueFrom.secretKeyRef: one of the two.',
      },
    ],
  },
  {
    kinds: ['MiniProgram', 'MiniProgramRelease', 'GitSource', 'PlatformConnection'],
    at: momentPath,
    rules: [
      {
        rule: isMoment,
        message: 'Write a moment with its offset, such as 2026-12-24T18:00:00Z.',
      },
    ],
  },
  { kinds: ['PlatformConnection'], at: keyPath, rules: [exactlyOneKey] },
  { kinds: ['GitSource'], at: keyPath, rules: [secretOnly] },
];

/** What the rules of a kind say, each sentence once, in the order of the tables. */
export function sentencesOf(kind: string): readonly string[] {
  const own = Object.values(ofKind[kind] ?? {}).flat();
  const shared = everywhere.filter(({ kinds }) => kinds.includes(kind));
  const all = [...own, ...shared.flatMap(({ rules }) => rules)];
  return [...new Set(all.map(({ message }) => message))];
}
