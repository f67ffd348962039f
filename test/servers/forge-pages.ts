import { type DefaultTreeAdapterTypes, parse, parseFragment } from 'parse5';

type Node = DefaultTreeAdapterTypes.ChildNode;
type Element = DefaultTreeAdapterTypes.Element;

/** What a page of a forge is made of, without what stands in code: there a forge sees nothing but text. */
export interface Page {
  /** Every element in order, with what it leads to or does: `<a href=...>`, `</a>`; comments too. */
  readonly elements: readonly string[];
  /** All text that is not in code, and `\u{fffc}` for each piece of code. */
  readonly said: string;
  /** Text of all code. */
  readonly code: string;
}

/** Attributes by which an element leads somewhere, loads or does something; the rest is looks and positions. */
const telling = new Set(['href', 'src', 'srcset', 'checked', 'open', 'id', 'name', 'style']);

export function pageOf(html: string): Page {
  return read(parseFragment(html).childNodes);
}

/** The comments on the page of a pull request of Gitea, by their ids, as everybody sees them. */
export function commentsOn(html: string): ReadonlyMap<number, Page> {
  const found = new Map<number, Page>();
  for (const comment of elementsIn(parse(html).childNodes)) {
    const id = /^issuecomment-(\d+)$/.exec(attribute(comment, 'id'))?.[1];
    const body = [...elementsIn(comment.childNodes)].find((part) =>
      attribute(part, 'class').split(' ').includes('render-content'),
    );
    if (id !== undefined && body !== undefined) found.set(Number(id), read(body.childNodes));
  }
  return found;
}

function read(nodes: readonly Node[]): Page {
  const elements: string[] = [];
  const said: string[] = [];
  const code: string[] = [];
  for (const step of steps(nodes)) {
    if (step.kind === 'text') (step.isCode ? code : said).push(step.text);
    else elements.push(step.text);
    if (step.kind === 'code') said.push('\u{fffc}');
  }
  return { elements, said: said.join('').trim(), code: code.join('\n') };
}

interface Step {
  readonly kind: 'tag' | 'code' | 'text';
  readonly text: string;
  readonly isCode: boolean;
}

function* steps(nodes: readonly Node[], isCode = false): Generator<Step> {
  for (const node of nodes) {
    if (node.nodeName === '#text' && 'value' in node) {
      yield { kind: 'text', text: node.value, isCode };
    } else if ('tagName' in node) {
      yield { kind: node.tagName === 'code' ? 'code' : 'tag', text: openTag(node), isCode };
      yield* steps(node.childNodes, isCode || node.tagName === 'code');
      yield { kind: 'tag', text: `</${node.tagName}>`, isCode };
    } else yield { kind: 'tag', text: `<!${node.nodeName}>`, isCode };
  }
}

function openTag({ tagName, attrs }: Element): string {
  const told = attrs
    .filter(({ name }) => telling.has(name) || name.startsWith('on'))
    .map(({ name, value }) => ` ${name}=${value}`);
  return `<${tagName}${told.join('')}>`;
}

function* elementsIn(nodes: readonly Node[]): Generator<Element> {
  for (const node of nodes) {
    if (!('tagName' in node)) continue;
    yield node;
    yield* elementsIn(node.childNodes);
  }
}

function attribute({ attrs }: Element, wanted: string): string {
  return attrs.find(({ name }) => name === wanted)?.value ?? '';
}
