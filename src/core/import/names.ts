/** A word that our object names allow, made from any text; empty if nothing of it can stand in one. */
export function slug(text: string, maxLength: number): string {
  const words = text
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9.]+/g, '-')
    .split('.')
    .map((part) => part.replaceAll(/^-+|-+$/g, ''))
    .filter((part) => part !== '');
  return words
    .join('.')
    .slice(0, maxLength)
    .replaceAll(/^[-.]+|[-.]+$/g, '');
}

/** Gives each text a name of its own: the second that would have a name already given gets a number. */
export function createNamer(): (wanted: string) => string {
  const given = new Set<string>();
  return (wanted) => {
    let name = wanted;
    for (let number = 2; given.has(name); number += 1) name = `${wanted}-${number}`;
    given.add(name);
    return name;
  };
}

/** Platform-provided text inside a comment: one line, nothing hidden, nothing that looks like more than a name. */
export function quoted(text: string): string {
  return /^[\w.+-]{1,128}$/.test(text) ? text : JSON.stringify(text.slice(0, 128));
}
