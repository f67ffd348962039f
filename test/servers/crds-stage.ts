import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { validate } from '../../src/core/validate/validate.ts';
import { resources } from '../../tools/crds/kinds.ts';
import { root } from '../../tools/files.ts';
import { type ControlPlane, startControlPlane } from '../support/control-plane.ts';

/** What both judges say of one document. */
export interface Verdict {
  /** What the validators of files say; nothing, if they find the document valid. */
  readonly ours: readonly string[];
  /** What the API server says to server-side apply; `undefined`, if it would take it. */
  readonly applied: string | undefined;
  /** What it says to a plain create. */
  readonly created: string | undefined;
}

export type Document = Readonly<Record<string, unknown>>;

export function documentOf(kind: string, spec: unknown): Document {
  return { apiVersion: 'fairlead.dev/v1alpha1', kind, metadata: { name: 'coffee' }, spec };
}

/** An API server that knows our kinds. @throws Error  what it has against them */
export async function startWithDefinitions(): Promise<ControlPlane> {
  const plane = await startControlPlane();
  const steps = [
    ['apply', '--server-side', '-f', join(root, 'crds')],
    ['wait', '--for=condition=Established', '--timeout=60s', 'crd', '--all'],
  ];
  for (const step of steps) {
    const { stderr } = await plane.kubectl(step);
    if (stderr === '') continue;
    await plane.stop();
    throw new Error(stderr);
  }
  while (!(await areDescribed(plane))) await sleep(100);
  return plane;
}

/** `kubectl explain` reads a document that the API server makes some time after a kind is established. */
async function areDescribed(plane: ControlPlane): Promise<boolean> {
  const { body } = await plane.call('/openapi/v3/apis/fairlead.dev/v1alpha1');
  const text = JSON.stringify(body);
  return resources.every(({ kind }) => text.includes(`.${kind}"`));
}

type KindName = Parameters<typeof validate>[0];

function judgeFile(document: Document): readonly string[] {
  // A file holds no undefined.
  const plain = JSON.parse(JSON.stringify(document)) as Document;
  const judged = validate(plain['kind'] as KindName, plain);
  return judged.valid
    ? []
    : judged.findings.map(({ rule, pointer, message }) => `${rule} ${pointer}: ${message}`);
}

/** Asks both, and changes nothing in the cluster. */
export async function judge(
  plane: ControlPlane,
  namespace: string,
  document: Document,
): Promise<Verdict> {
  const collection = collectionOf(document, namespace);
  const query = 'dryRun=All&fieldValidation=Strict';
  const [applied, created] = await Promise.all([
    plane.call(`${collection}/coffee?fieldManager=kubectl&${query}`, {
      method: 'PATCH',
      body: document,
      contentType: 'application/apply-patch+yaml',
    }),
    plane.call(`${collection}?${query}`, { method: 'POST', body: document }),
  ]);
  return { ours: judgeFile(document), applied: refusal(applied), created: refusal(created) };
}

function collectionOf({ kind }: Document, namespace: string): string {
  const resource = resources.find((each) => each.kind === kind);
  if (resource === undefined) throw new Error(`no resource for ${String(kind)}`);
  const scope = resource.scope === 'Namespaced' ? `/namespaces/${namespace}` : '';
  return `/apis/fairlead.dev/v1alpha1${scope}/${resource.plural}`;
}

function refusal({ status, body }: { status: number; body: unknown }): string | undefined {
  if (status < 300) return undefined;
  // A judge that is ill says nothing about the document.
  if (status >= 500 && status !== 500) throw new Error(JSON.stringify(body));
  return (body as { readonly message?: string }).message ?? JSON.stringify(body);
}
