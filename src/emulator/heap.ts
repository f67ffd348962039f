import { setFlagsFromString } from 'node:v8';

/**
 * Makes this process prefer a small heap to a fast one; call it before a big world is made.
 *
 * A world of 100,000 releases served in pages of 1,000 takes 240 MiB with it and 460 MiB without: the pages are garbage
 * at once, and V8 otherwise lets garbage pile up.
 */
export function keepHeapSmall(): void {
  setFlagsFromString('--optimize-for-size');
}
