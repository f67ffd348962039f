/** The environments of a target app; there are no others. */
export const environments = ['Production', 'Sandbox', 'Test', 'Development'] as const;

export type Environment = (typeof environments)[number];

export function isEnvironment(text: string): text is Environment {
  return (environments as readonly string[]).includes(text);
}
