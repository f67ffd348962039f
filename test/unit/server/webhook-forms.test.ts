import { describe, expect, it } from 'vitest';

import { SecretText } from '../../../src/core/words/secret-text.ts';
import { readCallHeaders, verify, type WebhookForm } from '../../../src/server/webhook-forms.ts';

/** GitHub's documented example. */
const secret = "It's a Secret to Everybody";
const body = 'Hello, World!';
const hex = '757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17';

function isBelieved(form: WebhookForm, headers: object, chunks: readonly string[] = [body]) {
  const { proof } = readCallHeaders(form, { ...headers });
  if (!proof) return 'no proof';
  const verification = verify(proof, new SecretText(secret));
  for (const chunk of chunks) verification.take(Buffer.from(chunk));
  return verification.holds();
}

describe('the proof of a call', () => {
  it.each<{
    name: string;
    why: string;
    form: WebhookForm;
    headers: object;
    chunks?: readonly string[];
    expected: boolean | 'no proof';
  }>([
    {
      name: 'github: the documented example',
      why: 'the vector of the forge itself',
      form: 'github',
      headers: { 'x-hub-signature-256': `sha256=${hex}` },
      expected: true,
    },
    {
      name: 'github: in pieces',
      why: 'the body is never held whole',
      form: 'github',
      headers: { 'x-hub-signature-256': `sha256=${hex}` },
      chunks: ['Hel', '', 'lo, World', '!'],
      expected: true,
    },
    {
      name: 'github: one bit of the body',
      why: 'the signature is of the bytes',
      form: 'github',
      headers: { 'x-hub-signature-256': `sha256=${hex}` },
      chunks: ['Hello, World?'],
      expected: false,
    },
    {
      name: 'github: one digit of the signature',
      why: 'all of it counts',
      form: 'github',
      headers: { 'x-hub-signature-256': `sha256=${hex.slice(0, -1)}8` },
      expected: false,
    },
    {
      name: 'github: a signature cut short',
      why: 'a prefix must not be compared as if it were all',
      form: 'github',
      headers: { 'x-hub-signature-256': `sha256=${hex.slice(0, 62)}` },
      expected: 'no proof',
    },
    {
      name: 'github: no prefix',
      why: 'another algorithm would be believed by accident',
      form: 'github',
      headers: { 'x-hub-signature-256': hex },
      expected: 'no proof',
    },
    {
      name: 'github: the older SHA-1 header',
      why: 'only SHA-256 is believed',
      form: 'github',
      headers: { 'x-hub-signature': 'sha1=f1d2d2f924e986ac86fdf7b36c94bcdf32beec15' },
      expected: 'no proof',
    },
    {
      name: 'github: the header twice',
      why: 'which of the two would count is a guess',
      form: 'github',
      headers: { 'x-hub-signature-256': `sha256=${hex}, sha256=${hex}` },
      expected: 'no proof',
    },
    {
      name: 'gitea: its own header',
      why: 'plain hex',
      form: 'gitea',
      headers: { 'x-gitea-signature': hex },
      expected: true,
    },
    {
      name: 'gitea: the header like GitHub’s',
      why: 'Gitea and Forgejo send both',
      form: 'gitea',
      headers: { 'x-hub-signature-256': `sha256=${hex}` },
      expected: true,
    },
    {
      name: 'gitea: an empty signature',
      why: 'Gitea sends that where no secret is set',
      form: 'gitea',
      headers: { 'x-gitea-signature': '' },
      expected: 'no proof',
    },
    {
      name: 'gitlab: the token',
      why: 'GitLab sends the secret itself',
      form: 'gitlab',
      headers: { 'x-gitlab-token': secret },
      expected: true,
    },
    {
      name: 'gitlab: another token',
      why: 'also one of another length, without an exception',
      form: 'gitlab',
      headers: { 'x-gitlab-token': `${secret}x` },
      expected: false,
    },
    {
      name: 'gitlab: no token',
      why: 'nothing is proven',
      form: 'gitlab',
      headers: {},
      expected: 'no proof',
    },
    {
      name: 'generic: its header',
      why: 'what settings document',
      form: 'generic',
      headers: { 'x-signature-256': `sha256=${hex.toUpperCase()}` },
      expected: true,
    },
    {
      name: 'generic: another form’s header',
      why: 'each form has its own',
      form: 'generic',
      headers: { 'x-hub-signature-256': `sha256=${hex}` },
      expected: 'no proof',
    },
  ])('$name', ({ form, headers, chunks, expected, why }) => {
    expect(isBelieved(form, headers, chunks), why).toBe(expected);
  });
});

describe('what else the headers of a call say', () => {
  it.each<{
    name: string;
    why: string;
    form: WebhookForm;
    headers: object;
    expected: { delivery: string | undefined; isPush: boolean };
  }>([
    {
      name: 'github push',
      why: 'a ref moved',
      form: 'github',
      headers: { 'x-github-event': 'push', 'x-github-delivery': 'd1' },
      expected: { delivery: 'd1', isPush: true },
    },
    {
      name: 'github ping',
      why: 'sent when the hook is set up: nothing moved',
      form: 'github',
      headers: { 'x-github-event': 'ping', 'x-github-delivery': 'd1' },
      expected: { delivery: 'd1', isPush: false },
    },
    {
      name: 'gitlab tag push with an id of the call and one of the event',
      why: 'events that one webhook set off in turn share the event’s id, and are not the same',
      form: 'gitlab',
      headers: {
        'x-gitlab-event': 'Tag Push Hook',
        'x-gitlab-event-uuid': 'u',
        'idempotency-key': 'k',
      },
      expected: { delivery: 'k', isPush: true },
    },
    {
      name: 'gitlab issue with the event’s id only',
      why: 'older versions have no other; hooks may be set up for everything',
      form: 'gitlab',
      headers: { 'x-gitlab-event': 'Issue Hook', 'x-gitlab-event-uuid': 'u' },
      expected: { delivery: 'u', isPush: false },
    },
    {
      name: 'gitea without headers',
      why: 'a call that says nothing may have moved something',
      form: 'gitea',
      headers: {},
      expected: { delivery: undefined, isPush: true },
    },
    {
      name: 'generic with an empty id',
      why: 'all calls without an id would be one',
      form: 'generic',
      headers: { 'x-delivery': '', 'x-github-event': 'ping' },
      expected: { delivery: undefined, isPush: true },
    },
  ])('$name', ({ form, headers, expected, why }) => {
    const { delivery, isPush } = readCallHeaders(form, { ...headers });

    expect({ delivery, isPush }, why).toEqual(expected);
  });
});

describe('an event of a pull request', () => {
  it.each<{ form: WebhookForm; headers: object; expected: boolean }>([
    { form: 'github', headers: { 'x-github-event': 'pull_request' }, expected: true },
    { form: 'gitlab', headers: { 'x-gitlab-event': 'Merge Request Hook' }, expected: true },
    { form: 'gitea', headers: { 'x-gitea-event': 'pull_request' }, expected: true },
    { form: 'gitea', headers: { 'x-gitea-event': 'pull_request_sync' }, expected: true },
    { form: 'github', headers: { 'x-github-event': 'issue_comment' }, expected: false },
    { form: 'github', headers: { 'x-github-event': 'push' }, expected: false },
    { form: 'generic', headers: { 'x-github-event': 'pull_request' }, expected: false },
  ])('of $form: $headers', ({ form, headers, expected }) => {
    expect(readCallHeaders(form, { ...headers }).isPull).toBe(expected);
  });
});
