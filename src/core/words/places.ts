import type { Brand } from './brand.ts';

/** Identifies one document for as long as a load lives: `source|file#index` or `source|kind/namespace/name`. */
export type DocumentId = Brand<string, 'DocumentId'>;

/** A value in a document. Small on purpose: line numbers are computed when they are printed. */
export interface Place {
  readonly document: DocumentId;
  /** JSON Pointer (RFC 6901) into the document; empty for the document itself. */
  readonly pointer: string;
}

/** A place as people and programs read it. Lines and columns count from 1. */
export type Origin =
  | {
      readonly file: string;
      readonly line: number;
      readonly column: number;
      readonly commit?: string;
    }
  | {
      readonly object: {
        readonly kind: string;
        readonly namespace?: string;
        readonly name: string;
        readonly generation?: number;
      };
      readonly path: string;
    };

/** Computes an origin; the composition root caches per file. */
export type Locate = (place: Place) => Origin;

/** JSON Pointer of the given steps. */
export function pointer(...steps: readonly (string | number)[]): string {
  return steps
    .map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`)
    .join('');
}

/** The steps of a JSON Pointer. */
export function stepsOf(pointer: string): readonly string[] {
  if (pointer === '') return [];
  return pointer
    .slice(1)
    .split('/')
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** `spec.targets[2].config.merchantId` for a JSON Pointer. */
export function objectPath(pointer: string): string {
  return stepsOf(pointer)
    .map((step, index) => {
      if (/^\d+$/.test(step)) return `[${step}]`;
      if (!/^[A-Za-z_]\w*$/.test(step)) return `[${JSON.stringify(step)}]`;
      return index === 0 ? step : `.${step}`;
    })
    .join('');
}

/** `coffee.yaml:12`, or `MiniProgramRelease team-a/coffee-2.4.0, spec.targets[2].config.merchantId`. */
export function originText(origin: Origin): string {
  if ('file' in origin) return `${origin.file}:${String(origin.line)}`;
  const { kind, namespace, name } = origin.object;
  const who = `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
  const path = origin.path.startsWith('/') ? objectPath(origin.path) : origin.path;
  return path === '' ? who : `${who}, ${path}`;
}
