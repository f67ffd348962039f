import { apiVersion, declarationKinds, type KindName, settingsKinds } from '../kinds/index.ts';
import { pointer } from '../words/places.ts';
import type { Finding } from '../validate/finding.ts';
import { nearest, oneOf } from '../validate/names.ts';
import { isRecord } from '../validate/read.ts';

export type Identity =
  /** Findings make the document invalid, though its kind is known. */
  | { readonly kind: KindName; readonly findings: readonly Finding[] }
  | { readonly findings: readonly Finding[] };

type Accepts = 'declarations' | 'settings';

const kinds: readonly KindName[] = [...declarationKinds, ...settingsKinds];

/** What kind of document a value is, or why it is none that is accepted here. */
export function identify(value: unknown, accepts: Accepts): Identity {
  if (!isRecord(value)) return { findings: [noMapping] };
  const kind = kinds.find((name) => name === value['kind']);
  const found = value['apiVersion'];
  if (found === apiVersion)
    return kind === undefined
      ? { findings: [unknownKind(value['kind'], accepts)] }
      : accept(kind, accepts);
  const finding = found === undefined ? noApiVersion : foreign(found, value['kind']);
  // A slip in apiVersion alone must not lose the document's claims.
  const isOurs =
    kind !== undefined &&
    (found === undefined || (typeof found === 'string' && found.startsWith('fairlead')));
  return isOurs ? { kind, findings: [finding] } : { findings: [finding] };
}

function accept(kind: KindName, accepts: Accepts): Identity {
  const isSettings = (settingsKinds as readonly string[]).includes(kind);
  if (isSettings === (accepts === 'settings')) return { kind, findings: [] };
  return { findings: [isSettings ? settingsInPath(kind) : declarationInSettings(kind)] };
}

function settingsInPath(kind: KindName): Finding {
  return {
    rule: 'settings-in-path',
    pointer: pointer('kind'),
    at: 'value',
    message: `${kind} is the administrator's and cannot stand among declarations.`,
    nextStep:
      'Move it to the file given with --connections or --config, outside of what teams can change.',
  };
}

function declarationInSettings(kind: KindName): Finding {
  return {
    rule: 'declaration-in-settings',
    pointer: pointer('kind'),
    at: 'value',
    message: `${kind} is a declaration and cannot stand among settings.`,
    nextStep: 'Move it to the files of the team, and name those as PATH.',
  };
}

const noMapping: Finding = {
  isAbsence: true,
  rule: 'not-a-document',
  pointer: '',
  at: 'value',
  message: 'This is not a document: it has no fields.',
  nextStep: `Begin with apiVersion: ${apiVersion} and kind.`,
};

const noApiVersion: Finding = {
  isAbsence: true,
  rule: 'unknown-api-version',
  pointer: '',
  at: 'value',
  message: 'The document lacks apiVersion.',
  nextStep: `Add apiVersion: ${apiVersion}.`,
};

function foreign(found: unknown, kind: unknown): Finding {
  const meant = typeof found === 'string' ? nearest(found, [apiVersion]) : undefined;
  const isOurGroup =
    meant !== undefined || (typeof found === 'string' && found.startsWith('fairlead'));
  const what = typeof kind === 'string' ? `${kind} of ${String(found)}` : String(found);
  return {
    rule: 'unknown-api-version',
    pointer: pointer('apiVersion'),
    at: 'value',
    message: isOurGroup
      ? `There is no apiVersion ${String(found)}.`
      : `${what} is not a declaration of Fairlead.`,
    nextStep: isOurGroup
      ? `Did you mean ${apiVersion}?`
      : 'Move it out of the folders given as PATH.',
  };
}

function unknownKind(found: unknown, accepts: Accepts): Finding {
  const names: readonly string[] = accepts === 'settings' ? settingsKinds : declarationKinds;
  const rule = 'unknown-kind';
  if (found === undefined) {
    return {
      rule,
      isAbsence: true,
      pointer: '',
      at: 'value',
      message: 'The document lacks kind.',
      nextStep: `Add kind: ${oneOf(names)}.`,
    };
  }
  const near = typeof found === 'string' ? nearest(found, kinds) : undefined;
  return {
    rule,
    pointer: pointer('kind'),
    at: 'value',
    message: `There is no kind ${typeof found === 'string' ? found : 'like this'}.`,
    nextStep: near === undefined ? `Write ${oneOf(names)}.` : `Did you mean ${near}?`,
  };
}
