import { expect, it } from 'vitest';
import { rules } from '../../../src/core/lint/rules.ts';
import { readFiles } from '../../../tools/files.ts';

// The emulator's rules are a platform's, not ours.
const sources = await readFiles('src', /^src\/(?!emulator\/).*\.ts$/);
const code = [...sources]
  .filter(([path]) => !path.startsWith('src/core/lint/rules'))
  .map(([, text]) => text)
  .join('\n');
const ids = Object.keys(rules);

it('knows every rule that the code names', () => {
  const named = [...code.matchAll(/\brule: '([a-z-]+)'/g)].map(([, id]) => id ?? '');

  expect(named.length).toBeGreaterThan(40);
  expect([...new Set(named)].filter((id) => !ids.includes(id))).toEqual([]);
});

it('knows no rule that nothing finds', () => {
  expect(ids.filter((id) => !code.includes(`'${id}'`))).toEqual([]);
});

it.each(Object.entries(rules))('%s says what it is and why', (id, { title, help }) => {
  expect(id).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
  expect(title).toMatch(/^[A-Zl].*[^.]$/);
  expect(help).toMatch(/^.{20,}\.$/s);
});
