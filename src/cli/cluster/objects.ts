import { apiVersion, type DeclarationKind } from '../../core/kinds/index.ts';
import type { AnyDocument, DocumentOrigin } from '../../core/model/documents.ts';
import type { Finding } from '../../core/validate/finding.ts';
import { validate } from '../../core/validate/validate.ts';
import type { DocumentId, Origin } from '../../core/words/places.ts';
import type { Problem } from '../../core/words/problems.ts';
import type { EpochMs } from '../../core/words/time.ts';
import type { ClusterObject, ObjectRef } from '../../ports/cluster.ts';
import type { DocumentChange } from '../../reconcile/loop.ts';

/** An object as a declaration, and what is wrong with it by itself. */
export interface ReadObject {
  readonly change: DocumentChange;
  readonly problems: readonly Problem[];
}

/** `namespace|kind/namespace/name`: each namespace is a source. */
export function documentId({ kind, namespace = '', name }: ObjectRef): DocumentId {
  return `${namespace}|${kind}/${namespace}/${name}` as DocumentId;
}

/** What an object declares as a whole document, for those who know documents. */
export function documentOf({
  kind,
  namespace,
  name,
  spec,
}: Pick<ClusterObject, 'kind' | 'namespace' | 'name' | 'spec'>): unknown {
  const metadata = { name, ...(namespace === undefined ? {} : { namespace }) };
  return { apiVersion, kind, metadata, spec };
}

/**
 * Reads a declaration. The API server has seen it, maybe with older definitions or before there were any: everything is
 * checked again.
 *
 * @param since  when this generation was declared
 */
export function readObject(
  object: ClusterObject & { readonly kind: DeclarationKind },
  since: EpochMs,
): ReadObject {
  const { kind, namespace = '', name, generation, createdAt } = object;
  const value = documentOf(object);
  const origin: DocumentOrigin = { kind: 'object', generation };
  const head = { id: documentId(object), kind, name, namespace, origin, createdAt };
  if (object.specTooLong !== undefined) {
    const document = { ...head, value };
    return {
      change: { kind: 'invalid', source: namespace, document },
      problems: [tooLong(object)],
    };
  }
  const validated = validate(kind, value);
  if (validated.valid) {
    const document = { ...head, kind, value: validated.value, since } as AnyDocument;
    return { change: { kind: 'valid', source: namespace, document }, problems: [] };
  }
  const document = { ...head, value };
  return {
    change: { kind: 'invalid', source: namespace, document },
    problems: problemsOf(object, validated.findings),
  };
}

function tooLong(object: ClusterObject): Problem {
  return {
    ...{ rule: 'yaml-size', severity: 'error' },
    message: `The spec is too large to be read: ${object.specTooLong} characters as JSON`,
    nextStep: 'Split it into several objects, or move what is shared into a ConfigProfile.',
    origin: originIn(object, ''),
  };
}

/** Mistakes that are told of one object; the first are what matters. */
const mostProblems = 20;

/** Findings with the object and the path as their origin. */
export function problemsOf(
  object: ClusterObject,
  findings: readonly Finding[],
): readonly Problem[] {
  return findings
    .slice(0, mostProblems)
    .map(({ rule, message, nextStep, pointer, related = [] }): Problem => {
      const told = { rule, severity: 'error' as const, message, nextStep };
      const origin = originIn(object, pointer);
      return related.length === 0
        ? { ...told, origin }
        : { ...told, origin, related: related.map((each) => originIn(object, each)) };
    });
}

function originIn({ kind, namespace, name, generation }: ClusterObject, path: string): Origin {
  const place = namespace === undefined ? {} : { namespace };
  return { object: { kind, ...place, name, generation }, path };
}
