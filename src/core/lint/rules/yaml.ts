import { error, type Rules } from './rule.ts';

/** Mistakes of the text, before anybody asks what it means. */
export const yamlRules = {
  'yaml-size': error(
    'File too large',
    'A file may have 256 KiB. Split it; every file of a folder is read.',
  ),
  'yaml-tokens': error(
    'Too many YAML tokens',
    'A file may hold 20,000 tokens, some 2,500 ordinary lines. Split it.',
  ),
  'yaml-depth': error(
    'Nested too deeply',
    'Values may be nested 16 levels deep; no declaration needs more than eight.',
  ),
  'yaml-encoding': error(
    'Not UTF-8',
    'Declarations are UTF-8 text, with or without a byte order mark.',
  ),
  'yaml-syntax': error(
    'Not YAML',
    'The text could not be read as YAML 1.2. The mistake is at the place named, or just above it.',
  ),
  'yaml-alias': error(
    'Anchor or alias',
    'Anchors and aliases are refused: they hide where a value comes from, and a few lines can grow to gigabytes. Use a ConfigProfile for what repeats.',
  ),
  'yaml-tag': error(
    'Tag',
    'Tags such as !!str are refused: parsers disagree about them. Quote text instead.',
  ),
  'yaml-directive': error('Directive', 'Lines such as %YAML are refused; every file is YAML 1.2.'),
  'yaml-merge-key': error(
    'Merge key',
    'The key << is refused: YAML 1.2 no longer has it. Use a ConfigProfile for what repeats.',
  ),
  'yaml-duplicate-key': error(
    'Key written twice',
    'A mapping holds each key once. Parsers differ in which one they believe.',
  ),
  'yaml-reserved-key': error(
    'Reserved key',
    'The key __proto__ is refused: in some programs it changes more than the mapping it stands in.',
  ),
  'yaml-key': error(
    'Key is no text',
    'Keys are plain text. Quote one that looks like a number, a boolean or nothing.',
  ),
  'yaml-ambiguous': error(
    'Read differently by YAML 1.1 and 1.2',
    'Kubernetes tools read YAML 1.1, others 1.2. A value such as yes, 0777, 1:30 or an unquoted date would mean two things. Quote it.',
  ),
  'control-character': error(
    'Character that cannot be seen',
    'Control and invisible characters are refused in declarations: nobody can review what nobody can see.',
  ),
  'bidirectional-character': error(
    'Character that changes the reading order',
    'Characters that reorder text let a line read differently from what it means (CVE-2021-42574). They are refused, also in comments.',
  ),
  'too-many-problems': error(
    'More problems than are told',
    'Only the first 200 problems of a file are told. Correct these and look again.',
  ),
} as const satisfies Rules;
