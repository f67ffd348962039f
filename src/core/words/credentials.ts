/*
 * What stands before the host of a URL, up to the last `@` of the authority: a password may hold one. The path of
 * `https://host/a@b` stays. The second form is a password with an unescaped slash: what follows the colon is no port.
 * Every repetition is bounded, or a hostile text would cost the square of its length.
 */
const authority = String.raw`[^\s/?#"<>\\]{0,2048}@`;
const slashed = String.raw`[^\s/?#"<>\\@:[]{0,256}:(?!\d{1,5}(?:[/?#]|$))[^\s"<>]{0,2048}@`;
const userinfo = new RegExp(
  String.raw`([A-Za-z][A-Za-z\d+.-]{0,20}://)(?:${authority}|${slashed})`,
  'g',
);

/**
 * The text with user name and password taken out of everything in it that is shaped like a URL.
 *
 * For texts that a person or a log reads. @see RFC 3986, 3.2 (authority)
 */
export function withoutCredentials(text: string): string {
  return text.includes('@') ? text.replaceAll(userinfo, '$1') : text;
}
