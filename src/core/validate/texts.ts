import { pointer } from '../words/places.ts';
import { hiddenInValue } from '../yaml/text.ts';
import { type Finding, pathText } from './finding.ts';
import { isRecord } from './read.ts';

/** Lists in which a name met twice counts at its first place. */
const repeatable = new Set(['profiles']);
/** Where anything may be written. */
const free = new Set(['annotations']);

/**
 * What no text may be, wherever it stands: blank, or holding characters nobody can see; and what no list may hold twice.
 */
export function textFindings(value: unknown): Finding[] {
  const findings: Finding[] = [];
  walk(value, [], findings);
  return findings;
}

type Path = (string | number)[];

function walk(value: unknown, path: Path, findings: Finding[]): void {
  if (typeof value === 'string') {
    const finding = textFinding(value, path);
    if (finding) findings.push(finding);
  } else if (Array.isArray(value)) {
    findings.push(...duplicates(value, path));
    value.forEach((entry, index) => {
      step(entry, index, path, findings);
    });
  } else if (isRecord(value)) {
    for (const [key, child] of Object.entries(value)) step(child, key, path, findings);
  }
}

function step(child: unknown, key: string | number, path: Path, findings: Finding[]): void {
  path.push(key);
  walk(child, path, findings);
  path.pop();
}

function textFinding(value: string, path: Path): Finding | undefined {
  const isNote = path.some((part) => typeof part === 'string' && free.has(part));
  const hidden = hiddenInValue(value, isNote);
  if (hidden) {
    const words =
      hidden.name === 'U+000A' ? 'a line break' : `${hidden.name}, a character that cannot be seen`;
    return {
      rule: hidden.bidirectional ? 'bidirectional-character' : 'control-character',
      pointer: pointer(...path),
      at: 'value',
      message: `${pathText(pointer(...path))} holds ${words}.`,
      nextStep: hidden.name === 'U+000A' ? 'Write the value on one line.' : 'Remove the character.',
    };
  }
  // The schema says so of an empty text, where one is wrong.
  if (value === '' || value.trim() !== '' || isNote) return undefined;
  return {
    rule: 'empty-value',
    pointer: pointer(...path),
    at: 'value',
    message: `${pathText(pointer(...path))} holds nothing but spaces.`,
    nextStep: 'Give it a value, or remove the line.',
  };
}

function duplicates(entries: readonly unknown[], path: Path): Finding[] {
  const last = path.at(-1);
  if (typeof last === 'string' && repeatable.has(last)) return [];
  const seen = new Map<string, number>();
  return entries.flatMap((entry, index) => {
    if (typeof entry !== 'string') return [];
    const first = seen.get(entry);
    if (first === undefined) {
      seen.set(entry, index);
      return [];
    }
    return [
      {
        rule: 'duplicate-entry',
        pointer: pointer(...path, index),
        at: 'value' as const,
        message: `${entry} stands twice in ${pathText(pointer(...path))}.`,
        nextStep: 'Remove one of the two.',
        related: [pointer(...path, first)],
      },
    ];
  });
}
