import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

import { root } from '../../../tools/files.ts';

interface Column {
  readonly name: string;
  readonly type: string;
  readonly jsonPath: string;
  readonly priority?: number;
}

const read = new Map<string, readonly Column[]>();

/** The columns that `kubectl get` shows of a kind. */
function columnsOf(plural: string): readonly Column[] {
  const columns = read.get(plural) ?? readColumns(plural);
  read.set(plural, columns);
  return columns;
}

function readColumns(plural: string): readonly Column[] {
  const text = readFileSync(join(root, `crds/${plural}.yaml`), 'utf8');
  const { spec } = parse(text) as {
    readonly spec: {
      readonly versions: readonly { readonly additionalPrinterColumns: readonly Column[] }[];
    };
  };
  const [version] = spec.versions;
  return (version?.additionalPrinterColumns ?? []).filter(({ priority = 0 }) => priority === 0);
}

type Json = Readonly<Record<string, unknown>>;

/** The cells of one object: its name, and the columns of its kind; every object is three hours old. */
export function cellsOf(plural: string, object: Json & { readonly name: string }): string[] {
  const cells = columnsOf(plural).map(({ jsonPath, type }) =>
    type === 'date' ? '3h' : valueAt(object, jsonPath),
  );
  return [object.name, ...cells];
}

export interface Captioned {
  readonly caption: string;
  readonly cells: readonly string[];
}

/**
 * Rows as kubectl prints them, each below its caption: three spaces between columns. What is longer than sixty characters
 * is not padded for, so that the picture can be read.
 */
export function captionedTable(plural: string, rows: readonly Captioned[]): string {
  const header = ['NAME', ...columnsOf(plural).map(({ name }) => name.toUpperCase())];
  const all = [header, ...rows.map(({ cells }) => cells)];
  const widths = header.map((_, column) =>
    Math.max(...all.map((cells) => cells[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) =>
        padded(widths[column] ?? 0) ? cell.padEnd(widths[column] ?? 0) : cell,
      )
      .join('   ')
      .trimEnd();
  return [line(header), ...rows.map(({ caption, cells }) => `\n# ${caption}\n${line(cells)}`)].join(
    '\n',
  );
}

function padded(width: number): boolean {
  return width <= 60;
}

/** Paths as the definitions use them: names, and the condition of a type. */
function valueAt(object: Json, path: string): string {
  const steps = path.match(/\.[A-Za-z]+|\[\?\(@\.type=="[A-Za-z]+"\)\]/g) ?? [];
  let value: unknown = object;
  for (const step of steps) {
    const type = /"([A-Za-z]+)"/.exec(step)?.[1];
    value =
      type === undefined
        ? (value as Json | undefined)?.[step.slice(1)]
        : ((value ?? []) as readonly Json[]).find((one) => one['type'] === type);
  }
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}
