import { lint } from '../../../src/core/lint/lint.ts';
import { parseRepositorySettings } from '../../../src/core/lint/repository-settings.ts';
import type { SourceDocuments } from '../../../src/core/model/documents.ts';
import { resolve } from '../../../src/core/resolve/resolve.ts';
import type { Problem } from '../../../src/core/words/problems.ts';
import { epochMs } from '../../../src/core/words/time.ts';
import { createLocate } from '../../../src/core/yaml/locate.ts';
import { parseFile } from '../../../src/core/yaml/parse.ts';
import { tell } from '../yaml/reading.ts';

/** Noon of 2026-11-22 UTC. */
export const noon = epochMs(1_795_348_800_000);

interface Linted {
  readonly problems: readonly Problem[];
  /** `line:column rule` of each, sorted. */
  readonly told: readonly string[];
}

/** What lint says of one file, as the given `.fairlead.yaml` judges it. */
export function linted(content: string, settings = '', file = 'shop.yaml'): Linted {
  const parsed = parseFile({ source: 'cli', file, bytes: encode(content) }, 'declarations');
  if (parsed.problems.length > 0) throw new Error(JSON.stringify(parsed.problems));
  const sources: readonly SourceDocuments[] = [{ source: 'cli', ...parsed, complete: true }];
  const locate = createLocate(parsed.documents);
  const { programs, problems: found } = resolve(sources, { order: [] }, locate);
  const repository = parseRepositorySettings('.fairlead.yaml', encode(settings));
  if (repository.problems.length > 0) throw new Error(JSON.stringify(repository.problems));
  const problems = lint({
    sources,
    programs,
    repository: repository.settings,
    locate,
    now: noon,
    found,
  });
  return { problems, told: problems.map(tell).toSorted() };
}

export function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
