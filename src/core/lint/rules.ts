import { adviceRules } from './rules/advice.ts';
import { documentRules } from './rules/documents.ts';
import { referenceRules } from './rules/references.ts';
import { platformRules } from './rules/platforms.ts';
import type { Rule } from './rules/rule.ts';
import { yamlRules } from './rules/yaml.ts';

/** Every rule there is, in the order of the reference. */
export const rules = {
  ...yamlRules,
  ...documentRules,
  ...referenceRules,
  ...adviceRules,
  ...platformRules,
} as const;

export type RuleId = keyof typeof rules;
export type AdviceId = keyof typeof adviceRules;

/** The rule of an id, if there is one. */
export function ruleOf(id: string): Rule | undefined {
  return isRuleId(id) ? rules[id] : undefined;
}

function isRuleId(id: string): id is RuleId {
  return Object.hasOwn(rules, id);
}
