import { RepositorySettings as validator } from '../generated/repository-settings.js';
import type { RepositorySettings } from '../kinds/repository-settings.ts';
import { parseMoment } from '../resolve/moment.ts';
import { nearest } from '../validate/names.ts';
import type { Finding } from '../validate/finding.ts';
import { list, record, text } from '../validate/read.ts';
import { schemaFindings } from '../validate/schema-findings.ts';
import { textFindings } from '../validate/texts.ts';
import { type Origin, pointer } from '../words/places.ts';
import type { Problem } from '../words/problems.ts';
import { findNode, valueOffset } from '../yaml/find.ts';
import { readStream, type StreamDocument } from '../yaml/stream.ts';
import { createTeller, type Teller } from '../yaml/tell.ts';
import { rules, ruleOf } from './rules.ts';

/** A repository's settings that know where they were written. */
export interface LocatedSettings extends RepositorySettings {
  /** One per waiver, in their order. */
  readonly waiverOrigins?: readonly Origin[];
}

export interface ParsedSettings {
  readonly settings: LocatedSettings | undefined;
  readonly problems: readonly Problem[];
}

/**
 * Reads `.fairlead.yaml`.
 *
 * @returns no settings when there is an error in them: a waiver nobody can read waives nothing
 */
export function parseRepositorySettings(file: string, bytes: Uint8Array): ParsedSettings {
  const stream = readStream(bytes);
  const teller = createTeller({ file, text: stream.text });
  const [document, second] = stream.documents.filter(
    ({ node, problems }) => node !== null || problems.length > 0,
  );
  const broken = [...stream.problems, ...(document?.problems ?? [])].map(teller.textProblem);
  if (document === undefined) {
    return { settings: broken.length === 0 ? {} : undefined, problems: broken };
  }
  return readSettings({ document, teller, broken, isAlone: second === undefined });
}

interface SettingsText {
  readonly document: StreamDocument;
  readonly teller: Teller;
  readonly broken: readonly Problem[];
  readonly isAlone: boolean;
}

function readSettings({ document, teller, broken, isAlone }: SettingsText): ParsedSettings {
  const { value } = document;
  const fits = validator(value);
  const findings = [
    ...(fits ? [] : schemaFindings('RepositorySettings', value, validator.errors ?? [])),
    ...betweenFields(value),
    ...(isAlone ? [] : [secondDocument]),
  ];
  const problems = teller.inOrder([...broken, ...teller.problems(findings, document)]);
  if (!fits || problems.length > 0) return { settings: undefined, problems };
  const waiverOrigins = (value.lint?.waivers ?? []).map((_, index) =>
    teller.origin(valueOffset(findNode(document.node, pointer('lint', 'waivers', index)))),
  );
  return { settings: { ...value, waiverOrigins }, problems: [] };
}

function betweenFields(value: unknown): readonly Finding[] {
  return [...severityFindings(value), ...waiverFindings(value), ...textFindings(value)];
}

const secondDocument: Finding = {
  rule: 'not-a-document',
  pointer: '',
  at: 'value',
  message: 'The file holds more than one document.',
  nextStep: 'Keep one.',
};

function severityFindings(value: unknown): Finding[] {
  const severities = record(record(record(value)['lint'])['severities']);
  return Object.entries(severities).flatMap(([id, level]) => {
    const at = pointer('lint', 'severities', id);
    const unknown = unknownRule(id, at, 'key');
    if (unknown) return [unknown];
    return ruleOf(id)?.severity === 'error' && level !== 'error'
      ? [notWaivable(id, at, 'value')]
      : [];
  });
}

function waiverFindings(value: unknown): Finding[] {
  return list(record(record(value)['lint'])['waivers']).flatMap((waiver, index) => {
    const at = pointer('lint', 'waivers', index);
    const { rule, expires } = record(waiver);
    const id = text(rule);
    return [
      ...(id === undefined ? [] : ruleFindings(id, `${at}/rule`)),
      ...dayFindings(text(expires), `${at}/expires`),
    ];
  });
}

function ruleFindings(id: string, at: string): Finding[] {
  const unknown = unknownRule(id, at, 'value');
  if (unknown) return [unknown];
  return ruleOf(id)?.severity === 'error' ? [notWaivable(id, at, 'value')] : [];
}

function unknownRule(id: string, at: string, where: Finding['at']): Finding | undefined {
  if (ruleOf(id) !== undefined) return undefined;
  const near = nearest(id, Object.keys(rules));
  return {
    rule: 'unknown-rule',
    pointer: at,
    at: where,
    message: `There is no rule ${id}.`,
    nextStep:
      near === undefined
        ? 'The rules stand in docs/reference/lint-rules.md.'
        : `Did you mean ${near}?`,
  };
}

function notWaivable(id: string, at: string, where: Finding['at']): Finding {
  return {
    rule: 'error-not-waivable',
    pointer: at,
    at: where,
    message: `${id} is an error, which cannot be switched off or waived.`,
    nextStep: 'Remove the line, and correct what the rule finds.',
  };
}

function dayFindings(day: string | undefined, at: string): Finding[] {
  if (day === undefined || !/^\d{4}-\d\d-\d\d$/.test(day)) return [];
  if (parseMoment(`${day}T00:00:00Z`) !== undefined) return [];
  return [
    {
      rule: 'waiver-day',
      pointer: at,
      at: 'value',
      message: `${day} is no day of any calendar.`,
      nextStep: 'Write it like "2026-12-31".',
    },
  ];
}
