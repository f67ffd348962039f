import { generateKeyPairSync } from 'node:crypto';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { sealed } from '../../../src/core/snapshot/signature.ts';
import { writeSnapshot } from '../../../src/core/snapshot/write.ts';
import { epochMs } from '../../../src/core/words/time.ts';
import type { PullReviewed } from '../../../src/review/review-pull.ts';
import { coffee } from '../../support/cli-world.ts';
import { somePull } from '../../support/forge-memory.ts';
import { capabilities as snapshotCapabilities, observed } from '../../unit/snapshot/world.ts';
import { reviewStage, type ReviewStage } from '../../support/review-stage.ts';

const paid = coffee.replace('merchantId: M-77 }', 'merchantId: M-88 }');
const passes = '.fairlead.yaml';
const pass = { [passes]: 'review: { withoutPlatform: pass }\n' };

/** Coffee is declared on the base, and pull request 7 changes who gets paid. */
async function stage(base: Readonly<Record<string, string>> = {}): Promise<ReviewStage> {
  const found = await reviewStage({ 'coffee.yaml': coffee, ...base });
  await opened(found, { 'coffee.yaml': paid });
  return found;
}

async function opened(
  { memory, push }: ReviewStage,
  files: Readonly<Record<string, string>>,
): Promise<void> {
  memory.set({ head: { branch: 'topic', commit: await push(7, files) } });
}

function reviewOf(result: PullReviewed) {
  if (result.kind !== 'reviewed') throw new Error(result.message);
  return result.review;
}

function states({ memory }: ReviewStage) {
  const all = memory.statuses.get(memory.pull().head.commit) ?? [];
  return Object.fromEntries(all.map(({ context, state }) => [context, state]));
}

/** The comment, with references as the characters they stand for. */
function readable({ memory }: ReviewStage): string {
  return (memory.comments[0]?.body ?? '').replace(/&#(\d+);/g, (_, code: string) =>
    String.fromCodePoint(Number(code)),
  );
}

describe('a review of a pull request whose objects the job does not have', () => {
  it('fetches them, and leaves the checkout as it is', async () => {
    const found = await stage();
    const objects = async () =>
      readdir(join(found.checkout.directory, '.git'), { recursive: true });
    const before = await objects();

    const review = reviewOf(await found.review());

    expect(review.head).toMatchObject({
      revision: 'topic',
      commit: found.memory.pull().head.commit,
    });
    expect(found.memory.comments[0]?.body).toContain('`M-77` → `M-88`');
    expect((await objects()).toSorted()).toEqual(before.toSorted());
  });

  it('links every place to the line at the head', async () => {
    const found = await stage();

    await found.review();

    const { commit } = found.memory.pull().head;
    expect(found.memory.comments[0]?.body).toContain(
      `[\`coffee.yaml:9\`](https://forge.example/acme/coffee/src/commit/${commit}/coffee.yaml#L9)`,
    );
  });

  it('the second time: 4 calls, no write', async () => {
    const found = await stage();
    await found.review();
    found.memory.calls.length = 0;

    await found.review();

    expect(found.memory.calls).toEqual(['pull', 'statuses', 'openPulls', 'ownComment']);
  });

  it('takes the base for what the branch holds, whatever a tag is called', async () => {
    const found = await stage();
    await found.git('tag', 'origin/main', found.memory.pull().head.commit);

    const review = reviewOf(await found.review({}, await found.clone()));

    expect(review.base.commit).toBe(found.memory.pull().base.commit);
  });

  it('a branch that is gone, its pull request still open: no verdict, and what to do', async () => {
    const found = await stage();
    await found.git('update-ref', '-d', 'refs/pull/7/head');

    await expect(found.review()).rejects.toMatchObject({ code: 'RevisionNotFound' });

    expect(states(found)).toEqual({ 'fairlead/plan': 'error' });
    expect(readable(found)).toContain('**What must be done**: <code>fetch it first');
  });

  it('a branch that was rebased while it was fetched: superseded, nothing is written', async () => {
    const found = await stage();
    const old = found.memory.pull().head.commit;
    await found.push(7, { 'coffee.yaml': coffee });
    found.memory.before = (call) => {
      if (call === 'putStatus') found.memory.set({ head: { branch: 't', commit: 'b'.repeat(40) } });
    };

    const result = await found.review();

    expect(result.kind).toBe('superseded');
    expect(found.memory.statuses.get(old)).toMatchObject([{ state: 'pending' }]);
  });

  it('a shallow clone is told with the way out, in the log and on the pull request', async () => {
    const found = await stage();
    await found.git('commit', '-q', '--allow-empty', '-m', 'later');
    const shallow = await found.clone('--depth=1', '--branch', 'main');

    await expect(found.review({}, shallow)).rejects.toMatchObject({ code: 'MergeBaseNotFound' });

    expect(readable(found)).toContain('fetch-depth: 0');
    expect(states(found)).toEqual({ 'fairlead/plan': 'error' });
  });

  it('reads a bare mirror as well', async () => {
    const found = await stage();
    const bare = await found.clone('--bare');
    const variables = { GIT_DIR: bare.directory };

    const review = reviewOf(await found.review({}, { ...bare, top: undefined, variables }));

    expect(review.head.commit).toBe(found.memory.pull().head.commit);
  });
});

describe('a head that somebody names', () => {
  it('older than the pull request: superseded', async () => {
    const found = await stage();
    const older = found.memory.pull().head.commit;
    const newer = await found.push(7, { 'coffee.yaml': `# more\n${paid}` }, older);
    found.memory.set({ head: { branch: 'topic', commit: newer } });

    const result = await found.review({ head: older });

    expect(result.kind).toBe('superseded');
    expect(found.memory.comments).toEqual([]);
  });

  it('another one, such as the merge that a CI checked out, is refused', async () => {
    const found = await stage();
    await found.git('commit', '-q', '--allow-empty', '-m', 'merge');
    const checkout = await found.clone();

    await expect(found.review({ head: 'origin/main' }, checkout)).rejects.toMatchObject({
      code: 'HeadMismatch',
    });
    expect(Object.values(states(found))).toEqual(['error']);
  });
});

describe('what fails a review', () => {
  it.each([
    { name: 'no platform was asked', base: {}, head: {}, state: 'error', why: 'nobody knows' },
    { name: 'the base lets it pass', base: pass, head: {}, state: 'success', why: 'it was said' },
    {
      name: 'the pull request would let itself pass',
      base: {},
      head: pass,
      state: 'error',
      why: 'nobody judges himself',
    },
    {
      name: 'the settings of the base are broken',
      base: { [passes]: 'review: { withoutPlatform: perhaps }\n' },
      head: {},
      state: 'error',
      why: 'nobody knows what they would allow',
    },
  ])('$name: $state, for $why', async ({ base, head, state }) => {
    const found = await stage(base);
    await opened(found, { 'coffee.yaml': paid, ...head });

    await found.review();

    expect(states(found)).toMatchObject({ 'fairlead/plan': state, 'fairlead/production': state });
  });

  it('the pull request would waive an error of its own: failure, by the lint of the base', async () => {
    const lint = (level: string) =>
      `review: { withoutPlatform: pass }\nlint: { severities: { domain-ip: ${level} } }\n`;
    const found = await stage({ [passes]: lint('error') });
    const bare = paid.replace('M-88 }', 'M-88, serverDomains: [https://203.0.113.7] }');
    await opened(found, { 'coffee.yaml': bare, [passes]: lint('"off"') });

    const { problems } = reviewOf(await found.review());

    expect(states(found)['fairlead/plan']).toBe('failure');
    expect(problems.fresh.map(({ rule, severity }) => `${rule} ${severity}`).toSorted()).toEqual([
      'domain-ip error',
      'lint-settings-changed warning',
    ]);
  });
});

describe('other open pull requests', () => {
  const newer = (
    number: number,
    commit: string,
    fetchRef = `refs/pull/${String(number)}/head`,
  ) => ({
    ...somePull,
    ...{ number, fetchRef, head: { branch: `topic-${String(number)}`, commit } },
  });

  it('that change the same field to another value are named, and one that agrees is not', async () => {
    const found = await stage();
    const other = await found.push(8, { 'coffee.yaml': paid.replace('M-88', 'M-99') });
    const same = await found.push(9, { 'coffee.yaml': paid });
    const docs = await found.push(10, { 'README.md': 'hello' });
    found.memory.others.push(newer(8, other), newer(9, same), newer(10, docs));

    const review = reviewOf(await found.review());

    expect(review.others).toMatchObject({
      overlaps: [
        { pull: 8, kind: 'fields', fields: ['merchantId'], key: { environment: 'Production' } },
      ],
      ...{ unread: [], left: 0 },
    });
    expect(found.memory.comments[0]?.body).toContain('pull request 8 changes `merchantId`');
    expect(found.memory.comments[0]?.body).not.toContain('M-99');
  });

  it('that cannot be fetched are a remark, and no failure of the others', async () => {
    const found = await stage();
    const other = await found.push(8, { 'coffee.yaml': paid.replace('M-88', 'M-99') });
    const lost = newer(9, 'c'.repeat(40));
    const hostile = newer(10, 'd'.repeat(40), '--upload-pack=touch /tmp/x');
    found.memory.others.push(lost, newer(8, other), hostile);

    const review = reviewOf(await found.review());

    expect(review.others?.overlaps.map(({ pull }) => pull)).toEqual([8]);
    expect(review.others?.unread).toEqual([9, 10]);
  });

  it('are read as far as twenty, the newest ones', async () => {
    const found = await stage();
    const numbers = Array.from({ length: 25 }, (_, i) => 100 - i);
    found.memory.others.push(
      ...numbers.map((number) => newer(number, String(number).padStart(40, '0'))),
    );

    const { others } = reviewOf(await found.review());

    expect(others?.unread).toEqual(numbers.slice(0, 20));
    expect(others?.left).toBe(5);
  });
});

describe('a review that stands on a signed snapshot', () => {
  const keys = generateKeyPairSync('ed25519');
  const key = keys.publicKey.export({ format: 'der', type: 'spki' }).toString('base64');

  /** What the platform holds of coffee, signed an hour ago. */
  async function snapshotIn({ dir }: ReviewStage, change = (text: string) => text) {
    const taken = epochMs(Date.now() - 3_600_000);
    const text = writeSnapshot({
      ...{ platform: 'api.megapay.example', emulator: false, observedAt: taken, declared: [] },
      capabilities: snapshotCapabilities,
      programs: [
        {
          ...observed([]),
          key: {
            ...{ platform: 'api.megapay.example', workspace: 'acme' },
            miniProgram: '3500020208396321',
          },
          versions: ['2.4.0'],
          targets: [{ app: 'megapay', environments: ['Production', 'Sandbox'] }],
        },
      ],
    });
    const file = join(dir, 'platform.yaml');
    await writeFile(
      file,
      change(sealed(text, { time: taken, commit: undefined }, keys.privateKey)),
    );
    return file;
  }

  it('says so, says how old it is, and has a verdict without any credential', async () => {
    const found = await stage();
    const snapshot = await snapshotIn(found);

    const review = reviewOf(await found.review({ snapshot, snapshotKey: key }));

    expect(review.against).toBe('snapshot');
    const body = found.memory.comments[0]?.body ?? '';
    expect(body).toContain('this stands on a signed snapshot of');
    expect(body).toMatch(/read \d{4}-\d\d-\d\d \d\d:\d\d UTC, 60 minutes before this was written/);
    expect(states(found)).toMatchObject({ 'fairlead/production': 'success' });
  });

  it.each([
    {
      name: 'changed afterwards',
      change: (text: string) => text.replace('Coffee', 'Toffee'),
      code: 'SnapshotTampered',
    },
    {
      name: 'without its signature',
      change: (text: string) => text.replace(/# fairlead-signature.*\n/, ''),
      code: 'SnapshotUnsigned',
    },
    {
      name: 'that is no snapshot at all, and hostile',
      change: () => `a: ${'[ '.repeat(50_000)}`,
      code: 'SnapshotUnsigned',
    },
  ])('one $name gives no verdict, and nothing of it is read', async ({ change, code }) => {
    const found = await stage();
    const snapshot = await snapshotIn(found, change);

    await expect(found.review({ snapshot, snapshotKey: key })).rejects.toMatchObject({ code });

    expect(Object.values(states(found))).toEqual(['error']);
    expect(found.memory.comments[0]?.body).toContain('**no verdict**');
    expect(readable(found)).toContain('platform.yaml is not');
    expect(readable(found), 'nobody learns how folders are called').not.toContain(found.dir);
  });

  it('one that is too old gives no verdict', async () => {
    const found = await stage();
    const snapshot = await snapshotIn(found);
    const wanted = { snapshot, snapshotKey: key, maxSnapshotAge: '30m' };

    await expect(found.review(wanted)).rejects.toMatchObject({ code: 'SnapshotTooOld' });
  });

  it('a key that the pull request could bring is refused', async () => {
    const found = await stage();
    const snapshot = await snapshotIn(found);
    const brought = join(found.checkout.directory, 'key.pem');
    await writeFile(brought, keys.publicKey.export({ format: 'pem', type: 'spki' }));

    await expect(found.review({ snapshot, snapshotKey: brought })).rejects.toMatchObject({
      code: 'SettingsInCheckout',
    });
  });
});

/** Settings of a platform that nobody can reach, and of a secret that a declaration names. */
const connections = (canary: string): string => `apiVersion: fairlead.dev/v1alpha1
kind: PlatformConnection
metadata: { name: default }
spec:
  driver: http
  platformId: api.megapay.example
  endpoint: http://127.0.0.1:9
  clientId: ci
  privateKey: { file: ${canary} }
  platformPublicKey: { file: ${canary} }
---
apiVersion: fairlead.dev/v1alpha1
kind: Settings
metadata: { name: settings }
spec:
  secrets: [{ name: coffee-keys, keys: { apiKey: { file: ${canary} } } }]
`;

describe('what a review that publishes may not do', () => {
  it('take settings of the checkout, which a pull request can write', async () => {
    const found = await stage();
    const file = join(found.checkout.directory, 'connections.yaml');
    await writeFile(file, connections('/nowhere'));

    await expect(found.review({}, found.checkout, file)).rejects.toMatchObject({
      code: 'SettingsInCheckout',
    });
    expect(Object.values(states(found))).toEqual(['error']);
  });

  it('open a secret, or say anything of a key that it could read', async () => {
    const found = await stage();
    const canary = 'canary-8c2f1e';
    const secret = join(found.dir, 'secret.txt');
    const file = join(found.dir, 'connections.yaml');
    await writeFile(secret, canary);
    await writeFile(file, connections(secret));
    const variable =
      'environmentVariables: [{ name: K, valueFrom: { secretKeyRef: { name: coffee-keys, key: apiKey } } }]';
    await opened(found, {
      'coffee.yaml': paid.replace('config: { testers', `config: { ${variable}, testers`),
    });

    const result = await found.review({}, found.checkout, file).catch((error: unknown) => error);

    const said = JSON.stringify([
      result instanceof Error ? [result.message, result.stack] : result,
      found.memory.comments,
      [...found.memory.statuses.values()],
      [...found.memory.notes.values()],
      found.log,
      found.session.said(),
    ]);
    expect(said).not.toContain(canary);
    expect(Object.values(states(found))).not.toContain('success');
  });
});
