import type { KindName, Kinds } from '../kinds/index.ts';
import type { DocumentId } from '../words/places.ts';
import type { Problem } from '../words/problems.ts';
import type { EpochMs } from '../words/time.ts';

/** Where a document was written. The text of a file is kept so that lines can be computed when they are printed. */
export type DocumentOrigin =
  | {
      readonly kind: 'file';
      readonly file: string;
      /** Place of the document in the file's YAML stream, from 0. */
      readonly index: number;
      readonly text: string;
      readonly commit?: string;
    }
  | { readonly kind: 'object'; readonly generation: number };

/** One valid document of one kind. */
export interface Document<K extends KindName = KindName> {
  readonly id: DocumentId;
  readonly kind: K;
  readonly name: string;
  /** Kubernetes only. */
  readonly namespace?: string;
  readonly value: Kinds[K];
  readonly origin: DocumentOrigin;
  /** The commit's time, or the generation's first sight: the start of the 24 h in which an upload may follow. Plain files have none. */
  readonly since?: EpochMs;
  /** Order among claimants of one installation: creation time of an object; absent for files. */
  readonly createdAt?: EpochMs;
}

export type AnyDocument = { [K in KindName]: Document<K> }[KindName];

/**
 * A document whose kind and name could be read but which is invalid: it keeps its claims (as far as they can be read)
 * and takes what refers to it out, and is never used.
 */
export interface InvalidDocument {
  readonly id: DocumentId;
  readonly kind: KindName;
  readonly name: string;
  readonly namespace?: string;
  readonly origin: DocumentOrigin;
  /** The raw value, for reading the keys it claims; untrusted. */
  readonly value: unknown;
  readonly createdAt?: EpochMs;
}

/** All documents of one trust domain: one directory given to the command line, one Git source, one namespace. */
export interface SourceDocuments {
  /** `cli` for plain files, a GitSource's name, or a namespace. */
  readonly source: string;
  readonly documents: readonly AnyDocument[];
  readonly invalid: readonly InvalidDocument[];
  readonly problems: readonly Problem[];
  /** False when something could not be read: then nothing may be concluded from what is missing. */
  readonly complete: boolean;
  readonly commit?: string;
  /**
   * Documents that sops encrypted, by path: below the root of a repository, or of the directory that was given. For the
   * secret store alone.
   */
  readonly encrypted?: Readonly<Record<string, Uint8Array>>;
}
