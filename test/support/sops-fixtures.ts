import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

import { root } from '../../tools/files.ts';

/** Documents that the real sops encrypted, with throw-away keys beside them. */
export const fixtureFolder = join(root, 'test/fixtures/sops');

/** One document: what sops was given, and how. */
export interface Fixture {
  /** Its end says the form: YAML, JSON, else a whole file. */
  readonly file: string;
  readonly plain: string | Buffer;
  /** Of a creation rule. */
  readonly rule?: Readonly<Record<string, string | boolean>>;
  /** Files of age keys for whose recipients it is encrypted. */
  readonly keys?: readonly string[];
  /** Several groups share the key. */
  readonly isShared?: boolean;
}

/** A value that every encoding writes in a way of its own. */
export const canary = 'from-sops 5d1f0c8a9be3472064?&"é';

const everything = `# a comment of the document
apiKey: s3cret-✓  # beside the value
quoted: "0123"
multi: |
  first
  second
empty: ""
nothing: null
count: 42
octal: 0777
ratio: 1.50
huge: 1.0e+21
tiny: 0.0000001
minus: -3
yes: true
no: false
day: 2020-01-01
moment: 2001-12-14T21:59:43.10-05:00
tokens:
  # within the list
  - one
  - two
  - nested: { deep: [three] }
"with: colon": value
with.dot: dotted
"1": digit
note_unencrypted: { text: open, n: 1.50, big: 1.0e+21, on: true, off: null, hex: "0x1f", list: [a, b] }
`;

const rules = `apiKey_secret: closed
plain: open
nested:
  token_secret: inner
  plain: 7
data: { a: b }
`;

export const fixtures: readonly Fixture[] = [
  { file: 'everything.enc.yaml', plain: everything },
  {
    file: 'everything.enc.json',
    plain:
      '{"z":"last","10":"ten","2":{"list":[1.5,1e21,true,null,"x",{"q":"\\u2028<&>😀\\n"}],"open_unencrypted":[1.5,1e21,1e-9,-7,false,null,"y"]},"":"unnamed","empty":""}',
  },
  { file: 'documents.enc.yaml', plain: 'first: one\n---\n# other\nsecond: two\n---\n' },
  { file: 'whole.enc', plain: 'a whole file\nof two lines\n' },
  { file: 'bytes.enc', plain: Buffer.from([0, 255, 254, 10]) },
  { file: 'encrypted-suffix.enc.yaml', plain: rules, rule: { encrypted_suffix: '_secret' } },
  { file: 'unencrypted-suffix.enc.yaml', plain: rules, rule: { unencrypted_suffix: 'plain' } },
  { file: 'encrypted-regex.enc.yaml', plain: rules, rule: { encrypted_regex: '^(data|api.*)$' } },
  { file: 'unencrypted-regex.enc.yaml', plain: rules, rule: { unencrypted_regex: '^nested$' } },
  {
    file: 'encrypted-comment.enc.yaml',
    plain: 'open: a\n# secret:\nclosed: b\n',
    rule: { encrypted_comment_regex: '^ secret:' },
  },
  {
    file: 'unencrypted-comment.enc.yaml',
    plain: 'closed: a\n# public:\nopen: b\n',
    rule: { unencrypted_comment_regex: '^ public:' },
  },
  {
    file: 'mac-only-encrypted.enc.yaml',
    plain: rules,
    rule: { encrypted_suffix: '_secret', mac_only_encrypted: true },
  },
  { file: 'two-recipients.enc.yaml', plain: 'apiKey: for two\n', keys: ['other', 'own'] },
  { file: 'other-recipient.enc.yaml', plain: 'apiKey: for other\n', keys: ['other'] },
  { file: 'canary.enc.yaml', plain: `apiKey: ${JSON.stringify(canary)}\n` },
  { file: 'groups.enc.yaml', plain: 'apiKey: shared\n', isShared: true },
];

const run = promisify(execFile);

/** The real tool, told to look nowhere but where it is told. */
export interface Sops {
  /** Encrypts a text, which is taken for what the file's name says. */
  readonly encrypt: (fixture: Fixture) => Promise<string>;
  readonly decrypt: (file: string, text: string, args: readonly string[]) => Promise<string>;
  readonly close: () => Promise<void>;
}

export async function realSops(tool: string): Promise<Sops> {
  const folder = await mkdtemp(join(tmpdir(), 'fairlead-sops-'));
  const env = {
    PATH: dirname(tool),
    HOME: folder,
    XDG_CONFIG_HOME: folder,
    SOPS_AGE_KEY_FILE: join(fixtureFolder, 'own.key'),
  };
  const options = { cwd: folder, env, maxBuffer: 16 * 1024 * 1024 };
  const config = join(folder, 'rules.yaml');
  return {
    encrypt: async (fixture) => {
      const input = join(folder, fixture.file);
      await writeFile(input, fixture.plain);
      await writeFile(config, JSON.stringify({ creation_rules: [await ruleOf(fixture)] }));
      return (await run(tool, ['--config', config, 'encrypt', input], options)).stdout;
    },
    decrypt: async (file, text, args) => {
      const input = join(folder, file);
      await writeFile(input, text);
      return (await run(tool, ['decrypt', ...args, input], options)).stdout;
    },
    close: () => rm(folder, { recursive: true, force: true }),
  };
}

async function ruleOf({ keys = ['own'], isShared = false, rule = {} }: Fixture): Promise<object> {
  if (!isShared) return { ...rule, age: (await Promise.all(keys.map(recipientOf))).join(',') };
  const [own, other] = await Promise.all(['own', 'other'].map(recipientOf));
  return { shamir_threshold: 2, key_groups: [{ age: [own] }, { age: [other] }] };
}

async function recipientOf(key: string): Promise<string> {
  const text = await readFile(join(fixtureFolder, `${key}.key`), 'utf8');
  return /# public key: (\S+)/.exec(text)?.[1] ?? '';
}
