import { relative, sep } from 'node:path';

import type { Rule } from 'eslint';

import { refusal } from '../arrows.ts';

/** Reports an import that has no arrow in `tools/arrows.ts`. */
export const arrowsRule: Rule.RuleModule = {
  meta: { type: 'problem', schema: [] },
  create(context) {
    const file = relative(context.cwd, context.filename).split(sep).join('/');

    function check(source: unknown, node: Rule.Node): void {
      const specifier = literalText(source);
      const message = specifier === undefined ? undefined : refusal(file, specifier);
      if (message !== undefined) context.report({ node, message });
    }

    return {
      ImportDeclaration: (node) => check(node.source, node),
      ExportNamedDeclaration: (node) => check(node.source, node),
      ExportAllDeclaration: (node) => check(node.source, node),
      ImportExpression: (node) => check(node.source, node),
      TSImportType: (node: Rule.Node & { readonly source?: unknown }) => check(node.source, node),
    };
  },
};

function literalText(source: unknown): string | undefined {
  if (typeof source !== 'object' || source === null || !('value' in source)) return undefined;
  return typeof source.value === 'string' ? source.value : undefined;
}
