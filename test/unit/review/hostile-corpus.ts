/**
 * Texts that a stranger could put into a value, a name, a path, a branch or a commit, so that a pull request's comment
 * would call somebody, point somewhere, look like something else or say what we did not say.
 */
const corpus: readonly { readonly kind: string; readonly texts: readonly string[] }[] = [
  {
    kind: 'mentions',
    texts: [
      ...['@everyone', '@all', '@acme/owners', 'x @octocat', '(@ann)', 'cc:@ann', '@ann @ben @cat'],
      ...[
        '"@ann"',
        '@ann-b',
        '@dependabot rebase',
        '@group/sub/team',
        '\n@here',
        'é@ann',
        '/@ann/',
      ],
    ],
  },
  {
    kind: 'references to issues, commits and others',
    texts: [
      ...['#1', 'closes #1', 'Fixes #123', 'acme/shop#5', 'GH-7', '!42', '(#9)', 'acme/shop!5'],
      ...['resolves acme/shop#1', '$77', '~bug', '%v1', '&3', 'acme/shop@4c1f9e2', '[[wiki]]'],
    ],
  },
  {
    kind: 'HTML',
    texts: [
      ...['<img src=x onerror=alert(1)>', '<script>alert(1)</script>', '<b>bold</b>', '<h1>x</h1>'],
      ...['<a href="https://evil.example">x</a>', '<svg onload=alert(1)>', '<style>*{}</style>'],
      ...[
        '<iframe src=//evil.example>',
        '<input type=checkbox checked>',
        '<br><br>',
        '<hr>',
        '<p>',
      ],
      ...['</td></tr></table>', '</code><u>x</u>', '</sub>', '<kbd>x</kbd>', '<font color=red>x'],
      ...['<form action=//evil.example>', '<!-- x', '--> x', '<!DOCTYPE x>', '<?php x ?>'],
      ...['<![CDATA[x]]>', '<ins>x</ins>', '<picture><source></picture>', '<a\nhref=x>x</a>'],
    ],
  },
  {
    kind: 'folds',
    texts: [
      ...['</details>', '</summary></details>', '<details open><summary>Approved</summary>'],
      ...['\n\n</details>\n\n# Approved', '<details>', '</blockquote></details>'],
      ...['</details><details><summary>x</summary>', '\n</details>', '<summary>x</summary>'],
    ],
  },
  {
    kind: 'links and images',
    texts: [
      ...[
        '[x](https://evil.example)',
        '![x](https://evil.example/x.png)',
        '<https://evil.example>',
      ],
      ...[
        'https://evil.example',
        'www.evil.example',
        'me@evil.example',
        '[x][y]\n\n[y]: //evil.example',
      ],
      ...[
        '<me@evil.example>',
        '[![x](//evil.example/a)](//evil.example/b)',
        '[x](<//evil.example>)',
      ],
      ...['[x](javascript:alert(1))', 'http://evil.example/a_(b)', '![](//evil.example/pixel)'],
      ...[
        '(https://evil.example)',
        '[x](//evil.example "t")',
        '\n[^1]: note',
        'mailto:me@evil.example',
      ],
      ...['xmpp:me@evil.example', '"https://evil.example"', '![x][y]\n\n[y]: //evil.example/i.png'],
    ],
  },
  {
    kind: 'tables',
    texts: [
      ...['a | b', '| a | b |', ' | | | ', '\n| a |\n|---|\n| b |', '\\|x', 'x |', '| ✅ yes |'],
      ...['|---|---|', 'x | **approved** | y', '\n\n| ok |\n|--|\n| ok |\n\n', '||', '`|`'],
    ],
  },
  {
    kind: 'code',
    texts: [
      ...['`x', '``x``', '```\n# x\n```', '\n```\nx', '`</code>`<b>x</b>', '\n    indented'],
      ...['~~~\nx\n~~~', '\\`x\\`', '` `` ``` ````', '`<u>x</u>`', '\n~~~'],
    ],
  },
  {
    kind: 'blocks and emphasis',
    texts: [
      ...[
        '\n# Approved',
        '\n\n---\n\n',
        '\n> quoted',
        '\n- [x] approved',
        '**Production**',
        '_x_ *x*',
      ],
      ...['~~struck~~', '***x***', '\n1. x', '\n===', '\n+ x\n+ y', '__x__', '\n***\n', '\\\n# x'],
    ],
  },
  {
    kind: 'direction and hidden characters',
    texts: [
      ...[
        '\u202eevil\u202c',
        '\u2066x\u2069',
        'a\u200bb',
        'a\u2028b',
        '\u061cx',
        '\ufeffx',
        'x\u00adx',
      ],
      ...['\u202dx', 'a\u2060b', '\u{e0041}x', 'x\u180ex', '\u200fx', 'a\u0000b', 'x\u001b[31m'],
    ],
  },
  {
    kind: 'letters that pass for others',
    texts: [
      ...[
        'p\u0430ypal',
        '\u0440\u0430\u0443',
        'api.\u0430cme.example',
        'M-\u041c1',
        'megap\u03b1y',
      ],
      ...['\uff2d-77', '\u{1d5a0}\u{1d5bc}me', 'r\u0430p\u0456p\u0430y', '\u0405hop', 'cd\u057d'],
      ...['\u0421offee', 'te\u0455ter', '2.\u041e.1', '\u03bfne', 'go\u043egle'],
    ],
  },
];

export const hostileTexts = corpus.flatMap(({ kind, texts }) =>
  texts.map((text) => ({ kind, text })),
);
