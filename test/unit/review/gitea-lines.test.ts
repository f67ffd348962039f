import { describe, expect, it } from 'vitest';

import { linesShown } from '../../../src/review/forges/gitea-lines.ts';

function shown(diff: string): Readonly<Record<string, readonly number[]>> {
  return Object.fromEntries([...linesShown(diff)].map(([path, lines]) => [path, [...lines]]));
}

const file = (name: string, ...rest: readonly string[]) =>
  [
    `diff --git a/${name} b/${name}`,
    'index 814f4a4..1bba9ef 100644',
    `--- a/${name}`,
    `+++ b/${name}`,
    ...rest,
    '',
  ].join('\n');

describe('the lines of the head that a diff shows', () => {
  it.each([
    {
      name: 'changed ones and those around them',
      why: 'a forge has a place for remarks at each',
      diff: file('a.yaml', '@@ -1,3 +1,4 @@ kind: x', ' one', '-two', '+two!', '+new', ' three'),
      expected: { 'a.yaml': [1, 2, 3, 4] },
    },
    {
      name: 'several places and files',
      why: 'the lines between are not shown',
      diff:
        file('a.yaml', '@@ -1 +1 @@', '-a', '+b', '@@ -9,2 +9,1 @@', ' x', '-y') +
        file('b.yaml', '@@ -5,0 +6,2 @@', '+p', '+q'),
      expected: { 'a.yaml': [1, 9], 'b.yaml': [6, 7] },
    },
    {
      name: 'a name with quotes, spaces and letters that are no ASCII',
      why: 'Git writes it in quotes',
      diff: [
        'diff --git "a/b \\"q\\" é.txt" "b/b \\"q\\" é.txt"',
        'index d00491f..1191247 100644',
        '--- "a/b \\"q\\" é.txt"\t',
        '+++ "b/b \\"q\\" é.txt"\t',
        '@@ -1 +1,2 @@',
        ' 1',
        '+2',
        '',
      ].join('\n'),
      expected: { 'b "q" é.txt': [1, 2] },
    },
    {
      name: 'a name with spaces',
      why: 'a tab follows it',
      diff: file('new b/x y.txt\t', '@@ -0,0 +1 @@', '+hi'),
      expected: { 'new b/x y.txt': [1] },
    },
    {
      name: 'content that looks like another file',
      why: 'whoever writes a file must not move remarks to another one',
      diff: file('a.yaml', '@@ -1,2 +1,4 @@', '--- a/x', '+++ b/x', '+@@ -1 +50 @@', ' z', '+end'),
      expected: { 'a.yaml': [1, 2, 3, 4] },
    },
    {
      name: 'a file without an end of line',
      why: 'what Git says of it is no line',
      diff: file('a.yaml', '@@ -1 +1 @@', '-a', '\\ No newline at end of file', '+b'),
      expected: { 'a.yaml': [1] },
    },
    {
      name: 'a file that is gone, and one that is no text',
      why: 'there is no line to remark upon',
      diff: `diff --git a/old.yaml b/old.yaml
deleted file mode 100644
index 814f4a4..0000000
--- a/old.yaml
+++ /dev/null
@@ -1 +0,0 @@
-a
diff --git a/i.png b/i.png
index 814f4a4..1bba9ef 100644
Binary files a/i.png and b/i.png differ
`,
      expected: {},
    },
    { name: 'nothing', why: 'a pull request may change nothing', diff: '', expected: {} },
  ])('$name', ({ diff, expected, why }) => {
    const found = Object.entries(shown(diff)).filter(([, lines]) => lines.length > 0);

    expect(Object.fromEntries(found), why).toEqual(expected);
  });

  it('are none where it cannot be read', () => {
    expect(shown(file('a.yaml', '@@ -1,9 +1,9 @@', 'nonsense'))).toEqual({});
  });
});
