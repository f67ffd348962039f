import { createHash } from 'node:crypto';

import { visible } from '../../core/render/visible.ts';
import type { LineNote } from '../../ports/forge.ts';

const severities = { notice: 'info', warning: 'minor', error: 'major' } as const;

/**
 * The report from which GitLab shows notes in a merge request: JSON for the artifact `codequality`.
 *
 * A fingerprint stands for file and words but not for the line, so that a note that only moved is not new; equal ones
 * are counted.
 *
 * @see https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
 */
export function codeQualityReport(notes: readonly LineNote[]): string {
  const seen = new Map<string, number>();
  const findings = notes.map(({ file, line, level, title, message }) => {
    const words = JSON.stringify([file, level, title, message]);
    const nth = (seen.get(words) ?? 0) + 1;
    seen.set(words, nth);
    return {
      description: visible(message === '' ? title : `${title}: ${message}`),
      check_name: 'fairlead',
      fingerprint: createHash('sha256').update(`${words}#${nth}`).digest('hex'),
      severity: severities[level],
      location: { path: file, lines: { begin: line } },
    };
  });
  return `${JSON.stringify(findings, null, 2)}\n`;
}
