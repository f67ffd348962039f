import { effects } from '../../src/emulator/faults.ts';
import { consoleActions, consoleMessages } from '../../src/emulator/world/console-messages.ts';
import { ruleIds, rules } from '../../src/emulator/world/rules.ts';
import { contractSwitches, inferredSwitches } from '../../src/emulator/world/switches.ts';

const rulesTest = 'test/unit/emulator/rules.test.ts';

/** docs/reference/emulator-rules.md: every documented rule with its test, every switch with its default. */
export function generate(): Promise<ReadonlyMap<string, string>> {
  const text = [
    '# Rules, switches and faults of the emulator',
    '',
    'Made from the emulator by `npm run generate`. How to use them: [the emulator](../emulator.md).',
    '',
    '## Documented rules',
    '',
    'Each is written down on a public page of the platform (source keys: [the emulator](../emulator.md#sources)) and',
    `always holds. Each has a test of its name in \`${rulesTest}\`, and a second test there shows that`,
    'switching the rule off, which only a test build can, turns exactly that one red.',
    '',
    '| rule | source | what holds | test |',
    '|---|---|---|---|',
    ...ruleIds.map((id) => {
      const { source, text: holds } = rules[id];
      return `| \`${id}\` | ${source} | ${cell(holds)} | \`${source}: ${id}\` |`;
    }),
    '',
    '## Inferred behaviour',
    '',
    'Public pages are silent or cut off here. Each is a switch, with the default that fits the documented facts best.',
    '',
    ...switchTable(inferredSwitches),
    '',
    '## Contract',
    '',
    'What a platform may lack, and ways to break the contract on purpose.',
    '',
    ...switchTable(contractSwitches),
    '',
    '## Console',
    '',
    '`POST /console/NAME` with a JSON body.',
    '',
    '| name | what a person does | body |',
    '|---|---|---|',
    ...consoleActions.map((name) => {
      const { properties, required } = consoleMessages[name];
      const description = String(Reflect.get(consoleMessages[name], 'description'));
      const members = Object.keys(properties).map((member) =>
        required.some((needed) => needed === member) ? `\`${member}\`` : `\`${member}\`?`,
      );
      return `| \`${name}\` | ${cell(description)} | ${members.join(', ')} |`;
    }),
    '',
    '## Faults',
    '',
    '| effect | performed | what happens |',
    '|---|---|---|',
    ...Object.entries(effects).map(
      ([name, { performs, text: does }]) => `| \`${name}\` | ${times[performs]} | ${cell(does)} |`,
    ),
  ].join('\n');
  return Promise.resolve(new Map([['docs/reference/emulator-rules.md', `${text}\n`]]));
}

const times = ['no', 'once', 'twice'] as const;

function switchTable(switches: typeof inferredSwitches): string[] {
  return [
    '| switch | default | other values | meaning |',
    '|---|---|---|---|',
    ...Object.entries(switches).map(([name, entry]) => {
      const others = (entry.values ?? []).filter((value) => value !== entry.default);
      const shown =
        others.length > 0
          ? others.map((value) => `\`${value}\``).join(', ')
          : othersOf(entry.default);
      return `| \`${name}\` | \`${entry.default}\` | ${shown} | ${cell(entry.text)} |`;
    }),
  ];
}

function othersOf(value: boolean | number | string): string {
  return typeof value === 'boolean' ? `\`${!value}\`` : 'a number';
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
