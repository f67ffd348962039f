import type { ObservedProgram } from '../model/observed.ts';
import type { Plan } from '../model/plan.ts';
import type { ObservedValue } from '../words/fields.ts';
import { compareText } from '../words/keys.ts';

/** What a program reached so far: domains and URLs on any record that was read, or in its global configuration. */
export function knownEntries({
  releases,
  miniProgram,
}: ObservedProgram): NonNullable<Plan['known']> {
  const configs = [
    ...Object.values(releases).flatMap(({ config, frozen }) => [config, frozen ?? {}]),
    miniProgram?.global.config ?? {},
  ];
  const entriesOf = (field: 'serverDomains' | 'wapUrls'): readonly string[] =>
    [...new Set(configs.flatMap((config) => itemsOf(config[field])))].sort(compareText);
  return { serverDomains: entriesOf('serverDomains'), wapUrls: entriesOf('wapUrls') };
}

function itemsOf(value: ObservedValue | undefined): readonly string[] {
  return value?.kind === 'list' ? value.items : [];
}
