import type { FileMap } from './arrows-check.ts';

interface Rule {
  readonly what: string;
  readonly isBroken: (path: string, text: string) => boolean;
}

const kebab = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;

/** Rules of the house that are about files rather than code. */
const rules: readonly Rule[] = [
  {
    what: 'names are kebab-case, with at most a kind before the extension',
    isBroken: (path) => path.split('/').some((part) => !part.split('.').every(isKebab)),
  },
  {
    what: 'a file is named after its one idea, not "utils"',
    isBroken: (path) => /(?:^|\/)(?:utils?|misc)(?:\/|\.)/.test(path),
  },
  {
    what: 'a TODO names an issue: TODO(#12)',
    isBroken: (_, text) => /\b(?:TODO|FIXME)\b(?!\(#\d+\))/.test(text),
  },
  {
    what: "nothing knows where somebody's checkout lies",
    isBroken: (_, text) => /["'`\s](?:\/root|\/Users\/\w+|[A-Z]:\\Users)[/\\]/.test(text),
  },
];

function isKebab(part: string): boolean {
  return part === '' || kebab.test(part);
}

/** What is wrong with which file, as `path: rule`. */
export function checkTree(files: FileMap): string[] {
  return [...files].flatMap(([path, text]) =>
    rules.filter(({ isBroken }) => isBroken(path, text)).map(({ what }) => `${path}: ${what}`),
  );
}
