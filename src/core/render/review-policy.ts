import type { DeclarationDiff, DiffedGlobal, DiffedRelease } from '../diff/declaration-diff.ts';
import type { Policy } from '../model/policy.ts';
import { canonicalJson } from '../words/digests.ts';
import { isReleaseKey } from '../words/keys.ts';
import { said, say, type Sentence, whereOf } from './sentence.ts';

/**
 * Rules that the pull request changes: a policy or a suspension decides what passes later, so it is told even where
 * nothing moves now. What is alike is one sentence.
 */
export function changedRules({ programs }: DeclarationDiff): readonly Sentence[] {
  const changes = programs.flatMap(({ names, key, releases, global }) =>
    [...releases, ...global].flatMap((one) =>
      rulesOf(one).map((rule) => ({ name: names[0] ?? key.miniProgram, rule, key: one.key })),
    ),
  );
  const alike = Map.groupBy(changes, ({ name, rule }) => canonicalJson([name, rule]));
  return [...alike.values()].flatMap((group) => {
    const [first] = group;
    if (!first) return [];
    const keys = group.flatMap(({ key }) => (isReleaseKey(key) ? [key] : []));
    const where = keys.length === 0 ? say` globally` : say` in ${whereOf(keys)}`;
    return [say`${said(first.name)}${where}: ${first.rule}.`];
  });
}

function rulesOf({ policy, suspended }: DiffedRelease | DiffedGlobal): readonly Sentence[] {
  return [
    ...(policy ? policyWords(policy.before, policy.after) : []),
    ...(suspended ? [suspensionWords(suspended.before, suspended.after)] : []),
  ];
}

function policyWords(before: Policy, after: Policy): readonly Sentence[] {
  return (['onChange', 'onDrift', 'undeclared'] as const)
    .filter((name) => before[name] !== after[name])
    .map(
      (name) => say`${{ loud: `the policy ${name} changes` }}, ${before[name]} -> ${after[name]}`,
    );
}

type Suspended = { readonly reason: string } | null;

function suspensionWords(before: Suspended, after: Suspended): Sentence {
  if (!after) return say`${{ loud: 'the suspension ends' }} (${said(before?.reason ?? '')})`;
  return say`${before ? 'another suspension' : 'it is suspended'}: ${said(after.reason)}`;
}
