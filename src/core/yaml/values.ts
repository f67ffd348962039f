import { isAlias, isMap, isScalar, isSeq, type ParsedNode, Scalar, type YAMLMap } from 'yaml';
import type { TextProblem } from './limits.ts';
import { readPlain } from './plain-scalars.ts';

interface Reading {
  readonly value: unknown;
  readonly problems: readonly TextProblem[];
}

/**
 * The plain data of a composed node: objects, lists, text, numbers, booleans and `null`.
 *
 * Duplicate keys are found with a set per mapping, since the library compares every pair. Depth is bounded by the
 * limits of the file.
 */
export function readValue(node: ParsedNode | null): Reading {
  const problems: TextProblem[] = [];
  return { value: node === null ? null : valueOf(node, problems), problems };
}

function valueOf(node: ParsedNode | null, problems: TextProblem[]): unknown {
  if (node === null) return null;
  if (isScalar(node)) return scalarOf(node, problems);
  if (isMap(node)) return mappingOf(node, problems);
  if (isSeq(node)) return node.items.map((item) => valueOf(item, problems));
  // An alias: refused where its token was seen.
  return undefined;
}

function scalarOf(node: Scalar.Parsed, problems: TextProblem[]): unknown {
  const source = node.source;
  if (node.type !== Scalar.PLAIN) return source;
  const plain = readPlain(source);
  if (plain.agreed) return plain.value;
  problems.push(ambiguous(node, plain));
  return source;
}

function mappingOf(node: YAMLMap.Parsed, problems: TextProblem[]): Record<string, unknown> {
  const seen = new Set<string>();
  const object: Record<string, unknown> = {};
  for (const { key, value } of node.items) {
    const name = keyOf(key, problems);
    if (name === undefined) continue;
    const refused = refuseKey(name, seen, key.range[0]);
    if (refused) problems.push(refused);
    else object[name] = valueOf(value, problems);
    seen.add(name);
  }
  return object;
}

function keyOf(key: ParsedNode, problems: TextProblem[]): string | undefined {
  // Refused where its token was seen.
  if (isAlias(key)) return undefined;
  if (!isScalar(key)) {
    problems.push({
      rule: 'yaml-key',
      offset: key.range[0],
      message: 'A key must be a single word, not a list or a mapping.',
      nextStep: 'Check brackets and colons; quote a value that starts with { or [.',
    });
    return undefined;
  }
  const text = key.source;
  if (key.type !== Scalar.PLAIN || text === '<<') return text;
  const plain = readPlain(text);
  if (plain.agreed && typeof plain.value === 'string') return text;
  problems.push(plain.agreed ? unquotedKey(key, plain.value) : ambiguous(key, plain));
  return text;
}

function refuseKey(
  name: string,
  seen: ReadonlySet<string>,
  offset: number,
): TextProblem | undefined {
  if (name === '<<') {
    return {
      rule: 'yaml-merge-key',
      offset,
      message: 'Merge keys (<<) are not allowed.',
      nextStep: 'Write the values out, or put what repeats in a ConfigProfile.',
    };
  }
  if (name === '__proto__') {
    return {
      rule: 'yaml-reserved-key',
      offset,
      message: 'The key __proto__ is not allowed.',
      nextStep: 'Remove it.',
    };
  }
  if (!seen.has(name)) return undefined;
  return {
    rule: 'yaml-duplicate-key',
    offset,
    message: `The key ${name} stands here twice.`,
    nextStep: 'Remove one of the two; only the first was read.',
  };
}

function ambiguous(
  node: Scalar.Parsed,
  { yaml11, yaml12 }: { yaml11: string; yaml12: string },
): TextProblem {
  return {
    rule: 'yaml-ambiguous',
    offset: node.range[0],
    message: `Unquoted ${node.source} is ${yaml11} in YAML 1.1 and ${yaml12} in YAML 1.2.`,
    nextStep: `Quote it: "${node.source}"${numeric(node.source)}.`,
  };
}

/** For `1_000` and the like a plain number may be what was meant. */
function numeric(source: string): string {
  return /^\d/.test(source) && !source.includes('-') && !source.includes(':')
    ? ', or write a plain decimal number'
    : '';
}

function unquotedKey(node: Scalar.Parsed, value: unknown): TextProblem {
  return {
    rule: 'yaml-key',
    offset: node.range[0],
    message: `The key ${node.source === '' ? '' : `${node.source} `}is read as ${value === null ? 'nothing' : `a ${typeof value}`}, not as text.`,
    nextStep: `Quote it: "${node.source}".`,
  };
}
