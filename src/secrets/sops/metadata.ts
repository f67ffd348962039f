import { member, Unreadable, type Tree } from './tree.ts';

/** What sops notes of a document beside its values. Nothing of it is protected but `mac`, which is bound to `lastmodified`. */
export interface Metadata {
  /** The data key, once for each age recipient, armored. */
  readonly keys: readonly string[];
  readonly lastModified: string;
  readonly mac: string;
  /** The sum covers encrypted values only. */
  readonly onlyEncrypted: boolean;
}

/** More would only cost time: every one is tried. */
const maxKeys = 64;
const maxKeyChars = 16 * 1024;

/** @throws Unreadable, with what sops was told and cannot be read here */
export function metadataOf(document: Tree | undefined): Metadata {
  const noted = member(document, 'sops');
  if (noted?.kind !== 'mapping')
    throw new Unreadable('it is not encrypted: sops noted nothing in it');
  if (member(noted, 'key_groups') !== undefined)
    throw new Unreadable('its key is shared among several key groups; one group is read');
  const keys = ageKeys(member(noted, 'age'));
  if (keys.length === 0) throw new Unreadable('it is encrypted for no age recipient');
  return {
    keys,
    lastModified: textOf(noted, 'lastmodified'),
    mac: textOf(noted, 'mac'),
    onlyEncrypted: isTrue(member(noted, 'mac_only_encrypted')),
  };
}

function ageKeys(age: Tree | undefined): readonly string[] {
  const recipients = age?.kind === 'list' ? age.items : [];
  if (recipients.length > maxKeys)
    throw new Unreadable(`it is encrypted for more than ${maxKeys} recipients`);
  return recipients.map((recipient) => textOf(recipient, 'enc'));
}

function textOf(tree: Tree, name: string): string {
  const found = member(tree, name);
  const isText = found?.kind === 'text' && found.text !== '' && found.text.length <= maxKeyChars;
  if (isText) return found.text;
  throw new Unreadable(`what sops noted in it has no usable ${name}`);
}

/** Written as a boolean, by older releases as text. */
function isTrue(tree: Tree | undefined): boolean {
  if (tree?.kind === 'boolean') return tree.value;
  return tree?.kind === 'text' && tree.text.toLowerCase() === 'true';
}
