import { stepsOf } from '../words/places.ts';

/*
 * Readers for values that no schema has seen, or that a schema refused: checks between fields run on every document,
 * so that all mistakes are told at once.
 */

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The fields of a mapping; none of anything else. */
export function record(value: unknown): Readonly<Record<string, unknown>> {
  return isRecord(value) ? value : {};
}

/** The entries of a list; none of anything else. */
export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** The value at a pointer, or `undefined`. */
export function at(value: unknown, pointer: string): unknown {
  return stepsOf(pointer).reduce<unknown>(child, value);
}

function child(value: unknown, step: string): unknown {
  if (Array.isArray(value)) return value[Number(step)] as unknown;
  return isRecord(value) && Object.hasOwn(value, step) ? value[step] : undefined;
}
