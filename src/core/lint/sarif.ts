import type { Location, Log, ReportingDescriptor, Result } from 'sarif';
import { type Origin, originText } from '../words/places.ts';
import type { Problem, Severity } from '../words/problems.ts';
import { ruleOf } from './rules.ts';

const levels = { error: 'error', warning: 'warning', info: 'note' } as const satisfies Record<
  Severity,
  string
>;

/**
 * Problems as a SARIF log, which code scanning and editors read.
 *
 * @param version  of Fairlead
 * @see https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
 */
export function toSarif(problems: readonly Problem[], version: string): Log {
  const ids = [...new Set(problems.map(({ rule }) => rule))].sort();
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'Fairlead',
            semanticVersion: version,
            version,
            rules: ids.map(descriptor),
          },
        },
        columnKind: 'utf16CodeUnits',
        results: problems.map((problem) => resultOf(problem, ids.indexOf(problem.rule))),
      },
    ],
  };
}

function descriptor(id: string): ReportingDescriptor {
  const rule = ruleOf(id);
  if (rule === undefined) return { id };
  return {
    id,
    shortDescription: { text: `${rule.title}.` },
    fullDescription: { text: rule.help },
    help: { text: rule.help },
    defaultConfiguration: { level: levels[rule.severity] },
  };
}

function resultOf(
  { rule, severity, message, nextStep, origin, related = [] }: Problem,
  ruleIndex: number,
): Result {
  return {
    ruleId: rule,
    ruleIndex,
    level: levels[severity],
    message: { text: nextStep === undefined ? message : `${message} ${nextStep}` },
    locations: origin === undefined ? [] : [locationOf(origin)],
    ...(related.length === 0
      ? {}
      : {
          relatedLocations: related.map((place, index) => ({
            id: index + 1,
            ...locationOf(place),
            message: { text: originText(place) },
          })),
        }),
  };
}

function locationOf(origin: Origin): Location {
  if (!('file' in origin)) {
    const { name } = origin.object;
    return {
      logicalLocations: [{ name, kind: 'object', fullyQualifiedName: originText(origin) }],
    };
  }
  const { file, line, column } = origin;
  return {
    physicalLocation: {
      artifactLocation: { uri: uriOf(file) },
      region: { startLine: line, startColumn: column },
    },
  };
}

/** A relative reference with `/`; an absolute path becomes a file URI; standard input has a name of its own. */
function uriOf(file: string): string {
  if (file === '-') return 'stdin';
  const path = file
    .replaceAll('\\', '/')
    .replace(/^(?:\.\/)+/, '')
    .split('/')
    .map(encodeURIComponent)
    .join('/');
  return path.startsWith('/') ? `file://${path}` : path;
}
