/** A document by its kind and what stands under `spec`, and whether it may be. */
export interface Row {
  readonly name: string;
  readonly kind: string;
  readonly spec: unknown;
  readonly valid: boolean;
}

export const home = { workspace: 'acme', id: '35' } as const;
export const version = { miniProgram: 'coffee', version: '2.4.0' } as const;
export const target = { app: 'megapay', environment: 'Test' } as const;

export function many<T>(count: number, make: (index: number) => T): readonly T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

export const variables = (count: number) =>
  many(count, (index) => ({ name: `V${index}`, value: 'v' }));

type Cases = Readonly<Record<string, unknown>>;

export const rows = (kind: string, valid: boolean, cases: Cases): readonly Row[] =>
  Object.entries(cases).map(([name, spec]) => ({ name, kind, spec, valid }));

const programs: readonly Row[] = [
  ...rows('MiniProgram', true, {
    'workspace and id': home,
    'a connection': { ...home, connection: 'megapay' },
    instances: {
      instances: [
        { apps: ['a'], workspace: 'w', id: '1' },
        { apps: ['b'], workspace: 'v', id: '1', connection: 'other' },
      ],
    },
    'an instance with a global configuration': {
      instances: [{ apps: ['a'], ...home, globalConfig: { merchantId: 'M', unset: ['testers'] } }],
    },
    'a target whose app an instance has': {
      instances: [{ apps: ['megapay'], ...home }],
      targets: [target],
    },
    'every field of the global configuration': {
      ...home,
      globalConfig: {
        clientId: 'C',
        merchantId: 'M',
        serverDomains: ['https://a.example'],
        wapUrls: ['https://b.example/p'],
        testers: ['1'],
      },
    },
    'a global field cleared': { ...home, globalConfig: { unset: ['merchantId', 'wapUrls'] } },
    'a profile twice': { ...home, profiles: ['a', 'b', 'a'] },
    'every policy': {
      ...home,
      policy: {
        onChange: 'Plan',
        onDrift: 'Ignore',
        undeclared: 'Clear',
        environments: {
          Production: { onChange: 'Plan' },
          Sandbox: {},
          Test: { onDrift: 'Apply' },
          Development: { undeclared: 'Report' },
        },
      },
    },
    'a policy without a word': { ...home, policy: {} },
    'a suspension': { ...home, suspend: { reason: 'freeze' } },
    'a suspension until a moment': {
      ...home,
      suspend: { reason: 'freeze', until: '2026-12-24T18:00:00Z' },
    },
    'a moment without seconds': {
      ...home,
      suspend: { reason: 'freeze', until: '2026-12-24T18:00+01:00' },
    },
    'a leap day': { ...home, suspend: { reason: 'freeze', until: '2028-02-29T00:00:00.5Z' } },
    '256 targets': {
      ...home,
      targets: many(256, (index) => ({ app: `a${index}`, environment: 'Test' })),
    },
    'six variables, of which a release may drop one': {
      ...home,
      config: { environmentVariables: variables(6) },
    },
    '64 variables': { ...home, config: { environmentVariables: variables(64) } },
    '1000 domains': {
      ...home,
      config: { serverDomains: many(1000, (index) => `https://${index}.example`) },
    },
    'different fields in the three': {
      ...home,
      config: { clientId: 'C', testers: ['1'], environmentVariables: variables(1) },
      extend: { serverDomains: ['https://a.example'] },
      unset: ['merchantId', 'wapUrls', 'environmentVariables/OTHER'],
    },
    'the same field in two layers': {
      ...home,
      config: { testers: ['1'] },
      targets: [{ ...target, unset: ['testers'] }],
    },
    'text that is not English': { ...home, suspend: { reason: 'Приостановлено 🛑 до завтра' } },
  }),
  ...rows('MiniProgram', false, {
    nothing: {},
    'workspace alone': { workspace: 'acme' },
    'id alone': { id: '35' },
    'an id that is a number': { ...home, id: 35 },
    'an id with a dash': { ...home, id: '3-5' },
    'instances beside workspace and id': { ...home, instances: [{ apps: ['a'], ...home }] },
    'instances beside a connection': { connection: 'x', instances: [{ apps: ['a'], ...home }] },
    'no instance': { instances: [] },
    'an instance without an app': { instances: [{ apps: [], ...home }] },
    'an instance without its id': { instances: [{ apps: ['a'], workspace: 'w' }] },
    '33 instances': {
      instances: many(33, (index) => ({ apps: [`a${index}`], workspace: 'w', id: `${index}` })),
    },
    'an app in two instances': {
      instances: [
        { apps: ['a'], workspace: 'w', id: '1' },
        { apps: ['b', 'a'], workspace: 'v', id: '1' },
      ],
    },
    'an app twice in one instance': { instances: [{ apps: ['a', 'a'], ...home }] },
    'a target whose app no instance has': {
      instances: [{ apps: ['a'], ...home }],
      targets: [target],
    },
    'variables in the global configuration': {
      ...home,
      globalConfig: { environmentVariables: variables(1) },
    },
    'variables in the global configuration of an instance': {
      instances: [{ apps: ['a'], ...home, globalConfig: { environmentVariables: variables(1) } }],
    },
    'a global field with a value and unset': {
      ...home,
      globalConfig: { merchantId: 'M', unset: ['merchantId'] },
    },
    'a global list with a value and unset': {
      ...home,
      globalConfig: { testers: ['1'], unset: ['testers'] },
    },
    'a global field unset twice': { ...home, globalConfig: { unset: ['testers', 'testers'] } },
    'a global variable unset': { ...home, globalConfig: { unset: ['environmentVariables/A'] } },
    'an instance field with a value and unset': {
      instances: [{ apps: ['a'], ...home, globalConfig: { clientId: 'C', unset: ['clientId'] } }],
    },
    'no target': { ...home, targets: [] },
    '257 targets': {
      ...home,
      targets: many(257, (index) => ({ app: `a${index}`, environment: 'Test' })),
    },
    'a target twice': { ...home, targets: [target, { ...target }] },
    'a target without its environment': { ...home, targets: [{ app: 'a' }] },
    'a misspelt environment': { ...home, targets: [{ app: 'a', environment: 'production' }] },
    'a misspelt field': { ...home, globalconfig: {} },
    'an unknown field of a target': { ...home, targets: [{ ...target, merchantId: 'M' }] },
    'a policy that does not exist': { ...home, policy: { onChange: 'Ignore' } },
    'an environment of a policy that does not exist': {
      ...home,
      policy: { environments: { Prod: {} } },
    },
    'a suspension without a reason': { ...home, suspend: {} },
    'a suspension with an empty reason': { ...home, suspend: { reason: '' } },
    'a suspension with a blank reason': { ...home, suspend: { reason: '  ' } },
    'a suspension with a reason of wide spaces': { ...home, suspend: { reason: '\u2003\u00a0' } },
    'a reason of two lines': { ...home, suspend: { reason: 'a\nb' } },
    'a reason that changes the order of reading': { ...home, suspend: { reason: 'a\u202eb' } },
    'a reason with a character nobody sees': { ...home, suspend: { reason: 'a\u200bb' } },
    'a reason with a tag character': { ...home, suspend: { reason: 'a\u{e0041}b' } },
    'a reason with a soft hyphen': { ...home, suspend: { reason: 'a\u00adb' } },
    'a reason with a control character': { ...home, suspend: { reason: 'a\u0086b' } },
    'a reason of 257 characters': { ...home, suspend: { reason: 'x'.repeat(257) } },
    'a day that does not exist': {
      ...home,
      suspend: { reason: 'x', until: '2026-02-29T00:00:00Z' },
    },
    'a leap day of a century': {
      ...home,
      suspend: { reason: 'x', until: '2100-02-29T00:00:00Z' },
    },
    'the 31st of April': { ...home, suspend: { reason: 'x', until: '2026-04-31T00:00:00Z' } },
    'the 30th of February': { ...home, suspend: { reason: 'x', until: '2028-02-30T00:00:00Z' } },
    'a 13th month': { ...home, suspend: { reason: 'x', until: '2026-13-01T00:00:00Z' } },
    'a day of 24 hours': { ...home, suspend: { reason: 'x', until: '2026-12-01T24:00:00Z' } },
    'a moment without its offset': {
      ...home,
      suspend: { reason: 'x', until: '2026-12-24T18:00:00' },
    },
    'an offset of a day': {
      ...home,
      suspend: { reason: 'x', until: '2026-12-24T18:00:00+24:00' },
    },
    'a profile with a capital letter': { ...home, profiles: ['QA'] },
    '65 profiles': { ...home, profiles: many(65, (index) => `p${index}`) },
    '1001 domains': {
      ...home,
      config: { serverDomains: many(1001, (index) => `https://${index}.example`) },
    },
    '65 variables': { ...home, config: { environmentVariables: variables(65) } },
  }),
];

/** What may stand in a layer, tried in every place that has one. */
const layers: readonly { readonly name: string; readonly layer: Cases; readonly valid: boolean }[] =
  [
    { name: 'a value', layer: { config: { merchantId: 'M' } }, valid: true },
    { name: 'an addition', layer: { extend: { testers: ['1'] } }, valid: true },
    { name: 'a drop', layer: { unset: ['environmentVariables/A.b-c'] }, valid: true },
    { name: 'an empty configuration', layer: { config: {} }, valid: true },
    { name: 'an empty addition', layer: { extend: {} }, valid: true },
    {
      name: 'five variables',
      layer: { config: { environmentVariables: variables(5) } },
      valid: true,
    },
    {
      name: 'a secret',
      layer: {
        config: {
          environmentVariables: [
            { name: 'A', valueFrom: { secretKeyRef: { name: 'keys', key: 'a.b' } } },
          ],
        },
      },
      valid: true,
    },
    {
      name: 'a value and a drop of one field',
      layer: { config: { merchantId: 'M' }, unset: ['merchantId'] },
      valid: false,
    },
    {
      name: 'a client id and its drop',
      layer: { config: { clientId: 'M' }, unset: ['clientId'] },
      valid: false,
    },
    {
      name: 'a value and an addition of one list',
      layer: { config: { testers: ['1'] }, extend: { testers: ['2'] } },
      valid: false,
    },
    {
      name: 'an addition and a drop of one list',
      layer: { extend: { wapUrls: ['https://a.example'] }, unset: ['wapUrls'] },
      valid: false,
    },
    {
      name: 'a value and a drop of one list',
      layer: { config: { serverDomains: ['https://a.example'] }, unset: ['serverDomains'] },
      valid: false,
    },
    {
      name: 'a value and a drop of one variable',
      layer: {
        config: { environmentVariables: variables(2) },
        unset: ['environmentVariables/V1'],
      },
      valid: false,
    },
    { name: 'an addition to a text', layer: { extend: { merchantId: 'M' } }, valid: false },
    {
      name: 'an addition to the variables',
      layer: { extend: { environmentVariables: variables(1) } },
      valid: false,
    },
    { name: 'an empty list', layer: { config: { testers: [] } }, valid: false },
    { name: 'an empty list of drops', layer: { unset: [] }, valid: false },
    {
      name: 'a drop of what is no field',
      layer: { unset: ['environmentVariables'] },
      valid: false,
    },
    { name: 'a drop said twice', layer: { unset: ['testers', 'testers'] }, valid: false },
    { name: 'an entry twice', layer: { config: { testers: ['1', '1'] } }, valid: false },
    { name: 'a blank entry', layer: { config: { testers: [' '] } }, valid: false },
    { name: 'an entry that is a number', layer: { config: { testers: [1] } }, valid: false },
    { name: 'an empty merchant id', layer: { config: { merchantId: '' } }, valid: false },
    {
      name: 'a merchant id of 257 characters',
      layer: { config: { merchantId: 'x'.repeat(257) } },
      valid: false,
    },
    {
      name: 'a variable twice',
      layer: { config: { environmentVariables: [...variables(1), ...variables(1)] } },
      valid: false,
    },
    {
      name: 'a variable without a value',
      layer: { config: { environmentVariables: [{ name: 'A' }] } },
      valid: false,
    },
    {
      name: 'a variable with two values',
      layer: {
        config: {
          environmentVariables: [
            { name: 'A', value: 'a', valueFrom: { secretKeyRef: { name: 'k', key: 'k' } } },
          ],
        },
      },
      valid: false,
    },
    {
      name: 'a variable with an empty value',
      layer: { config: { environmentVariables: [{ name: 'A', value: '' }] } },
      valid: false,
    },
    {
      name: 'a variable whose name begins with a digit',
      layer: { config: { environmentVariables: [{ name: '1A', value: 'a' }] } },
      valid: false,
    },
    {
      name: 'a secret of a file',
      layer: { config: { environmentVariables: [{ name: 'A', valueFrom: { file: '/etc/x' } }] } },
      valid: false,
    },
    {
      name: 'a secret without its key',
      layer: {
        config: {
          environmentVariables: [{ name: 'A', valueFrom: { secretKeyRef: { name: 'k' } } }],
        },
      },
      valid: false,
    },
    { name: 'an unknown field', layer: { config: { merchant: 'M' } }, valid: false },
  ];

const layered: readonly Row[] = layers.flatMap(({ name, layer, valid }) => [
  { name: `program: ${name}`, kind: 'MiniProgram', spec: { ...home, ...layer }, valid },
  {
    name: `standing target: ${name}`,
    kind: 'MiniProgram',
    spec: { ...home, targets: [{ ...target, ...layer }] },
    valid,
  },
  {
    name: `release: ${name}`,
    kind: 'MiniProgramRelease',
    spec: { ...version, environments: ['Test'], ...layer },
    valid,
  },
  {
    name: `release target: ${name}`,
    kind: 'MiniProgramRelease',
    spec: { ...version, targets: [{ ...target, ...layer }] },
    valid,
  },
  { name: `profile: ${name}`, kind: 'ConfigProfile', spec: layer, valid },
]);

const releases: readonly Row[] = [
  ...rows('MiniProgramRelease', true, {
    'an environment': { ...version, environments: ['Sandbox'] },
    'four environments': {
      ...version,
      environments: ['Sandbox', 'Test', 'Production', 'Development'],
    },
    'a target of its own': { ...version, targets: [target] },
    'six variables, of which its target may drop one': {
      ...version,
      config: { environmentVariables: variables(6) },
      targets: [{ ...target, unset: ['environmentVariables/V5'] }],
    },
    'a version with a plus sign': { ...version, version: '1.0+build_7', targets: [target] },
  }),
  ...rows('MiniProgramRelease', false, {
    'no target': version,
    'no program': { version: '1', targets: [target] },
    'no version': { miniProgram: 'coffee', targets: [target] },
    'a version that is a number': { ...version, version: 2.4, targets: [target] },
    'a version with a space': { ...version, version: '2 4', targets: [target] },
    'an environment twice': { ...version, environments: ['Test', 'Test'] },
    'no environment': { ...version, environments: [] },
    'a misspelt environment': { ...version, environments: ['Staging'] },
    'a target twice': { ...version, targets: [target, target] },
    'a suspension without a reason': { ...version, targets: [target], suspend: {} },
  }),
];

const profiles: readonly Row[] = [
  ...rows('ConfigProfile', true, {
    nothing: {},
    everywhere: { appliesTo: {} },
    'an app and an environment': { appliesTo: { apps: ['megapay'], environments: ['Test'] } },
  }),
  ...rows('ConfigProfile', false, {
    'no app': { appliesTo: { apps: [] } },
    'an app twice': { appliesTo: { apps: ['a', 'a'] } },
    'an app with a space': { appliesTo: { apps: ['a b'] } },
    'a misspelt environment': { appliesTo: { environments: ['test'] } },
    'a place that does not exist': { appliesTo: { workspaces: ['a'] } },
  }),
];

/** Declarations that both judges see alike. */
export const documents: readonly Row[] = [...programs, ...layered, ...releases, ...profiles];
