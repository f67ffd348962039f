import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Answer, Call } from '../support/control-plane-client.ts';
import type { ControlPlane, User } from '../support/control-plane.ts';
import { openTools, render } from './chart-stage.ts';
import { startWithDefinitions } from './crds-stage.ts';

const annotation = 'fairlead.dev/approve';
const [first, second] = ['c-000000000001', 'c-000000000002'];

let plane: ControlPlane;
let namespace: string;
let elsewhere: string;
let editor: User;
let approver: User;
let approverElsewhere: User;

beforeAll(async () => {
  plane = await startWithDefinitions();
  const tools = await openTools();
  const input = await render(tools, {}, ['approvals', 'user-roles']);
  await tools.dispose();
  await must(['apply', '--server-side', '-f', '-'], input);
  [namespace, elsewhere] = [await plane.namespace(), await plane.namespace()];
  editor = await member('editor', [[namespace, 'fairlead-editor']]);
  approver = await member('approver', [[namespace, 'fairlead-approver']]);
  approverElsewhere = await member('elsewhere', [
    [namespace, 'fairlead-editor'],
    [elsewhere, 'fairlead-approver'],
  ]);
  await untilInForce();
});

afterAll(async () => {
  await plane.stop();
});

async function must(args: readonly string[], input = ''): Promise<void> {
  const { exitCode, stderr } = await plane.kubectl(args, { input });
  if (exitCode !== 0) throw new Error(stderr);
}

/** Somebody with roles of the chart and nothing else. */
async function member(
  name: string,
  roles: readonly (readonly [namespace: string, role: string])[],
): Promise<User> {
  const user = await plane.user(name, []);
  const [, , account, subject] = user.name.split(':');
  for (const [index, [place, role]] of roles.entries())
    await must([
      ...['create', 'rolebinding', `${name}-${index}`, '--namespace', place],
      ...[`--clusterrole=${role}`, `--serviceaccount=${account ?? ''}:${subject ?? ''}`],
    ]);
  return user;
}

/** An API server takes some time to compile a policy that it was given. */
async function untilInForce(): Promise<void> {
  const attempt = program('early', first);
  for (;;) {
    const { status } = await create(editor, attempt, '?dryRun=All');
    if (status === 403) return;
    expect(status, 'anything but a creation is another mistake').toBe(201);
    await sleep(100);
  }
}

const pathOf = (plural: string, name = '') =>
  `/apis/fairlead.dev/v1alpha1/namespaces/${namespace}/${plural}${name === '' ? '' : `/${name}`}`;

const notes = (value: string | undefined) =>
  value === undefined ? {} : { annotations: { [annotation]: value } };

function program(name: string, approval?: string): object {
  return {
    apiVersion: 'fairlead.dev/v1alpha1',
    kind: 'MiniProgram',
    metadata: { name, ...notes(approval) },
    spec: { workspace: 'acme', id: '3500020208396321' },
  };
}

function release(name: string, approval?: string): object {
  return {
    apiVersion: 'fairlead.dev/v1alpha1',
    kind: 'MiniProgramRelease',
    metadata: { name, ...notes(approval) },
    spec: { miniProgram: 'coffee', version: '2.4.0', environments: ['Sandbox'] },
  };
}

/** Its annotation lets a ref that moved backwards. */
function source(name: string, approval?: string): object {
  return {
    apiVersion: 'fairlead.dev/v1alpha1',
    kind: 'GitSource',
    metadata: { name, ...notes(approval) },
    spec: { url: 'https://git.example.com/acme/shop.git' },
  };
}

function create({ token }: User, body: object, query = ''): Promise<Answer> {
  const plural = 'kind' in body ? `${String(body.kind).toLowerCase()}s` : '';
  return plane.call(`${pathOf(plural)}${query}`, { method: 'POST', body, token });
}

function patch({ token }: User, path: string, call: Omit<Call, 'token'>): Promise<Answer> {
  return plane.call(path, {
    method: 'PATCH',
    contentType: 'application/merge-patch+json',
    ...call,
    token,
  });
}

function annotate(user: User, name: string, value: string | null): Promise<Answer> {
  const body = { metadata: { annotations: { [annotation]: value } } };
  return patch(user, pathOf('miniprograms', name), { body });
}

async function approvalOf(name: string): Promise<string | undefined> {
  const { body } = await plane.call(pathOf('miniprograms', name));
  const { metadata } = body as { metadata: { annotations?: Record<string, string> } };
  return metadata.annotations?.[annotation];
}

/** An object as the administrator left it. */
async function given(name: string, approval?: string): Promise<void> {
  const { status } = await plane.call(pathOf('miniprograms'), {
    method: 'POST',
    body: program(name, approval),
  });
  expect(status).toBe(201);
}

describe('whoever may write declarations but not approve', () => {
  it.each([
    { name: 'a program', body: program('new-program', first) },
    { name: 'a release', body: release('new-release', first) },
    { name: 'a repository', body: source('new-source', first) },
    {
      name: 'a program whose name the server makes',
      body: { ...program(''), metadata: { generateName: 'made-', ...notes(first) } },
    },
  ])('makes none with an approval: $name', async ({ body }) => {
    const { status, body: said } = await create(editor, body);

    expect(status).toBe(403);
    expect(said).toMatchObject({ reason: 'Forbidden' });
    expect(JSON.stringify(said)).toContain('ask for the ClusterRole fairlead-approver there');
    expect(JSON.stringify(said)).toContain(`in namespace ${namespace} may set`);
  });

  it('makes one without', async () => {
    const bodies = [program('plain'), release('plain'), source('plain')];
    const made = await Promise.all(bodies.map((body) => create(editor, body)));

    expect(made.map(({ status }) => status)).toEqual([201, 201, 201]);
  });

  it.each([
    {
      form: 'a merge patch',
      name: 'by-merge-patch',
      call: { body: { metadata: notes(first) } },
    },
    {
      form: 'a JSON patch',
      name: 'by-json-patch',
      call: {
        contentType: 'application/json-patch+json',
        body: [{ op: 'add', path: '/metadata/annotations', value: { [annotation]: first } }],
      },
    },
    {
      form: 'server-side apply',
      name: 'by-apply',
      query: '?fieldManager=somebody&force=true',
      call: { contentType: 'application/apply-patch+yaml', body: program('by-apply', first) },
    },
  ])('sets none by $form', async ({ name, call, query = '' }) => {
    await given(name);

    const { status } = await patch(editor, `${pathOf('miniprograms', name)}${query}`, call);

    expect([status, await approvalOf(name)]).toEqual([403, undefined]);
  });

  it('sets none by replacing the object, nor by making one with server-side apply', async () => {
    await given('replaced');
    const { body } = await plane.call(pathOf('miniprograms', 'replaced'));
    const { metadata, ...rest } = body as { metadata: object };
    const { token } = editor;

    const replaced = await plane.call(pathOf('miniprograms', 'replaced'), {
      method: 'PUT',
      body: { ...rest, metadata: { ...metadata, ...notes(first) } },
      token,
    });
    const applied = await patch(editor, `${pathOf('miniprograms', 'fresh')}?fieldManager=me`, {
      contentType: 'application/apply-patch+yaml',
      body: program('fresh', first),
    });

    expect([replaced.status, applied.status]).toEqual([403, 403]);
  });

  it('sets none through the status of an object', async () => {
    await given('by-status');
    const writer = await plane.user('status-writer', [
      {
        namespace,
        rules: [
          {
            apiGroups: ['fairlead.dev'],
            resources: ['miniprograms/status'],
            verbs: ['patch', 'update'],
          },
        ],
      },
    ]);

    const { status } = await patch(writer, pathOf('miniprograms', 'by-status/status'), {
      body: { metadata: notes(first), status: { observedGeneration: 1 } },
    });

    expect(status, 'the status itself is taken, or this shows nothing').toBe(200);
    expect(await approvalOf('by-status')).toBeUndefined();
  });

  it('changes none, keeps what is there, takes it back, and cannot bring it again', async () => {
    await given('kept', first);

    const changed = await annotate(editor, 'kept', second);
    const copied = await patch(editor, `${pathOf('miniprograms', 'kept')}?fieldManager=kubectl`, {
      contentType: 'application/apply-patch+yaml',
      body: program('kept', first),
    });
    const afterCopy = await approvalOf('kept');
    const withdrawn = await annotate(editor, 'kept', null);
    const again = await annotate(editor, 'kept', first);

    expect([changed.status, copied.status, withdrawn.status, again.status]).toEqual([
      403, 200, 200, 403,
    ]);
    expect([afterCopy, await approvalOf('kept')]).toEqual([first, undefined]);
  });

  it('is told by kubectl what to ask for', async () => {
    await given('told');
    const { kubeconfig } = editor;

    const { exitCode, stderr } = await plane.kubectl(
      ['annotate', 'mp', 'told', `${annotation}=${first}`, '--namespace', namespace],
      { kubeconfig },
    );

    expect(exitCode).toBe(1);
    expect(stderr).toContain('only who holds the verb approve on miniprograms.fairlead.dev');
  });
});

describe('whoever holds the verb', () => {
  it('sets, changes and takes back', async () => {
    await given('approved');

    const answers = [
      await annotate(approver, 'approved', first),
      await annotate(approver, 'approved', second),
      await annotate(approver, 'approved', null),
    ];

    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
  });

  it.each([
    { plural: 'miniprogramreleases', body: release('candidate') },
    { plural: 'gitsources', body: source('candidate') },
  ])('approves $plural too', async ({ plural, body }) => {
    await plane.call(pathOf(plural), { method: 'POST', body });

    const { status } = await patch(approver, pathOf(plural, 'candidate'), {
      body: { metadata: notes(first) },
    });

    expect(status).toBe(200);
  });

  it('holds it in its namespace alone', async () => {
    await given('foreign');

    const { status } = await annotate(approverElsewhere, 'foreign', first);

    expect([status, await approvalOf('foreign')]).toEqual([403, undefined]);
  });
});

describe('the policy', () => {
  it('leaves other annotations and other kinds alone', async () => {
    await given('others');
    const { token } = editor;

    const other = await patch(editor, pathOf('miniprograms', 'others'), {
      body: { metadata: { annotations: { 'fairlead.dev/reconcile-requested-at': 'now' } } },
    });
    const profile = await plane.call(pathOf('configprofiles'), {
      method: 'POST',
      token,
      body: {
        apiVersion: 'fairlead.dev/v1alpha1',
        kind: 'ConfigProfile',
        metadata: { name: 'team', ...notes(first) },
        spec: { config: { testers: ['2088001'] } },
      },
    });

    expect([other.status, profile.status]).toEqual([200, 201]);
  });

  it('is what refuses: without its binding the same request is taken', async () => {
    await given('unguarded');
    const before = await annotate(editor, 'unguarded', first);
    await must(['delete', 'validatingadmissionpolicybinding', 'fairlead-approvals']);

    let answer = await annotate(editor, 'unguarded', first);
    while (answer.status === 403) {
      await sleep(100);
      answer = await annotate(editor, 'unguarded', first);
    }

    expect([before.status, answer.status]).toEqual([403, 200]);
  });
});
