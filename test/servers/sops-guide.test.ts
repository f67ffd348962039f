import { execFile } from 'node:child_process';
import { appendFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { reveal } from '../../src/core/words/secret-text.ts';
import { createSecretMap } from '../../src/secrets/map.ts';
import { root } from '../../tools/files.ts';
import { serverTool } from '../support/server-tools.ts';

const exec = promisify(execFile);
const never = new AbortController().signal;
const document = 'releases/secrets/keys.enc.yaml';
let place = '';

beforeEach(async () => {
  place = await mkdtemp(join(tmpdir(), 'fairlead-guide-'));
  await mkdir(join(place, 'keys'));
});
afterEach(async () => {
  await rm(place, { recursive: true, force: true });
});

/** The commands of one of the guide's blocks, as a person would paste them. */
async function block(first: string): Promise<string> {
  const guide = await readFile(join(root, 'docs/guides/secrets.md'), 'utf8');
  const blocks = [...guide.matchAll(/```sh\n([^]*?)```/g)].map(([, text = '']) => text);
  const found = blocks.find((text) => text.trimStart().startsWith(first));
  if (found === undefined) throw new Error(`the guide has no block that begins with ${first}`);
  return found;
}

async function paste(commands: string): Promise<void> {
  const bin = dirname(await serverTool('sops'));
  const env = {
    ...process.env,
    PATH: `${bin}${delimiter}${process.env['PATH'] ?? ''}`,
    HOME: place,
    XDG_CONFIG_HOME: place,
    SOPS_AGE_KEY_FILE: join(place, 'keys/coffee.age'),
  };
  await exec('bash', ['-ec', commands], { cwd: place, env });
}

async function recipient(file: string): Promise<string> {
  return /# public key: (\S+)/.exec(await readFile(join(place, file), 'utf8'))?.[1] ?? '';
}

async function rules(...files: readonly string[]): Promise<void> {
  const all = (await Promise.all(files.map(recipient))).join(',');
  await writeFile(
    join(place, '.sops.yaml'),
    `creation_rules:\n  - path_regex: \\.enc\\.yaml$\n    age: ${all}\n`,
  );
}

async function open(...identities: readonly string[]): Promise<string> {
  const bytes = await readFile(join(place, document));
  const secrets = createSecretMap({
    mappings: [
      {
        name: 'coffee-keys',
        keys: { mapsKey: { encrypted: { file: document, key: 'maps.key' } } },
      },
    ],
    needsFor: false,
    connections: {},
    env: {},
    directory: place,
    identities: identities.map((file) => ({ file })),
    encrypted: (_, file) => (file === document ? bytes : undefined),
  });
  const ref = { name: 'coffee-keys', key: 'mapsKey' };
  return reveal(await secrets.open('coffee-team', ref, never));
}

describe('the guide', () => {
  it('leads to a secret that is opened, and through the rotation of an age key', async () => {
    await paste('git init -q .');
    await paste(await block('age-keygen -o keys/coffee.age'));
    await rules('keys/coffee.age');
    await paste(await block('mkdir -p releases/secrets'));

    expect(await open('keys/coffee.age')).toBe('AIza-example');
    expect(await readFile(join(place, document), 'utf8')).not.toContain('AIza');

    const [make = '', update = '', rotate = ''] = (await block('age-keygen -o keys/coffee-2.age'))
      .trim()
      .split('\n');
    await paste(make);
    await rules('keys/coffee.age', 'keys/coffee-2.age');
    await paste(`${update}\n${rotate}`);

    expect(await open('keys/coffee.age')).toBe('AIza-example');
    expect(await open('keys/coffee-2.age')).toBe('AIza-example');

    await appendFile(join(place, document), '# a comment is nothing\n');
    expect(await open('keys/coffee-2.age')).toBe('AIza-example');
  });
});
