import type { AnyDocument } from '../model/documents.ts';
import { isListField, listFields, stringFields } from '../words/fields.ts';
import { pointer } from '../words/places.ts';
import { isRecord, list, record, text } from '../validate/read.ts';
import { domainRemarks } from './domains.ts';
import type { LintFinding, Remark } from './finding.ts';
import { looksLikeSecret } from './secrets.ts';

/** A value as somebody wrote it. */
interface Written {
  readonly field: string;
  readonly value: string;
  readonly pointer: string;
}

/** What is unusual about each value where it is written, whatever becomes of it. */
export function writtenFindings(document: AnyDocument): LintFinding[] {
  return writtenIn(document.value).flatMap((written) =>
    remarksOn(written).map((remark) => ({
      ...remark,
      place: { document: document.id, pointer: written.pointer },
      ...(remark.rule === 'secret-literal' ? {} : { value: written.value }),
    })),
  );
}

function remarksOn({ field, value }: Written): Remark[] {
  const remarks: Remark[] = [];
  if (value.trim() !== value) {
    remarks.push({
      rule: 'surrounding-space',
      message: 'The value begins or ends with a space.',
      nextStep: 'Remove the space.',
    });
  }
  if (field === 'serverDomains' || field === 'wapUrls')
    remarks.push(...domainRemarks(value, field));
  if (!isListField(field) && !isStringField(field) && looksLikeSecret(field, value)) {
    remarks.push({
      rule: 'secret-literal',
      message: `The value of ${field} looks like a secret, and stands here for everybody to read.`,
      nextStep:
        'Put it in a secret store, write valueFrom.secretKeyRef here, and replace the secret.',
    });
  }
  return remarks;
}

function isStringField(field: string): boolean {
  return (stringFields as readonly string[]).includes(field);
}

/** Layers stand at any of these; the schema has seen the document, so nothing else has such names. */
const layerNames = new Set(['config', 'extend', 'globalConfig']);

function writtenIn(value: unknown, at = ''): Written[] {
  if (Array.isArray(value))
    return value.flatMap((entry, index) => writtenIn(entry, at + pointer(index)));
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([name, child]) => {
    const below = at + pointer(name);
    return layerNames.has(name) ? valuesOf(child, below) : writtenIn(child, below);
  });
}

/** The values of one layer; a variable is a field named like itself. */
function valuesOf(layer: unknown, at: string): Written[] {
  const fields = record(layer);
  return [
    ...stringFields.flatMap((field) => one(field, fields[field], at + pointer(field))),
    ...listFields.flatMap((field) =>
      list(fields[field]).flatMap((entry, index) => one(field, entry, at + pointer(field, index))),
    ),
    ...list(fields['environmentVariables']).flatMap((variable, index) =>
      one(
        text(record(variable)['name']) ?? '',
        record(variable)['value'],
        at + pointer('environmentVariables', index, 'value'),
      ),
    ),
  ];
}

function one(field: string, value: unknown, at: string): Written[] {
  return typeof value === 'string' ? [{ field, value, pointer: at }] : [];
}
