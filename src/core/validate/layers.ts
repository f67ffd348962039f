import { variablePath } from '../words/fields.ts';
import { pointer } from '../words/places.ts';
import type { Finding } from './finding.ts';
import { list, record, text } from './read.ts';

/** A name and where it stands. */
interface Mention {
  readonly name: string;
  readonly at: string;
}

/** What one layer says twice, and variables that have no one value. @see semantics: layers */
export function layerFindings(value: unknown, base: string): Finding[] {
  const { config, extend, unset } = record(value);
  const variables = list(record(config)['environmentVariables']);
  const variablesAt = `${base}/config/environmentVariables`;
  return [
    ...variableFindings(variables, variablesAt),
    ...twice([
      ...keysOf(config, `${base}/config`).filter(({ name }) => name !== 'environmentVariables'),
      ...firstOfEach(variables, variablesAt),
      ...keysOf(extend, `${base}/extend`),
      ...entriesOf(unset, `${base}/unset`),
    ]),
  ];
}

/** A global field has a value or is cleared, not both. */
export function globalFindings(value: unknown, base: string): Finding[] {
  const fields = keysOf(value, base).filter(({ name }) => name !== 'unset');
  return twice([...fields, ...entriesOf(record(value)['unset'], `${base}/unset`)]);
}

/** Every entry of a target list: its own layer, and no second entry for one app and environment. */
export function targetFindings(value: unknown, base: string): Finding[] {
  const findings: Finding[] = [];
  const seen = new Map<string, string>();
  list(value).forEach((target, index) => {
    const at = base + pointer(index);
    findings.push(...layerFindings(target, at));
    const { app, environment } = record(target);
    if (typeof app !== 'string' || typeof environment !== 'string') return;
    const key = `${app} ${environment}`;
    const first = seen.get(key);
    if (first === undefined) seen.set(key, at);
    else findings.push(sameTarget(key, at, first));
  });
  return findings;
}

function sameTarget(key: string, at: string, first: string): Finding {
  return {
    rule: 'duplicate-target',
    pointer: at,
    at: 'value',
    message: `Target ${key} stands twice in this list.`,
    nextStep: 'Merge the two entries.',
    related: [first],
  };
}

/** Names that stand more than once, wherever in the layer; doubles inside one `unset` are duplicate entries already. */
function twice(mentions: readonly Mention[]): Finding[] {
  const seen = new Map<string, string>();
  return mentions.flatMap(({ name, at }) => {
    const first = seen.get(name);
    seen.set(name, first ?? at);
    if (first === undefined || parentOf(first) === parentOf(at)) return [];
    return [
      {
        rule: 'field-twice',
        pointer: at,
        at: 'key' as const,
        message: `${name} is said twice in one layer.`,
        nextStep: 'Say it once: as a value, in extend, or in unset.',
        related: [first],
      },
    ];
  });
}

function parentOf(at: string): string {
  return at.slice(0, at.lastIndexOf('/'));
}

function keysOf(value: unknown, base: string): Mention[] {
  return Object.keys(record(value)).map((name) => ({ name, at: base + pointer(name) }));
}

function entriesOf(value: unknown, base: string): Mention[] {
  return list(value).flatMap((entry, index) =>
    typeof entry === 'string' ? [{ name: entry, at: base + pointer(index) }] : [],
  );
}

function firstOfEach(variables: readonly unknown[], base: string): Mention[] {
  const found = variables.flatMap((variable, index) => {
    const name = text(record(variable)['name']);
    return name === undefined ? [] : [{ name: variablePath(name), at: base + pointer(index) }];
  });
  return found.filter(
    ({ name }, index) => found.findIndex((other) => other.name === name) === index,
  );
}

function variableFindings(variables: readonly unknown[], base: string): Finding[] {
  const seen = new Map<string, string>();
  return variables.flatMap((variable, index) => {
    const at = base + pointer(index);
    const name = text(record(variable)['name']);
    const first = name === undefined ? undefined : seen.get(name);
    if (name !== undefined && first === undefined) seen.set(name, at);
    return [
      ...(name !== undefined && first !== undefined ? [sameVariable(name, at, first)] : []),
      ...valueFinding(variable, name, at),
    ];
  });
}

function sameVariable(name: string, at: string, first: string): Finding {
  return {
    rule: 'duplicate-variable',
    pointer: `${at}/name`,
    at: 'value',
    message: `Variable ${name} stands twice in this list.`,
    nextStep: 'Keep one of the two.',
    related: [`${first}/name`],
  };
}

function valueFinding(variable: unknown, name: string | undefined, at: string): Finding[] {
  const given = record(variable);
  const count = ['value', 'valueFrom'].filter((key) => Object.hasOwn(given, key)).length;
  if (count === 1 || name === undefined) return [];
  return [
    {
      rule: 'variable-value',
      pointer: at,
      at: 'value',
      message: `Variable ${name} ${count === 0 ? 'has neither value nor valueFrom' : 'has both value and valueFrom'}.`,
      nextStep: 'Give a public literal as value, or a secret as valueFrom.secretKeyRef.',
    },
  ];
}
