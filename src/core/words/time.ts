import type { Brand } from './brand.ts';

/** Milliseconds since 1970-01-01T00:00:00Z. */
export type EpochMs = Brand<number, 'EpochMs'>;

export function epochMs(value: number): EpochMs {
  return value as EpochMs;
}
